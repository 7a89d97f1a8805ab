"""The progress bar."""

from __future__ import annotations

import sys
from io import StringIO

import pytest

from fake_nova.support import progress_bar


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "total", "is_shown"),
    [(Terminal(), 50_000, True), (Terminal(), 300, False), (StringIO(), 50_000, False)],
)
def test_a_progress_bar_needs_a_terminal_and_many_items(
    monkeypatch: pytest.MonkeyPatch, stream: StringIO, total: int, is_shown: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(progress_bar.with_progress_bar(range(total), total, "making images")) == list(range(total))
    shown = stream.getvalue()
    assert ("making images" in shown and "50000/50000" in shown) if is_shown else shown == ""
