"""What `make audit` and `make sbom` do with lock files, installed packages and vulnerabilities."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from repository import REPOSITORY
from supply import audit
from supply.audit import Vulnerabilities, ask_npm, ask_pip_audit, report
from supply.installed import check_environment, check_node_modules, find_distributions, licence_of
from supply.locks import LockError, read_npm_lock, read_python_lock

HASH = "a" * 64
INTEGRITY = "sha512-" + base64.b64encode(b"b" * 64).decode()
COMPONENTS = ["backend", "frontend", "scripts/supply"]
OFFLINE = {
    # Nothing listens there.
    **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "npm_config_https_proxy"), "http://127.0.0.1:9"),
    "npm_config_fetch_retries": "0",
}


def write_lock(folder: Path, *lines: str) -> Path:
    path = folder / "requirements.lock"
    path.write_text("\n".join(lines) + "\n")
    return path


def install(folder: Path, name: str = "alpha", version: str = "1.0", licence: str = "") -> Path:
    """Install a package with one file in the virtual environment `folder`, and return that file."""
    packages = folder / "lib/python3.11/site-packages"
    info = packages / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    file = packages / f"{name}.py"
    file.write_text("x = 1\n")
    digest = hashlib.sha256(file.read_bytes()).digest()
    encoded = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    (info / "RECORD").write_text(f"{name}.py,sha256={encoded},6\n{info.name}/RECORD,,\n")
    metadata = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{licence}"
    (info / "METADATA").write_text(metadata)
    return file


def test_lock_lists_its_packages(tmp_path: Path) -> None:
    lock = write_lock(
        tmp_path,
        "# A comment",
        'Alpha_One[extra]==1.0 ; sys_platform == "linux" \\',
        f"    --hash=sha256:{HASH}",
    )
    (package,) = read_python_lock(lock)
    assert (package.name, package.version, package.hashes) == ("alpha-one", "1.0", (HASH,))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("alpha>=1.0", "alpha>=1.0 is not pinned with =="),
        ("alpha", "alpha is not pinned with =="),
        ("alpha==1.0", "alpha has no SHA-256 hash"),
        (f"alpha==1.0 --hash=md5:{HASH}", "alpha has no SHA-256 hash"),
        (f"alpha==1.0 --hash=sha256:{HASH[1:]}", "alpha has no SHA-256 hash"),
    ],
)
def test_package_without_a_version_or_a_hash_is_rejected(
    tmp_path: Path, line: str, message: str
) -> None:
    lock = write_lock(tmp_path, f"beta==1.0 --hash=sha256:{HASH}", line)
    with pytest.raises(LockError) as caught:
        read_python_lock(lock)
    assert str(caught.value) == f"{lock}:2: {message}"


@pytest.mark.parametrize("integrity", [None, "sha1-abc", "sha512-?"])
def test_npm_package_without_a_strong_hash_is_rejected(
    tmp_path: Path, integrity: str | None
) -> None:
    lock = write_npm_lock(tmp_path, {"version": "1.0", "integrity": integrity or ""})
    with pytest.raises(LockError, match=r"package-lock\.json: node_modules/alpha has "):
        read_npm_lock(lock)


def write_npm_lock(folder: Path, entry: dict[str, Any]) -> Path:
    path = folder / "package-lock.json"
    path.write_text(json.dumps({"packages": {"": {}, "node_modules/alpha": entry}}))
    return path


def test_environment_as_locked_passes(tmp_path: Path) -> None:
    install(tmp_path / ".venv")
    lock = write_lock(tmp_path, f"alpha==1.0 --hash=sha256:{HASH}")
    assert check_environment(lock, read_python_lock(lock), tmp_path / ".venv") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "alpha.py").write_text("x = 2\n"), "alpha.py: is not as alpha"),
        (lambda folder: (folder / "alpha.py").unlink(), "alpha.py: is not as alpha"),
        (lambda folder: (folder / "alpha-1.0.dist-info/RECORD").unlink(), "alpha: there is no rec"),
        (lambda folder: install(folder.parents[2], "beta"), "beta is installed, but not in "),
    ],
)
def test_changed_environment_is_rejected(tmp_path: Path, change: Any, message: str) -> None:
    folder = install(tmp_path / ".venv").parent
    lock = write_lock(tmp_path, f"alpha==1.0 --hash=sha256:{HASH}")
    change(folder)
    with pytest.raises(LockError, match=message):
        check_environment(lock, read_python_lock(lock), tmp_path / ".venv")


def test_environment_with_another_version_is_rejected(tmp_path: Path) -> None:
    install(tmp_path / ".venv", version="1.1")
    lock = write_lock(tmp_path, f"alpha==1.0 --hash=sha256:{HASH}")
    with pytest.raises(LockError, match=r"alpha is 1\.1, not 1\.0"):
        check_environment(lock, read_python_lock(lock), tmp_path / ".venv")


def test_absent_environment_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="there is no virtual environment; run make install"):
        find_distributions(tmp_path)


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT\nLicense: Something\n", "MIT"),
        ("License: BSD\n", "BSD"),
        (f"License: {'Copyright ' * 20}\nClassifier: License :: OSI Approved :: Zlib\n", "Zlib"),
        ("License: UNKNOWN\n", None),
        ("", None),
    ],
)
def test_licence_is_that_of_the_metadata(
    tmp_path: Path, metadata: str, licence: str | None
) -> None:
    install(tmp_path, licence=metadata)
    assert licence_of(find_distributions(tmp_path)["alpha"]) == licence


def install_npm_package(folder: Path, *, version: str = "1.0", integrity: str = INTEGRITY) -> Path:
    lock = write_npm_lock(folder, {"version": "1.0", "integrity": INTEGRITY, "license": "MIT"})
    package = folder / "node_modules/alpha"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}))
    entries = {"node_modules/alpha": {"version": version, "integrity": integrity}}
    (folder / "node_modules/.package-lock.json").write_text(json.dumps({"packages": entries}))
    return lock


def test_node_modules_as_locked_pass(tmp_path: Path) -> None:
    lock = install_npm_package(tmp_path)
    assert check_node_modules(lock, read_npm_lock(lock)) == 1


@pytest.mark.parametrize(
    ("installed", "message"),
    [
        ({"integrity": "sha512-other"}, "is not what .* says"),
        ({"version": "1.1"}, r"is 1\.1, not 1\.0"),
    ],
)
def test_other_node_modules_are_rejected(
    tmp_path: Path, installed: dict[str, str], message: str
) -> None:
    lock = install_npm_package(tmp_path, **installed)
    with pytest.raises(LockError, match=message):
        check_node_modules(lock, read_npm_lock(lock))


def answer_as(monkeypatch: pytest.MonkeyPatch, folder: Path, output: str) -> None:
    """Let pip-audit and npm print `output`."""
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    (folder / "pip_audit.py").write_text(f"print({output!r})")
    (folder / "npm").write_text(f"#!/bin/sh\ncat <<'end'\n{output}\nend\nexit 1\n")
    (folder / "npm").chmod(0o755)


def test_vulnerable_python_package_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"id": "CVE-1", "fix_versions": ["1.1"]}
    dependencies = [
        {"name": "alpha", "version": "1.0", "vulns": [known]},
        {"name": "beta", "version": "1.0", "vulns": []},
    ]
    answer_as(monkeypatch, tmp_path, json.dumps({"dependencies": dependencies}))
    assert not report(ask_pip_audit(Path("a.lock")), required=False)
    printed = capsys.readouterr()
    assert printed.err == "error: a.lock: alpha 1.0: CVE-1, fixed in 1.1\n"
    assert printed.out == "a.lock: 1 known vulnerabilities\n"


def test_vulnerable_npm_package_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"range": "<2", "severity": "high", "via": [{"title": "It leaks"}, "beta"]}
    answer_as(monkeypatch, tmp_path, json.dumps({"vulnerabilities": {"alpha": known}}))
    lock = tmp_path / "package-lock.json"
    assert not report(ask_npm(lock, []), required=False)
    assert capsys.readouterr().err == f"error: {lock}: alpha <2: high, It leaks; beta\n"


SKIPPED = {"dependencies": [{"name": "alpha", "version": "1.0", "skip_reason": "it is unknown"}]}


@pytest.mark.parametrize("output", ["", "{}", json.dumps(SKIPPED)])
def test_without_a_database_the_audit_passes_unless_it_is_required(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
) -> None:
    answer_as(monkeypatch, tmp_path, output)
    for result in (ask_pip_audit(Path("a.lock")), ask_npm(tmp_path / "package-lock.json", [])):
        assert report(result, required=False)
        assert "no package was compared with known vulnerabilities" in capsys.readouterr().err
        assert not report(result, required=True)
        assert capsys.readouterr().err.startswith("error (AUDIT_NETWORK=required)")


def test_packages_that_the_database_does_not_know_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report(Vulnerabilities("a.lock", [], 3, "alpha is unknown"), required=False)
    assert "only 3 packages were compared" in capsys.readouterr().err


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment = {**kept, **variables}
    return subprocess.run(
        ["make", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def _tools() -> None:
    for component in COMPONENTS:
        installation = make("-C", component, "install")
        assert installation.returncode == 0, installation.stderr


@pytest.mark.usefixtures("_tools")
def test_audit_without_a_network_verifies_the_packages() -> None:
    run = make("-C", "scripts/supply", "audit", AUDIT_NETWORK="", **OFFLINE)
    assert run.returncode == 0, run.stderr
    assert "scripts/supply/requirements.lock: " in run.stdout
    assert " files are those of the locked packages" in run.stdout
    assert "no package was compared with known vulnerabilities" in run.stderr


@pytest.mark.usefixtures("_tools")
def test_audit_of_the_project_is_that_of_every_component_and_can_require_a_network() -> None:
    run = make("audit", AUDIT_NETWORK="required", **OFFLINE)
    assert run.returncode == 2
    for lock in REPOSITORY.glob("*/requirements.lock"):
        assert f"{lock.relative_to(REPOSITORY)}: " in run.stdout
    assert run.stdout.count(" files are those of the locked packages") >= len(COMPONENTS)
    assert run.stderr.count("error (AUDIT_NETWORK=required)") >= len(COMPONENTS)


def test_every_lock_file_is_audited() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.lock", "*package-lock.json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    recipes = "".join(make("-n", "-C", each, "audit").stdout for each in COMPONENTS)
    assert [lock for lock in listed.stdout.split() if lock not in recipes] == []


@pytest.fixture(scope="module")
def boms(_tools: None) -> dict[str, Any]:
    run = make("sbom")
    assert run.returncode == 0, run.stderr
    return {
        name: json.loads((REPOSITORY / name / ".cache/sbom.cdx.json").read_text())
        for name in ("backend", "frontend")
    }


def test_bill_of_materials_has_every_package_of_the_lock(boms: dict[str, Any]) -> None:
    expected = {
        "backend": read_python_lock(REPOSITORY / "backend/requirements.lock"),
        "frontend": [
            *read_npm_lock(REPOSITORY / "frontend/package-lock.json"),
            *read_python_lock(REPOSITORY / "frontend/requirements.lock"),
        ],
    }
    for name, packages in expected.items():
        found = {(each["name"], each["version"]): each for each in boms[name]["components"]}
        assert set(found) == {(each.name, each.version) for each in packages}
        assert all(each["externalReferences"][0]["hashes"] for each in found.values())


@pytest.mark.parametrize(
    ("component", "name", "scope", "licence"),
    [
        ("backend", "fastapi", "required", "MIT"),
        ("backend", "starlette", "required", "BSD-3-Clause"),
        ("backend", "pytest", "excluded", "MIT"),
        ("backend", "colorama", "optional", None),
        ("frontend", "vue", "required", "MIT"),
        ("frontend", "vite", "excluded", "MIT"),
    ],
)
def test_bill_of_materials_says_what_the_product_needs(
    boms: dict[str, Any], component: str, name: str, scope: str, licence: str | None
) -> None:
    (found,) = [each for each in boms[component]["components"] if each["name"] == name]
    assert found["scope"] == scope
    assert found["licenses"] == ([{"license": {"id": licence}}] if licence else [])


def test_bill_of_materials_has_the_dependencies(boms: dict[str, Any]) -> None:
    requires = {each["ref"]: each["dependsOn"] for each in boms["backend"]["dependencies"]}
    (fastapi,) = [ref for ref in requires if ref.startswith("pkg:pypi/fastapi@")]
    assert fastapi in requires["trading-api"]
    assert any(each.startswith("pkg:pypi/starlette@") for each in requires[fastapi])
    requires = {each["ref"]: each["dependsOn"] for each in boms["frontend"]["dependencies"]}
    (vue,) = [ref for ref in requires["trading-frontend"] if ref.startswith("pkg:npm/vue@")]
    assert any(each.startswith("pkg:npm/%40vue/runtime-dom@") for each in requires[vue])


@pytest.mark.usefixtures("boms")
def test_bill_of_materials_is_not_written_again() -> None:
    assert make("sbom").stdout == ""


def test_licences_are_listed_with_the_packages_of_rare_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    common = [(f"package-{n}", "MIT") for n in range(audit.MAX_NAMES + 1)]
    audit._print_licences([("alpha", None), ("beta", "Zlib"), *common])
    listed = ["  MIT (7)", "  unknown (1): alpha", "  Zlib (1): beta"]
    assert capsys.readouterr().out.splitlines() == listed
