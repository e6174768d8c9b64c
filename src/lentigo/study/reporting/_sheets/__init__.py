"""Pages of one sheet: an external test, a comparison, anyone's predictions, a list of answers."""
