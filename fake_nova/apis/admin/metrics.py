"""Metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from types import ModuleType
from typing import Any, NamedTuple

from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.metrics import BUCKETS
from fake_nova.wire.call import Answer, Call


class _Collector(NamedTuple):
    """What the emulator counted, as prometheus_client wants it; *core* is its module of that name."""

    emulator: Emulator
    core: ModuleType

    def collect(self) -> Iterator[Any]:
        """Give each family of metrics."""
        requests = self.core.HistogramMetricFamily(
            "fake_nova_request_duration_seconds",
            "Requests, and how long their answers took.",
            labels=("operation", "method", "status"),
        )
        bounds = (*map(str, BUCKETS), "+Inf")
        for kind, total in self.emulator.metrics.totals().items():
            requests.add_metric(
                (kind.operation, kind.method, str(kind.status)),
                list(zip(bounds, accumulate(total.buckets), strict=True)),
                total.seconds,
            )
        yield requests
        gauge = self.core.GaugeMetricFamily
        images = gauge("fake_nova_images", "Images, deleted ones too.", labels=("scope",))
        in_force = gauge("fake_nova_faults", "Faults in force.", labels=("scope",))
        for scope, cloud in self.emulator.clouds().items():
            now = cloud.clock.now()
            images.add_metric((scope,), len(cloud.images))
            in_force.add_metric((scope,), sum(rule.in_force(now) for rule in cloud.faults.in_force))
        yield images
        yield in_force


def metrics(call: Call) -> Answer:
    """Show what was counted since the start, of all scopes."""
    from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, core, generate_latest  # noqa: PLC0415  # 20 ms

    text = generate_latest(_Collector(call.emulator, core))
    return Answer(200, (("Content-Type", CONTENT_TYPE_PLAIN_0_0_4),), text)
