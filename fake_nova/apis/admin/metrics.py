"""The view that shows metrics in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from types import ModuleType
from typing import Any, NamedTuple

from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.metrics import BUCKETS
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


class _Collector(NamedTuple):
    """A collector for prometheus_client. *core* is that library's module, which is imported late."""

    emulator: Emulator
    core: ModuleType

    def collect(self) -> Iterator[Any]:
        """Yield each metric family."""
        request_durations = self.core.HistogramMetricFamily(
            "fake_nova_request_duration_seconds",
            "Requests, and how long their responses took.",
            labels=("operation", "method", "status"),
        )
        bounds = (*map(str, BUCKETS), "+Inf")
        for labels, histogram in self.emulator.metrics.histograms().items():
            request_durations.add_metric(
                (labels.operation, labels.method, str(labels.status)),
                list(zip(bounds, accumulate(histogram.buckets), strict=True)),
                histogram.seconds,
            )
        yield request_durations
        gauge = self.core.GaugeMetricFamily
        image_counts = gauge("fake_nova_images", "Images, deleted ones too.", labels=("scope",))
        server_counts = gauge("fake_nova_servers", "Servers, deleted ones too.", labels=("scope",))
        fault_counts = gauge("fake_nova_faults", "Faults in force.", labels=("scope",))
        for scope, cloud in self.emulator.clouds().items():
            now = cloud.clock.now()
            image_counts.add_metric((scope,), len(cloud.images))
            server_counts.add_metric((scope,), len(cloud.servers))
            active_count = sum(fault.is_active(now) for fault in cloud.faults.candidates)
            fault_counts.add_metric((scope,), active_count)
        yield image_counts
        yield server_counts
        yield fault_counts


def show(context: Context) -> Response:
    """Show the metrics of all scopes since the start."""
    from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, core, generate_latest  # noqa: PLC0415  # slow to import, and rarely needed

    text = generate_latest(_Collector(context.emulator, core))
    return Response(200, (("Content-Type", CONTENT_TYPE_PLAIN_0_0_4),), text)
