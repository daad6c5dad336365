"""Every shape of `tests/shapes`, in both languages: generated, type-checked, called, compared."""

from __future__ import annotations

import pytest

from shapes.harness import Table, run
from shapes.results import CANARY, HarnessError, Result, attribute, judge, same
from shapes.shape import SHAPES, Call
from shapes.table import DOCUMENT, render, with_table

SIDES = ("Python", "TypeScript")


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return run(tmp_path_factory.mktemp("shapes"))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", SHAPES)
def test_shape(table: Table, name: str, side: str) -> None:
    outcome = table[name][SIDES.index(side)]
    assert outcome.expected, f"{SHAPES[name].title}: {outcome}"


def test_document_has_the_table(table: Table) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    is_current = text == with_table(text, render(table))
    assert is_current, "the table in docs/CLIENT-GENERATION.md is stale; run: make shapes"


def test_result_that_differs_is_wrong() -> None:
    call = Call("...", gets={"a": 1}, sees={"q": "'x'"})
    assert judge(call, Result({"q": "'x'"}, {"a": 1.0})).expected
    assert not judge(call, Result({"q": "'x'"}, {"a": True})).expected
    assert not judge(call, Result({"q": "'y'"}, {"a": 1})).expected
    assert not judge(call, Result(None, {"a": 1})).expected
    assert not judge(call, Result({"q": "'x'"}, raised="ValueError: no")).expected


def test_missing_exception_or_rejection_is_wrong() -> None:
    assert judge(Call("...", raises="no"), Result(None, raised="ValueError: no")).expected
    assert not judge(Call("...", raises="no"), Result(None, raised="ValueError: x")).expected
    assert not judge(Call("...", raises="no"), Result(None, 1)).expected
    assert not judge(Call("...", rejects="no"), Result(None, 1)).expected


def test_checker_that_does_not_report_the_canary_raises_error() -> None:
    name = next(iter(SHAPES))
    found = attribute([(CANARY, "no"), (name, "first"), (name, "second")], "tsc")
    assert found[name] == "first"
    with pytest.raises(HarnessError, match="tsc did not check"):
        attribute([(name, "first")], "tsc")
    with pytest.raises(HarnessError, match="tsc: odd"):
        attribute([(CANARY, "no"), (None, "odd")], "tsc")


def test_same_tells_values_of_json_apart() -> None:
    assert same([1, {"b": 2, "a": None}], [1.0, {"a": None, "b": 2}])
    assert not same([1], [True])
    assert not same([None], [0])
    assert not same(["1"], [1])
