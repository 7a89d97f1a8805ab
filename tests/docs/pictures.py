"""The pictures of terminals in ``docs/assets``: the commands that they show, and the text of their files.

``scripts/pictures`` draws them. Their text is that of a real run, with fixed ids, ports, folders, times and versions.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from tests.docs.pages import DOCS, clean_environment, read_blocks

ASSETS: Final = DOCS / "assets"

COLUMNS: Final = 110

#: Commands that control a server and show its images, after the one that starts it.
COMMANDS: Final = (
    'eval "$(fake-nova env)"',
    "curl -s -o /dev/null -X PUT -d status=deactivated localhost:8774/_admin/images/golden/status",
    "openstack image list --sort name",
)

#: Patterns of what differs between two runs -> what stands for it in a picture. In this order.
_REPLACEMENTS: Final = {
    r"(images/|added )[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}": r"\g<1>3f0a3c2b-6a52-4c1e-9d57-0c6f0b3a1e11",
    r"127\.0\.0\.1:[0-9]+": "127.0.0.1:8774",
    r"--port [0-9]+": "--port 8774",
    r"--state \S*/fake_nova-": "--state /tmp/pytest-of-you/pytest-0/fake_nova-",
    r"\bat [0-9]{4}-\S+": "at 2031-01-01T00:00:00+00:00",
    r"\bin [0-9.]+s": "in 0.31s",
    r"only after [0-9.]+ s; after [0-9.]+ s": "only after 2.0 s; after 2.0 s",
    r"fake_nova [0-9.]+\S* listens": "fake_nova 0.1.0 listens",
    r"[./][^\s\x1b]*/site-packages/": ".venv/lib/python3.11/site-packages/",
    r"(models\.py\S*?):[0-9]+": r"\1:1167",
}

_ESCAPE: Final = re.compile(r"\x1b\[[0-9;]*m")


def run_commands(folder: Path) -> str:
    """Start a server with ``fake-nova serve``, run `COMMANDS`, and return what the terminal shows."""
    environment = {**clean_environment(folder), "COLUMNS": str(COLUMNS)}
    serve = [sys.executable, "-m", "fake_nova", "serve", "--auth-strategy", "keystone", "--port", "0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder) as server:
        assert server.stdout is not None
        try:
            greeting: list[str] = []
            while "OS_PASSWORD" not in "".join(greeting[-1:]):
                greeting.append(next(server.stdout))
            (port,) = set(re.findall(r"127\.0\.0\.1:([0-9]+)", "".join(greeting)))
            output = _run(COMMANDS, {**environment, "FAKE_NOVA_PORT": port}, folder, f"localhost:{port}")
        finally:
            server.terminate()
    return f"{_prompt('fake-nova serve --auth-strategy keystone &')}\n{''.join(greeting)}{output}"


def run_failing_test(folder: Path) -> str:
    """Run the test of the tutorial that finds a mistake, and return what the terminal shows."""
    write_files("tutorial.md", folder, "waiter.py", "test_busy.py")
    return run_pytest("python -m pytest -q --tb=short test_busy.py", folder)


def run_coverage(folder: Path) -> str:
    """Run a test with coverage, and return what the terminal shows."""
    write_files("how-to/what-did-my-tests-never-meet.md", folder, "test_waiter.py")
    return run_pytest("python -m pytest -q --fake-nova-coverage test_waiter.py", folder)


def run_each_fault(folder: Path) -> str:
    """Run the test of the page on each fault, and return what the terminal shows."""
    names = [block.file for block in read_blocks(DOCS / "how-to" / "each-fault.md") if block.file]
    write_files("how-to/each-fault.md", folder, *names)
    command = "python -m pytest -q --tb=no --no-summary --fake-nova-fault-timeout 2 test_archive.py"
    return run_pytest(command, folder)


def write_files(page: str, folder: Path, *names: str) -> None:
    """Write files of a page to a folder."""
    files = [block for block in read_blocks(DOCS / page) if block.file]
    for name in names:
        (block,) = (block for block in files if block.file == name)
        (folder / name).write_text(block.code, encoding="utf-8")


def run_pytest(command: str, folder: Path) -> str:
    """Run pytest in a folder as in a terminal, and return what that shows."""
    environment = {**clean_environment(folder), "COLUMNS": str(COLUMNS), "PY_COLORS": "1"}
    for name in ("CI", "BUILD_NUMBER"):  # pytest shortens no line on a CI system
        environment.pop(name, None)
    return _run((command,), environment, folder, "localhost:8774")


#: File in `ASSETS` -> the function that runs its commands in an empty folder.
PICTURES: Final[Mapping[str, Callable[[Path], str]]] = {
    "command-line.svg": run_commands,
    "failing-test.svg": run_failing_test,
    "coverage.svg": run_coverage,
    "each-fault.svg": run_each_fault,
}


def _prompt(command: str) -> str:
    return f"\x1b[1;32m$\x1b[0m \x1b[1m{command}\x1b[0m"


def _run(commands: tuple[str, ...], environment: Mapping[str, str], folder: Path, address: str) -> str:
    """Run commands in one shell, and return each with its output."""
    script = "\n".join(
        f"printf '%s\\n' '{_prompt(command)}'\n{command.replace('localhost:8774', address)}"
        for command in commands
    )
    result = subprocess.run(
        ["bash", "-uc", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=folder,
        timeout=120,
        check=False,
    )
    return result.stdout


def stable_text(output: str) -> str:
    """Return an output with fixed text for what differs from run to run."""
    for pattern, replacement in _REPLACEMENTS.items():
        output = re.sub(pattern, replacement, output)
    return output


def text_without_blanks(output: str) -> str:
    """Return the text of an output without its colors, and without its blanks, which differ where a picture wraps."""
    return "".join(stable_text(_ESCAPE.sub("", output)).split())


def read_text(picture: Path) -> str:
    """Return the text of the terminal in a picture, without blanks."""
    elements = ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")
    texts = ["".join(element.itertext()) for element in elements if "title" not in element.get("class", "")]
    return "".join("".join(texts).split())
