"""Sends hostile and random inputs to every operation and stream: `python -m fuzz`."""
