"""gunicorn's worker: threads that take turns, and do not wait for one that is held up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from itertools import count
from threading import Event, Lock, get_ident

import pytest

from fake_nova.worker import Turns

#: Seconds that no test takes.
LONG = 60


@pytest.fixture
def turns() -> Iterator[Turns]:
    made = Turns(2, patience=0.001)
    yield made
    made.shutdown()


def test_one_thread_does_everything_as_long_as_nothing_is_held_up() -> None:
    turns = Turns(8, patience=LONG)
    threads = {turns.submit(get_ident).result(LONG) for _ in range(20)}
    together = {future.result(LONG) for future in [turns.submit(get_ident) for _ in range(20)]}
    assert threads == together
    assert len(threads) == 1
    turns.shutdown()


def test_tasks_behind_one_that_waits_are_done_meanwhile(turns: Turns) -> None:
    met = Event()
    first = turns.submit(met.wait, LONG)
    assert [turns.submit(pow, number, 2).result(LONG) for number in range(5)] == [0, 1, 4, 9, 16]
    assert not first.done()
    met.set()
    assert first.result(LONG) is True


def test_a_task_goes_on_when_those_that_held_it_up_are_done(turns: Turns) -> None:
    met = Event()
    held = [turns.submit(met.wait, LONG) for _ in range(2)]
    behind = turns.submit(pow, 2, 5)
    assert not behind.done()  # both threads are taken
    met.set()
    assert behind.result(LONG) == 32
    assert all(future.result(LONG) for future in held)
    assert [turns.submit(pow, number, 2).result(LONG) for number in range(3)] == [0, 1, 4]


def test_there_are_never_more_threads_than_allowed(turns: Turns) -> None:
    lock, present, most = Lock(), count(), []
    inside: set[int] = set()
    go = Event()

    def enter(number: int) -> None:
        with lock:
            inside.add(number)
            most.append(len(inside))
            if next(present) == 1:
                go.set()  # as soon as two are in, which there is room for
        go.wait(LONG)
        with lock:
            inside.discard(number)

    wait([turns.submit(enter, number) for number in range(40)], LONG)
    assert max(most) == 2
    assert len(most) == 40


def test_what_a_task_raises_is_raised_by_its_future_and_the_thread_goes_on(turns: Turns) -> None:
    with pytest.raises(ZeroDivisionError):
        turns.submit(divmod, 1, 0).result(LONG)
    assert turns.submit(divmod, 7, 2).result(LONG) == (3, 1)


def test_a_task_that_was_cancelled_is_not_begun(turns: Turns) -> None:
    met, begun = Event(), Event()
    held = [turns.submit(met.wait, LONG) for _ in range(2)]
    behind = turns.submit(begun.set)
    assert behind.cancel()
    met.set()
    wait(held, LONG)
    assert turns.submit(pow, 2, 2).result(LONG) == 4
    assert not begun.is_set()
