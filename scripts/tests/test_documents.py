"""What the documents show is there: links, images, paths, make targets, and who runs each block."""

from __future__ import annotations

import fnmatch
import re
from itertools import product
from pathlib import Path

import pytest

from ci.workflow import load
from docs import tables
from docs.commands import unknown_targets
from docs.documents import SKIPPED, Block, Document, documents, paths
from repository import REPOSITORY

DOCUMENTS = documents()
BLOCKS = [block for document in DOCUMENTS for block in document.blocks()]
DATA = {"mermaid", "text", "json", "yaml", ""}
EXAMPLES = REPOSITORY / "scripts/tests/test_examples.py"
SUFFIXES = {
    *("css", "csv", "gitignore", "gz", "html", "in", "j2", "json", "lock", "md", "mjs", "mk"),
    *("png", "py", "sh", "svg", "toml", "ts", "vue", "yml"),
}

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
every_block = pytest.mark.parametrize("block", BLOCKS, ids=lambda one: one.place)


@every_document
def test_links_lead_somewhere(document: Document) -> None:
    broken = [link for link in document.links() if not leads_somewhere(document, link)]
    assert broken == []


@every_document
def test_no_code_breaks_over_two_lines(document: Document) -> None:
    # What does is seen by none of the tests here.
    assert [line for line in document.prose.splitlines() if line.count("`") % 2] == []


@every_document
def test_paths_exist(document: Document) -> None:
    codes = set(document.codes()) - document.gone()
    missing = sorted(code for code in codes if looks_like_path(code) and not exists(code))
    assert missing == []


@every_document
def test_what_is_gone_is_not_there(document: Document) -> None:
    assert [code for code in document.gone() if exists(code)] == []


@every_document
def test_make_targets_exist(document: Document) -> None:
    lines = [line for block in document.blocks() for line in block.text.splitlines()]
    commands = [text for text in (*document.codes(), *lines) if re.match(r"(\w+=\S+ )*make ", text)]
    assert [fault for command in commands for fault in unknown_targets(command)] == []


@every_block
def test_somebody_runs_each_block(block: Block) -> None:
    kind, _, rest = block.comment.partition(" ")
    if block.language in DATA:
        assert not block.comment
    elif kind == "example":
        assert f'example("{rest}")' in EXAMPLES.read_text()
    elif block.comment.startswith("executed by "):
        known = [told for name in rest.removeprefix("by ").split(", ") for told in told_by(name)]
        for line in block.text.splitlines():
            command = line.partition(" #")[0].strip()
            target = command.split()[-1]
            assert any(command in one or f'"{target}"' in one for one in known), command
    else:
        assert re.match(r"not executed: \w+ \w+", block.comment), f"{block.place}: who runs it?"


def test_names_of_examples_are_unique() -> None:
    names = [block.comment for block in BLOCKS if block.comment.startswith("example ")]
    assert len(names) == len(set(names))
    assert names


def test_tables_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert tables.main(["--check"]) == 0, capsys.readouterr().err


def test_a_table_out_of_date_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tables.GUIDE.read_text()
    guide = tmp_path / "GUIDE.md"
    guide.write_text(text.replace("| `BROKER_MAX_LEVERAGE` | `20` |", "| `X` | `2` |"))
    monkeypatch.setattr(tables, "GUIDE", guide)
    assert tables.main(["--check"]) == 1
    assert "make -f project.mk docs-tables" in capsys.readouterr().err
    assert tables.main([]) == 0
    assert guide.read_text() == text


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("backend/Makefile", True),
        ("modules/<m>/specs/{openapi,asyncapi}.json", True),
        ("frontend/src/plugins/", True),
        ("backend/Makefiles", False),
        ("modules/<m>/specs/{openapi,graphql}.json", False),
        ("frontend/src/plugin/", False),
        ("no_such_file.py", False),
    ],
)
def test_a_path_that_is_not_there_is_noticed(code: str, there: bool) -> None:
    assert looks_like_path(code)
    assert exists(code) is there


def test_a_broken_link_is_noticed() -> None:
    readme = Document(REPOSITORY / "README.md")
    assert leads_somewhere(readme, "docs/ARCHITECTURE.md#one-flow")
    assert not leads_somewhere(readme, "docs/ARCHITECTURE.md#no-flow")
    assert not leads_somewhere(readme, "docs/NOTHING.md")


@pytest.mark.parametrize(
    ("command", "faults"),
    [
        ("make -f project.mk run PORT=8010", 0),
        ("ENABLED_MODULES=broker make test-module-broker", 0),
        ("make -C frontend generate-clients type-check", 0),
        ("make -C frontend export-specs", 1),
        ("make -f project.mk generate-everything", 1),
    ],
)
def test_a_target_that_is_not_there_is_noticed(command: str, faults: int) -> None:
    assert len(list(unknown_targets(command))) == faults


def leads_somewhere(document: Document, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    file, _, anchor = link.partition("#")
    target = (document.path.parent / file).resolve() if file else document.path
    if not target.exists():
        return False
    return not anchor or anchor in Document(target).anchors()


def looks_like_path(code: str) -> bool:
    """Tell whether a text in backticks is a path of this repository: names, slashes, no spaces."""
    if not re.fullmatch(r"[\w.@*{},/<>-]+", code) or code.startswith(("/", "@", "--")):
        return False
    if SKIPPED & set(code.split("/")):
        return False  # an environment or a cache, which need not be there
    first = code.partition("/")[0]
    is_folder = any(path.endswith(f"/{first}/") for path in paths())
    return ("/" in code and is_folder) or code.rpartition(".")[2] in SUFFIXES


def exists(code: str) -> bool:
    """Tell whether the repository has the path, whole or as the end of one; `<m>` is any name."""
    return all(
        any(
            fnmatch.fnmatch(path, pattern + slash)
            for path, pattern, slash in product(paths(), (f"/{one}", f"*/{one}"), ("", "/"))
        )
        for one in expanded(re.sub(r"<\w+>", "*", code.rstrip("/")))
    )


def expanded(pattern: str) -> list[str]:
    """Return what bash makes of `{a,b}`."""
    found = re.search(r"\{([^}]*)\}", pattern)
    if not found:
        return [pattern]
    before, after = pattern[: found.start()], pattern[found.end() :]
    return [one for part in found[1].split(",") for one in expanded(before + part + after)]


def told_by(name: str) -> list[str]:
    """Return what a file says, or the commands of a job of the workflow."""
    if name.startswith("CI job "):
        return [text for job, text in load().runs() if job == name.removeprefix("CI job ")]
    return [(REPOSITORY / Path(name)).read_text()]
