"""A server, and a browser that shows its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from fake_nova.testing.fake_nova import FakeNova
from tests.page.screen import BROWSER_OPTIONS, WIDE, Screen, chromium

ScreenOpener = Callable[..., Screen]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, with a profile of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    """A server with the bundled images."""
    with FakeNova(fixtures=("default",)) as nova:
        yield nova


@pytest.fixture
def open_screen(browser: Any, nova: FakeNova) -> Iterator[ScreenOpener]:
    """Open a tab on the server: ``open_screen(view, color_scheme="dark", viewport=NARROW)``.

    Other keywords are options of a browser context. At the end, no tab may have had a problem.
    """
    screens = []
    with ExitStack() as stack:

        def open_tab(view: str = "", server: FakeNova = nova, **options: Any) -> Screen:
            context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})
            stack.callback(context.close)
            screen = Screen(server, context)
            screens.append(screen)
            screen.open(view)
            return screen

        yield open_tab
    assert [problem for screen in screens for problem in screen.problems] == []
