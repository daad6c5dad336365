"""The backend's Makefile: what runs, what is written, what is kept when a module has an error."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.conftest import Copy

BACKEND = Path(__file__).resolve().parent.parent.parent
REPOSITORY = BACKEND.parent
CLIENTS = "generate-python-clients"
ALL = ("export-specs", CLIENTS)


def test_new_module_folder_gets_specs_client_and_test_target(built: Copy) -> None:
    spec = json.loads((built.parrot / "specs/openapi.json").read_text())
    assert list(spec["paths"]) == ["/api/v1/parrot/{text}"]
    streams = json.loads((built.parrot / "specs/asyncapi.json").read_text())
    assert streams["channels"]["parrot"]["address"] == "/api/v1/parrot/ws"
    assert "class ParrotClient(" in (built.clients / "parrot_client.py").read_text()
    assert '"ParrotClient"' in (built.clients / "__init__.py").read_text()
    assert "test-module-parrot" in built.make("--print-data-base", "--question", "help").stdout


def test_second_run_does_nothing(built: Copy) -> None:
    before = built.outputs()
    result = built.make(*ALL)
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert [
        line for line in lines if "Nothing to be done" not in line and "directory" not in line
    ] == []
    assert built.outputs() == before


def test_source_edited_during_an_export_is_exported_by_the_next_run(built: Copy) -> None:
    # `info` has been imported when `api` is, and changes its file.
    with (built.parrot / "api.py").open("a") as api:
        api.write("from pathlib import Path\n\n")
        api.write('file = Path(__file__).with_name("__init__.py")\n')
        api.write('file.write_text(file.read_text().replace("0.1.0", "0.2.0"))\n')
    assert built.make(*ALL).returncode == 0
    assert built.make(*ALL).returncode == 0
    assert "0.2.0" in (built.clients / "parrot_client.py").read_text()


def test_names_that_make_cannot_list_as_they_are_do_not_stop_it(built: Copy) -> None:
    shutil.copy(built.parrot / "service.py", built.parrot / "service copy.py")
    (built.parrot / ".#api.py").symlink_to("user@host.123")  # Emacs has unsaved changes
    result = built.make(*ALL)
    assert result.returncode == 0, result.stderr
    assert "unchanged" in result.stdout
    assert "unchanged" not in built.make(*ALL).stdout


def test_module_called_clients_is_exported_again_after_an_edit(built: Copy) -> None:
    built.parrot.rename(built.modules / "clients")
    assert built.make(*ALL).returncode == 0
    info = built.modules / "clients/__init__.py"
    info.write_text(info.read_text().replace("0.1.0", "0.2.0"))
    assert built.make("trust-downloaded-specs").returncode != 0
    assert built.make(*ALL).returncode == 0
    assert "0.2.0" in (built.clients / "clients_client.py").read_text()


def test_touched_source_rewrites_nothing(built: Copy) -> None:
    before = built.outputs()
    later = time.time() + 10
    os.utime(built.parrot / "api.py", (later, later))
    assert built.make(*ALL).returncode == 0
    assert built.outputs() == before


def test_missing_output_is_the_only_one_written(built: Copy) -> None:
    before = built.outputs()
    (built.parrot / "specs/openapi.json").unlink()
    (built.clients / "parrot_client.py").unlink()
    assert built.make(*ALL).returncode == 0
    after = built.outputs()
    assert after.keys() == before.keys()
    changed = {name for name in after if after[name] != before[name]}
    assert all("parrot" in name for name in changed)


def test_outputs_of_a_deleted_module_disappear(built: Copy) -> None:
    before = built.outputs()
    for path in built.parrot.glob("*.py"):
        path.unlink()
    result = built.make(*ALL)
    assert result.returncode == 0, result.stderr
    after = built.outputs()
    assert not any("parrot" in name for name in after)
    assert not built.parrot.exists() or not any(built.parrot.rglob("*.json"))
    kept = {name for name in before if "parrot" not in name and "__init__" not in name}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert "parrot" not in (built.clients / "__init__.py").read_text()


def test_broken_module_keeps_its_outputs_and_stops_no_other_module(built: Copy) -> None:
    before = built.outputs()
    others = [path for path in built.modules.glob("*/__init__.py") if path.parent != built.parrot]
    neighbour = others[0]
    neighbour.write_text(neighbour.read_text().replace('version="1.0.0"', 'version="1.0.1"'))
    api = built.parrot / "api.py"
    original = api.read_text()
    api.write_text(original + "def broken(:\n")

    for attempt in (built.make(CLIENTS), built.make(CLIENTS)):
        assert attempt.returncode != 0
        assert "src/trading_api/modules/parrot/api.py:9: SyntaxError" in attempt.stderr
    after = built.outputs()
    assert all(after[name] == before[name] for name in before if "parrot" in name)
    name = neighbour.parent.name
    assert (
        json.loads((neighbour.parent / "specs/openapi.json").read_text())["info"]["version"]
        == "1.0.1"
    )
    assert "1.0.1" in (built.clients / f"{name}_client.py").read_text()

    api.write_text(original)
    assert built.make(*ALL).returncode == 0


def test_stale_spec_of_a_broken_module_is_not_a_second_error(built: Copy) -> None:
    before = built.outputs()
    models = built.root / "backend/src/trading_api/models/market/quotes.py"
    models.write_text(models.read_text().replace("    lp: float", "    lp: int | float"))
    api = built.modules / "datafeed/api.py"
    api.write_text(api.read_text().replace("-> list[SymbolInfo]:", "-> list[SymblInfo]:", 1))
    result = built.make(CLIENTS)
    assert result.returncode != 0
    errors = {line for line in result.stderr.splitlines() if line.startswith("error: ")}
    assert len(errors) == 1
    assert "get_symbols: the name 'SymblInfo' in its annotations" in errors.pop()
    after = built.outputs()
    assert {name for name in before if after[name] != before[name]} == {
        "backend/src/trading_api/modules/datafeed/specs/asyncapi.json"
    }


def test_fresh_clone_with_a_broken_module_builds_the_others(fresh: Copy) -> None:
    (fresh.parrot / "api.py").write_text("import no_such_package\n")
    result = fresh.make(CLIENTS)
    assert result.returncode != 0
    assert "parrot/api.py:1: ModuleNotFoundError" in result.stderr
    built = {path.parent.parent.name for path in fresh.modules.glob("*/specs/openapi.json")}
    assert built == {
        path.parent.name for path in fresh.modules.glob("*/api.py") if path.parent != fresh.parrot
    }
    assert {path.name for path in fresh.clients.glob("*_client.py")} == {
        f"{name}_client.py" for name in built
    }


@pytest.mark.parametrize(
    ("file", "source", "reason"),
    [
        (
            "api.py",
            "routes = 1\n",
            "parrot/api.py: `router` is missing or not of the type APIRouter",
        ),
        ("__init__.py", "", "parrot/__init__.py: `info` is missing or not of the type ModuleInfo"),
        ("api.py", "import sys\nsys.exit('no')\n", "parrot/api.py:2: SystemExit: no"),
        ("api.py", "import re\nre.compile('(')\n", "parrot/api.py:2: error: missing )"),
    ],
)
def test_error_of_a_module_names_its_file_and_stops_no_other_module(
    fresh: Copy, file: str, source: str, reason: str
) -> None:
    (fresh.parrot / file).write_text(source)
    result = fresh.make("export-openapi-specs")
    assert result.returncode != 0
    assert reason in result.stderr
    others = {path.parent for path in fresh.modules.glob("*/api.py")} - {fresh.parrot}
    assert all((other / "specs/openapi.json").is_file() for other in others)


def test_error_is_printed_once(built: Copy) -> None:
    (built.parrot / "api.py").write_text("def broken(:\n")
    result = built.make(*ALL)
    assert result.returncode != 0
    assert result.stderr.count("error: ") == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("def broken(:", "SyntaxError: invalid syntax"),
        ("import nope", "ModuleNotFoundError: No mod"),
    ],
)
def test_error_in_shared_code_is_one_line(built: Copy, line: str, reason: str) -> None:
    before = built.outputs()
    shared = built.root / "backend/src/trading_api/models/common.py"
    text = shared.read_text()
    shared.write_text(f"{text}{line}\n")
    result = built.make(CLIENTS)
    assert result.returncode != 0
    message = f"error: backend/src/trading_api/models/common.py:{text.count(chr(10)) + 1}: {reason}"
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert built.outputs() == before


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("my-parrot", "call it my_parrot"), ("MyParrot", "call it my_parrot")],
)
def test_folder_with_another_name_is_an_error(built: Copy, name: str, remedy: str) -> None:
    built.parrot.rename(built.modules / name)
    result = built.make("export-openapi-specs")
    assert result.returncode != 0
    assert f"modules/{name}: {name} is not a module name; {remedy}" in result.stderr


def test_module_without_its_api_keeps_spec_and_client(built: Copy) -> None:
    before = built.outputs()
    (built.parrot / "api.py").unlink()
    result = built.make(*ALL)
    assert result.returncode != 0
    assert "modules/parrot: a module needs an api.py with a `router`" in result.stderr
    after = built.outputs()
    assert {name for name in before if after.get(name) != before[name]} == set()


def test_module_of_another_program_keeps_its_specs_and_has_a_client(built: Copy) -> None:
    specs = {path: path.read_bytes() for path in built.parrot.glob("specs/*.json")}
    for source in built.parrot.glob("*.py"):
        source.unlink()
    (built.parrot / "foreign.toml").touch()
    (built.clients / "parrot_client.py").unlink()
    datafeed = built.modules / "datafeed/__init__.py"
    datafeed.write_text(
        datafeed.read_text().replace("port=", 'requires=("parrot",),\n    port=', 1)
    )
    result = built.make(*ALL)
    assert result.returncode == 0, result.stderr
    assert {path: path.read_bytes() for path in built.parrot.glob("specs/*.json")} == specs
    assert "def echoes_stream(" in (built.clients / "parrot_client.py").read_text()
    removed = built.make("--just-print", "clean").stdout
    assert "/datafeed/specs" in removed
    assert "/parrot/specs" not in removed

    openapi = built.parrot / "specs/openapi.json"
    openapi.write_text(openapi.read_text().replace('"repeat"', '"say"'))
    assert built.make(*ALL).returncode == 0
    assert "async def say(" in (built.clients / "parrot_client.py").read_text()

    openapi.unlink()
    result = built.make(*ALL)
    assert "modules/parrot: needs its specs/openapi.json, which is not exported" in result.stderr
    shutil.rmtree(built.parrot)
    result = built.make(*ALL)
    assert "requires 'parrot', which is not a module" in result.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        ("__init__.py", "8099", "8077", "port 8077 is already used by cockatoo"),
        ("api.py", "repeat(", "shout(", "the operation name 'shout' is also used by cockatoo"),
        ("api.py", "/parrot/", "/cockatoo/", "GET /api/v1/cockatoo/{text} is also used by"),
    ],
)
def test_new_module_in_conflict_with_another_is_an_error_and_changes_nothing(
    built: Copy, file: str, old: str, new: str, error: str
) -> None:
    other = built.modules / "cockatoo"
    shutil.copytree(built.parrot, other, ignore=shutil.ignore_patterns("specs", "__pycache__"))
    for path, words in {
        "__init__.py": {"8099": "8077"},
        "api.py": {"/parrot/": "/cockatoo/", "repeat(": "shout("},
    }.items():
        text = (other / path).read_text()
        for word, replacement in words.items():
            text = text.replace(word, replacement)
        (other / path).write_text(text)
    assert built.make(*ALL).returncode == 0
    before = built.outputs()
    (built.parrot / file).write_text((built.parrot / file).read_text().replace(old, new))
    result = built.make(*ALL)
    assert result.returncode != 0
    assert f"parrot/{file}:" in result.stderr
    assert error in result.stderr
    assert built.outputs() == before


def test_deleted_folder_with_leftover_specs_is_pruned(built: Copy) -> None:
    shutil.rmtree(built.parrot)
    (built.parrot / "specs").mkdir(parents=True)
    (built.parrot / "specs/openapi.json").write_text("{}")
    assert built.make("export-openapi-specs").returncode == 0
    assert not built.parrot.exists()


def test_downloaded_specs_of_these_sources_are_not_exported_again(built: Copy) -> None:
    before = built.outputs()
    # As in a job that checks out and then downloads: what was exported is older than the sources.
    for path in (
        built.parrot / "specs/openapi.json",
        built.root / "backend/.cache/export-report.json",
    ):
        os.utime(path, (0, 0))
    assert built.make("trust-downloaded-specs").returncode == 0
    result = built.make("--debug=basic", CLIENTS)
    assert result.returncode == 0
    assert "export_specs.py" not in result.stdout
    assert built.outputs().keys() == before.keys()


def test_downloaded_specs_of_other_sources_are_an_error(built: Copy) -> None:
    api = built.parrot / "api.py"
    api.write_text(api.read_text().replace("def repeat(", "def shout("))
    result = built.make("trust-downloaded-specs")
    assert result.returncode != 0
    assert "this export had other sources" in result.stderr
    assert built.make(CLIENTS).returncode == 0
    assert "async def shout(" in (built.clients / "parrot_client.py").read_text()


def test_changed_source_is_exported_again_after_specs_were_trusted(built: Copy) -> None:
    assert built.make("trust-downloaded-specs").returncode == 0
    info = built.parrot / "__init__.py"
    info.write_text(info.read_text().replace("0.1.0", "0.2.0"))
    later = time.time() + 10
    os.utime(info, (later, later))
    assert built.make(CLIENTS).returncode == 0
    assert "0.2.0" in (built.clients / "parrot_client.py").read_text()


def test_help_is_made_from_the_comments(fresh: Copy) -> None:
    text = fresh.make("help").stdout
    for target in ("export-openapi-specs", "generate-python-clients", "test-module-<module>"):
        assert target in text


def test_clean_all_names_the_data_of_the_modules_before_it_removes_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "account.sqlite3").touch()
    command = ["make", "--dry-run", "-f", "project.mk", "clean-all", f"DATA={data}"]
    printed = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout

    named = printed.index(f"removing the data of the modules: {data}/account.sqlite3")
    assert named < printed.index(f"rm -rf {data}\n")


def test_migrate_creates_the_databases_and_then_leaves_them_alone(tmp_path: Path) -> None:
    command = [sys.executable, "scripts/migrate.py"]
    environment = {**os.environ, "DATA_DIR": str(tmp_path)}
    runs = [
        subprocess.run(
            command, cwd=BACKEND, env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert re.match(r"sqlite:////.*\.sqlite3: migrated to revision \d+\n", runs[0])
    assert re.match(r"sqlite:////.*\.sqlite3: is at revision \d+\n", runs[1])


def test_migrate_reports_a_database_that_cannot_be_used_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = {**os.environ, "DATA_DIR": str(tmp_path / "file")}
    command = [sys.executable, "scripts/migrate.py"]
    result = subprocess.run(
        command, cwd=BACKEND, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr.startswith("error: BROKER_DATABASE_URL=sqlite:///")
    assert result.stderr.count("\n") == 1
