"""Plans: images that go from status to status by themselves, by the clock or by being looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from types import EllipsisType, MappingProxyType
from typing import Final

from fake_nova.cloud.clock import LATEST, ClockMode, ScopeClock
from fake_nova.cloud.history import acting
from fake_nova.cloud.plans import Assignment, Course, Plan, Progress, Schedule
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
        schedule: what it begins with.

    Attributes:
        given: names of plans that an image or an assignment of this life was given.
        met: those of them that an image somebody looked at goes by.
    """

    def __init__(self, images: MemoryImageStore, clock: ScopeClock, schedule: Schedule) -> None:
        self._images: Final = images
        self._clock: Final = clock
        self._lock: Final = RLock()
        self._next_due: datetime | None = None  # None: unknown
        self.given: Final[set[str]] = set()
        self.met: Final[set[str]] = set()
        self.go_to(schedule)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Let no image go on within the block, and nobody else put one under way.

        So an image and how far it is with its plan are written, and read, as one.
        """
        with self._lock:
            yield

    def go_to(self, schedule: Schedule) -> None:
        """Hold what *schedule* says, from now on; images under way have as long to go as it says."""
        with self._lock:
            self._schedule = schedule  # of its progress, self._courses has what is true now
            self._courses = self._made_courses(schedule)
            self._next_due = None

    def take(self, more: Schedule) -> None:
        """Hold what *more* says, too, as `Schedule.joined` says; images under way go on."""
        with self._lock:
            self._schedule = self._schedule.joined(more)
            self._courses = {**self._courses, **self._made_courses(more)}
            self._next_due = None

    def _made_courses(self, schedule: Schedule) -> dict[str, Course]:
        now = self._clock.now()
        return {
            image_id: Course(at.name, at.steps, now - timedelta(seconds=at.elapsed), at.looks)
            for image_id, at in schedule.progress.items()
        }

    def schedule(self) -> Schedule:
        """Return what it holds now."""
        with self._lock:
            now, state = self._clock.now(), self._images.state()
            progress = {
                image_id: Progress(course.name, course.steps, course.elapsed(now), course.looks)
                for image_id, course in self._courses.items()
                if (image := state.by_id.get(image_id)) is not None
                and image.status is course.steps[0].status  # another one has left its plan
            }
            return self._schedule._replace(progress=MappingProxyType(progress))

    def plan(self, name: str) -> Plan:
        """Return the plan of this name; Invalid where there is none."""
        plans = self._schedule.plans
        if name not in plans:
            raise Invalid(f'plan: "{name}" is no plan; allowed: {", ".join(plans)}')
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
        names = [] if assign is ... else [one.plan for one in assign]
        if default is not ... and default is not None:
            names.append(default)
        for name in names:
            self.plan(name)
        with self._lock:
            if default is not ...:
                self._schedule = self._schedule._replace(default=default)
            if assign is not ...:
                self._schedule = self._schedule._replace(assignments=assign)
            self.given.update(names)

    def plan_for(self, image: Image) -> str | None:
        """Return the name of the plan that a new image goes by, or None."""
        schedule = self._schedule
        return next((one.plan for one in schedule.assignments if one.fits(image)), schedule.default)

    def starting(self, image: Image, name: str) -> Image:
        """Return *image* as it is at the start of a plan."""
        return image.replaced(status=self.plan(name)[0].status)

    def behind(self, name: str, over: Collection[ImageStatus]) -> Plan:
        """Return the steps of a plan, without those at its beginning whose status is one of *over*."""
        steps = self.plan(name)
        while len(steps) > 1 and steps[0].status in over:
            steps = steps[1:]
        return steps

    def begin(self, image_id: str, name: str, steps: Plan | None = None, chosen: bool = True) -> None:
        """Put an image, which is in the first status, under way.

        Args:
            image_id: the image.
            name: of the plan.
            steps: those that are left of it; None for all.
            chosen: whether somebody gave it this plan, and so means to look at it.
        """
        steps = steps or self.plan(name)
        if chosen:
            self.given.add(name)
        with self._lock:
            if len(steps) > 1:
                self._courses[image_id] = Course(name, steps, self._clock.now())
                self._note_due(self._courses[image_id])
            else:
                self._courses.pop(image_id, None)
                self.met.add(name)

    def end(self, image_id: str) -> None:
        """Let an image stay as it is."""
        if image_id in self._courses:
            with self._lock:
                self._courses.pop(image_id, None)

    def under_way(self) -> tuple[str, ...]:
        """Return the ids of the images that follow a plan."""
        return tuple(self._courses.copy())

    def course(self, image_id: str) -> Course | None:
        """Return how far an image is with its plan, or None where it is not under way."""
        return self._courses.get(image_id)

    def settle(self) -> None:
        """Do every step that is due by the clock, each at the time at which it was due."""
        if not self._courses or (self._next_due is not None and self._clock.now() < self._next_due):
            return
        with self._lock:
            now = self._clock.now()
            next_due = LATEST
            for image_id, course in list(self._courses.items()):
                present: Course | None = course
                while present is not None and present.due is not None and present.due <= now:
                    present = self._next(image_id, present, present.due)
                if present is not None and present.due is not None:
                    next_due = min(next_due, present.due)
            self._next_due = next_due  # last: until then others wait for the lock

    def _note_due(self, course: Course) -> None:
        """Remember when the next step of any plan is due, so that `settle` has nothing to do before."""
        if course.due is not None and self._next_due is not None:
            self._next_due = min(self._next_due, course.due)

    def looked(self, images: Iterable[Image]) -> None:
        """Count a look at each of *images* that is under way, and do the steps that end by it.

        With the clock in mode ``auto``, a look moves it to where the image's present step ends.
        """
        if not self._courses:
            return
        with self._lock:
            for image in images:
                course = self._courses.get(image.id)
                if course is None:
                    continue
                self.met.add(course.name)
                seen = course._replace(looks=course.looks + 1)
                self._courses[image.id] = seen
                wanted = seen.steps[0].looks
                if wanted is not None and seen.looks >= wanted:
                    self._next(image.id, seen, self._clock.now())
                elif seen.due is not None and self._clock.mode is ClockMode.AUTO:
                    self._clock.reach(seen.due)

    def _next(self, image_id: str, course: Course, when: datetime) -> Course | None:
        """Go to the next step of a plan; return how far the image is then, or None at the end."""
        following = Course(course.name, course.steps[1:], when)
        status = following.steps[0].status

        def moved(image: Image) -> Image:
            if image.is_deleted or image.status is not course.steps[0].status:
                raise ImageNotFound(image_id)  # somebody else has taken it over
            return image.replaced(status=status, updated_at=when)

        try:
            with acting({"plan": course.name}):
                self._images.update(image_id, moved)
        except ImageNotFound:
            self._courses.pop(image_id, None)
            return None
        if len(following.steps) == 1:
            self._courses.pop(image_id, None)
            return None
        self._courses[image_id] = following
        self._note_due(following)
        return following
