"""What a run prints, and the evidence in the documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from tests.against_openstack.asking import Answer
from tests.against_openstack.cases import Case
from tests.against_openstack.comparison import details
from tests.against_openstack.run import Tally

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "explanation" / "fidelity.md"

_LIVE: Final = re.compile(r"(?<=<!-- live -->\n).*?(?=<!-- /live -->)", re.DOTALL)

#: Group -> percent of equal answers below which a run fails.
THRESHOLDS: Final = {"nova": 99.8, "glance": 99.5, "keystone": 99.0, "lookups": 99.0}

NAMES: Final = {
    "nova": "images proxy",
    "glance": "Glance",
    "keystone": "Keystone's tokens",
    "lookups": "Keystone's look-ups",
}

#: Characters of an answer's body that are printed.
_LONGEST: Final = 300


def case_lines(case: Case) -> Iterator[str]:
    """Yield the lines of a list of accepted differences for a case."""
    for row in case.document():
        yield f"  - {json.dumps(row, ensure_ascii=False)}"


def answer_line(answer: Answer, longest: int = _LONGEST) -> str:
    """Return an answer on one line."""
    body = json.dumps(answer.body, ensure_ascii=False)
    return f"{answer.status} {json.dumps(answer.headers)} {body[:longest]}"


def finding_lines(tally: Tally) -> Iterator[str]:
    """Yield each class of differences once, the most frequent first."""
    for kind, finding in sorted(tally.findings.items(), key=lambda item: -item[1].count):
        yield f"{finding.count} x {kind}   (--case {finding.number})"
        yield from case_lines(finding.case)
        _, _, real, fake = finding.difference
        if real.body == fake.body:
            yield f"    real: {answer_line(real)}"
            yield f"    fake: {answer_line(fake)}"
        else:
            yield f"    {details(real.body, fake.body)}"
    for kind, count in tally.accepted_answers.most_common():
        yield f"{count} x accepted: {kind}"
    if tally.follow_ups:
        yield f"{tally.follow_ups} x differences in cases after their first one"


def table_lines(database: str, tally: Tally) -> Iterator[str]:
    """Yield a table of the groups."""
    yield f"{database:<8} {'group':<20} {'asked':>7} {'equal':>7} {'percent':>8} {'wanted':>7}"
    for group in THRESHOLDS:
        percent = f"{tally.percent(group):.2f}"
        yield f"{'':<8} {NAMES[group]:<20} {tally.answers[group]:>7} {tally.equal_answers[group]:>7} {percent:>8} {THRESHOLDS[group]:>7}"


def failure_lines(database: str, tally: Tally) -> Iterator[str]:
    """Yield why a run fails; nothing if it does not."""
    for group in THRESHOLDS:
        if tally.answers[group] and tally.percent(group) < THRESHOLDS[group]:
            yield f"{database}: {NAMES[group]}: too many differences (got {tally.percent(group):.2f} % equal); expected {THRESHOLDS[group]} %"
    for row in tally.outdated_rows:
        yield f"accepted.yaml: the difference no longer occurs on {database} (got {row.kind!r}); expected its row to be gone"
    for problem in tally.verification_problems:
        yield f"{database}: fake-nova verify: {problem}"


def evidence(tallies: Mapping[str, Tally], versions: Mapping[str, str], day: date) -> str:
    """Return the evidence of a run as Markdown."""
    software = ", ".join(f"{name} {version}" for name, version in versions.items())
    operations = sorted({name for tally in tallies.values() for name in tally.answers_by_operation})
    lines = [f"The last run: {day.isoformat()}, {software}.", ""]
    lines.append("| operation |" + "".join(f" {database}: asked | equal |" for database in tallies))
    lines.append("|---|" + "---|---|" * len(tallies))
    for name in operations:
        cells = "".join(
            f" {tally.answers_by_operation[name]} | {tally.equal_answers_by_operation[name]} |"
            for tally in tallies.values()
        )
        lines.append(f"| {name} |{cells}")
    totals = "".join(
        f" **{tally.answers.total()}** | **{tally.equal_answers.total()}** |" for tally in tallies.values()
    )
    return "\n".join([*lines, f"| **all** |{totals}", ""])


def write_evidence(text: str, page: Path = PAGE) -> None:
    """Put the evidence into its page."""
    page.write_text(_LIVE.sub(lambda _: text, page.read_text(encoding="utf-8")), encoding="utf-8")
