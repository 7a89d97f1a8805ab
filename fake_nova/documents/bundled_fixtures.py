"""The fixtures that ship with the package, and their names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The folder of the fixtures.
BUNDLED_FIXTURES: Final = Path(__file__).parent.parent / "fixtures"


def bundled_names() -> list[str]:
    """Return the sorted names of the fixtures that ship with the package."""
    return sorted(path.stem for path in BUNDLED_FIXTURES.glob("*.yaml"))


def bundled_file(text: str) -> Path | None:
    """Return the file of the bundled fixture with this name; None if it is no such name.

    The name wins over a file or folder of the same name. That is written as a path, such as ``./default``.
    """
    return BUNDLED_FIXTURES / f"{text}.yaml" if text in bundled_names() else None
