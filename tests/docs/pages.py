"""The fenced blocks of a page, and the script that does what the page says, from its first block to its last.

A block is one of these:

- a file, if its first line is a comment with a file name, such as ``# tests/test_snapshot.py``;
- ``bash``: commands;
- ``text`` or ``console``: the output of the commands before it. A page without commands runs its tests, and its
  last ``text`` block is their output.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parent.parent.parent / "docs"

#: Languages of blocks that show output.
OUTPUT: Final = ("text", "console")

#: Languages of blocks that are files.
FILES: Final = ("python", "yaml", "toml", "ini", "groovy", "javascript", "json", "hcl", "ruby", "go")

#: Names by which programs find files.
WELL_KNOWN: Final = re.compile(r"(.*/)?(conftest\.py|test_\w+\.py|pyproject\.toml|pytest\.ini|clouds\.yaml)")

#: Plugins of pytest that a reader need not have; without them, pytest starts twice as fast.
UNUSED_PLUGINS: Final = ("randomly", "cacheprovider", "faker", "hypothesispytest", "anyio")

#: Commands before those of a page. Nothing is installed, but the packages that a page installs must be there.
PREAMBLE: Final = """
pip() {
  [ "$1" = install ]
  for word in "${@:2}"; do
    case $word in
      -* | */* | *.txt) ;;
      *) python -c 'import importlib.metadata, sys; importlib.metadata.version(sys.argv[1])' "$word" ;;
    esac
  done
}
"""

_BLOCK: Final = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME: Final = re.compile(r"(?:#|//) ([\w./-]+)\n")

#: Parts of an output that differ from run to run -> what is compared instead.
_VARYING: Final = (
    (re.compile(r"\b\d+\.\d+s\b"), "0.00s"),
    (re.compile(r"(localhost|127\.0\.0\.1):\d+"), "127.0.0.1:8774"),
    (re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"), "ID"),
)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: the info string.
        code: the lines of the block.
        line: the number of its first line in the page.
    """

    language: str
    code: str
    line: int

    @property
    def file(self) -> str | None:
        """The name of the file that the block is, or None."""
        name = _NAME.match(self.code) if self.language in FILES else None
        return name[1] if name else None


def read_blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(match[1], match[2], text.count("\n", 0, match.start()) + 2) for match in _BLOCK.finditer(text)
    ]


def blocks_without_use(page: Path, run_elsewhere: Sequence[str] = ()) -> list[str]:
    """Return a line for each block of a page that nothing runs, reads or compares.

    Args:
        page: the page.
        run_elsewhere: names of files that a test of their own runs.
    """
    blocks = read_blocks(page)
    return [
        f"{page.name}:{block.line}: {block.language}"
        for block in blocks
        if block.file not in run_elsewhere and not _has_use(block, blocks)
    ]


def _has_use(block: Block, blocks: list[Block]) -> bool:
    if block.language in ("bash", *OUTPUT):
        return True
    if block.file is None:
        return False
    path = Path(block.file)
    others = "".join(other.code for other in blocks if other is not block and other.language not in OUTPUT)
    is_imported = path.suffix == ".py" and bool(
        re.search(rf"import .*\b{path.stem}\b|{path.stem} import", others)
    )
    return WELL_KNOWN.fullmatch(block.file) is not None or path.name in others or is_imported


def run_page(page: Path, folder: Path, variables: Mapping[str, str], replacements: Mapping[str, str]) -> None:
    """Do what a page says in *folder*: write its files, run its commands or tests, and compare the output.

    Args:
        page: the page.
        folder: an empty folder, which is also the home folder.
        variables: environment variables in addition to those of `clean_environment`.
        replacements: text in the page -> text to use in its place, such as the address of a server.

    Raises:
        AssertionError: if a command or a test fails, or if an output is not that of the page.
    """
    blocks = read_blocks(page)
    if not any(block.language == "bash" for block in blocks):
        blocks = _with_tests(blocks)
    script = "\n".join(_commands(number, block) for number, block in enumerate(blocks))
    if "mark.anyio" in script:
        variables = {**variables, "PYTEST_ADDOPTS": ""}
    result = run_bash(replace_all(script, replacements), folder, variables)
    assert result.returncode == 0, result.stdout + result.stderr
    outputs = {int(number): text for number, text in re.findall(r"<<<(\d+)\n([^\0]*?)>>>", result.stdout)}
    for number, block in enumerate(blocks):
        if block.language in OUTPUT:
            assert stable_lines(outputs[number - 1]) == stable_lines(block.code), f"{page.name}:{block.line}"


def _with_tests(blocks: list[Block]) -> list[Block]:
    """Add the command that runs the tests of a page without commands, before its output."""
    tests = [block.file for block in blocks if block.file and "test_" in block.file]
    assert tests, "the page has no commands and no tests"
    command = Block("bash", f"python -m pytest -q {' '.join(tests)}\n", 0)
    shows_output = blocks[-1].language in OUTPUT
    return [*blocks[:-1], command, blocks[-1]] if shows_output else [*blocks, command]


def _commands(number: int, block: Block) -> str:
    """Return the commands that write the file of a block, or those of the block between marks."""
    if block.file:
        folder = Path(block.file).parent
        return f"mkdir -p {folder}\ncat > {block.file} <<'END_OF_FILE'\n{block.code}END_OF_FILE"
    if block.language == "bash":
        return f"echo '<<<{number}'\n{block.code}\necho '>>>'"
    return ""


def run_bash(script: str, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script in bash, which stops at the first error."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", PREAMBLE + script],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**clean_environment(folder), **variables},
        timeout=120,
        check=False,
    )


def clean_environment(home: Path) -> dict[str, str]:
    """Return the environment without the developer's settings, with the commands of this environment first."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OS_", "FAKE_NOVA_", "PYTEST_")) and not name.lower().endswith("_proxy")
    }
    return {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": " ".join(f"-p no:{plugin}" for plugin in UNUSED_PLUGINS),
    }


def stable_lines(output: str) -> list[str]:
    """Return the lines of an output without blank ones, and without what differs from run to run."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    for pattern, text in _VARYING:
        lines = [pattern.sub(text, line) for line in lines]
    return lines


def replace_all(text: str, replacements: Mapping[str, str]) -> str:
    """Return *text* with each key of *replacements* replaced by its value."""
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text
