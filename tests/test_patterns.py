"""Patterns that are compiled when they are first used: in the module that is meant, and nowhere else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fake_nova.patterns import compiled_when_used

SOURCE = """
import abc, re

class Kept(abc.ABC):  # which asks each attribute of the class for __isabstractmethod__
    WORD = re.compile("[a-z]+", re.IGNORECASE)
"""


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """Give two modules that were loaded while patterns of the first one were to wait."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names = ("pattern_waits", "pattern_does_not")
    for name in names:
        (tmp_path / f"{name}.py").write_text(SOURCE, encoding="utf-8")
    with compiled_when_used("pattern_waits"):
        modules = {name: __import__(name) for name in names}
    yield modules
    for name in names:
        del sys.modules[name]


def test_a_pattern_that_waits_does_what_one_does_and_the_others_are_none(loaded: Any) -> None:
    waits: Any = loaded["pattern_waits"].Kept.WORD
    ready: Any = loaded["pattern_does_not"].Kept.WORD
    assert type(ready) is re.Pattern
    assert type(waits) is not re.Pattern
    assert "_pattern" not in vars(waits)  # not even compiled, so far
    word: Any
    for word in (waits, ready):
        assert word.match("Ab1")[0] == "Ab"
        assert (word.pattern, word.flags & re.IGNORECASE) == ("[a-z]+", re.IGNORECASE)
        assert word.sub("x", "A b") == "x x"


def test_behind_the_block_all_is_as_before_even_if_it_failed() -> None:
    before = re.compile
    with pytest.raises(LookupError), compiled_when_used("x"):
        assert re.compile is not before
        raise LookupError
    assert re.compile is before


def test_in_the_process_of_a_test_no_pattern_waits() -> None:
    from marshmallow import validate  # noqa: PLC0415  # by now it is loaded as whoever loaded it wanted it

    assert isinstance(validate.Email.DOMAIN_REGEX, re.Pattern)
    assert validate.Email()("a@example.org") == "a@example.org"
