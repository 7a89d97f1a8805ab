"""Big stores: memory, pauses, and how long fixtures take to load."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from fake_nova.app import create_app
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents import fixture_files
from fake_nova.documents.faker_images import generate_images
from fake_nova.documents.image import serialize_image
from fake_nova.images.status import ImageStatus
from fake_nova.support import gc_tuning
from tests.speed.in_process import ROOT, emulator_of
from tests.speed.measure import Comparison, Figure, compare_cpu
from tests.speed.subjects import PROJECT, Wsgi, get_body

_PAGE = 4096


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def loads() -> Iterator[Figure]:
    """Load 10,000 images with ids of their own from YAML and JSON, beside parsing the same text."""
    images = [serialize_image(image) for image in generate_images(10_000, 1, {}, PROJECT)]
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # as fake_nova chooses its own
    now = datetime.now(UTC)

    def load(content: bytes) -> object:
        return fixture_files.load_text(content, "bench", Directory(), now)

    def parse_yaml(content: bytes) -> object:
        return yaml.load(content, Loader=loader)  # a safe one

    for name, content, parse, goal in (
        ("YAML beside yaml.load", yaml.dump({"images": images}, Dumper=dumper).encode(), parse_yaml, 2.4),
        ("JSON beside json.loads", json.dumps({"images": images}).encode(), json.loads, 25.0),
    ):
        with gc_tuning.gc_paused():  # both without the garbage collector
            comparison = compare_cpu(partial(load, content), partial(parse, content), rounds=5, seconds=0.2)
        yield comparison.figure("loads", f"load 10,000 images, {name} of the same text", "s CPU", goal)


def memory_and_pauses() -> Iterator[Figure]:
    """A million images, in a process of their own: what each takes, and the longest pause for garbage."""
    process = subprocess.run(
        (sys.executable, "-m", "tests.speed.big"), capture_output=True, text=True, check=True
    )
    for line in process.stdout.splitlines():
        yield Figure(**json.loads(line))


def _a_million() -> Iterator[Figure]:
    count = 1_000_000
    emulator_of(1000)
    before = resident()
    emulator = emulator_of(count)
    gc_tuning.freeze_for_server()  # as the command does
    app = create_app(emulator).wsgi_app
    ids = [image.id for image in emulator.cloud.images.all()[::1000]]
    for marker in ids[:50]:
        get_body(app, f"{ROOT}/detail?marker={marker}")
    kilobytes_per_image = (resident() - before) / count / 1000
    yield Figure("memory", "memory an image, of 1,000,000", kilobytes_per_image, None, "KB", 2.5)
    yield _longest_pause(emulator, app, ids)


def _longest_pause(emulator: Emulator, app: Wsgi, ids: list[str]) -> Figure:
    """Return the longest collection during reads and writes, beside one that looks at every image."""
    pauses: list[float] = []
    start = 0.0

    def watch(phase: str, _: dict[str, Any]) -> None:
        nonlocal start
        if phase == "start":
            start = time.process_time()
        else:
            pauses.append(time.process_time() - start)

    gc.callbacks.append(watch)
    for round_ in range(20):
        for marker in ids:
            get_body(app, f"{ROOT}?limit=25&marker={marker}")
        for image_id in ids[:100]:
            status = ImageStatus.SAVING if round_ % 2 else ImageStatus.ACTIVE
            emulator.cloud.images.update(image_id, lambda image, status=status: image.replace(status=status))  # type: ignore[misc]  # a default binds it now
        emulator.reset()
    gc.collect()
    longest = max(pauses)
    gc.unfreeze()
    gc.collect()
    gc.callbacks.remove(watch)
    what = "longest pause for garbage at 1,000,000 images, 20,000 requests and 2,000 writes, beside a full collection"
    return Comparison(longest, pauses[-1], 1, 0).figure("memory", what, "ms CPU", 0.011)


if __name__ == "__main__":
    for figure in _a_million():
        sys.stdout.write(json.dumps(asdict(figure)) + "\n")
