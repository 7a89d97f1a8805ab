"""Every code block of README.md and the documentation is run, or is the output of a block that is run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from fake_nova.cli.greeting import startup_banner
from fake_nova.control.types import SettingOptions
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud
from tests.docs.pages import DOCS, ROOT, Block, blocks, has_use, pages, read_blocks, run_page
from tests.docs.test_how_to_ci import CI_PAGES
from tests.docs.test_how_to_clients import CLIENT_PAGES, LANGUAGES

#: Page that another module runs -> the languages of the blocks that this module runs or compares.
RUN_ELSEWHERE: Final[dict[Path, set[str]]] = {
    **{DOCS / "how-to" / page: {"python", "yaml", "groovy"} for page in CI_PAGES},
    **{DOCS / "how-to" / "clients" / page: set(LANGUAGES) for page in CLIENT_PAGES},
    DOCS / "reference" / "failure-reports.md": {"python", "text"},  # tests/testing/test_failure_report.py
}

RUN_HERE: Final = [path for path in pages() if path not in RUN_ELSEWHERE and read_blocks(path)]

#: Page -> the settings of the server to which it speaks, if they are not the default.
SETTINGS: Final[dict[str, SettingOptions]] = {
    "clients.md": {"auth_strategy": "keystone"},
    "record-my-cloud.md": {"auth_strategy": "keystone", "dialect": "nova"},
}


def block_id(block: Block) -> str:
    return f"{block.page}:{block.line}"


@pytest.mark.parametrize("page", RUN_HERE, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_works_as_it_says(page: Path, tmp_path: Path) -> None:
    settings = SETTINGS.get(page.name, {})
    with FakeNova(**settings) as server:
        run_page(page, tmp_path, server.url.removeprefix("http://"))


@pytest.mark.parametrize("block", list(blocks()), ids=block_id)
def test_a_block_is_run_or_is_output(block: Block) -> None:
    path = ROOT / block.page
    if path in RUN_ELSEWHERE:
        assert block.language in RUN_ELSEWHERE[path]
    else:
        assert has_use(block, read_blocks(path)), block.language


@pytest.mark.parametrize(
    "block", [block for block in blocks("console") if block.is_script_of_project], ids=block_id
)
def test_a_script_of_the_project_exists(block: Block) -> None:
    for line in block.code.splitlines():
        if "scripts/" in line:
            assert os.access(ROOT / line.removeprefix("$ ").split()[0], os.X_OK), line


def test_the_greeting_equals_the_commands() -> None:
    (greeting,) = (block for block in blocks("console") if block.code.startswith("$ scripts/serve\n"))
    assert greeting.code.splitlines()[1:] == startup_banner("http://127.0.0.1:8774", Cloud().emulator)


def test_the_settings_of_the_example_hold(pytester: pytest.Pytester) -> None:
    (settings,) = (block for block in blocks("python") if "def fake_nova_settings" in block.code)
    pytester.makeconftest(settings.code)
    pytester.makepyfile(test_example="def test_it(fake_nova): assert len(fake_nova.images.all()) == 9")
    pytester.runpytest_subprocess("-p", "no:randomly", "test_example.py").assert_outcomes(passed=1)
