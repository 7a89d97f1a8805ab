"""The lifecycle of servers: what a request began goes on by a plan, as images go through their statuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud.clock import ClockMode, CloudClock
from fake_nova.cloud.history import recording_author
from fake_nova.cloud.lifecycle import Lifecycle
from fake_nova.cloud.plan_use import ChosenPlan, Followers
from fake_nova.cloud.plans import ActivePlan, PlanProgress
from fake_nova.cloud.server_store import ServerStore
from fake_nova.cloud.server_works import WORKS, change_server
from fake_nova.cloud.servers import Server
from fake_nova.cloud.zones import BUILT_IN_ZONES, Zone
from fake_nova.images.status import ImageStatus

#: The plan of servers, unless a default plan is set.
_DEFAULT_PLAN: Final = "slow"

#: The work that the plan of a server stands for, unless another is named.
DEFAULT_WORK: Final = "boot"


class WorkProgress(NamedTuple):
    """The progress of the work on a server, without absolute times.

    Attributes:
        work: the name of the work.
        plan: the progress of its plan.
    """

    work: str
    plan: PlanProgress


#: Id of a server -> the progress of the work on it.
WorksById = Mapping[str, WorkProgress]

NO_WORKS: Final[WorksById] = MappingProxyType({})


class _ActiveWork(NamedTuple):
    work: str
    plan: ActivePlan
    task_state: str | None


def begin_server(server: Server, progress: WorkProgress, moment: datetime, zones: Sequence[Zone]) -> Server:
    """Return a server that a document describes, at the beginning of the work on it.

    A server that is in one of the task_states of the work already stays as it is.

    Args:
        server: the server.
        progress: the progress of the work.
        moment: the time of the beginning.
        zones: the availability zones of the cloud.
    """
    work = WORKS[progress.work]
    if server.task_state in work.task_states and server.task_state is not None:
        return server
    begun_server = work.begin(server, moment).replace(task_state=work.task_states[0])
    if len(progress.plan.steps) > 1:
        return begun_server
    is_done = progress.plan.steps[0].status is ImageStatus.ACTIVE
    change = work.finish if is_done else work.fail
    return change_server(change, begun_server, moment, zones).replace(task_state=None)


class ServerLifecycle:
    """The work on the servers of one cloud. There is no thread: due steps are applied before each request.

    Args:
        servers: the store of the servers.
        clock: the cloud's clock.
        plans: the plans of the cloud, and the captures of images.

    Attributes:
        active_works: id of a server -> the work on it; to read only.
        zones: the availability zones, in which servers get hosts.
    """

    def __init__(self, servers: ServerStore, clock: CloudClock, plans: Lifecycle) -> None:
        self._servers: Final = servers
        self._clock: Final = clock
        self._plans: Final = plans
        self.active_works: dict[str, _ActiveWork] = {}
        self.zones: Sequence[Zone] = BUILT_IN_ZONES

    def state(self) -> WorksById:
        """Return the progress of all work."""
        if not self.active_works:
            return NO_WORKS
        with self._plans.lock():
            now = self._clock.now()
            return {
                server_id: WorkProgress(active.work, active.plan.progress(now))
                for server_id, active in self.active_works.items()
                if self._is_current(server_id, active)
            }

    def restore(self, works: WorksById) -> None:
        """Replace all work by *works*, on servers that are stored already."""
        now = self._clock.now()
        active = {}
        for server_id, progress in works.items():
            server = self._servers.find(server_id)
            is_under_way = server is not None and server.task_state in WORKS[progress.work].task_states
            if server is not None and is_under_way and len(progress.plan.steps) > 1:
                plan = progress.plan.resume(now)
                active[server_id] = _ActiveWork(progress.work, plan, server.task_state)
        self.active_works = active

    def begin(self, server: Server, work: str, plan_name: str | None = None, **changes: Any) -> Server:
        """Begin work on a server that is stored, and return its present version.

        Args:
            server: the server.
            work: the name of the work.
            plan_name: the name of its plan; None for the default.
            changes: changes to the server.

        Raises:
            Invalid: if no plan has this name.
        """
        name = plan_name or self._plans.server_plan or _DEFAULT_PLAN
        now = self._clock.now()
        with self._plans.lock():
            plan = ActivePlan(name, self._plans.plan(name), now)
            task_state = WORKS[work].task_states[0]
            if plan_name is not None:
                self._plans.plan_use.choose(ChosenPlan(plan_name, Followers.SERVER))

            def begin(each: Server) -> Server:
                begun_server = WORKS[work].begin(each.replace(**changes), now)
                return begun_server.replace(task_state=task_state, updated_at=now)

            if len(plan.steps) == 1:
                self._plans.plan_use.observe(name, Followers.SERVER)
                self._servers.update(server.id, begin)
                return self._end(server.id, work, plan, now)
            self.active_works[server.id] = _ActiveWork(work, plan, task_state)
            return self._servers.update(server.id, begin)

    def cancel(self, server_id: str) -> None:
        """Forget the work on a server."""
        self.active_works.pop(server_id, None)

    def work_on(self, server_id: str) -> str | None:
        """Return the name of the work on a server, or None."""
        active = self.active_works.get(server_id)
        return None if active is None else active.work

    def apply_due_steps(self) -> None:
        """Apply every step that is due by the clock."""
        self._plans.update_servers()
        if not self.active_works:
            return
        with self._plans.lock():
            now = self._clock.now()
            for server_id in tuple(self.active_works):
                self._catch_up(server_id, now)

    def _catch_up(self, server_id: str, now: datetime) -> None:
        while (active := self.active_works.get(server_id)) is not None:
            due_at = active.plan.due_at
            if due_at is None or due_at > now:
                return
            self._advance(server_id, active, due_at)

    def record_polls(self, servers: Iterable[Server]) -> None:
        """Count a poll of each of *servers*, and advance those whose step ends by it.

        A poll of a server is also one of the image that is being created from it. If the clock is in mode
        ``auto``, a poll moves it to the end of the present step.
        """
        captures = self._plans.captures
        if not self.active_works and not captures:
            return
        with self._plans.lock():
            for server in servers:
                self._plans.record_poll_of(captures.image_id_of(server.id))
                active = self.active_works.get(server.id)
                if active is not None:
                    self._record_poll(server.id, active)

    def _record_poll(self, server_id: str, active: _ActiveWork) -> None:
        self._plans.plan_use.observe(active.plan.name, Followers.SERVER)
        plan = active.plan._replace(poll_count=active.plan.poll_count + 1)
        self.active_works[server_id] = active._replace(plan=plan)
        required_polls = plan.steps[0].polls
        if required_polls is not None and plan.poll_count >= required_polls:
            self._advance(server_id, self.active_works[server_id], self._clock.now())
        elif plan.due_at is not None and self._clock.mode is ClockMode.AUTO:
            self._clock.advance_to(plan.due_at)

    def _is_current(self, server_id: str, active: _ActiveWork) -> bool:
        """Return whether the server is there, and nobody else changed its task_state."""
        server = self._servers.find(server_id)
        return server is not None and not server.is_deleted and server.task_state == active.task_state

    def _advance(self, server_id: str, active: _ActiveWork, moment: datetime) -> None:
        """Apply the next step of the work on a server."""
        if not self._is_current(server_id, active):
            self.active_works.pop(server_id, None)
            return
        plan = ActivePlan(active.plan.name, active.plan.steps[1:], moment)
        if len(plan.steps) == 1:
            self._end(server_id, active.work, plan, moment)
            return
        work = WORKS[active.work]
        number = work.task_states.index(active.task_state) + 1
        task_state = work.task_states[min(number, len(work.task_states) - 1)]
        change = work.on_task.get(task_state)
        self.active_works[server_id] = _ActiveWork(active.work, plan, task_state)

        def advance(server: Server) -> Server:
            if change is not None:
                server = change_server(change, server, moment, self.zones)
            return server.replace(task_state=task_state, updated_at=moment)

        with recording_author({"plan": plan.name}):
            self._servers.update(server_id, advance)

    def _end(self, server_id: str, work: str, plan: ActivePlan, moment: datetime) -> Server:
        self.active_works.pop(server_id, None)
        is_done = plan.steps[-1].status is ImageStatus.ACTIVE
        change = WORKS[work].finish if is_done else WORKS[work].fail
        old_image = self._servers.get(server_id).shelved_image

        def end(server: Server) -> Server:
            changed_server = change_server(change, server, moment, self.zones)
            return changed_server.replace(task_state=None, updated_at=moment)

        with recording_author({"plan": plan.name}):
            server = self._servers.update(server_id, end)
            if old_image is not None and server.shelved_image is None:
                self._plans.delete_image(old_image, moment)
        return server
