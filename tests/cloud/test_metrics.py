"""Metrics: requests by kind, and how long they took."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fake_nova.cloud.metrics import BUCKETS, Labels, Metrics
from tests.conftest import Cloud

LIST = Labels("images.list", "GET", 200)


def test_each_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed() -> None:
    metrics = Metrics()
    for seconds in (0, *BUCKETS, BUCKETS[-1] + 1, 0.0007):
        metrics.observe(*LIST, seconds)
    total = metrics.histograms()[LIST]
    assert total.buckets == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert total.seconds == pytest.approx(sum(BUCKETS) + BUCKETS[-1] + 1 + 0.0007)


def test_kinds_are_counted_apart_and_go_on_being_counted_after_somebody_asked() -> None:
    metrics = Metrics()
    for status in (200, 404, 200):
        metrics.observe("images.show", "GET", status, 0.002)
    assert {kind.status: sum(total.buckets) for kind, total in metrics.histograms().items()} == {
        200: 2,
        404: 1,
    }
    metrics.observe("images.show", "GET", 404, 0.002)
    assert sum(metrics.histograms()[Labels("images.show", "GET", 404)].buckets) == 2


def test_nothing_is_lost_where_many_observe_at_once() -> None:
    metrics = Metrics()

    def observe_many() -> None:
        for _ in range(5000):
            metrics.observe(*LIST, 0.001)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(observe_many)
        for _ in range(50):
            metrics.histograms()
    assert sum(metrics.histograms()[LIST].buckets) == 20_000


def test_methods_that_somebody_made_up_are_counted_as_one() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.observe("", f"METHOD{number}", 404, 0.001)
    metrics.observe("", "get", 404, 0.001)
    assert {kind: sum(total.buckets) for kind, total in metrics.histograms().items()} == {
        Labels("", "other", 404): 101
    }


def test_made_up_methods_are_other_on_the_wire(cloud: Cloud) -> None:
    cloud.ask("BREW", "/v2.1/images")
    cloud.ask("X" * 5_000, "/image/v2/images")
    metrics_text = cloud.ask("GET", "/_admin/metrics").text
    assert 'method="other"' in metrics_text
    assert "BREW" not in metrics_text
    assert "XXX" not in metrics_text
