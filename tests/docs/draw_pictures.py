"""Draws the pictures of `tests.docs.pictures` with Rich, for ``scripts/pictures``."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.docs.pictures import ASSETS, COLUMNS, PICTURES, stable_text

#: The fonts of Rich's drawing, which a page would load from another host.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw(output: str, name: str) -> str:
    """Return the SVG of a terminal with this output."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(stable_text(output)))
    svg = _FONTS.sub("", console.export_svg(title="", unique_id=name))
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


def main() -> None:
    """Run the commands of each picture, and write its file."""
    for file, run in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            svg = draw(run(Path(folder)), Path(file).stem)
        (ASSETS / file).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
