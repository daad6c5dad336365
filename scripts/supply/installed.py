"""What is installed, compared with the lock files, file by file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path

from supply.locks import LockError, Package, normalize

OWN_PACKAGES = ("pip", "setuptools")
"""Packages that Python itself puts into a virtual environment."""

MAX_LICENCE_CHARACTERS = 60
"""A longer text in the field `License` is the licence itself, not its name."""

_CLASSIFIER = "License :: "


def find_distributions(environment: Path) -> dict[str, Distribution]:
    """Return what is installed in a virtual environment, apart from this project itself.

    Raises:
        LockError: there is no such environment.
    """
    folders = [*environment.glob("lib/python*/site-packages")]
    if not folders:
        raise LockError(f"{environment}: there is no virtual environment; run make install")
    found = distributions(path=[str(folder) for folder in folders])
    return {normalize(each.name): each for each in found if not _is_editable(each)}


def check_environment(lock: Path, packages: list[Package], environment: Path) -> int:
    """Check that an environment has what a lock says, unchanged; return the number of files.

    Packages of other platforms are not installed.

    Raises:
        LockError: a package is not in the lock, has another version, or a file has changed.
    """
    locked = {package.name: package.version for package in packages}
    installed = find_distributions(environment)
    for name, distribution in installed.items():
        version = locked.get(name)
        if version is None and name not in OWN_PACKAGES:
            raise LockError(f"{environment}: {name} is installed, but not in {lock}")
        if version not in (None, distribution.version):
            raise LockError(f"{environment}: {name} is {distribution.version}, not {version}")
    return sum(_check_files(each) for name, each in installed.items() if name in locked)


def check_node_modules(lock: Path, packages: list[Package]) -> int:
    """Check that node_modules has what a lock says; return the number of packages.

    npm has compared the archives with the lock when it installed them, and kept no hashes of
    their files.

    Raises:
        LockError: a package is missing, or has another version or hash.
    """
    root = lock.parent
    record = root / "node_modules/.package-lock.json"
    if not record.exists():
        raise LockError(f"{root}/node_modules: nothing is installed; run make install")
    installed = json.loads(record.read_text(encoding="utf-8"))["packages"]
    integrities = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for package in packages:
        entry = installed.pop(package.path, None)
        if entry is None and package.is_optional:
            continue  # of another platform
        if entry is None or entry.get("integrity") != integrities[package.path]["integrity"]:
            raise LockError(f"{root}/{package.path}: is not what {lock} says")
        manifest = json.loads((root / package.path / "package.json").read_text(encoding="utf-8"))
        if (version := manifest["version"]) != package.version:
            raise LockError(f"{root}/{package.path}: is {version}, not {package.version}")
    for path in installed:
        raise LockError(f"{root}/{path}: is installed, but not in {lock}")
    return len(packages)


def licence_of(distribution: Distribution) -> str | None:
    """Return the name of a package's licence, as its metadata has it."""

    def read(name: str) -> list[str]:
        return [str(each) for each in distribution.metadata.get_all(name) or ()]

    texts = [text for text in read("License") if 0 < len(text) <= MAX_LICENCE_CHARACTERS]
    classifiers = [each.rpartition(" :: ")[2] for each in read("Classifier") if _CLASSIFIER in each]
    names = [each for each in texts if each != "UNKNOWN"] or [" OR ".join(classifiers)]
    return next(filter(None, [*read("License-Expression"), *names]), None)


def _check_files(distribution: Distribution) -> int:
    checked = 0
    for file, expected in _hashed_files(distribution):
        path = Path(str(distribution.locate_file(file)))
        if not path.exists() or _hash(path) != expected:
            raise LockError(f"{path}: is not as {distribution.name} was installed; run make clean")
        checked += 1
    if not checked:
        raise LockError(f"{distribution.name}: there is no record of its files; run make clean")
    return checked


def _hashed_files(distribution: Distribution) -> Iterator[tuple[PackagePath, str]]:
    for file in distribution.files or ():
        if file.hash is not None and file.hash.mode == "sha256":
            yield file, file.hash.value


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _is_editable(distribution: Distribution) -> bool:
    origin = distribution.read_text("direct_url.json")
    return origin is not None and json.loads(origin).get("dir_info", {}).get("editable", False)
