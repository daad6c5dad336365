"""Headers that middleware adds to a response, whoever makes it."""

from __future__ import annotations

from typing import Final

EXTRA_HEADERS: Final = "extra_headers"
"""The name in `scope["state"]` of a list of headers, which the outermost middleware sends.

Each middleware that replaced `send` for its own headers would take two microseconds.
"""
