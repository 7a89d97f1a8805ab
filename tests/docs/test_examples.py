"""Every code block of README.md, the reference and the explanation runs; `text` marks output.

What happens to a block depends on the word after its fence:

- ``console``: its commands (``$ …``) run against a server with the fixture `default`; without ``$`` it names scripts.
- ``sh``: a script, which must succeed.
- ``python``: a file of tests, or a script whose last line is a comment with its output.
- ``py``: the same script as a client's user writes it, with the ``clouds.yaml`` of the page or the reference.
- ``yaml``: a fixture file. ``yml``, ``json``, ``toml`` and ``ini``: another file, which must be readable.
- ``text``: output, or what cannot run here.

``title="conftest.py"`` names the file; the tests of later blocks of the page find it beside them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from fake_nova.cli.greeting import startup_banner
from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.documents.fixture_files import load_text
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud
from tests.docs.code_blocks import ROOT, Block, blocks, parameters

BROKEN = "images:\n  - name: a\n    status: actve\n"

#: Beginning of a page's path -> the test that runs its blocks.
PAGES_WITH_TESTS: Final = {
    "docs/reference/failure-reports.md": "tests/testing/test_failure_report.py",
    "docs/tutorial.md": "tests/docs/test_how_to.py",
    "docs/how-to/": "tests/docs/test_how_to.py",
}

READERS: Final[dict[str, Callable[[str], Any]]] = {
    "json": json.loads,
    "yml": yaml.safe_load,
    "toml": tomllib.loads,
    "ini": lambda text: ConfigParser().read_string(text),
}
KINDS: Final = {"console", "sh", "python", "py", "yaml", "text", *READERS}


def runnable(*kinds: str) -> Iterator[Block]:
    """Yield the blocks of these kinds on the pages that have no test of their own."""
    return (block for block in blocks(*kinds) if not block.page.startswith(tuple(PAGES_WITH_TESTS)))


def commands(block: Block) -> list[str]:
    return [line[2:] for line in block.text.replace("\n> ", " ").splitlines() if line.startswith("$ ")]


def is_greeting(block: Block) -> bool:
    return block.text.startswith("$ scripts/serve\n")


def has_tests(block: Block) -> bool:
    return "def test_" in block.text


def is_part(block: Block) -> bool:
    """Return whether the block is only a file for the tests of other blocks."""
    return bool(block.title) and not has_tests(block)


def test_every_block_is_of_a_kind_that_runs_or_is_output() -> None:
    unknown = [f"{block.page}:{block.line}: {block.kind}" for block in runnable() if block.kind not in KINDS]
    assert unknown == []


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as server:
        yield server


@pytest.mark.parametrize(
    "session",
    parameters(block for block in runnable("console") if commands(block) and not is_greeting(block)),
)
def test_a_console_session_prints_what_the_page_shows(session: Block, nova: FakeNova, tmp_path: Path) -> None:
    (tmp_path / "my-cloud.yaml").write_text(BROKEN)
    address = nova.url.replace("http://127.0.0.1", "localhost")
    script = "\n".join(
        f"echo {shell_quote('$ ' + command)}\n{command}\necho" for command in commands(session)
    )
    result = subprocess.run(
        ["bash", "-c", script.replace("localhost:8774", address)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        check=False,
    )
    output = (result.stdout + result.stderr).replace(address, "localhost:8774")
    assert lines(output) == lines(session.text.replace("\n> ", " "))


@pytest.mark.parametrize("block", parameters(block for block in runnable("console") if not commands(block)))
def test_a_console_block_without_a_prompt_names_scripts(block: Block) -> None:
    for line in block.text.splitlines():
        assert os.access(ROOT / line.split()[0], os.X_OK), line


def test_the_greeting_equals_the_commands() -> None:
    (greeting,) = filter(is_greeting, runnable("console"))
    assert greeting.text.splitlines()[1:] == startup_banner("http://127.0.0.1:8774", Cloud().emulator)


@pytest.mark.parametrize("steps", parameters(runnable("sh")))
def test_the_steps_of_a_script_work(steps: Block, tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("OS_", "FAKE_NOVA_"))
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    end = "wait $server" if "server=$!" in steps.text else ""
    result = subprocess.run(
        ["bash", "-euc", f"{steps.text}\n{end}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment, "PATH": path, "NO_PROXY": "*", "HOME": str(tmp_path)},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    if "openstack image list" in steps.text:
        assert "golden" in result.stdout.splitlines()
    if "fake-nova.log" in steps.text:
        assert " listens on http://127.0.0.1:" in (tmp_path / "fake-nova.log").read_text()
        assert not (tmp_path / "fake-nova.url").exists()


def shell_quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def lines(text: str) -> list[str]:
    """Return the lines without blank ones, sorted, because standard error comes in another order."""
    return sorted(line.rstrip() for line in text.splitlines() if line.strip())


def write_files(folder: Path, block: Block) -> None:
    """Write the files that earlier blocks of the page show."""
    for part in blocks():
        if part.page == block.page and part.line < block.line and part.title:
            (folder / part.title).write_text(part.text, encoding="utf-8")


@pytest.mark.parametrize("example", parameters(filter(has_tests, runnable("python"))))
def test_the_tests_of_an_example_pass(example: Block, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(conftest="")
    write_files(pytester.path, example)
    name = example.title or "test_example.py"
    (pytester.path / name).write_text(example.text, encoding="utf-8")
    result = pytester.runpytest_inprocess("-p", "no:randomly", name)
    count = len(re.findall(r"^(?:async )?def test_", example.text, re.MULTILINE))
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] >= count


def test_the_settings_of_the_example_hold(pytester: pytest.Pytester) -> None:
    (settings,) = (block for block in runnable("python") if "def fake_nova_settings" in block.text)
    pytester.makeconftest(settings.text)
    pytester.makepyfile(test_example="def test_it(fake_nova): assert len(fake_nova.images.all()) == 9")
    pytester.runpytest_subprocess("-p", "no:randomly", "test_example.py").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "script", parameters(block for block in runnable("python") if not has_tests(block) and not is_part(block))
)
def test_a_script_prints_what_the_page_shows(script: Block, tmp_path: Path) -> None:
    write_files(tmp_path, script)
    result = subprocess.run(
        [sys.executable, "-c", script.text], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (f"# {result.stdout.strip()}", result.stderr) == (script.text.splitlines()[-1], "")


def clients_environment(folder: Path, url: str) -> dict[str, str]:
    """Return an environment with the variables that the server exports, without the developer's settings."""
    inherited_variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("OS_") and not name.lower().endswith("_proxy")
    }
    exports = [
        line
        for line in startup_banner(url, Cloud().emulator)
        if line.startswith("export ") and "..." not in line
    ]
    exported_variables = dict(line.removeprefix("export ").split("=", 1) for line in exports)
    return {
        **inherited_variables,
        **exported_variables,
        "OS_PASSWORD": "demo-secret",
        "HOME": str(folder),
        "NO_PROXY": "*",
    }


@pytest.mark.parametrize("script", parameters(runnable("py")))
def test_a_client_example_prints_what_the_page_shows(script: Block, tmp_path: Path) -> None:
    clouds, *_ = (block.text for block in blocks("yml") if block.text.startswith("clouds:"))
    *_, expected = script.text.strip().splitlines()
    with FakeNova(fixtures=("default",), auth_strategy="keystone") as server:
        (tmp_path / "clouds.yaml").write_text(clouds.replace("http://127.0.0.1:8774", server.url))
        result = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script.text.replace("http://127.0.0.1:8774", server.url)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=clients_environment(tmp_path, server.url),
            check=False,
        )
    assert f"# {result.stdout.strip()}" == expected, result.stderr


@pytest.mark.parametrize("fixture", parameters(runnable("yaml")))
def test_a_fixture_file_loads(fixture: Block) -> None:
    load_text(fixture.text.encode(), fixture.page, Directory(), SystemClock().now())


@pytest.mark.parametrize("file", parameters(runnable(*READERS)))
def test_another_file_is_readable(file: Block) -> None:
    READERS[file.kind](file.text)
