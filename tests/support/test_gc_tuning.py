"""Garbage collection with large stores."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from fake_nova.support import gc_tuning


def test_the_garbage_collector_is_paused_while_images_load() -> None:
    with pytest.raises(ValueError, match="broken"), gc_tuning.gc_paused():
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled()
    gc.disable()
    try:
        with gc_tuning.gc_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


SERVER = """
import gc
from fake_nova.support import gc_tuning
at_start = gc.get_freeze_count()  # Python 3.12 has frozen some itself
objects = [[number] for number in range(1000)]
gc_tuning.freeze_heap()
print(gc.get_freeze_count() - at_start)
gc_tuning.freeze_for_server()
before = gc.get_freeze_count()
with gc_tuning.gc_paused():
    more = [[number] for number in range(1000)]
print(before >= 1000, gc.get_freeze_count() - before >= 1000)
"""


def test_only_a_servers_own_process_excludes_its_images_from_collections() -> None:
    result = subprocess.run((sys.executable, "-c", SERVER), capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["0", "True", "True"]
