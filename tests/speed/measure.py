"""Measuring: alternating rounds, medians, and a control that makes a disturbed round void.

A goal stands 20 % beyond the worst figure that is known from any machine and any run of the present design.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

Subject = Callable[[], object]

#: Measures once: seconds, or answers a second.
Gauge = Callable[[], float]

#: What the two identical halves of the control may differ by; outside of it, a round counts for nothing.
CONTROL = (0.9, 1.1)

ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        section: the part of the run that it belongs to.
        what: what was measured.
        value: the median of the emulator.
        reference: the median of what it is compared with, or None if the goal is a number.
        unit: of both.
        goal: the most (the least if *more_is_better*) that the ratio may be; without a reference, that the
            value itself may be; None for a figure without a goal.
        more_is_better: the unit is one of which more is better, such as requests per second.
        rounds: how many counted.
        void: how many did not, because the control differed.
    """

    section: str
    what: str
    value: float
    reference: float | None
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    rounds: int = 1
    void: int = 0

    @property
    def ratio(self) -> float | None:
        """The value divided by the reference."""
        return self.value / self.reference if self.reference else None

    @property
    def meets_goal(self) -> bool | None:
        """Whether the goal is met; None if there is none, or if no round counted."""
        if self.goal is None or not self.rounds:
            return None
        value = self.value if self.ratio is None else self.ratio
        return value >= self.goal if self.more_is_better else value <= self.goal


class Comparison(NamedTuple):
    """Two subjects, measured in alternating rounds.

    Attributes:
        value: the median of the subject.
        reference: the median of what it is compared with.
        rounds: how many rounds counted.
        void: how many did not.
    """

    value: float
    reference: float
    rounds: int
    void: int

    def figure(
        self, section: str, what: str, unit: str, goal: float | None, more_is_better: bool = False
    ) -> Figure:
        """Return the line of the table; a unit of milliseconds or microseconds is converted to from seconds."""
        scale = {"ms": 1e3, "µs": 1e6}.get(unit.partition(" ")[0], 1)
        values = self.value * scale, self.reference * scale
        return Figure(section, what, *values, unit, goal, more_is_better, self.rounds, self.void)


def alternate(
    subject: Gauge,
    reference: Gauge,
    control: Gauge | None = None,
    rounds: int = ROUNDS,
    max_void: int | None = None,
) -> Comparison:
    """Measure two subjects in alternating rounds.

    Args:
        subject: measures the emulator.
        reference: measures what it is compared with.
        control: measures another one, identical with the reference; None measures the same one again.
        rounds: how many must count.
        max_void: give up after so many void rounds; None for three times as many as *rounds*.
    """
    values: list[float] = []
    references: list[float] = []
    void = 0
    while len(values) < rounds and void < (3 * rounds if max_void is None else max_void):
        before, value, after = reference(), subject(), (control or reference)()
        if CONTROL[0] <= after / before <= CONTROL[1]:
            values.append(value)
            references.append((before + after) / 2)
        else:
            void += 1
    if not values:
        return Comparison(float("nan"), float("nan"), 0, void)
    return Comparison(median(values), median(references), len(values), void)


def cpu_seconds(subject: Subject, calls: int) -> float:
    """Return the CPU time of this process that one call takes, over *calls* of them."""
    start = time.process_time()
    for _ in range(calls):
        subject()
    return (time.process_time() - start) / calls


def calls_for(subject: Subject, seconds: float) -> int:
    """Return how many calls take about so long; the subject is warm after it."""
    calls = 1
    while (elapsed := cpu_seconds(subject, calls) * calls) < seconds / 4:
        calls *= 4
    return max(1, round(calls * seconds / elapsed))


def compare_cpu(
    subject: Subject,
    reference: Subject,
    control: Subject | None = None,
    rounds: int = ROUNDS,
    seconds: float = 0.04,
) -> Comparison:
    """Measure the CPU seconds of a call of two subjects in alternating rounds.

    Args:
        subject: what is measured.
        reference: what it is compared with.
        control: another one, identical with the reference; None for the same one.
        rounds: how many must count.
        seconds: how long each measurement takes, at least one call.
    """
    reference_calls, calls = (calls_for(call, seconds) for call in (reference, subject))
    return alternate(
        lambda: cpu_seconds(subject, calls),
        lambda: cpu_seconds(reference, reference_calls),
        lambda: cpu_seconds(control or reference, reference_calls),
        rounds,
        7 * rounds,
    )
