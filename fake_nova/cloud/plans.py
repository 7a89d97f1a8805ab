"""Schedule: plans, which images go by them, and how far each image is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud import glob
from fake_nova.cloud.clock import LONGEST
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus


class Step(NamedTuple):
    """A status, and what ends it: a time, a number of looks, or nothing.

    Attributes:
        status: what the image is in.
        seconds: how long it stays there by the clock, or None.
        looks: how many answers show it there, or None.
    """

    status: ImageStatus
    seconds: float | None = None
    looks: int | None = None


Plan = tuple[Step, ...]

_QUEUED, _SAVING = Step(ImageStatus.QUEUED, seconds=2), Step(ImageStatus.SAVING, seconds=5)

#: The plan of an image whose data is imported, where it has none of its own that says how that goes.
IMPORT: Final = "import"

#: Name -> plan; the last step of each never ends.
PLANS: Final[Mapping[str, Plan]] = MappingProxyType(
    {
        "instant": (Step(ImageStatus.ACTIVE),),
        "slow": (_QUEUED, _SAVING, Step(ImageStatus.ACTIVE)),
        "fails": (_QUEUED, _SAVING, Step(ImageStatus.KILLED)),
        IMPORT: (Step(ImageStatus.IMPORTING, seconds=2), Step(ImageStatus.ACTIVE)),
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

    def fits(self, image: Image) -> bool:
        """Whether *image* matches."""
        return all(_matches(getattr(image, name), wanted) for name, wanted in self.match.items())


def _matches(value: object, wanted: object) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return glob.fits(value, wanted)
    if isinstance(value, Mapping) and isinstance(wanted, Mapping):
        return all(key in value and _matches(value[key], text) for key, text in wanted.items())
    if isinstance(value, tuple) and isinstance(wanted, list):
        return all(any(_matches(one, text) for one in value) for text in wanted)
    return value == wanted


class Course(NamedTuple):
    """How far an image is with its plan.

    Attributes:
        name: of the plan.
        steps: those that are left, the present one first.
        since: when the present one began.
        looks: how often it was seen since.
    """

    name: str
    steps: Plan
    since: datetime
    looks: int = 0

    @property
    def due(self) -> datetime | None:
        """When the present step ends by the clock."""
        seconds = self.steps[0].seconds
        return None if seconds is None else self.since + timedelta(seconds=seconds)

    def elapsed(self, now: datetime) -> float:
        """Return how many seconds ago the present step began; less than 0 where the clock was set back."""
        return max(-float(LONGEST), min((now - self.since).total_seconds(), float(LONGEST)))


class Progress(NamedTuple):
    """How far an image is with its plan, whatever the time is: the steps left, and how long in the first.

    Attributes:
        name: of the plan.
        steps: those that are left, the present one first.
        elapsed: seconds since the present one began.
        looks: how often the image was seen since.
    """

    name: str
    steps: Plan
    elapsed: float = 0
    looks: int = 0


class Schedule(NamedTuple):
    """Everything that a lifecycle holds, whatever the time is: a cloud may begin with it or go back to it.

    Attributes:
        plans: name -> plan.
        default: the plan of new images, or None.
        assignments: plans of new images that match; the first one counts.
        progress: image id -> how far it is, of those under way.
    """

    plans: Mapping[str, Plan] = PLANS
    default: str | None = None
    assignments: tuple[Assignment, ...] = ()
    progress: Mapping[str, Progress] = MappingProxyType({})

    def joined(self, more: Schedule) -> Schedule:
        """Return a schedule that also holds what *more* says; its default counts if it has one."""
        return Schedule(
            MappingProxyType({**self.plans, **more.plans}),
            more.default or self.default,
            (*more.assignments, *self.assignments),
            MappingProxyType({**self.progress, **more.progress}),
        )
