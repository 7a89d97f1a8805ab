"""The worker that gunicorn runs: its threads take turns instead of contending for the interpreter.

Python runs one thread at a time. Several that all have something to do take the interpreter from each other
at every read and write of a socket, and that costs more than the requests do. Measured (lists of 25 over
eight connections that are kept, two CPUs): eight threads of gunicorn's own pool answer 3,655 a second at
340 µs of CPU each, eight that take turns 5,424 at 200 µs.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from gunicorn.workers.gthread import ThreadWorker

P = ParamSpec("P")
T = TypeVar("T")


class _Task(NamedTuple):
    future: Future[Any]
    run: Callable[[], Any]


class _Turn:
    """One thread: the task that it is at, and whether another thread goes on meanwhile."""

    __slots__ = ("held_up", "task")

    def __init__(self) -> None:
        self.task: _Task | None = None
        self.held_up = False


class Turns(Executor):
    """Runs one task after the other, and does not wait for one that is held up.

    A task that is not done in time, because it waits for something or is long, keeps its thread, and another
    thread goes on with the tasks behind it.

    Args:
        most: how many threads there may be.
        patience: seconds after which a task is held up.
    """

    def __init__(self, most: int, patience: float = 0.005) -> None:
        self._most: Final = most
        self._patience: Final = patience
        self._tasks: Final[SimpleQueue[_Task | None]] = SimpleQueue()
        self._lock: Final = Lock()
        self._turns: Final[set[_Turn]] = set()
        self._outstanding = 0
        self._somebody_waits: Final = Event()
        self._over: Final = Event()
        Thread(target=self._watch, name="fake_nova turns", daemon=True).start()

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run ``call(*args, **kwargs)`` when its turn comes."""
        future: Future[T] = Future()
        self._tasks.put(_Task(future, lambda: call(*args, **kwargs)))
        with self._lock:
            self._outstanding += 1
            if not self._turns:
                self._begin()
            waits = self._outstanding > len(self._turns)
        if waits and not self._somebody_waits.is_set():
            self._somebody_waits.set()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002  # its threads end with the process
        """Begin no task that is not begun."""
        self._over.set()
        self._somebody_waits.set()
        self._tasks.put(None)

    def _begin(self) -> None:
        turn = _Turn()
        self._turns.add(turn)
        Thread(target=self._work, args=(turn,), name="fake_nova turn", daemon=True).start()

    def _work(self, turn: _Turn) -> None:
        while (task := self._tasks.get()) is not None and not self._over.is_set():
            turn.task = task
            _run(task)
            with self._lock:
                turn.task = None
                self._outstanding -= 1
                if turn.held_up:
                    if any(not other.held_up for other in self._turns):
                        self._turns.discard(turn)
                        return
                    turn.held_up = False
        self._tasks.put(None)  # for the next thread

    def _watch(self) -> None:
        while self._somebody_waits.wait() and not self._over.is_set():
            self._somebody_waits.clear()
            while not self._tasks.empty() and not self._over.is_set():
                with self._lock:
                    begun = {turn: turn.task for turn in self._turns}
                self._over.wait(self._patience)
                with self._lock:
                    for turn, task in begun.items():
                        turn.held_up = turn.held_up or (task is not None and turn.task is task)
                    if len(self._turns) < self._most and all(turn.held_up for turn in self._turns):
                        self._begin()


def _run(task: _Task) -> None:
    if not task.future.set_running_or_notify_cancel():
        return
    try:
        result = task.run()
    except BaseException as error:  # it is the caller's, whatever it is
        task.future.set_exception(error)
    else:
        task.future.set_result(result)


class TurnsWorker(ThreadWorker):
    """gunicorn's worker with threads, which take turns."""

    def get_thread_pool(self) -> Turns:  # type: ignore[override]  # gunicorn needs no more than an executor
        """Return what runs the requests."""
        return Turns(self.cfg.threads)
