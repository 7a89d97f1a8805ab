"""Measuring: alternating rounds, medians, and a control that makes a disturbed round void."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Subject = Callable[[], object]

#: What the two identical halves of the control may differ by; outside of it, a round counts for nothing.
CONTROL = (0.9, 1.1)

ROUNDS = 9
_MOST_ROUNDS = 8 * ROUNDS


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        section: the part of the run that it belongs to.
        what: what was measured.
        ours: the median of the emulator.
        limit: the median of what it is held against, or None where the goal is a number.
        unit: of both.
        goal: the most (or the least, where *more_is_better*) that the ratio may be; without a limit, that
            the number itself may be; None for a figure without a goal.
        more_is_better: the unit is one of which more is better, such as requests per second.
        rounds: how many counted.
        void: how many did not, for the control.
    """

    section: str
    what: str
    ours: float
    limit: float | None
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    rounds: int = 1
    void: int = 0

    @property
    def ratio(self) -> float | None:
        """Ours to the limit."""
        return self.ours / self.limit if self.limit else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none, or no round counted."""
        if self.goal is None or not self.rounds:
            return None
        value = self.ours if self.ratio is None else self.ratio
        return value >= self.goal if self.more_is_better else value <= self.goal


def cpu_seconds(subject: Subject, calls: int) -> float:
    """Return the CPU time of this process that one call takes, over *calls* of them."""
    began = time.process_time()
    for _ in range(calls):
        subject()
    return (time.process_time() - began) / calls


def best_seconds(subject: Subject, times: int) -> float:
    """Return the least CPU time that a call takes, of several."""
    return min(cpu_seconds(subject, 1) for _ in range(times))


def calls_for(subject: Subject, seconds: float = 0.04) -> int:
    """Return how many calls take about so long; the subject is warm then."""
    calls = 1
    while (took := cpu_seconds(subject, calls) * calls) < seconds / 4:
        calls *= 4
    return max(1, round(calls * seconds / took))


def compared(
    ours: Subject, limit: Subject, control: Subject, rounds: int = ROUNDS
) -> tuple[float, float, int, int]:
    """Measure the CPU of two subjects in alternating rounds.

    Args:
        ours: what is measured.
        limit: what it is held against.
        control: another one, identical with *limit*.
        rounds: how many must count.

    Returns:
        Medians of *ours* and *limit* in seconds a call, how many rounds counted, and how many were void.
    """
    times = [calls_for(subject) for subject in (limit, ours)]
    mine: list[float] = []
    its: list[float] = []
    void = 0
    while len(mine) < rounds and len(mine) + void < _MOST_ROUNDS:
        before = cpu_seconds(limit, times[0])
        present = cpu_seconds(ours, times[1])
        after = cpu_seconds(control, times[0])
        if CONTROL[0] <= after / before <= CONTROL[1]:
            mine.append(present)
            its.append((before + after) / 2)
        else:
            void += 1
    if not mine:
        return float("nan"), float("nan"), 0, void
    return median(mine), median(its), len(mine), void
