"""The modules of the platform: each folder with an `api.py` can run as its own process."""
