"""Data: the manifest and everything that reads, splits and fetches it."""
