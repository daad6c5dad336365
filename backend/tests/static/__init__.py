"""Never run: what mypy and pyright say of callers of the golden clients is the test."""
