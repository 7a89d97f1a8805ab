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
from pathlib import Path
from typing import Any

import yaml

from fake_nova.app import create_app
from fake_nova.cloud import gc_tuning
from fake_nova.cloud.directory import Directory
from fake_nova.documents import fixture_files
from fake_nova.documents.faker_images import made_images
from fake_nova.documents.image import image_document
from fake_nova.images.status import ImageStatus
from tests.speed.in_process import ROOT, emulator_of
from tests.speed.measure import Figure, best_seconds
from tests.speed.subjects import PROJECT, asked

_PAGE = 4096


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def loads() -> Iterator[Figure]:
    """Load 10,000 images, with ids of their own, from YAML and from JSON."""
    images = [image_document(image) for image in made_images(10_000, 1, {}, PROJECT)]
    written = {
        "YAML": yaml.dump({"images": images}, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)),
        "JSON": json.dumps({"images": images}),
    }
    now = datetime.now(UTC)
    for form, goal in (("YAML", 4.0), ("JSON", 0.5)):
        content = written[form].encode()

        def load(content: bytes = content) -> object:
            with gc_tuning.loading():
                return fixture_files.load_text(content, "bench", Directory(), now)

        seconds = best_seconds(load, 3)
        yield Figure("loads", f"load 10,000 images, {form}", seconds, None, "s CPU", goal, rounds=3)


def memory_and_pauses() -> Iterator[Figure]:
    """A million images, in a process of their own: what each takes, and the longest pause for garbage."""
    done = subprocess.run(
        (sys.executable, "-m", "tests.speed.big"), capture_output=True, text=True, check=True
    )
    for line in done.stdout.splitlines():
        yield Figure(**json.loads(line))


def _a_million() -> Iterator[Figure]:
    count = 1_000_000
    emulator_of(1000)
    before = resident()
    emulator = emulator_of(count)
    gc_tuning.own_process()  # as the command does
    app = create_app(emulator).wsgi_app
    ids = [image.id for image in emulator.cloud.images.all()[::1000]]
    for marker in ids[:50]:
        asked(app, f"{ROOT}/detail?marker={marker}")
    each = (resident() - before) / count / 1000
    yield Figure("memory", "memory an image, of 1,000,000", each, None, "KB", 2.5)
    pauses: list[float] = []
    began = 0.0

    def watch(phase: str, _: dict[str, Any]) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            pauses.append((time.perf_counter() - began) * 1000)

    gc.callbacks.append(watch)
    for round_ in range(20):
        for marker in ids:
            asked(app, f"{ROOT}?limit=25&marker={marker}")
        for image_id in ids[:100]:
            status = ImageStatus.SAVING if round_ % 2 else ImageStatus.ACTIVE
            emulator.cloud.images.update(image_id, lambda image, status=status: image.replaced(status=status))  # type: ignore[misc]  # a default binds it now
        emulator.reset()
    gc.collect()
    gc.callbacks.remove(watch)
    what = "longest pause for garbage, 20,000 requests and 2,000 writes at 1,000,000 images"
    yield Figure("memory", what, max(pauses), None, "ms", 20)


if __name__ == "__main__":
    for figure in _a_million():
        sys.stdout.write(json.dumps(asdict(figure)) + "\n")
