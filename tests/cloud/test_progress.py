"""The progress bar."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest

from fake_nova.cloud import progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each look at the clock find it a second later."""
    times: Iterator[float] = iter(range(10**6))
    monkeypatch.setattr(progress, "monotonic", lambda: next(times))


@pytest.mark.usefixtures("seconds")
def test_a_terminal_sees_how_far_it_is_and_nothing_is_left_of_it() -> None:
    terminal = Terminal()
    assert list(progress.over(range(1000), 1000, "making images", terminal)) == list(range(1000))
    shown = terminal.getvalue().split("\r")
    assert shown[2] == "making images [#######.......................] 256 of 1,000"
    assert shown[-1] == "\x1b[K"


@pytest.mark.usefixtures("seconds")
def test_a_file_sees_nothing() -> None:
    file = StringIO()
    assert len(list(progress.over(range(1000), 1000, "making images", file))) == 1000
    assert file.getvalue() == ""


def test_what_is_done_at_once_shows_nothing() -> None:
    terminal = Terminal()
    list(progress.over(range(300), 300, "making images", terminal))
    assert terminal.getvalue() == ""
