"""What goes into a manuscript: the report's figures as files, and its tables."""
