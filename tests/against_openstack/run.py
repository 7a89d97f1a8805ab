"""A run: asks both sides many cases, counts, collects the classes of differences and makes one of each small."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tests.against_openstack.accepted import AcceptedDifference
from tests.against_openstack.asking import Side
from tests.against_openstack.cases import GROUPS, Case
from tests.against_openstack.comparison import Difference, Outcome, compare, report_group, shrink
from tests.against_openstack.grammar import draw_case

#: The seed that CI asks; ``--seed`` takes others.
SEED: Final = 17


@dataclass
class Finding:
    """A class of differences.

    Attributes:
        number: the number of the first case.
        case: that case, made small at the end of the run.
        difference: its difference.
        count: the number of answers in this class.
    """

    number: int
    case: Case
    difference: Difference
    count: int = 0


@dataclass
class Tally:
    """What a run counts.

    Attributes:
        answers: group -> answers.
        equal_answers: group -> equal answers, and accepted differences.
        answers_by_operation: operation -> answers.
        equal_answers_by_operation: operation -> equal answers, and accepted differences.
        findings: class of differences -> its first case; without those that are accepted.
        follow_ups: differences after another one in the same case, which they often follow from.
        accepted_answers: class of accepted differences -> answers.
        outdated_rows: accepted differences that no longer occur.
        verification_problems: what ``fake-nova verify`` gets wrong about the real services.
    """

    answers: Counter[str] = field(default_factory=Counter)
    equal_answers: Counter[str] = field(default_factory=Counter)
    answers_by_operation: Counter[str] = field(default_factory=Counter)
    equal_answers_by_operation: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    follow_ups: int = 0
    accepted_answers: Counter[str] = field(default_factory=Counter)
    outdated_rows: list[AcceptedDifference] = field(default_factory=list)
    verification_problems: list[str] = field(default_factory=list)

    def percent(self, group: str) -> float:
        """Return the share of equal answers in a group."""
        return 100 * self.equal_answers[group] / self.answers[group] if self.answers[group] else 0.0


class Plan(NamedTuple):
    """What a run asks.

    Attributes:
        database: the database of the real services.
        seed: the seed of the cases.
        requests: the number of requests in each group.
        seconds: the time after which it asks no more.
        accepted_differences: the accepted differences.
    """

    database: str
    seed: int
    requests: int
    seconds: float
    accepted_differences: tuple[AcceptedDifference, ...] = ()


def compare_twice(real: Side, fake: Side, case: Case) -> Outcome:
    """Compare a case; count only what differs twice.

    Two sides that are asked one after the other may fall on two sides of a second.
    """
    outcome = compare(real, fake, case)
    if not outcome.differences:
        return outcome
    kinds = {(each.step, each.kind) for each in compare(real, fake, case).differences}
    return outcome._replace(
        differences=[each for each in outcome.differences if (each.step, each.kind) in kinds]
    )


def run(real: Side, fake: Side, plan: Plan) -> Tally:
    """Ask both sides the accepted differences, and then cases of the seed, until a limit of the plan is reached.

    The findings are made small in the time that is left, and at least the first three.
    """
    start = time.monotonic()
    tally = Tally()
    real.log_in()
    fake.log_in()
    expected_rows = [row for row in plan.accepted_differences if plan.database in row.databases]
    for row in expected_rows:
        if not any(map(row.matches, compare_twice(real, fake, row.case).differences)):
            tally.outdated_rows.append(row)
    number = 0
    while any(tally.answers[group] < plan.requests for group in GROUPS):
        if time.monotonic() - start > plan.seconds:
            break
        if tally.answers[GROUPS[number % len(GROUPS)]] < plan.requests:
            case = draw_case(plan.seed, number)
            _count(tally, number, case, compare_twice(real, fake, case), expected_rows)
        number += 1
    for index, (kind, finding) in enumerate(tally.findings.items()):
        if index < 3 or time.monotonic() - start < plan.seconds:
            finding.case = shrink(real, fake, finding.case, kind)
    return tally


def _count(
    tally: Tally, number: int, case: Case, outcome: Outcome, expected_rows: list[AcceptedDifference]
) -> None:
    """Count the answers of a case. Only its first difference becomes a finding."""
    rows = {each.step: row for each in outcome.differences for row in expected_rows if row.matches(each)}
    unexpected = [each for each in outcome.differences if each.step not in rows]
    for each in unexpected[:1]:
        finding = tally.findings.setdefault(each.kind, Finding(number, case, each))
        finding.count += 1
    tally.follow_ups += len(unexpected[1:])
    tally.accepted_answers.update(row.kind for row in rows.values())
    different_steps = {each.step for each in unexpected}
    compared_steps = case.steps[: len(outcome.operations)]
    for index, (step, operation) in enumerate(zip(compared_steps, outcome.operations, strict=True)):
        group = report_group(step, operation)
        tally.answers[group] += 1
        tally.answers_by_operation[operation] += 1
        if index not in different_steps:
            tally.equal_answers[group] += 1
            tally.equal_answers_by_operation[operation] += 1
