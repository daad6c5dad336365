"""The links, paths, make targets and the table in the documents are right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api_diff.catalogue import KINDS
from docs import api_changes, settings
from docs.documents import (
    CODE,
    SKIPPED,
    Block,
    Document,
    documents,
    path_exists,
    paths,
    unknown_targets,
)
from docs.examples import LANGUAGES
from repository import REPOSITORY

DOCUMENTS = documents()
BLOCKS = [block for document in DOCUMENTS for block in document.blocks()]
DATA = {"mermaid", "text", "json", "yaml", ""}
SUFFIXES = {
    *("css", "csv", "gitignore", "gz", "html", "in", "j2", "json", "lock", "md", "mjs", "mk"),
    *("png", "py", "sh", "svg", "toml", "ts", "txt", "vue", "yml"),
}

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
every_block = pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.location)


@every_document
def test_links_have_a_target(document: Document) -> None:
    assert [link for link in document.links() if not link_exists(document, link)] == []


@every_document
def test_inline_code_is_on_one_line(document: Document) -> None:
    # The other tests would not see it.
    assert [line for line in document.prose.splitlines() if line.count("`") % 2] == []


@every_document
def test_paths_exist(document: Document) -> None:
    codes = sorted(document.codes())
    assert [code for code in codes if looks_like_path(code) and not path_exists(code)] == []


@every_document
def test_make_targets_exist(document: Document) -> None:
    lines = [line.strip() for block in document.blocks() for line in block.text.splitlines()]
    commands = [*document.codes(), *lines]
    assert [target for command in commands for target in unknown_targets(command)] == []


@every_block
def test_block_is_run_or_says_who_runs_it(block: Block) -> None:
    assert block.language in {*DATA, *LANGUAGES}
    if block.language in DATA:
        assert block.comment in ("", "output")
    elif block.comment.startswith("run by "):
        files = block.comment.removeprefix("run by ").split(", ")
        runners = [(REPOSITORY / file).read_text().replace(" -f project.mk", "") for file in files]
        for line in block.text.replace(" -f project.mk", "").splitlines():
            command = line.partition("#")[0].strip()
            target = f'"{command.split()[-1]}"'
            assert any(command in text or target in text for text in runners), command
    else:
        assert block.comment in ("", "serve") or re.match(r"not run: \w+ \w+", block.comment)


def test_settings_table_is_up_to_date() -> None:
    text = settings.GUIDE.read_text()
    assert settings.with_table(text) == text, "stale; run: make docs-tables"


def test_tables_of_api_changes_are_up_to_date() -> None:
    text = api_changes.PAGE.read_text(encoding="utf-8")
    assert api_changes.with_tables(text) == text, "stale; run: make docs-tables"


def test_kinds_beside_those_of_oasdiff_exist() -> None:
    text = api_changes.PAGE.read_text(encoding="utf-8")
    table = text.partition("<!-- begin oasdiff -->")[2].partition("<!-- end oasdiff -->")[0]
    kinds = {kind for row in table.splitlines() for kind in CODE.findall(row.split("|")[-2:][0])}
    assert kinds - {"allOf"} <= KINDS.keys()
    assert len(kinds) > 40


def test_settings_table_is_written_in_any_locale(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_bytes(settings.GUIDE.read_bytes())
    script = f"from docs import settings; settings.GUIDE = type(settings.GUIDE)({str(guide)!r})"
    subprocess.run(
        [sys.executable, "-c", f"{script}; settings.main()"],
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert guide.read_bytes() == settings.GUIDE.read_bytes()


def test_stale_settings_table_is_rewritten() -> None:
    text = settings.with_table(settings.GUIDE.read_text())
    stale = text.replace("`ENABLED_MODULES`", "`ENABLED`")
    assert stale != text
    assert settings.with_table(stale) == text


@pytest.mark.parametrize(
    ("code", "exists"),
    [
        ("backend/Makefile", True),
        ("modules/<m>/specs/{openapi,asyncapi}.json", True),
        ("frontend/src/plugins/", True),
        ("frontend/src/plugins/*.ts", True),
        ("backend/Makefiles", False),
        ("modules/<m>/specs/{openapi,graphql}.json", False),
        ("frontend/src/plugin/", False),
        ("no_such_file.py", False),
        ("client_*.py", False),
        ("backend/*/models/common.py", False),
    ],
)
def test_missing_path_is_noticed(code: str, exists: bool) -> None:
    assert looks_like_path(code)
    assert path_exists(code) is exists


@pytest.mark.parametrize(
    ("link", "exists"),
    [
        ("TARGET.md#a-heading-with-code", True),
        ("TARGET.md#no-heading", False),
        ("NOTHING.md", False),
        ("#own", True),
        ("https://example.com", True),
    ],
)
def test_broken_link_is_noticed(link: str, exists: bool, tmp_path: Path) -> None:
    (tmp_path / "TARGET.md").write_text("# A heading, with `code`\n")
    document = Document(tmp_path / "SOURCE.md", "# Own\n")
    assert link_exists(document, link) is exists


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ("make run PORT=8010", []),
        ("ENABLED_MODULES=datafeed make test-module-datafeed", []),
        ("make -C backend test-module-<module>", []),
        ("make -C frontend generate-clients type-check  # both", []),
        ("make -C frontend export-specs", ["export-specs"]),
        ("make -f project.mk generate-everything", ["generate-everything"]),
    ],
)
def test_unknown_make_target_is_noticed(command: str, unknown: list[str]) -> None:
    assert unknown_targets(command) == unknown


def link_exists(document: Document, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    file, _, anchor = link.partition("#")
    path = document.path.parent / file
    if file and not path.exists():
        return False
    target = Document(path, path.read_text()) if file and anchor else document
    return not anchor or anchor in target.anchors()


def looks_like_path(code: str) -> bool:
    """Return whether inline code is meant as a path: it begins with a folder or has a suffix."""
    if not re.fullmatch(r"[\w.@*{},/<>-]+", code) or code.startswith(("/", "@", "--")):
        return False
    parts = code.split("/")
    if SKIPPED & set(parts):
        return False  # an environment or a cache, which may not exist
    known_folder = any(path.name == parts[0] for path in paths())
    return (len(parts) > 1 and known_folder) or code.rpartition(".")[2] in SUFFIXES
