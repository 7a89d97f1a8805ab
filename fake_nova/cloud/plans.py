"""Plans: the steps of each, the images that they are assigned to, and the progress of each image."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud.captures import Capture
from fake_nova.cloud.clock import MAX_DURATION
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.support import glob


class Step(NamedTuple):
    """A status of a plan. It ends after some seconds, after some polls, or never.

    Attributes:
        status: the status of the image.
        seconds: how long the image stays in it by the clock; None for no limit.
        polls: the number of polls that show it; None for no limit.
    """

    status: ImageStatus
    seconds: float | None = None
    polls: int | None = None


Plan = tuple[Step, ...]

_QUEUED = Step(ImageStatus.QUEUED, seconds=2)
_SAVING = Step(ImageStatus.SAVING, seconds=5)

#: The plan for the import of image data, unless the image has a plan with an ``importing`` step.
IMPORT_PLAN: Final = "import"

#: Name -> plan. The last step of a plan never ends.
BUILT_IN_PLANS: Final[Mapping[str, Plan]] = {
    "instant": (Step(ImageStatus.ACTIVE),),
    "slow": (_QUEUED, _SAVING, Step(ImageStatus.ACTIVE)),
    "fails": (_QUEUED, _SAVING, Step(ImageStatus.KILLED)),
    IMPORT_PLAN: (Step(ImageStatus.IMPORTING, seconds=2), Step(ImageStatus.ACTIVE)),
}


class Assignment(NamedTuple):
    """A rule that starts a plan for new images that match.

    Attributes:
        match: field -> the value that the image must have. A text may have the wildcards ``*`` and ``?``. Of
            tags and properties the image may have more than the match.
        plan: the name of the plan.
    """

    match: Mapping[str, Any]
    plan: str

    def matches(self, image: Image) -> bool:
        """Return whether *image* matches."""
        return all(_matches_value(getattr(image, name), value) for name, value in self.match.items())


def _matches_value(value: object, pattern: object) -> bool:
    if isinstance(value, str) and isinstance(pattern, str):
        return glob.matches(value, pattern)
    if isinstance(value, Mapping) and isinstance(pattern, Mapping):
        return all(key in value and _matches_value(value[key], part) for key, part in pattern.items())
    if isinstance(value, tuple) and isinstance(pattern, list):
        return all(any(_matches_value(item, part) for item in value) for part in pattern)
    return value == pattern


class ActivePlan(NamedTuple):
    """A plan that an image is following.

    Attributes:
        name: the name of the plan.
        steps: the remaining steps, the present one first.
        started_at: when the present step began, aware, in UTC.
        poll_count: the number of polls since then.
        capture: the server that the image is being created from, or None.
    """

    name: str
    steps: Plan
    started_at: datetime
    poll_count: int = 0
    capture: Capture | None = None

    @property
    def due_at(self) -> datetime | None:
        """When the present step ends by the clock; None if no time ends it."""
        seconds = self.steps[0].seconds
        return None if seconds is None else self.started_at + timedelta(seconds=seconds)

    def progress(self, now: datetime) -> PlanProgress:
        """Return the progress; the seconds since the step began are negative if the clock was set back."""
        seconds = (now - self.started_at).total_seconds()
        seconds = max(-float(MAX_DURATION), min(seconds, float(MAX_DURATION)))
        return PlanProgress(self.name, self.steps, seconds, self.poll_count, self.capture)

    def elapsed_share(self, now: datetime) -> float:
        """Return the elapsed share of the present step, from 0 to 1; 0 if nothing ends it."""
        step = self.steps[0]
        if step.polls is not None:
            return min(1.0, self.poll_count / step.polls)
        if step.seconds is None:
            return 0.0
        seconds = (now - self.started_at).total_seconds()
        return 1.0 if seconds >= step.seconds else max(0.0, seconds / step.seconds)


class PlanProgress(NamedTuple):
    """The progress of an image in its plan, without absolute times.

    Attributes:
        name: the name of the plan.
        steps: the remaining steps, the present one first.
        elapsed_seconds: the seconds since the present step began.
        poll_count: the number of polls since then.
        capture: the server that the image is being created from, or None.
    """

    name: str
    steps: Plan
    elapsed_seconds: float = 0
    poll_count: int = 0
    capture: Capture | None = None

    def resume(self, now: datetime) -> ActivePlan:
        """Return the plan as if its present step had begun `elapsed_seconds` before *now*."""
        started_at = now - timedelta(seconds=self.elapsed_seconds)
        return ActivePlan(self.name, self.steps, started_at, self.poll_count, self.capture)


class PlanState(NamedTuple):
    """All plans of a cloud, and the progress of its images, without absolute times.

    A cloud can start with this state, or return to it.

    Attributes:
        plans: name -> plan.
        default_plan: the name of the plan of new images that match no assignment, or None.
        assignments: rules for new images; the first one that matches counts.
        progress: image id -> its progress, for each image that follows a plan.
        default_server_plan: the name of the plan of the work on servers; None for the default plan.
    """

    plans: Mapping[str, Plan] = BUILT_IN_PLANS
    default_plan: str | None = None
    assignments: tuple[Assignment, ...] = ()
    progress: Mapping[str, PlanProgress] = MappingProxyType({})
    default_server_plan: str | None = None

    def merge(self, other: PlanState) -> PlanState:
        """Return a state with the plans, assignments and progress of both.

        *other* takes precedence: its plans replace plans of the same name, its assignments come first, and so
        do its default plans, if it has them.
        """
        return PlanState(
            {**self.plans, **other.plans},
            other.default_plan or self.default_plan,
            (*other.assignments, *self.assignments),
            {**self.progress, **other.progress},
            other.default_server_plan or self.default_server_plan,
        )
