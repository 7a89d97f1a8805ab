"""Every recorded exchange of Nova's servers API, group by group, in order."""

from __future__ import annotations

import pytest

from tests.record.evidence import PAGE
from tests.record.servers import failures, groups

#: Group -> the number of its exchanges that are equal. A number may only rise.
EQUAL = {
    "show": 118,
    "list": 77,
    "query": 791,
    "neighbours": 176,
    "new-image": 158,
    "create-image-body": 360,
    "create-backup-body": 103,
    "rights": 106,
    "create": 139,
    "actions": 176,
    "status": 326,
    "states": 359,
}


@pytest.mark.parametrize("group", EQUAL)
def test_as_many_exchanges_of_a_group_are_equal_as_the_table_says(group: str) -> None:
    different = failures(group)
    assert len(groups()[group]) - len(different) == EQUAL[group], "\n".join(
        f"{name}: {expected}\n    {actual}" for name, (expected, actual) in different.items()
    )


def test_the_record_is_complete() -> None:
    assert groups().keys() == EQUAL.keys()
    assert sum(map(len, groups().values())) == 2892


def test_the_documentation_has_a_row_for_each_group() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for group, equal in EQUAL.items():
        assert f"| {group} | {equal} | {len(groups()[group])} |" in text
    assert f"| **all** | **{sum(EQUAL.values())}** | **2892** |" in text
