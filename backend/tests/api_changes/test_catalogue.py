"""Each kind of change is found, alone, and has the level and the opposite that it should."""

from __future__ import annotations

import pytest

from api_changes.cases import Case, cases, compare
from api_diff.catalogue import KINDS, level_of

CASES = list(cases())
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)


@every_case
def test_change_is_found_with_its_level(case: Case) -> None:
    found = compare(case.old, case.new)

    assert [each.kind for each in found] == [case.kind]
    assert level_of(found[0]) is case.level


@every_case
def test_change_made_backwards_is_the_opposite(case: Case) -> None:
    assert [each.kind for each in compare(case.new, case.old)] == [KINDS[case.kind].opposite]


@every_case
def test_spec_is_equal_to_itself(case: Case) -> None:
    assert compare(case.old, case.old) == []
    assert compare(case.new, case.new) == []


def test_every_kind_has_a_fixture() -> None:
    assert sorted(KINDS) == sorted(each.kind for each in CASES)
    assert len(KINDS) >= 60


@pytest.mark.parametrize("kind", KINDS)
def test_remedy_is_a_sentence(kind: str) -> None:
    remedy = KINDS[kind].remedy
    assert remedy[0].isupper()
    assert remedy.endswith(".")
