"""Every recorded response of the real Nova, Keystone and Glance, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud
from tests.record.comparison import cases, differences
from tests.record.evidence import PAGE, table, with_table


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in cases()])
def test_the_response_equals_the_recorded_one(case: dict[str, Any], recorded_cloud: Cloud) -> None:
    assert differences(recorded_cloud, case) == {}


def test_the_table_in_the_documentation_is_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text, table()) == text
