"""Audit packages: `python -m supply.audit --python LOCK=ENVIRONMENT --npm LOCK`.

Without a network: every package is locked with a hash, and what is installed is what is locked.
With one: no package has a known vulnerability.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from supply.installed import (
    check_environment,
    check_node_modules,
    find_distributions,
    licence_of,
)
from supply.locks import LockError, Package, read_npm_lock, read_python_lock

NETWORK_VARIABLE = "AUDIT_NETWORK"
UNKNOWN = "unknown"
MAX_NAMES = 6
"""Packages that are named, of one licence."""


@dataclass(frozen=True, slots=True)
class Vulnerabilities:
    """What is known about the packages of a lock; `reason` says why some were not compared."""

    lock: str
    found: list[str]
    asked: int = 0
    reason: str | None = None


def main() -> None:
    parser = argparse.ArgumentParser("python -m supply.audit", description=__doc__)
    parser.add_argument("--python", action="append", default=[], metavar="LOCK[=ENVIRONMENT]")
    parser.add_argument("--npm", action="append", default=[], metavar="LOCK", type=Path)
    arguments = parser.parse_args()
    required = os.environ.get(NETWORK_VARIABLE) == "required"
    try:
        checks = [audit_npm(each) for each in arguments.npm]
        checks += [audit_python(each) for each in arguments.python]
    except LockError as error:
        sys.exit(f"error: {error}")
    passed = [report(ask(), required) for ask in checks]
    sys.exit(0 if all(passed) else 1)


def audit_python(argument: str) -> Callable[[], Vulnerabilities]:
    """Check a lock and the environment that was made from it, if one is named.

    Return how to ask for the known vulnerabilities of the packages.
    """
    lock, _, environment = argument.partition("=")
    path = Path(lock)
    packages = read_python_lock(path)
    print(f"{lock}: {len(packages)} packages, each with its version and hashes")
    if environment:
        files = check_environment(path, packages, Path(environment))
        print(f"  {environment}: {files:,} files are those of the locked packages")
        installed = find_distributions(Path(environment))
        known = {name: licence_of(each) for name, each in installed.items()}
        _print_licences((each.name, known.get(each.name)) for each in packages)
    return lambda: ask_pip_audit(path)


def audit_npm(lock: Path) -> Callable[[], Vulnerabilities]:
    """Check a lock and the `node_modules` beside it, if there are any; return as `audit_python`."""
    packages = read_npm_lock(lock)
    print(f"{lock}: {len(packages)} packages, each with its version and hash")
    if lock.with_name("node_modules").is_dir():
        check_node_modules(lock, packages)
        print("  node_modules: the packages are the locked ones")
    _print_licences((each.name, each.licence) for each in packages)
    return lambda: ask_npm(lock, packages)


def ask_pip_audit(lock: Path) -> Vulnerabilities:
    """Return the known vulnerabilities of Python packages."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    command += ["--requirement", str(lock), "--format", "json", "--progress-spinner", "off"]
    run = subprocess.run(command, capture_output=True, text=True)
    try:
        dependencies = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError):
        return Vulnerabilities(str(lock), [], reason=_last_line(run.stderr))
    asked = [each for each in dependencies if "vulns" in each]
    skipped = [each["skip_reason"] for each in dependencies if "skip_reason" in each]
    found = [
        f"{each['name']} {each['version']}: {known['id']}, fixed in"
        f" {', '.join(known['fix_versions']) or 'no version'}"
        for each in asked
        for known in each["vulns"]
    ]
    # A mirror may not know the advisories: then there is no error, but everything is skipped.
    return Vulnerabilities(str(lock), found, len(asked), skipped[0] if skipped else None)


def ask_npm(lock: Path, packages: list[Package]) -> Vulnerabilities:
    """Return the known vulnerabilities of npm packages."""
    run = subprocess.run(
        ["npm", "audit", "--json"], cwd=lock.parent, capture_output=True, text=True
    )
    try:
        result = json.loads(run.stdout)
    except ValueError:
        return Vulnerabilities(str(lock), [], reason=_last_line(run.stderr))
    vulnerable = result.get("vulnerabilities")
    if vulnerable is None:
        reason = result.get("message") or _last_line(run.stderr)
        return Vulnerabilities(str(lock), [], reason=reason)
    found = [
        f"{name} {each['range']}: {each['severity']}, {_titles(each['via'])}"
        for name, each in vulnerable.items()
    ]
    return Vulnerabilities(str(lock), found, len(packages))


def report(result: Vulnerabilities, required: bool) -> bool:
    """Print what is known, and return whether the audit has passed."""
    sys.stdout.flush()
    for each in result.found:
        print(f"error: {result.lock}: {each}", file=sys.stderr)
    if result.reason is None:
        print(f"{result.lock}: {len(result.found)} known vulnerabilities")
        return not result.found
    asked = f"only {result.asked} packages were" if result.asked else "no package was"
    kind = f"error ({NETWORK_VARIABLE}=required)" if required else "warning"
    print(
        f"{kind}: {result.lock}: {asked} compared with known vulnerabilities: {result.reason}",
        file=sys.stderr,
    )
    return not (result.found or required)


def _print_licences(licences: Iterable[tuple[str, str | None]]) -> None:
    """Print the licences, the most frequent first, with the packages of the rare ones."""
    names = defaultdict[str, list[str]](list)
    for name, licence in licences:
        names[licence or UNKNOWN].append(name)
    for licence, packages in sorted(names.items(), key=lambda each: -len(each[1])):
        shown = f": {', '.join(packages)}" if len(packages) <= MAX_NAMES else ""
        print(f"  {licence} ({len(packages)}){shown}")


def _titles(causes: list[dict[str, str] | str]) -> str:
    return "; ".join(each if isinstance(each, str) else each["title"] for each in causes)


def _last_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines()[::-1] if line.strip()), "no output")


if __name__ == "__main__":
    main()
