"""Every example in README.md runs and prints what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fake_nova.cli.greeting import startup_banner
from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.documents.fixture_files import FixtureSchema, load_text
from fake_nova.documents.plan import FixtureImageSchema
from fake_nova.images.status import ImageStatus
from fake_nova.settings import SETTINGS
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BROKEN = "images:\n  - name: a\n    status: actve\n"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def sessions() -> list[str]:
    """Return the blocks of commands with their output, except the block that never ends."""
    return [block for block in blocks("console") if "$ " in block and "$ scripts/serve" not in block]


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as server:
        yield server


@pytest.mark.parametrize("session", sessions())
def test_a_console_session_prints_what_the_readme_shows(session: str, nova: FakeNova, tmp_path: Path) -> None:
    (tmp_path / "my-cloud.yaml").write_text(BROKEN)
    address = nova.url.replace("http://127.0.0.1", "localhost")
    session = session.replace("\n> ", " ")  # a command of several lines
    commands = [line[2:] for line in session.splitlines() if line.startswith("$ ")]
    script = "\n".join(f"echo {shell_quote('$ ' + line)}\n{line}\necho" for line in commands)
    result = subprocess.run(
        ["bash", "-c", script.replace("localhost:8774", address)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        check=False,
    )
    output = (result.stdout + result.stderr).replace(address, "localhost:8774")
    assert lines(output) == lines(session)


def test_the_steps_for_ci_work(tmp_path: Path) -> None:
    (steps,) = blocks("sh")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("OS_", "FAKE_NOVA_"))
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-euc", f"{steps}\nwait $server"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment, "PATH": path, "NO_PROXY": "*", "HOME": str(tmp_path)},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "golden" in result.stdout.splitlines()
    assert " listens on http://127.0.0.1:" in (tmp_path / "fake-nova.log").read_text()
    assert not (tmp_path / "fake-nova.url").exists()


def shell_quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def lines(text: str) -> list[str]:
    """Return the lines without blank ones, sorted, because standard error comes in another order."""
    return sorted(line.rstrip() for line in text.splitlines() if line.strip())


def test_the_python_examples_pass(pytester: pytest.Pytester) -> None:
    example, settings, shared, _ = blocks("python")
    pytester.makepyfile(test_example=example)
    pytester.makepyfile(conftest="")
    pytester.makepyfile(test_shared=shared)
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=5)
    pytester.makepyfile(conftest=settings)
    pytester.makepyfile(test_example="def test_it(fake_nova): assert len(fake_nova.images.all()) == 9")
    pytester.runpytest_subprocess("-p", "no:randomly", "test_example.py").assert_outcomes(passed=1)


def test_the_example_without_pytest_prints_what_the_readme_shows(tmp_path: Path) -> None:
    *_, script = blocks("python")
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert f"# {result.stdout.strip()}" == script.splitlines()[-1]


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


@pytest.mark.parametrize("script", blocks("py"))
def test_a_client_example_prints_what_the_readme_shows(script: str, tmp_path: Path) -> None:
    (clouds,) = blocks("yml")
    *_, expected = script.strip().splitlines()
    with FakeNova(fixtures=("default",), auth_strategy="keystone") as server:
        (tmp_path / "clouds.yaml").write_text(clouds.replace("http://127.0.0.1:8774", server.url))
        result = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script.replace("http://127.0.0.1:8774", server.url)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=clients_environment(tmp_path, server.url),
            check=False,
        )
    assert f"# {result.stdout.strip()}" == expected, result.stderr


def test_the_fixture_example_loads_and_shows_every_key() -> None:
    example, *_ = blocks("yaml")
    seed = load_text(example.encode(), "README.md", Directory(), SystemClock().now())
    assert len(seed.images) == 101
    document = yaml.safe_load(example)
    assert set(document) == set(FixtureSchema().fields)
    assert set(document["images"][0]) == set(FixtureImageSchema().fields)


def test_the_example_of_merge_keys_loads() -> None:
    (example,) = (block for block in blocks("yaml") if "<<" in block)
    images = load_text(example.encode(), "README.md", Directory(), SystemClock().now()).images
    assert [(image.name, image.min_disk) for image in images] == [("nightly-1", 4), ("nightly-2", 8)]
    assert images[1].properties == {"os_distro": "ubuntu"}


def test_the_table_of_statuses_shows_what_nova_answers(cloud: Cloud) -> None:
    (table,) = re.findall(r"^\| Glance's status \|.*\n\|---.*\n((?:\|.*\n)+)", README, re.MULTILINE)
    rows = [[cell.strip(" `") for cell in row.split("|")[1:4]] for row in table.splitlines()]
    assert [status for status, *_ in rows] == list(ImageStatus)
    for status, nova_status, progress in rows:
        cloud.ask("POST", "/_admin/images", json={"name": f"is-{status}", "status": status})
        url = f"/v2.1/images/detail?name=is-{status}&changes-since=2014-01-01T00:00:00Z"
        images = [(image["status"], str(image["progress"])) for image in cloud.get(url)["images"]]
        assert images == ([(nova_status, progress)] if status != "deleted" else [])


def test_the_settings_table_has_the_defaults_and_the_help_texts() -> None:
    for setting in SETTINGS:
        row = f"| `{setting.option}` | `{setting.variable}` | `{setting.default_text}` | {setting.help} |"
        assert row in README


def test_the_greeting_equals_the_commands() -> None:
    (serve_block,) = [block for block in blocks("console") if "$ scripts/serve" in block]
    assert serve_block.splitlines()[1:] == startup_banner("http://127.0.0.1:8774", Cloud().emulator)
