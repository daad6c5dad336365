"""A modular trading backend: one FastAPI application, or one process per module."""
