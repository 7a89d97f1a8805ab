"""OrderedIndex behaves like a sorted list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from fake_nova.images.ordered_index import OrderedIndex, Position

START = datetime(2026, 1, 1, tzinfo=UTC)

#: Enough positions for several chunks.
MANY = 1500


def position(second: int) -> Position:
    return START + timedelta(seconds=second), f"{second % 7}"


class Model:
    """The expected positions, as a sorted list."""

    def __init__(self, random: Random, count: int) -> None:
        self.random = random
        self.positions = sorted(map(position, random.sample(range(9 * MANY), count)))

    def check(self, index: OrderedIndex) -> None:
        """Check that *index* iterates like the list, in both directions and from random positions."""
        assert len(index) == len(self.positions)
        assert list(index.iterate()) == self.positions
        assert list(index.iterate(ascending=False)) == self.positions[::-1]
        for _ in range(5):
            start = position(self.random.randrange(-5, 9 * MANY + 5))
            if self.positions and self.random.random() < 0.5:
                start = self.random.choice(self.positions)
            below, above = bisect_left(self.positions, start), bisect_right(self.positions, start)
            assert list(index.iterate(start=start)) == self.positions[above:]
            assert list(index.iterate(ascending=False, start=start)) == self.positions[:below][::-1]
            assert index.count_after(start) == len(self.positions) - above


@pytest.mark.parametrize("seed", range(6))
def test_an_index_behaves_like_a_sorted_list_under_any_changes(seed: int) -> None:
    random = Random(seed)
    model = Model(random, random.choice((0, 1, MANY)))
    index = OrderedIndex.from_positions(model.positions)
    for step in range(200):
        random_keys = sorted(
            {position(random.randrange(9 * MANY)) for _ in range(random.choice((0, 1, 1, 40)))}
        )
        inserted_keys = [new for new in random_keys if new not in model.positions]
        removed_keys = random.sample(model.positions, min(len(model.positions), random.choice((0, 1, 1, 30))))
        model.positions = sorted({*model.positions, *inserted_keys}.difference(removed_keys))
        index = index.with_changes(removed_keys, inserted_keys)
        if step % 20 == 0:
            model.check(index)
    model.check(index)


def test_a_change_leaves_the_old_index_unchanged() -> None:
    model = Model(Random(1), MANY)
    old = OrderedIndex.from_positions(model.positions)
    changed = old.with_changes([model.positions[700]], [])
    assert list(changed.iterate()) == [*model.positions[:700], *model.positions[701:]]
    assert list(old.iterate()) == model.positions


def test_an_empty_index_has_no_positions() -> None:
    index = OrderedIndex()
    assert not index
    assert list(index.iterate(start=position(1))) == list(index.iterate(False, position(1))) == []
    assert index.count_after(position(1)) == 0
