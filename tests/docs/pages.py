"""The pages of the documentation, their code blocks, and the script that does what a page says from top to bottom.

What happens to a block depends on its language:

- a file (``python``, ``yaml``, ``toml``, …), if its first line is a comment with its name, such as
  ``# tests/test_snapshot.py``. A test that no later command of the page runs is run at once.
- ``python`` without a name: tests, or a script. The last line of a script is a comment with its output.
- ``yaml`` without a name: a fixture file, which is checked.
- ``bash``: commands, which must succeed.
- ``text``: the output of the block before it.
- ``console``: commands after ``$`` in a cloud that was just reset, with their output; or scripts of this project.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
DOCS: Final = ROOT / "docs"

#: Languages of blocks that are files.
FILES: Final = ("python", "yaml", "toml", "ini", "groovy", "javascript", "json", "hcl", "ruby", "go")

#: Languages of files that need no name -> how such a file's name ends.
SUFFIXES: Final = {"python": "py", "yaml": "yaml"}

#: Names by which programs find files.
WELL_KNOWN: Final = re.compile(r"(.*/)?(conftest\.py|pyproject\.toml|pytest\.ini|clouds\.yaml)")

#: Names by which pytest finds files.
TEST: Final = re.compile(r"(.*/)?test_\w+\.py")

#: Plugins of pytest that a reader need not have; without them, pytest starts twice as fast.
UNUSED_PLUGINS: Final = ("randomly", "cacheprovider", "faker", "hypothesispytest", "anyio")

#: Variables by which programs change what they print: pytest cuts no line in CI, and colours stand in the way.
OUTPUT_VARIABLES: Final = (
    "BUILD_NUMBER",
    "CI",
    "COLUMNS",
    "CLICOLOR_FORCE",
    "FORCE_COLOR",
    "NO_COLOR",
    "PY_COLORS",
)

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

#: Addresses of the server in pages.
ADDRESSES: Final = re.compile(r"(localhost|127\.0\.0\.1):8774")

_BLOCK: Final = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_NAME: Final = re.compile(r"(?:#|//) ([\w./-]+)\n")

#: Parts of an output that differ from run to run -> what is compared instead.
_VARYING: Final = (
    (re.compile(r"\b\d+\.\d+s\b"), "0.00s"),
    (re.compile(r"(localhost|127\.0\.0\.1):\d+"), "127.0.0.1:8774"),
)


class Block(NamedTuple):
    """A code block of a page.

    Attributes:
        page: the page's path from the root of the project.
        line: the number of its first line in the page.
        language: what follows the fence.
        code: its lines.
    """

    page: str
    line: int
    language: str
    code: str

    @property
    def file(self) -> str | None:
        """The name of the file that the block is, or None."""
        name = _NAME.match(self.code) if self.language in FILES else None
        return name[1] if name else None

    @property
    def has_tests(self) -> bool:
        """Whether pytest collects tests from the block."""
        return bool(TEST.fullmatch(self.file)) if self.file else "\ndef test_" in self.code

    @property
    def is_script_of_project(self) -> bool:
        """Whether the block starts a script of this project, which no test of the documentation can do."""
        return self.language == "console" and self.code.removeprefix("$ ").startswith("scripts/")


def pages() -> list[Path]:
    """Return README.md and all pages of the documentation."""
    return [README, *sorted(DOCS.rglob("*.md"))]


@cache
def read(page: str) -> str:
    """Return the text of a page, by its path from the root of the project."""
    return (ROOT / page).read_text(encoding="utf-8")


def read_blocks(page: Path) -> list[Block]:
    """Return the code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    name = str(page.relative_to(ROOT)) if page.is_relative_to(ROOT) else page.name
    return [
        Block(name, text.count("\n", 0, match.start()) + 2, match[2], match[3].replace(f"\n{match[1]}", "\n"))
        for match in _BLOCK.finditer(text)
    ]


def blocks(*languages: str) -> Iterator[Block]:
    """Yield the code blocks of all pages that are of one of these *languages*, or all without languages."""
    for page in pages():
        for block in read_blocks(page):
            if not languages or block.language in languages:
                yield block


def has_use(block: Block, page_blocks: list[Block]) -> bool:
    """Return whether `run_page` runs, reads or compares a block, given all blocks of its page."""
    if block.language == "console":
        return block.is_script_of_project or block.code.startswith("$ ")
    if block.language == "text":
        return block is not page_blocks[0]
    if block.file is None or block.has_tests:
        return block.language in ("bash", *SUFFIXES)
    path = Path(block.file)
    texts = "".join(other.code for other in page_blocks if other is not block and other.language != "text")
    is_imported = path.suffix == ".py" and re.search(rf"import .*\b{path.stem}\b|{path.stem} import", texts)
    return bool(is_imported) or WELL_KNOWN.fullmatch(block.file) is not None or path.name in texts


def run_page(page: Path, folder: Path, address: str) -> None:
    """Do what a page says in *folder*: write its files, run its commands and tests, and compare the output.

    Args:
        page: the page.
        folder: an empty folder, which is also the home folder.
        address: host and port of a server, in place of those in the page.

    Raises:
        AssertionError: if a command or a test fails, or if an output is not that of the page.
    """
    page_blocks = read_blocks(page)
    script = "\n".join(
        f"echo '<<<{number}'\n{_commands(block, page_blocks[number + 1 :])}\necho '>>>'"
        for number, block in enumerate(page_blocks)
    )
    variables = {"PYTEST_ADDOPTS": ""} if "mark.anyio" in script else {}
    result = run_bash(ADDRESSES.sub(address, script), folder, variables)
    assert result.returncode == 0, result.stdout + result.stderr
    outputs = re.findall(r"^<<<\d+\n(.*?)^>>>$", result.stdout, re.DOTALL | re.MULTILINE)
    for (block, following), output in zip(pairwise([*page_blocks, None]), outputs, strict=True):
        assert block is not None
        expected = _expected_output(block, following)
        if expected is not None:
            assert stable_lines(output) == stable_lines(expected), (
                f"{block.page}:{block.line} prints:\n{output}"
            )


def _commands(block: Block, later: list[Block]) -> str:
    """Return the commands that do what a block says, given the *later* blocks of the page."""
    if block.is_script_of_project:
        return ""
    if block.language in FILES:
        return _file_commands(block, later)
    return {"bash": block.code, "console": _session_commands(block.code)}.get(block.language, "")


def _file_commands(block: Block, later: list[Block]) -> str:
    """Return the commands that write a file, and those that run it unless *later* ones do."""
    prefix = "test" if block.has_tests else "line"
    path = Path(block.file or f"{prefix}_{block.line}.{SUFFIXES[block.language]}")
    write = f"mkdir -p {path.parent}\ncat > {path} <<'END_OF_FILE'\n{block.code}END_OF_FILE\n"
    if block.has_tests:
        shell_lines = "".join(other.code for other in later if other.language == "bash")
        runs_later = block.file and ("pytest" in shell_lines or path.stem in shell_lines)
        return write if runs_later else f"{write}python -m pytest -q {path}"
    if block.file:
        return write
    return write + (f"python {path}" if block.language == "python" else f"fake-nova check {path}")


def _session_commands(session: str) -> str:
    """Return the commands after the prompts of a session, each with its prompt before its output."""
    commands = re.findall(r"^\$ (.*(?:\n> .*)*)", session, re.MULTILINE)
    lines = ["(", "set +e", "exec 2>&1", "curl -s -X POST localhost:8774/_admin/reset -o /dev/null"]
    for command in commands:
        lines += [f"echo {shlex.quote(f'$ {command}')}", command.replace("\n> ", "\n"), "echo"]
    return "\n".join([*lines, ")"])


def _expected_output(block: Block, following: Block | None) -> str | None:
    """Return the output of a block as the page shows it, or None if it shows none."""
    if following is not None and following.language == "text":
        return following.code
    if block.language == "console" and not block.is_script_of_project:
        return block.code
    if block.language == "python" and not block.file and not block.has_tests:
        return block.code.splitlines()[-1].removeprefix("# ")
    return None


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
        if name not in OUTPUT_VARIABLES
        and not name.startswith(("OS_", "FAKE_NOVA_", "PYTEST_"))
        and not name.lower().endswith("_proxy")
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
