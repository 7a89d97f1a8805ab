"""The report of a verification: lines for a terminal, JSON, and JUnit's XML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

from fake_nova.support.messages import count_of
from fake_nova.verification.learning import Learned
from fake_nova.verification.questions import Pages, Question
from fake_nova.verification.remedies import options_of
from fake_nova.verification.sides import as_json
from fake_nova.verification.verification import Difference, Result, Results

#: The most characters of an answer in a line.
_MAX_CHARS: Final = 300

#: The most items of a list in a line.
_MAX_ITEMS: Final = 5

#: The most differences of a rule in JSON.
_MAX_DIFFERENCES: Final = 10

SAME: Final = "same"
DIFFERENT: Final = "different"
COULD_NOT_ASK: Final = "could not ask"


class Report(NamedTuple):
    """What came out of a verification.

    Attributes:
        cloud: the name of the cloud.
        at: the time of the run, in UTC.
        version: the version of fake_nova.
        settings: the settings of the fake that was asked.
        results: the results by service and rule.
        leftovers: the images that ``--write`` could not remove.
        lesson: what makes a fake agree with the cloud; None unless it was to be learned.
        changes: what is new since an earlier report; None without one.
    """

    cloud: str
    at: str
    version: str
    settings: Mapping[str, str]
    results: Results
    leftovers: tuple[str, ...] = ()
    lesson: Learned | None = None
    changes: Changes | None = None

    @property
    def differences(self) -> list[Result]:
        """The rules by which the sides differ."""
        return [result for result in self.results.values() if result.differences]


class Changes(NamedTuple):
    """What is new since an earlier report.

    Attributes:
        since: the time of that report.
        new: the rules by which the sides differ now, and did not.
        altered: the rules by which the sides differ in another way.
        resolved: the rules by which the sides differed, and no longer do.
    """

    since: str
    new: list[str]
    altered: list[str]
    resolved: list[str]


def text_lines(report: Report) -> Iterator[str]:
    """Yield the lines of the report: a table of all rules, then the differences, then a summary."""
    width = max(len(result.rule) for result in report.results.values())
    for result in report.results.values():
        note = "" if result.questions else f" ({result.obstacle})"
        yield f"{result.service:<9} {result.rule:<{width}}  {result.outcome}{note}"
    for result in report.differences:
        yield from _difference_lines(result)
    yield ""
    yield _summary(report)
    if report.differences:
        yield from _suggestion(report)
    if report.lesson is not None:
        yield f"learned: {' '.join(options_of(report.lesson.options))}"
    if report.changes is not None:
        yield from _change_lines(report.changes)
    for leftover in report.leftovers:
        yield f"not removed: {leftover}"


def _difference_lines(result: Result) -> Iterator[str]:
    difference = result.differences[0]
    yield ""
    yield f"{result.service}: {result.rule}"
    yield f"  request: {request_line(difference.question)}"
    values = difference.cloud_value, difference.fake_value
    yield f"  cloud:   {_answer_line(difference.cloud, *values)}"
    yield f"  fake:    {_answer_line(difference.fake, *reversed(values))}"
    if result.remedy:
        yield f"  agrees:  with {result.remedy}"
    if len(result.differences) > 1:
        yield f"  also:    {', '.join(request_line(each.question) for each in result.differences[1:4])}"


def request_line(question: Question) -> str:
    """Return a request in a line."""
    headers = "".join(f" -H '{name}: {value}'" for name, value in question.headers)
    body = "" if question.body is None else f" -d '{question.body}'"
    token = {"own": "", "none": " (without a token)"}.get(question.caller, " (with an unknown token)")
    return f"{question.method} {question.path}{headers}{body}{token}"


def _answer_line(pages: Pages, value: Any, other: Any) -> str:
    """Return an answer in a line; of a long list, how long it is and what the other side's list lacks."""
    status = ", ".join(str(page.status) for page in pages)
    if isinstance(value, list) and isinstance(other, list) and max(len(value), len(other)) > _MAX_ITEMS:
        rest = [item for item in value if item not in other]
        return f"{status} {count_of(len(value), 'item')}, only here: {_short(rest)}"
    return f"{status} {_short(value)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _MAX_CHARS else text[:_MAX_CHARS] + "..."


def _summary(report: Report) -> str:
    outcomes = Counter(result.outcome for result in report.results.values())
    questions = sum(result.questions for result in report.results.values() if not result.is_part)
    settings = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in report.settings.items())
    rules = ", ".join(f"{outcomes[name]} {name}" for name in (SAME, DIFFERENT, COULD_NOT_ASK))
    return f"{report.cloud} and fake-nova {settings}: {count_of(questions, 'question')}; rules: {rules}"


def _suggestion(report: Report) -> Iterator[str]:
    """Yield the settings with which most rules agree, if there are any."""
    remedies = Counter(result.remedy for result in report.differences if result.remedy)
    for remedy, count in remedies.most_common():
        yield f"with {remedy}: {count_of(count, 'rule')} more would be the same"


def _change_lines(changes: Changes) -> Iterator[str]:
    if not any((changes.new, changes.altered, changes.resolved)):
        yield f"nothing new since {changes.since}"
    for label, names in (("new", changes.new), ("other", changes.altered), ("gone", changes.resolved)):
        for name in names:
            yield f"{label} since {changes.since}: {name}"


def as_document(report: Report) -> dict[str, Any]:
    """Return the report as a JSON document, which `changes_since` reads again."""
    return {
        "cloud": report.cloud,
        "at": report.at,
        "fake_nova": report.version,
        "settings": dict(report.settings),
        "summary": dict(Counter(result.outcome for result in report.results.values())),
        "rules": [_result_document(result) for result in report.results.values()],
        "not_removed": list(report.leftovers),
    }


def _result_document(result: Result) -> dict[str, Any]:
    document: dict[str, Any] = {
        "service": result.service,
        "rule": result.rule,
        "outcome": result.outcome,
        "questions": result.questions,
    }
    if not result.questions:
        document["reason"] = result.obstacle
    if result.differences:
        document["remedy"] = result.remedy or None
        differences = result.differences[:_MAX_DIFFERENCES]
        document["differences"] = [_difference_document(each) for each in differences]
        for side in ("cloud", "fake"):
            answers = getattr(result.differences[0], side)
            document["differences"][0][f"{side}_answers"] = [as_json(page) for page in answers]
    return document


def _difference_document(difference: Difference) -> dict[str, Any]:
    return {
        "request": request_line(difference.question),
        "cloud": difference.cloud_value,
        "fake": difference.fake_value,
    }


def changes_since(earlier: Mapping[str, Any], report: Report) -> Changes:
    """Return what is new since an earlier report.

    Args:
        earlier: the document of that report, as `as_document` returns it.
        report: the report of now.
    """
    earlier_documents = {
        (str(each["service"]), str(each["rule"])): each
        for each in earlier["rules"]
        if each["outcome"] == DIFFERENT
    }
    now = {(each.service, each.rule): each for each in report.differences}
    answered_keys = {key for key, result in report.results.items() if result.questions}
    both = [key for key in now if key in earlier_documents]
    altered = [key for key in both if _shape(_result_document(now[key])) != _shape(earlier_documents[key])]
    return Changes(
        since=str(earlier["at"]),
        new=[": ".join(key) for key in now if key not in earlier_documents],
        altered=[": ".join(key) for key in altered],
        resolved=[": ".join(key) for key in earlier_documents if key not in now and key in answered_keys],
    )


def _shape(document: Mapping[str, Any]) -> Any:
    """Return what an outcome says, whatever images the cloud has: its statuses and its remedy."""
    answers = [
        [answer["status"] for answer in each[side]]
        for each in document["differences"][:1]
        for side in ("cloud_answers", "fake_answers")
    ]
    return [answers, document["remedy"]]


def junit(report: Report) -> bytes:
    """Return the report as JUnit's XML: a suite for each service, and a case for each rule."""
    root = ElementTree.Element("testsuites", name=f"fake-nova verify {report.cloud}")
    for service in dict.fromkeys(result.service for result in report.results.values()):
        results = [result for result in report.results.values() if result.service == service]
        counts = Counter(result.outcome for result in results)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=service,
            tests=str(len(results)),
            failures=str(counts[DIFFERENT]),
            skipped=str(counts[COULD_NOT_ASK]),
            timestamp=report.at,
        )
        for result in results:
            _add_case(suite, result)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_case(suite: ElementTree.Element, result: Result) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=f"verify.{result.service}", name=result.rule)
    if result.differences:
        lines = [_xml_text(line) for line in _difference_lines(result)][2:]
        failure = ElementTree.SubElement(case, "failure", message="the cloud and the fake differ")
        failure.text = "\n".join(lines)
    elif not result.questions:
        ElementTree.SubElement(case, "skipped", message=result.obstacle)


def _xml_text(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(
        char if char in "\t\n" or char >= " " else "�" for char in text if char not in "\ufffe\uffff"
    )
