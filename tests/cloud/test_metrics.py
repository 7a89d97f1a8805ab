"""Metrics: counts and durations by kind of request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fake_nova.cloud.metrics import BUCKETS, Labels, Metrics
from tests.conftest import Cloud

LIST = Labels("images.list", "GET", 200)


def test_each_duration_falls_into_the_first_bucket_that_is_large_enough() -> None:
    metrics = Metrics()
    for seconds in (0, *BUCKETS, BUCKETS[-1] + 1, 0.0007):
        metrics.observe(*LIST, seconds)
    total = metrics.histograms()[LIST]
    assert total.buckets == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert total.seconds == pytest.approx(sum(BUCKETS) + BUCKETS[-1] + 1 + 0.0007)


def test_each_kind_is_counted_separately_and_reading_resets_nothing() -> None:
    metrics = Metrics()
    for status in (200, 404, 200):
        metrics.observe("images.show", "GET", status, 0.002)
    assert {kind.status: sum(total.buckets) for kind, total in metrics.histograms().items()} == {
        200: 2,
        404: 1,
    }
    metrics.observe("images.show", "GET", 404, 0.002)
    assert sum(metrics.histograms()[Labels("images.show", "GET", 404)].buckets) == 2


def test_concurrent_observations_are_not_lost() -> None:
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


def test_unknown_methods_are_counted_together() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.observe("", f"METHOD{number}", 404, 0.001)
    metrics.observe("", "get", 404, 0.001)
    assert {kind: sum(total.buckets) for kind, total in metrics.histograms().items()} == {
        Labels("", "other", 404): 101
    }


def test_unknown_methods_are_reported_as_other(cloud: Cloud) -> None:
    cloud.ask("BREW", "/v2.1/images")
    cloud.ask("Y" * 5_000, "/image/v2/images")
    metrics_text = cloud.ask("GET", "/_admin/metrics").text
    assert 'method="other"' in metrics_text
    assert "BREW" not in metrics_text
    assert "YYY" not in metrics_text
