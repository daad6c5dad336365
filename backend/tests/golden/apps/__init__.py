"""The applications whose clients are the golden files."""
