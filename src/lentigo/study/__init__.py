"""Studies of data and models: audit, stress, report."""
