"""The comparison itself, with a second fake_nova in the place of the real services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.against_openstack import fake_service
from tests.against_openstack.accepted import AcceptedDifference, load_accepted
from tests.against_openstack.asking import Answer, Side
from tests.against_openstack.cases import Case, Step
from tests.against_openstack.comparison import compare, differing_parts, parts_ways, shrink
from tests.against_openstack.report import PAGE, evidence, failure_lines, write_evidence
from tests.against_openstack.run import Plan, Tally, run

#: A real service that shows queued images at another percentage.
PLANTED = (
    "from fake_nova.images.status import NOVA_PROGRESS, ImageStatus\nNOVA_PROGRESS[ImageStatus.QUEUED] = 26"
)
KIND = "compute: images.show: body.image.progress"
SHOW = Step(
    "nova",
    "GET",
    "/v2.1/images/20000000-0000-4000-8000-000000000001",
    headers=(("X-Auth-Token", "{token:alice}"), ("Accept-Language", "de")),
)


@pytest.fixture(scope="module")
def sides() -> Iterator[tuple[Side, Side]]:
    with fake_service.running("sqlite", PLANTED) as real, fake_service.running("sqlite") as fake:
        real.log_in()
        fake.log_in()
        yield real, fake


def test_a_planted_difference_is_found_among_random_requests(sides: tuple[Side, Side]) -> None:
    tally = run(*sides, Plan("sqlite", seed=1, requests=120, seconds=60))
    assert tally.findings
    assert all("progress" in kind for kind in tally.findings)


def test_a_difference_becomes_small(sides: tuple[Side, Side]) -> None:
    other = Step("glance", "GET", "/v2/images", (("?", "limit=1"),), (("X-Auth-Token", "{token:bob}"),))
    small = shrink(*sides, Case((other, SHOW, other)), KIND)
    assert [(step.service, step.headers) for step in small.steps] == [("nova", SHOW.headers[:1])]


def test_equal_sides_have_no_difference(sides: tuple[Side, Side]) -> None:
    headers = (("X-Auth-Token", "{token:bob}"),)
    first = Step("glance", "GET", "/v2/images", (("?", "limit=3"),), headers)
    case = Case((first, Step("glance", "GET", "{next}", headers=headers)))
    assert compare(*sides, case).differences == []


def test_an_accepted_difference_counts_as_equal_and_fails_once_it_is_gone(sides: tuple[Side, Side]) -> None:
    real, fake = sides
    rows = (AcceptedDifference(KIND, "planted", ("sqlite",), Case((SHOW,))),)
    plan = Plan("sqlite", seed=1, requests=0, seconds=60, accepted_differences=rows)
    assert run(real, fake, plan).outdated_rows == []
    assert run(fake, fake, plan).outdated_rows == list(rows)
    assert run(fake, fake, plan._replace(database="mariadb")).outdated_rows == []


def test_a_run_fails_below_its_threshold() -> None:
    tally = Tally()
    for group in ("nova", "glance", "keystone"):
        tally.answers[group] = tally.equal_answers[group] = 1000
    assert list(failure_lines("sqlite", tally)) == []
    tally.equal_answers["glance"] = 900
    assert ["Glance" in line for line in failure_lines("sqlite", tally)] == [True]


@pytest.mark.parametrize(
    ("real", "fake", "parts"),
    [
        (Answer(500, {}, "x"), Answer(400, {}, "y"), []),
        (Answer(500, {}, "x"), Answer(200, {}, "y"), []),
        (Answer(500, {}, "x"), Answer(500, {}, "y"), ["both fail"]),
        (Answer(200, {}, {}), Answer(404, {}, {}), ["status 200, fake 404"]),
        (Answer(200, {"vary": ["a"]}, {}), Answer(200, {}, {}), ["header vary"]),
        (
            Answer(200, {}, [{"id": 1}, {"id": 2}]),
            Answer(200, {}, [{"id": 2}, {"id": 1}]),
            ["body in another order"],
        ),
        (Answer(200, {}, {"a": [1]}), Answer(200, {}, {"a": [1, 2]}), ["body.a has more"]),
        (Answer(200, {}, {"a": [{"b": 1}]}), Answer(200, {}, {"a": [{"b": 2}]}), ["body.a[].b"]),
    ],
)
def test_what_differs_is_named(real: Answer, fake: Answer, parts: list[str]) -> None:
    assert differing_parts(real, fake) == parts


@pytest.mark.parametrize(
    ("real", "fake", "is_expected"),
    [(500, 200, True), (500, 400, False), (200, 200, False), (400, 200, False)],
)
def test_a_case_ends_where_only_the_fake_carries_a_request_out(
    real: int, fake: int, is_expected: bool
) -> None:
    assert parts_ways(Answer(real, {}, {}), Answer(fake, {}, {})) == is_expected


def test_every_accepted_difference_has_a_reason_and_a_request() -> None:
    for row in load_accepted():
        assert row.reason
        assert row.case.steps


def test_the_evidence_goes_between_its_marks(tmp_path: Path) -> None:
    tally = Tally()
    tally.answers_by_operation["nova: images.list"] = tally.answers["nova"] = 3
    tally.equal_answers_by_operation["nova: images.list"] = tally.equal_answers["nova"] = 2
    text = evidence({"sqlite": tally}, {"nova": "34.0.0"}, date(2026, 1, 2))
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- live -->\nold\n<!-- /live -->\nafter\n", encoding="utf-8")
    write_evidence(text, page)
    assert "old" not in page.read_text(encoding="utf-8")
    assert "| nova: images.list | 3 | 2 |" in page.read_text(encoding="utf-8")
    assert "<!-- live -->" in PAGE.read_text(encoding="utf-8")
