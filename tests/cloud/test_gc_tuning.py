"""The garbage collector and large stores."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from fake_nova.cloud import gc_tuning


def test_while_images_are_loaded_nothing_is_collected_and_afterwards_as_before() -> None:
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
from fake_nova.cloud import gc_tuning
at_start = gc.get_freeze_count()  # Python 3.12 has frozen some itself
kept = [[number] for number in range(1000)]
gc_tuning.freeze_heap()
print(gc.get_freeze_count() - at_start)
gc_tuning.freeze_for_server()
before = gc.get_freeze_count()
with gc_tuning.gc_paused():
    more = [[number] for number in range(1000)]
print(before >= 1000, gc.get_freeze_count() - before >= 1000)
"""


def test_only_in_a_process_of_its_own_a_server_leaves_its_images_out_of_collections() -> None:
    result = subprocess.run((sys.executable, "-c", SERVER), capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["0", "True", "True"]
