"""Metrics: requests by kind, and how long they took."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fake_nova.cloud.metrics import BUCKETS, Kind, Metrics

LIST = Kind("images.list", "GET", 200)


def test_each_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed() -> None:
    metrics = Metrics()
    for seconds in (0, *BUCKETS, BUCKETS[-1] + 1, 0.0007):
        metrics.observe(*LIST, seconds)
    total = metrics.totals()[LIST]
    assert total.buckets == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert total.seconds == pytest.approx(sum(BUCKETS) + BUCKETS[-1] + 1 + 0.0007)


def test_kinds_are_counted_apart_and_go_on_being_counted_after_somebody_asked() -> None:
    metrics = Metrics()
    for status in (200, 404, 200):
        metrics.observe("images.show", "GET", status, 0.002)
    assert {kind.status: sum(total.buckets) for kind, total in metrics.totals().items()} == {200: 2, 404: 1}
    metrics.observe("images.show", "GET", 404, 0.002)
    assert sum(metrics.totals()[Kind("images.show", "GET", 404)].buckets) == 2


def test_nothing_is_lost_where_many_observe_at_once() -> None:
    metrics = Metrics()

    def observe_many() -> None:
        for _ in range(5000):
            metrics.observe(*LIST, 0.001)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(observe_many)
        for _ in range(50):
            metrics.totals()
    assert sum(metrics.totals()[LIST].buckets) == 20_000
