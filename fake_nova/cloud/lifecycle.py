"""Plans: images that go from status to status by themselves, by the clock or by being looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from types import EllipsisType, MappingProxyType
from typing import Final

from fake_nova.cloud.clock import LATEST, ClockMode, ScopeClock
from fake_nova.cloud.history import recording_author
from fake_nova.cloud.plans import ActivePlan, Assignment, Plan, PlanProgress, PlanState
from fake_nova.errors import ImageNotFound, Invalid
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.images.store import MemoryImageStore


class Lifecycle:
    """The plans of one cloud, and the images that are under way by them.

    There is no thread: what is due is worked out when somebody looks, before anything is answered. An image
    whose status somebody sets, or that is deleted, is under way no longer.

    Args:
        images: whose statuses are moved.
        clock: by what time.
        state: what it begins with.

    Attributes:
        assigned_plans: names of plans that an image or an assignment of this life was given.
        observed_plans: those of them that an image somebody looked at goes by.
    """

    def __init__(self, images: MemoryImageStore, clock: ScopeClock, state: PlanState) -> None:
        self._images: Final = images
        self._clock: Final = clock
        self._lock: Final = RLock()
        self._next_due: datetime | None = None  # None: unknown
        self.assigned_plans: Final[set[str]] = set()
        self.observed_plans: Final[set[str]] = set()
        self.restore(state)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let no image go on within the block, and nobody else put one under way.

        So an image and how far it is with its plan are written, and read, as one.
        """
        with self._lock:
            yield

    def restore(self, state: PlanState) -> None:
        """Hold what *state* says, from now on; images under way have as long to go as it says."""
        with self._lock:
            self._schedule = state  # of its progress, self._courses has what is true now
            self._active_plans = self._build_active_plans(state)
            self._next_due = None

    def merge(self, other: PlanState) -> None:
        """Hold what *other* says, too, as `PlanState.merge` says; images under way go on."""
        with self._lock:
            self._schedule = self._schedule.merge(other)
            self._active_plans = {**self._active_plans, **self._build_active_plans(other)}
            self._next_due = None

    def _build_active_plans(self, state: PlanState) -> dict[str, ActivePlan]:
        now = self._clock.now()
        return {
            image_id: ActivePlan(
                progress.name,
                progress.steps,
                now - timedelta(seconds=progress.elapsed_seconds),
                progress.polls,
            )
            for image_id, progress in state.progress.items()
        }

    def state(self) -> PlanState:
        """Return what it holds now."""
        with self._lock:
            now, state = self._clock.now(), self._images.state
            progress = {
                image_id: PlanProgress(
                    active_plan.name, active_plan.steps, active_plan.elapsed_seconds(now), active_plan.polls
                )
                for image_id, active_plan in self._active_plans.items()
                if (image := state.by_id.get(image_id)) is not None
                and image.status is active_plan.steps[0].status  # another one has left its plan
            }
            return self._schedule._replace(progress=MappingProxyType(progress))

    def plan(self, name: str) -> Plan:
        """Return the plan of this name; Invalid where there is none."""
        plans = self._schedule.plans
        if name not in plans:
            raise Invalid(f'plan: unknown plan (got "{name}"); expected one of: {", ".join(plans)}')
        return plans[name]

    def define(self, name: str, plan: Plan) -> None:
        """Make a plan, or put another in its place; images that are under way go on by the old one."""
        with self._lock:
            self._schedule = self._schedule._replace(plans={**self._schedule.plans, name: plan})

    def assign(
        self,
        default: str | EllipsisType | None = ...,
        assign: tuple[Assignment, ...] | EllipsisType = ...,
    ) -> None:
        """Say which plans new images go by; what is left out stays.

        Raises:
            Invalid: there is no such plan; nothing is changed.
        """
        names = [] if assign is ... else [assignment.plan for assignment in assign]
        if default is not ... and default is not None:
            names.append(default)
        for name in names:
            self.plan(name)
        with self._lock:
            if default is not ...:
                self._schedule = self._schedule._replace(default_plan=default)
            if assign is not ...:
                self._schedule = self._schedule._replace(assignments=assign)
            self.assigned_plans.update(names)

    def matching_plan(self, image: Image) -> str | None:
        """Return the name of the plan that a new image goes by, or None."""
        schedule = self._schedule
        return next(
            (assignment.plan for assignment in schedule.assignments if assignment.matches(image)),
            schedule.default_plan,
        )

    def at_first_step(self, image: Image, name: str) -> Image:
        """Return *image* as it is at the start of a plan."""
        return image.replace(status=self.plan(name)[0].status)

    def remaining_steps(self, name: str, past_statuses: Collection[ImageStatus]) -> Plan:
        """Return the steps of a plan, without those at its beginning whose status is one of "
        "*past_statuses*."""
        steps = self.plan(name)
        while len(steps) > 1 and steps[0].status in past_statuses:
            steps = steps[1:]
        return steps

    def start(self, image_id: str, name: str, steps: Plan | None = None, is_assigned: bool = True) -> None:
        """Put an image, which is in the first status, under way.

        Args:
            image_id: the image.
            name: of the plan.
            steps: those that are left of it; None for all.
            is_assigned: whether somebody gave it this plan, and so means to look at it.
        """
        steps = steps or self.plan(name)
        if is_assigned:
            self.assigned_plans.add(name)
        with self._lock:
            if len(steps) > 1:
                self._active_plans[image_id] = ActivePlan(name, steps, self._clock.now())
                self._update_next_due(self._active_plans[image_id])
            else:
                self._active_plans.pop(image_id, None)
                self.observed_plans.add(name)

    def cancel(self, image_id: str) -> None:
        """Let an image stay as it is."""
        if image_id in self._active_plans:
            with self._lock:
                self._active_plans.pop(image_id, None)

    def active_image_ids(self) -> tuple[str, ...]:
        """Return the ids of the images that follow a plan."""
        return tuple(self._active_plans.copy())

    def active_plan(self, image_id: str) -> ActivePlan | None:
        """Return how far an image is with its plan, or None where it is not under way."""
        return self._active_plans.get(image_id)

    def apply_due_steps(self) -> None:
        """Do every step that is due by the clock, each at the time at which it was due."""
        if not self._active_plans or (self._next_due is not None and self._clock.now() < self._next_due):
            return
        with self._lock:
            now = self._clock.now()
            next_due = LATEST
            for image_id, active_plan in list(self._active_plans.items()):
                current_plan: ActivePlan | None = active_plan
                while (
                    current_plan is not None
                    and current_plan.due_at is not None
                    and current_plan.due_at <= now
                ):
                    current_plan = self._advance(image_id, current_plan, current_plan.due_at)
                if current_plan is not None and current_plan.due_at is not None:
                    next_due = min(next_due, current_plan.due_at)
            self._next_due = next_due  # last: until then others wait for the lock

    def _update_next_due(self, active_plan: ActivePlan) -> None:
        """Remember when the next step of any plan is due, so that `apply_due_steps` has "
        "nothing to do before."""
        if active_plan.due_at is not None and self._next_due is not None:
            self._next_due = min(self._next_due, active_plan.due_at)

    def record_polls(self, images: Iterable[Image]) -> None:
        """Count a look at each of *images* that is under way, and do the steps that end by it.

        With the clock in mode ``auto``, a look moves it to where the image's present step ends.
        """
        if not self._active_plans:
            return
        with self._lock:
            for image in images:
                active_plan = self._active_plans.get(image.id)
                if active_plan is None:
                    continue
                self.observed_plans.add(active_plan.name)
                polled_plan = active_plan._replace(polls=active_plan.polls + 1)
                self._active_plans[image.id] = polled_plan
                required_polls = polled_plan.steps[0].polls
                if required_polls is not None and polled_plan.polls >= required_polls:
                    self._advance(image.id, polled_plan, self._clock.now())
                elif polled_plan.due_at is not None and self._clock.mode is ClockMode.AUTO:
                    self._clock.advance_to(polled_plan.due_at)

    def _advance(self, image_id: str, active_plan: ActivePlan, updated_at: datetime) -> ActivePlan | None:
        """Go to the next step of a plan; return how far the image is then, or None at the end."""
        next_plan = ActivePlan(active_plan.name, active_plan.steps[1:], updated_at)
        status = next_plan.steps[0].status

        def advance_image(image: Image) -> Image:
            if image.is_deleted or image.status is not active_plan.steps[0].status:
                raise ImageNotFound(image_id)  # somebody else has taken it over
            return image.replace(status=status, updated_at=updated_at)

        try:
            with recording_author({"plan": active_plan.name}):
                self._images.update(image_id, advance_image)
        except ImageNotFound:
            self._active_plans.pop(image_id, None)
            return None
        if len(next_plan.steps) == 1:
            self._active_plans.pop(image_id, None)
            return None
        self._active_plans[image_id] = next_plan
        self._update_next_due(next_plan)
        return next_plan
