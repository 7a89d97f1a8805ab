"""The lifecycle of images: plans change their statuses, driven by the clock or by polls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import RLock
from types import EllipsisType
from typing import Any, Final

from fake_nova.cloud import imports
from fake_nova.cloud.captures import Capture, Captures
from fake_nova.cloud.clock import LATEST, ClockMode, CloudClock
from fake_nova.cloud.history import recording_author
from fake_nova.cloud.plan_use import ChosenPlan, Followers, PlanUse, choices_of
from fake_nova.cloud.plans import ActivePlan, Assignment, Plan, PlanState
from fake_nova.cloud.server_store import ServerStore
from fake_nova.cloud.tasks import Tasks
from fake_nova.errors import ImageNotFound, Invalid
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.images.store import ImageStore
from fake_nova.support.messages import quote_python, suggest


class _PlanAbandoned(Exception):
    """The status of an image changed outside its plan."""


class Lifecycle:
    """The plans of one cloud, and the images that follow one.

    There is no thread. Steps that are due are applied before each request. An image no longer
    follows its plan after somebody sets its status or deletes it.

    Args:
        images: the store whose images follow plans.
        clock: the cloud's clock.
        state: the plans and the progress to start with.
        tasks: the tasks, which end when the plan of their image does; None for tasks of its own.
        servers: the store of the servers that images are created from; None for none.

    Attributes:
        captures: the images that are being created from servers.
        plan_use: the plans that were chosen in this generation, and those that clients saw at work.
    """

    def __init__(
        self,
        images: ImageStore,
        clock: CloudClock,
        state: PlanState,
        tasks: Tasks | None = None,
        servers: ServerStore | None = None,
    ) -> None:
        self._images: Final = images
        self._tasks: Final = tasks or Tasks()
        self._clock: Final = clock
        self._lock: Final = RLock()
        self._next_due: datetime | None = None  # None: unknown
        self.captures: Final = Captures(servers, images)
        self.plan_use: Final = PlanUse()
        self.restore(state)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Prevent other threads from advancing plans, and from acting on servers, within the block."""
        with self._lock:
            yield

    def restore(self, state: PlanState) -> None:
        """Replace plans and progress by *state*. An image has as long to go in its step as *state* says."""
        with self._lock:
            self._plan_state = state  # its progress is out of date: see self._active_plans
            self._active_plans = self._build_active_plans(state)
            self._restore_captures()

    def merge(self, other: PlanState) -> None:
        """Add *other*, as `PlanState.merge` does. Active plans continue."""
        with self._lock:
            self._plan_state = self._plan_state.merge(other)
            self._active_plans = {**self._active_plans, **self._build_active_plans(other)}
            self._restore_captures()

    def _restore_captures(self) -> None:
        self.captures.restore({key: plan.capture for key, plan in self._active_plans.items()})
        self._next_due = None

    def _build_active_plans(self, state: PlanState) -> dict[str, ActivePlan]:
        now = self._clock.now()
        return {image_id: progress.resume(now) for image_id, progress in state.progress.items()}

    def state(self) -> PlanState:
        """Return the plans, and the progress of the images that follow one."""
        with self._lock:
            now = self._clock.now()
            store_state = self._images.state
            progress = {}
            for image_id, active_plan in self._active_plans.items():
                image = store_state.get(image_id)
                if image is not None and image.status is active_plan.steps[0].status:  # it follows the plan
                    progress[image_id] = active_plan.progress(now)
            return self._plan_state._replace(progress=progress)

    def plan(self, name: str) -> Plan:
        """Return the plan of this name.

        Raises:
            Invalid: if no plan has this name.
        """
        plans = self._plan_state.plans
        if name not in plans:
            choices = f"{', '.join(plans)}{suggest(name, plans)}"
            raise Invalid(f"plan: unknown plan (got {quote_python(name)}); expected one of: {choices}")
        return plans[name]

    def define(self, name: str, plan: Plan) -> None:
        """Create or replace a plan. Images that follow the old plan of this name continue with it."""
        with self._lock:
            self._plan_state = self._plan_state._replace(plans={**self._plan_state.plans, name: plan})

    def assign(
        self,
        default: str | EllipsisType | None = ...,
        assignments: tuple[Assignment, ...] | EllipsisType = ...,
        default_server_plan: str | EllipsisType | None = ...,
    ) -> None:
        """Set the plans of new images and of servers. A missing argument leaves its setting unchanged.

        Args:
            default: the name of the default plan, or None for no plan.
            assignments: the rules; the first one that matches an image counts.
            default_server_plan: the name of the plan of the work on servers; None for the default plan.

        Raises:
            Invalid: if no plan has one of the names; nothing is changed.
        """
        choices = choices_of(default, assignments, default_server_plan)
        for choice in choices:
            self.plan(choice.name)
        with self._lock:
            changes: dict[str, Any] = {"default_plan": default, "assignments": assignments}
            changes |= {"default_server_plan": default_server_plan}
            changes = {name: value for name, value in changes.items() if value is not ...}
            self._plan_state = self._plan_state._replace(**changes)
            self.plan_use.choose(*choices)

    def matching_plan_name(self, image: Image) -> str | None:
        """Return the name of the plan for a new image, or None."""
        state = self._plan_state
        plans = (assignment.plan for assignment in state.assignments if assignment.matches(image))
        return next(plans, state.default_plan)

    def at_first_step(self, image: Image, name: str) -> Image:
        """Return *image* with the status of the first step of a plan.

        Raises:
            Invalid: if no plan has the name *name*.
        """
        return image.replace(status=self.plan(name)[0].status)

    def remaining_steps(self, name: str, past_statuses: Collection[ImageStatus]) -> Plan:
        """Return the steps of a plan, without leading steps whose status is in *past_statuses*.

        The last step always stays.

        Raises:
            Invalid: if no plan has the name *name*.
        """
        steps = self.plan(name)
        while len(steps) > 1 and steps[0].status in past_statuses:
            steps = steps[1:]
        return steps

    @property
    def server_plan(self) -> str | None:
        """The name of the plan of the work on servers: their own, or the default plan, or None."""
        return self._plan_state.default_server_plan or self._plan_state.default_plan

    def start(
        self,
        image_id: str,
        name: str,
        steps: Plan | None = None,
        is_assigned: bool = True,
        capture: Capture | None = None,
    ) -> None:
        """Start a plan for an image, which must be in the status of the first step.

        Args:
            image_id: the image's id.
            name: the name of the plan.
            steps: the steps to go through; None for all steps of the plan.
            is_assigned: whether somebody chose this plan, so that a strict test expects a poll.
            capture: the server that the image is being created from; None for that of its present plan.

        Raises:
            Invalid: if *steps* is None and no plan has this name.
        """
        steps = steps or self.plan(name)
        if is_assigned:
            self.plan_use.choose(ChosenPlan(name, Followers.IMAGE))
        with self._lock:
            past_plan = self._active_plans.pop(image_id, None)
            if past_plan is not None:
                capture = capture or past_plan.capture
            plan = ActivePlan(name, steps, self._clock.now(), capture=capture)
            if capture is not None:
                self.captures.begin(self._images.get(image_id), capture, plan.started_at)
            if len(steps) > 1:
                self._active_plans[image_id] = plan
                self._update_next_due(plan)
            else:
                self.plan_use.observe(name, Followers.IMAGE)
                if capture is not None:
                    self._arrive(image_id, plan, plan.steps[0].status)

    def cancel(self, image_id: str) -> None:
        """Cancel the plan of an image, if it follows one. The image stays as it is."""
        if image_id in self._active_plans:
            with self._lock:
                self._abandon(image_id, self._clock.now())

    def _abandon(self, image_id: str, moment: datetime) -> None:
        """Forget the plan of an image, and let its server go."""
        plan = self._active_plans.pop(image_id, None)
        if plan is not None and plan.capture is not None:
            self.captures.release(plan.capture, moment)

    def delete_image(self, image_id: str, moment: datetime) -> None:
        """Delete an image, if it is still there, and cancel its plan."""
        deletion = {"status": ImageStatus.DELETED, "updated_at": moment}
        with self._lock, suppress(ImageNotFound):
            self._images.update(image_id, lambda image: image.replace(**deletion))
            self._abandon(image_id, moment)

    def active_plan(self, image_id: str) -> ActivePlan | None:
        """Return the active plan of an image, or None."""
        return self._active_plans.get(image_id)

    def apply_due_steps(self) -> None:
        """Apply every step that is due by the clock.

        The image's ``updated_at`` becomes the time at which the step was due.
        """
        known_due = self._next_due  # read once: other threads may set it to None
        if not self._active_plans or (known_due is not None and self._clock.now() < known_due):
            return
        with self._lock:
            now = self._clock.now()
            due_times = [self._catch_up(*item, now) for item in list(self._active_plans.items())]
            # Set last: until then other threads wait for the lock.
            self._next_due = min([LATEST, *filter(None, due_times)])

    def _catch_up(self, image_id: str, active_plan: ActivePlan, now: datetime) -> datetime | None:
        """Apply the due steps of one plan, and return when its next step is due; None if no time ends it."""
        plan: ActivePlan | None = active_plan
        while plan is not None and plan.due_at is not None and plan.due_at <= now:
            plan = self._advance(image_id, plan, plan.due_at)
        return None if plan is None else plan.due_at

    def _update_next_due(self, active_plan: ActivePlan) -> None:
        """Record the due time of a step, because `apply_due_steps` does nothing before the earliest one."""
        if active_plan.due_at is not None and self._next_due is not None:
            self._next_due = min(self._next_due, active_plan.due_at)

    def record_polls(self, images: Iterable[Image]) -> None:
        """Count a poll of each of *images* that follows a plan, and advance plans whose step ends by it.

        If the clock is in mode ``auto``, a poll moves it to the end of the image's present step.
        """
        if not self._active_plans:
            return
        with self._lock:
            for image in images:
                active_plan = self._active_plans.get(image.id)
                if active_plan is not None:
                    self._record_poll(image.id, active_plan)

    def record_poll_of(self, image_id: str | None) -> None:
        """Count a poll of the server of an image as one of the image."""
        with self._lock:
            active_plan = self._active_plans.get(image_id or "")
            if active_plan is not None and image_id is not None:
                self._record_poll(image_id, active_plan)

    def _record_poll(self, image_id: str, active_plan: ActivePlan) -> None:
        self.plan_use.observe(active_plan.name, Followers.IMAGE)
        polled_plan = active_plan._replace(poll_count=active_plan.poll_count + 1)
        self._active_plans[image_id] = polled_plan
        required_polls = polled_plan.steps[0].polls
        if required_polls is not None and polled_plan.poll_count >= required_polls:
            self._advance(image_id, polled_plan, self._clock.now())
        elif polled_plan.due_at is not None and self._clock.mode is ClockMode.AUTO:
            self._clock.advance_to(polled_plan.due_at)

    def update_servers(self) -> None:
        """Set the task_states of the servers that images are being created from, as of now."""
        if self.captures:
            with self._lock:
                for plan in filter(None, map(self._active_plans.get, self.captures.image_ids())):
                    self._update_server(plan, self._clock.now())

    def _update_server(self, plan: ActivePlan, now: datetime) -> None:
        if plan.capture is not None:
            with recording_author({"plan": plan.name}):
                self.captures.show(plan.capture, plan.steps[0].status, plan.elapsed_share(now), now)

    def _advance(self, image_id: str, active_plan: ActivePlan, moment: datetime) -> ActivePlan | None:
        """Advance an image to the next step of its plan.

        Returns:
            The new active plan; None if the plan has ended.
        """
        next_plan = active_plan._replace(steps=active_plan.steps[1:], started_at=moment, poll_count=0)
        return self._arrive(image_id, next_plan, active_plan.steps[0].status)

    def _arrive(self, image_id: str, plan: ActivePlan, past_status: ImageStatus) -> ActivePlan | None:
        """Put an image, which must be in *past_status*, into the present step of *plan*; see `_advance`."""
        status, moment, capture = plan.steps[0].status, plan.started_at, plan.capture
        is_last = len(plan.steps) == 1

        def arrive(image: Image) -> Image:
            if image.is_deleted or image.status is not past_status:
                raise _PlanAbandoned
            image = image.replace(status=status, updated_at=moment)
            if capture is not None:
                image = self.captures.advance(image, past_status, capture)
            return imports.end(image) if is_last else image

        with recording_author({"plan": plan.name}):
            try:
                image = self._images.update(image_id, arrive)
            except (_PlanAbandoned, ImageNotFound):
                self._abandon(image_id, moment)
                return None
            if capture is not None and self.captures.is_over(image, status):
                plan = plan._replace(capture=None)
                for backup in self.captures.end(image, capture, moment):
                    self.delete_image(backup.id, moment)
        if image.status is not status or (is_last and plan.capture is None):
            self._active_plans.pop(image_id, None)
            self._tasks.end_import(image, moment)
            return None
        self._active_plans[image_id] = plan
        self._update_next_due(plan)
        self._update_server(plan, moment)
        return plan
