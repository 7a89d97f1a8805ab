"""Runs: places in an order, changed at the cost of a chunk. Each is held against a sorted list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from fake_nova.images.ordered_index import OrderedIndex, Position

START = datetime(2026, 1, 1, tzinfo=UTC)

#: More than a few chunks.
MANY = 1500


def place(second: int) -> Position:
    return START + timedelta(seconds=second), f"{second % 7}"


class Model:
    """The places of a run as a sorted list."""

    def __init__(self, random: Random, count: int) -> None:
        self.random = random
        self.places = sorted(map(place, random.sample(range(9 * MANY), count)))

    def check(self, run: OrderedIndex) -> None:
        """See that *run* walks, from anywhere and either way, as the list has it."""
        assert len(run) == len(self.places)
        assert list(run.iterate()) == self.places
        assert list(run.iterate(ascending=False)) == self.places[::-1]
        for _ in range(5):
            start = place(self.random.randrange(-5, 9 * MANY + 5))
            if self.places and self.random.random() < 0.5:
                start = self.random.choice(self.places)
            below, above = bisect_left(self.places, start), bisect_right(self.places, start)
            assert list(run.iterate(start=start)) == self.places[above:]
            assert list(run.iterate(ascending=False, start=start)) == self.places[:below][::-1]
            assert run.count_after(start) == len(self.places) - above


@pytest.mark.parametrize("seed", range(6))
def test_a_run_is_a_sorted_list_whatever_comes_and_goes(seed: int) -> None:
    random = Random(seed)
    model = Model(random, random.choice((0, 1, MANY)))
    run = OrderedIndex.from_positions(model.places)
    for step in range(200):
        random_keys = sorted({place(random.randrange(9 * MANY)) for _ in range(random.choice((0, 1, 1, 40)))})
        inserted_keys = [new for new in random_keys if new not in model.places]
        removed_keys = random.sample(model.places, min(len(model.places), random.choice((0, 1, 1, 30))))
        model.places = sorted({*model.places, *inserted_keys}.difference(removed_keys))
        run = run.with_changes(removed_keys, inserted_keys)
        if step % 20 == 0:
            model.check(run)
    model.check(run)


def test_a_run_that_was_changed_is_the_same_for_whoever_holds_the_old_one() -> None:
    model = Model(Random(1), MANY)
    old = OrderedIndex.from_positions(model.places)
    changed = old.with_changes([model.places[700]], [])
    assert list(changed.iterate()) == [*model.places[:700], *model.places[701:]]
    assert list(old.iterate()) == model.places


def test_an_empty_run_has_nothing_before_or_behind_anything() -> None:
    run = OrderedIndex()
    assert not run
    assert list(run.iterate(start=place(1))) == list(run.iterate(False, place(1))) == []
    assert run.count_after(place(1)) == 0
