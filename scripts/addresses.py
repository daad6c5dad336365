"""Addresses and data of the processes that `make run` and `make run-multi` start."""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from trading_api.shared.utils import url_variable

HOST = "127.0.0.1"

DATA_DIR = Path(__file__).resolve().parent.parent / ".data"
"""Where the modules keep their data, unless DATA_DIR is set."""


def port_number(text: str) -> int:
    """Return the port that make's PORT names.

    Raises:
        ArgumentTypeError: It is not a whole number from 0 to 65535.
    """
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"PORT={text} is not a valid port; use 0 to 65535")
    return int(text)


def listen(port: int, remedy: str) -> socket.socket:
    """Return a socket that listens on `port` of loopback.

    Raises:
        SystemExit: The port is in use; the message ends with `remedy`.
    """
    try:
        return socket.create_server((HOST, port), backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise SystemExit(f"error: port {port} of {HOST}: {reason}; {remedy}") from None


def module_port(name: str, default: int) -> int:
    """Return the port in `<MODULE>_URL`, where other modules look for it, or else `default`.

    Raises:
        SystemExit: The URL is not one of this machine.
    """
    variable = url_variable(name)
    url = os.environ.get(variable)
    if not url:
        return default
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in (HOST, "localhost") or not parts.port:
        raise SystemExit(f"error: {variable}={url} cannot be served here; use http://{HOST}:<port>")
    return parts.port
