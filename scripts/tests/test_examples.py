"""The examples of the documents run as they are shown, and a wrong example is an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.documents import Document, documents
from docs.examples import ExampleError, is_run, run_document
from repository import REPOSITORY

DOCUMENTS = [document for document in documents() if any(map(is_run, document.blocks()))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_examples_of_document_run(document: Document, tmp_path: Path) -> None:
    run_document(document, tmp_path)


def run(text: str, folder: Path) -> None:
    run_document(Document(REPOSITORY / "docs/EXAMPLE.md", text), folder)


def test_blocks_run_in_order_and_their_output_is_compared(tmp_path: Path) -> None:
    run(
        """
```python
# backend/src/colours.py
RED = "red"
```
```python
# backend/src/colours.py
BLUE = "blue"
```
```python
import colours
print(colours.RED)
print(colours.BLUE)
```
<!-- output -->
```text
red
bl...
```
""",
        tmp_path,
    )


def test_service_runs_until_the_document_ends(tmp_path: Path) -> None:
    run(
        """
<!-- serve -->
```bash
echo $$ >pid; echo "at http://127.0.0.1:8000"; exec sleep 60
```
```bash
kill -0 "$(cat pid)"
```
""",
        tmp_path,
    )
    pid = int((tmp_path / "copy/pid").read_text())
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```bash\nls no-such-file\n```", "docs/EXAMPLE.md:1: bash:\nls: "),
        ("text\n\n```python\n1 / 0\n```", "docs/EXAMPLE.md:3: python:\n"),
        ("```bash\necho 1\n```\n<!-- output -->\n```text\n2\n```", "the output was:\n1\n"),
        ("<!-- serve -->\n```bash\nexit 3\n```", "was not printed"),
        ('```python\n# backend/src/wrong.py\nx: int = ""\n```', "Incompatible types"),
        ("```ts\nconst one: string = 1;\nconsole.log(one);\n```", "is not assignable"),
        (
            '```ts\nimport { DatafeedApi } from "@/clients/trader-client-datafeed";\n```',
            "Only src/plugins/ imports from src/clients/",
        ),
    ],
)
def test_wrong_example_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((ExampleError, AssertionError), match=re.escape(message)):
        run(text, tmp_path)


@pytest.mark.parametrize("comment", ["run by some/file", "not run: it deletes everything"])
def test_block_that_is_run_elsewhere_or_nowhere_does_not_run(comment: str, tmp_path: Path) -> None:
    run(f"<!-- {comment} -->\n```bash\nexit 1\n```", tmp_path)
