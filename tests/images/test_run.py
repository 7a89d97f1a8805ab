"""Runs: places in an order, changed at the cost of a chunk. Each is held against a sorted list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from fake_nova.images.run import Place, Run

START = datetime(2026, 1, 1, tzinfo=UTC)

#: More than a few chunks.
MANY = 1500


def place(second: int) -> Place:
    return START + timedelta(seconds=second), f"{second % 7}"


class Model:
    """The places of a run as a sorted list, and when each image was last updated."""

    def __init__(self, random: Random, count: int) -> None:
        self.random = random
        self.times = {place(second): self.moment() for second in random.sample(range(9 * MANY), count)}
        self.places = sorted(self.times)

    def moment(self) -> datetime:
        return START + timedelta(seconds=self.random.randrange(9 * MANY))

    def updated(self, one: Place) -> datetime:
        return self.times[one]

    def check(self, run: Run) -> None:
        """See that *run* walks, from anywhere and either way, as the list has it."""
        assert len(run) == len(self.places)
        assert list(run.walk()) == self.places
        assert list(run.walk(ascending=False)) == self.places[::-1]
        for _ in range(5):
            start = place(self.random.randrange(-5, 9 * MANY + 5))
            if self.places and self.random.random() < 0.5:
                start = self.random.choice(self.places)
            below, above = bisect_left(self.places, start), bisect_right(self.places, start)
            assert list(run.walk(start=start)) == self.places[above:]
            assert list(run.walk(ascending=False, start=start)) == self.places[:below][::-1]
            assert run.count_behind(start) == len(self.places) - above
            self.check_since(run, start)

    def check_since(self, run: Run, start: Place) -> None:
        """See that nothing updated since some moment is left out, and that what comes is in order."""
        moment = self.moment()
        for ascending in (True, False):
            whole = list(run.walk(ascending, start))
            some = list(run.walk(ascending, start, moment, self.updated))
            assert [one for one in some if self.times[one] >= moment] == [
                one for one in whole if self.times[one] >= moment
            ]
            assert some == sorted(some, reverse=not ascending)


@pytest.mark.parametrize("seed", range(6))
def test_a_run_is_a_sorted_list_whatever_comes_and_goes(seed: int) -> None:
    random = Random(seed)
    model = Model(random, random.choice((0, 1, MANY)))
    run = Run.of(model.places)
    for step in range(200):
        fresh = sorted({place(random.randrange(9 * MANY)) for _ in range(random.choice((0, 1, 1, 40)))})
        come = [one for one in fresh if one not in model.times]
        gone = random.sample(model.places, min(len(model.places), random.choice((0, 1, 1, 30))))
        model.times = {key: value for key, value in model.times.items() if key not in gone}
        model.times |= {one: model.moment() for one in come}
        model.places = sorted(model.times)
        run = run.changed(gone, come, model.updated)
        if model.places and random.random() < 0.7:
            one = random.choice(model.places)
            model.times[one] = model.moment()
            run = run.touched(one, model.times[one])
        if step % 20 == 0:
            model.check(run)
    model.check(run)


@pytest.mark.parametrize("is_asked_before", [True, False])
def test_a_run_that_was_changed_is_the_same_for_whoever_holds_the_old_one(is_asked_before: bool) -> None:
    model = Model(Random(1), MANY)
    old = Run.of(model.places)
    one = model.places[700]
    before = {**model.times}
    late = START + timedelta(days=364)
    if is_asked_before:
        assert list(old.walk(since=late, updated=before.__getitem__)) == []
    model.times[one] = START + timedelta(days=365)
    new = old.touched(one, model.times[one])
    assert list(old.walk(since=late, updated=before.__getitem__)) == []
    assert one in new.walk(since=late, updated=model.updated)
    assert list(old.changed([one], [], model.updated).walk()) == [*model.places[:700], *model.places[701:]]
    assert list(old.walk()) == model.places


def test_an_empty_run_has_nothing_before_or_behind_anything() -> None:
    run = Run()
    assert not run
    assert list(run.walk(start=place(1))) == list(run.walk(False, place(1), START)) == []
    assert run.count_behind(place(1)) == 0
