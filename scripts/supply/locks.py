"""Lock files: packages with their exact version and the hashes of their archives."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)")


class LockError(ValueError):
    """A lock file, or what is installed, is not as it has to be; the message says where."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a lock file.

    `hashes` are those of its archives, in hexadecimal; of a Python package any one of them can be
    installed. `path` is the folder of an npm package, below that of the lock file.
    """

    name: str
    version: str
    algorithm: str
    hashes: tuple[str, ...]
    licence: str | None = None
    path: str = ""
    is_development: bool = False
    is_optional: bool = False
    requires: tuple[str, ...] = field(default=())


def normalize(name: str) -> str:
    """Return the one spelling of a Python package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_python_lock(path: Path) -> list[Package]:
    """Return the packages of a requirements file.

    Raises:
        LockError: a requirement has no exact version or no hash.
    """
    packages = []
    for number, line in _logical_lines(path):
        match = _REQUIREMENT.match(line)
        if match is None:
            raise LockError(f"{path}:{number}: {line.split()[0]} is not pinned with ==")
        hashes = tuple(_HASH.findall(line))
        if not hashes:
            raise LockError(f"{path}:{number}: {match['name']} has no SHA-256 hash")
        packages.append(Package(normalize(match["name"]), match["version"], "SHA-256", hashes))
    return packages


def read_npm_lock(path: Path) -> list[Package]:
    """Return the packages of a package-lock.json.

    Raises:
        LockError: a package has no SHA-512 hash.
    """
    packages = []
    for folder, entry in json.loads(path.read_text(encoding="utf-8"))["packages"].items():
        if not folder:
            continue
        name = entry.get("name", folder.rpartition("node_modules/")[2])
        algorithm, _, encoded = entry.get("integrity", "").partition("-")
        if algorithm != "sha512":
            raise LockError(f"{path}: {folder} has no SHA-512 integrity")
        packages.append(
            Package(
                name,
                entry["version"],
                "SHA-512",
                (_decode(encoded, f"{path}: {folder}"),),
                licence=entry.get("license"),
                path=folder,
                is_development=entry.get("dev", False) or entry.get("devOptional", False),
                is_optional=entry.get("optional", False) or entry.get("devOptional", False),
                requires=(*entry.get("dependencies", ()), *entry.get("optionalDependencies", ())),
            )
        )
    return packages


def _logical_lines(path: Path) -> list[tuple[int, str]]:
    """Return the requirements with the numbers of their first lines."""
    lines: list[tuple[int, str]] = []
    continued = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.removesuffix("\\").strip()
        if continued:
            lines[-1] = lines[-1][0], f"{lines[-1][1]} {text}"
        elif text and not text.startswith("#"):
            lines.append((number, text))
        continued = line.endswith("\\")
    return lines


def _decode(encoded: str, location: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).hex()
    except binascii.Error:
        raise LockError(f"{location} has an integrity that is not base64") from None
