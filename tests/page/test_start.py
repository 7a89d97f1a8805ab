"""The first screen: what people copy from it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
import yaml
from playwright.sync_api import expect

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import NARROW, WIDE, Screen

ROOT = Path(__file__).parents[2]

#: In the place of the library, which the environment of these tests lacks.
REQUESTS = """
import json
from urllib.request import urlopen

class Response:
    def __init__(self, text):
        self.json = lambda: json.loads(text)

def get(url, timeout):
    return Response(urlopen(url, timeout=timeout).read())
"""


def code_of(screen: Screen, kind: str) -> str:
    screen.page.get_by_role("button", name=kind, exact=True).click()
    text = screen.page.locator(".card .code code")
    expect(text).not_to_be_empty()
    return str(text.inner_text())


@pytest.mark.parametrize("auth_strategy", ["noauth", "keystone"])
def test_the_exports_are_those_of_the_environment(
    open_screen: ScreenOpener, auth_strategy: Literal["noauth", "keystone"]
) -> None:
    with FakeNova(fixtures=("default",), auth_strategy=auth_strategy) as server:
        commands = code_of(open_screen("start", server=server), "Shell")
        command = f"{commands}\nenv"
        output = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, check=True, env={}
        ).stdout
        variables = dict(line.split("=", 1) for line in output.splitlines() if line.startswith("OS_"))
        assert variables == server.environment


def test_clouds_yaml_has_the_login(open_screen: ScreenOpener, nova: FakeNova) -> None:
    cloud = yaml.safe_load(code_of(open_screen("start"), "clouds.yaml"))["clouds"]["fake"]
    environment = nova.environment
    assert cloud["auth"]["auth_url"] == environment["OS_AUTH_URL"]
    assert cloud["auth"]["password"] == environment["OS_PASSWORD"]
    assert cloud["region_name"] == "RegionOne"


def test_the_snippet_of_pytest_passes(open_screen: ScreenOpener, tmp_path: Path) -> None:
    with FakeNova(fixtures=("default",), admin_token="to-ken") as server:
        screen = open_screen("start", server=server)
        screen.page.get_by_label("Token", exact=True).fill("to-ken")
        screen.page.get_by_role("button", name="Use the token").click()
        tmp_path.joinpath("requests.py").write_text(REQUESTS)
        file = tmp_path / "test_it.py"
        file.write_text(code_of(screen, "pytest"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "FAKE_NOVA_ADMIN_TOKEN": "to-ken"}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
        result = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment, cwd=tmp_path
        )
        assert "1 passed" in result.stdout, result.stdout


def test_copying_gives_the_code(open_screen: ScreenOpener) -> None:
    screen = open_screen("start", permissions=["clipboard-read", "clipboard-write"])
    commands = code_of(screen, "Shell")
    screen.page.get_by_role("button", name="Copy the code of a client").click()
    screen.page.get_by_text("Copied", exact=True).wait_for()
    assert screen.page.evaluate("navigator.clipboard.readText()") == commands


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_copy_button_covers_no_code(open_screen: ScreenOpener, viewport: dict[str, int]) -> None:
    screen = open_screen("start", viewport=viewport)
    code_of(screen, "Shell")
    block = screen.page.locator(".card .code").first
    code, button = block.locator("pre").bounding_box(), block.get_by_role("button").bounding_box()
    assert code is not None
    assert button is not None
    assert code["x"] + code["width"] <= button["x"]
    assert code["width"] > 150


def test_it_shows_what_is_loaded_and_where_clients_connect(open_screen: ScreenOpener, nova: FakeNova) -> None:
    page = open_screen("start").page
    page.get_by_role("link", name="6 images").wait_for()
    page.get_by_role("link", name="1 server").wait_for()
    facts = page.locator("dl").all_inner_texts()
    assert f"{nova.url}/identity" in facts[2]
    assert "huaweicloud" in facts[0]
    nova.images.add(name="one more")
    page.get_by_role("link", name="7 images").wait_for()
