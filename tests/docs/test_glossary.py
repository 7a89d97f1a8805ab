"""The names in the glossary exist in the code."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

GLOSSARY = (Path(__file__).parents[2] / "docs" / "explanation" / "glossary.md").read_text(encoding="utf-8")

#: The dotted names in the last column of the tables, such as ``cloud.cloud.Cloud``.
NAMES = re.findall(r"\| `((?:[a-z_]+\.)+\w+)` \|$", GLOSSARY, re.MULTILINE)


def resolve(name: str) -> Any:
    """Return the module, class or attribute with this name in the package."""
    module, _, attribute = f"fake_nova.{name}".rpartition(".")
    try:
        return getattr(import_module(module), attribute)
    except (ModuleNotFoundError, AttributeError):
        return import_module(f"fake_nova.{name}")


def test_the_glossary_names_code() -> None:
    assert len(NAMES) > 30


@pytest.mark.parametrize("name", NAMES)
def test_every_name_in_the_glossary_exists(name: str) -> None:
    assert resolve(name) is not None
