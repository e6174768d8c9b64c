"""The stress test: page and terminal text."""
