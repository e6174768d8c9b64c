"""The audit: page, section of the report, terminal text."""
