"""The requests of the comparison with the real services."""

from __future__ import annotations

from tests.against_openstack.cases import parse_case
from tests.against_openstack.drawing import table_rows
from tests.against_openstack.grammar import draw_case


def test_every_row_of_the_tables_is_drawn_within_20_000_requests() -> None:
    rows: set[str] = set()
    requests = number = 0
    while requests < 20_000 and not table_rows() <= rows:
        case = draw_case(1, number)
        rows |= case.rows
        requests += len(case.steps)
        number += 1
    assert table_rows() - rows == set()


def test_the_same_seed_and_number_give_the_same_case() -> None:
    assert [draw_case(7, number) for number in range(60)] == [draw_case(7, number) for number in range(60)]
    assert draw_case(7, 0) != draw_case(8, 0)


def test_a_case_is_the_same_after_it_was_written_down() -> None:
    for number in range(300):
        case = draw_case(3, number)
        assert parse_case(case.document()).document() == case.document()
