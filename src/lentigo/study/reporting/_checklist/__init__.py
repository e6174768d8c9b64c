"""The reporting checklists."""
