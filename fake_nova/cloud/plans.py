"""Schedule: plans, which images go by them, and how far each image is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud import glob
from fake_nova.cloud.clock import MAX_DURATION
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus


class Step(NamedTuple):
    """A status, and what ends it: a time, a number of looks, or nothing.

    Attributes:
        status: what the image is in.
        seconds: how long it stays there by the clock, or None.
        polls: how many answers show it there, or None.
    """

    status: ImageStatus
    seconds: float | None = None
    polls: int | None = None


Plan = tuple[Step, ...]

_QUEUED, _SAVING = Step(ImageStatus.QUEUED, seconds=2), Step(ImageStatus.SAVING, seconds=5)

#: The plan of an image whose data is imported, where it has none of its own that says how that goes.
IMPORT_PLAN: Final = "import"

#: Name -> plan; the last step of each never ends.
BUILT_IN_PLANS: Final[Mapping[str, Plan]] = MappingProxyType(
    {
        "instant": (Step(ImageStatus.ACTIVE),),
        "slow": (_QUEUED, _SAVING, Step(ImageStatus.ACTIVE)),
        "fails": (_QUEUED, _SAVING, Step(ImageStatus.KILLED)),
        IMPORT_PLAN: (Step(ImageStatus.IMPORTING, seconds=2), Step(ImageStatus.ACTIVE)),
    }
)


class Assignment(NamedTuple):
    """A plan for new images that match.

    Attributes:
        match: field -> what it has to be. A text may have ``*`` and ``?`` in it; of tags and properties the
            image may have more.
        plan: the name of the plan.
    """

    match: Mapping[str, Any]
    plan: str

    def matches(self, image: Image) -> bool:
        """Whether *image* matches."""
        return all(_matches_value(getattr(image, name), value) for name, value in self.match.items())


def _matches_value(value: object, wanted_value: object) -> bool:
    if isinstance(value, str) and isinstance(wanted_value, str):
        return glob.matches(value, wanted_value)
    if isinstance(value, Mapping) and isinstance(wanted_value, Mapping):
        return all(
            key in value and _matches_value(value[key], expected_item)
            for key, expected_item in wanted_value.items()
        )
    if isinstance(value, tuple) and isinstance(wanted_value, list):
        return all(
            any(_matches_value(item, expected_item) for item in value) for expected_item in wanted_value
        )
    return value == wanted_value


class ActivePlan(NamedTuple):
    """How far an image is with its plan.

    Attributes:
        name: of the plan.
        steps: those that are left, the present one first.
        started_at: when the present one began.
        polls: how often it was seen since.
    """

    name: str
    steps: Plan
    started_at: datetime
    polls: int = 0

    @property
    def due_at(self) -> datetime | None:
        """When the present step ends by the clock."""
        seconds = self.steps[0].seconds
        return None if seconds is None else self.started_at + timedelta(seconds=seconds)

    def elapsed_seconds(self, now: datetime) -> float:
        """Return how many seconds ago the present step began; less than 0 where the clock was set back."""
        return max(-float(MAX_DURATION), min((now - self.started_at).total_seconds(), float(MAX_DURATION)))


class PlanProgress(NamedTuple):
    """How far an image is with its plan, whatever the time is: the steps left, and how long in the first.

    Attributes:
        name: of the plan.
        steps: those that are left, the present one first.
        elapsed_seconds: seconds since the present one began.
        polls: how often the image was seen since.
    """

    name: str
    steps: Plan
    elapsed_seconds: float = 0
    polls: int = 0


class PlanState(NamedTuple):
    """Everything that a lifecycle holds, whatever the time is: a cloud may begin with it or go back to it.

    Attributes:
        plans: name -> plan.
        default_plan: the plan of new images, or None.
        assignments: plans of new images that match; the first one counts.
        progress: image id -> how far it is, of those under way.
    """

    plans: Mapping[str, Plan] = BUILT_IN_PLANS
    default_plan: str | None = None
    assignments: tuple[Assignment, ...] = ()
    progress: Mapping[str, PlanProgress] = MappingProxyType({})

    def merge(self, other: PlanState) -> PlanState:
        """Return a schedule that also holds what *other* says; its default counts if it has one."""
        return PlanState(
            MappingProxyType({**self.plans, **other.plans}),
            other.default_plan or self.default_plan,
            (*other.assignments, *self.assignments),
            MappingProxyType({**self.progress, **other.progress}),
        )
