"""The lifecycle of servers: what a request began goes on by a plan, as images go through their statuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from threading import RLock
from typing import Final, NamedTuple

from fake_nova.cloud.clock import ClockMode, CloudClock
from fake_nova.cloud.lifecycle import Lifecycle
from fake_nova.cloud.plans import ActivePlan
from fake_nova.cloud.server_store import ServerStore
from fake_nova.cloud.servers import Server
from fake_nova.images.status import ImageStatus

#: The plan of servers, unless a default plan is set.
_DEFAULT_PLAN: Final = "slow"

Change = Callable[[Server, datetime], Server]


class Work(NamedTuple):
    """What is done with a server, such as a reboot.

    Attributes:
        task_states: its task_states, one for each step of the plan; the last one stays for further steps.
        finish: returns the server afterwards.
        fail: returns the server after a plan that does not end in ``active``.
    """

    task_states: tuple[str, ...]
    finish: Change
    fail: Change


class _ActiveWork(NamedTuple):
    work: Work
    plan: ActivePlan
    task_state: str


class ServerLifecycle:
    """The work on the servers of one cloud. There is no thread: due steps are applied before each request.

    Args:
        servers: the store of the servers.
        clock: the cloud's clock.
        plans: the plans of the cloud.
    """

    def __init__(self, servers: ServerStore, clock: CloudClock, plans: Lifecycle) -> None:
        self._servers: Final = servers
        self._clock: Final = clock
        self._plans: Final = plans
        self._lock: Final = RLock()
        self._active: dict[str, _ActiveWork] = {}

    def begin(self, server: Server, work: Work) -> Server:
        """Begin work on a server that is stored, and return its present version."""
        name = self._plans.default_plan or _DEFAULT_PLAN
        now = self._clock.now()
        with self._lock:
            plan = ActivePlan(name, self._plans.plan(name), now)
            if len(plan.steps) == 1:
                return self._end(server.id, work, plan, now)
            self._active[server.id] = _ActiveWork(work, plan, work.task_states[0])
            return self._servers.update(
                server.id, lambda each: each.replace(task_state=work.task_states[0], updated_at=now)
            )

    def cancel(self, server_id: str) -> None:
        """Forget the work on a server."""
        with self._lock:
            self._active.pop(server_id, None)

    def apply_due_steps(self) -> None:
        """Apply every step that is due by the clock."""
        if not self._active:
            return
        with self._lock:
            now = self._clock.now()
            for server_id in tuple(self._active):
                self._catch_up(server_id, now)

    def _catch_up(self, server_id: str, now: datetime) -> None:
        while (active := self._active.get(server_id)) is not None:
            due_at = active.plan.due_at
            if due_at is None or due_at > now:
                return
            self._advance(server_id, active, due_at)

    def record_polls(self, servers: Iterable[Server]) -> None:
        """Count a poll of each of *servers*, and advance those whose step ends by it.

        If the clock is in mode ``auto``, a poll moves it to the end of the server's present step.
        """
        if not self._active:
            return
        with self._lock:
            for server in servers:
                active = self._active.get(server.id)
                if active is not None:
                    self._record_poll(server.id, active)

    def _record_poll(self, server_id: str, active: _ActiveWork) -> None:
        plan = active.plan._replace(poll_count=active.plan.poll_count + 1)
        self._active[server_id] = active._replace(plan=plan)
        required_polls = plan.steps[0].polls
        if required_polls is not None and plan.poll_count >= required_polls:
            self._advance(server_id, self._active[server_id], self._clock.now())
        elif plan.due_at is not None and self._clock.mode is ClockMode.AUTO:
            self._clock.advance_to(plan.due_at)

    def _advance(self, server_id: str, active: _ActiveWork, moment: datetime) -> None:
        """Apply the next step of the work on a server, unless somebody else changed its task_state."""
        server = self._servers.find(server_id)
        if server is None or server.is_deleted or server.task_state != active.task_state:
            self._active.pop(server_id, None)
            return
        plan = ActivePlan(active.plan.name, active.plan.steps[1:], moment)
        if len(plan.steps) == 1:
            self._end(server_id, active.work, plan, moment)
            return
        task_states = active.work.task_states
        task_state = task_states[min(task_states.index(active.task_state) + 1, len(task_states) - 1)]
        self._active[server_id] = _ActiveWork(active.work, plan, task_state)
        self._servers.update(server_id, lambda each: each.replace(task_state=task_state, updated_at=moment))

    def _end(self, server_id: str, work: Work, plan: ActivePlan, moment: datetime) -> Server:
        self._active.pop(server_id, None)
        change = work.finish if plan.steps[-1].status is ImageStatus.ACTIVE else work.fail
        return self._servers.update(
            server_id, lambda each: change(each, moment).replace(task_state=None, updated_at=moment)
        )
