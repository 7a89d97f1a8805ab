"""The report of a verification: lines, JSON and JUnit's XML."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from fake_nova.verification import report as reports
from fake_nova.verification.questions import Answer, Question
from fake_nova.verification.report import Report
from fake_nova.verification.rules import RULES
from fake_nova.verification.verification import Difference, Result, Results

RULE = RULES["compute"][0]


def difference(
    cloud: object, fake: object, cloud_status: int = 200, path: str = "/v2.1/images?name=a"
) -> Difference:
    question = Question(path, (("X-Test", "1"),))
    answers = [Answer(cloud_status, {}, cloud)], [Answer(200, {}, fake)]
    return Difference(RULE, question, cloud, fake, *answers)


def report_of(*results: Result) -> Report:
    by_key: Results = {(result.service, result.rule): result for result in results}
    return Report("mine", "2026-01-02T03:04:05Z", "1.0", {"dialect": "nova"}, by_key)


SAME = Result("compute", "pages", questions=3)
UNASKED = Result("image", "filter tag", obstacle="nothing in the cloud fits the question")
DIFFERENT = Result(
    "compute", "marker", questions=2, differences=[difference(["a"], [])], remedy="--max-limit 7"
)


def test_the_table_has_every_rule_and_a_difference_its_request_answers_and_setting() -> None:
    assert list(reports.text_lines(report_of(SAME, UNASKED, DIFFERENT))) == [
        "compute   pages       same",
        "image     filter tag  could not ask (nothing in the cloud fits the question)",
        "compute   marker      different",
        "",
        "compute: marker",
        "  request: GET /v2.1/images?name=a -H 'X-Test: 1'",
        '  cloud:   200 ["a"]',
        "  fake:    200 []",
        "  agrees:  with --max-limit 7",
        "",
        "mine and fake-nova --dialect nova: 5 questions; rules: 1 same, 1 different, 1 could not ask",
        "with --max-limit 7: 1 rule more would be the same",
    ]


def test_of_long_lists_the_report_shows_what_only_one_has() -> None:
    names = [str(number) for number in range(9)]
    result = Result("compute", "marker", questions=1, differences=[difference(names, names[1:])])
    lines = list(reports.text_lines(report_of(result)))
    assert '  cloud:   200 9 items, only here: ["0"]' in lines
    assert "  fake:    200 8 items, only here: []" in lines


def test_junit_counts_failures_and_skipped_cases_and_holds_any_text() -> None:
    odd = Result("compute", "marker", questions=1, differences=[difference(["\x00\ufffe<&"], [])])
    root = ElementTree.fromstring(reports.junit(report_of(SAME, UNASKED, odd)))
    suites = [
        (each.get("name"), each.get("tests"), each.get("failures"), each.get("skipped")) for each in root
    ]
    assert suites == [("compute", "2", "1", "0"), ("image", "1", "0", "1")]
    (failure,) = root.iter("failure")
    assert "GET /v2.1/images?name=a" in str(failure.text)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([SAME], [DIFFERENT], (["compute: marker"], [], [])),
        ([DIFFERENT], [DIFFERENT], ([], [], [])),
        ([DIFFERENT], [Result("compute", "marker", questions=1)], ([], [], ["compute: marker"])),
        ([DIFFERENT], [Result("compute", "marker")], ([], [], [])),
        (
            [DIFFERENT],
            [Result("compute", "marker", questions=1, differences=[difference([], [], 404)])],
            ([], ["compute: marker"], []),
        ),
    ],
    ids=["new", "known", "gone", "could not ask", "otherwise"],
)
def test_changes_since_an_earlier_report(
    before: list[Result], now: list[Result], expected: tuple[list[str], list[str], list[str]]
) -> None:
    earlier = json.loads(json.dumps(reports.as_document(report_of(*before))))
    changes = reports.changes_since(earlier, report_of(*now))
    assert (changes.new, changes.altered, changes.resolved) == expected
