"""Takes the pictures of the page for the documentation, for ``scripts/pictures``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import sync_playwright

from fake_nova.testing.fake_nova import FakeNova
from tests.page.screen import BROWSER_OPTIONS, Screen, chromium

ASSETS: Final = Path(__file__).parents[2] / "docs" / "assets"

#: File in `ASSETS` -> the view that it shows, and the colour scheme.
PICTURES: Final = {
    "page-start.png": ("start", "light"),
    "page-images.png": ("images", "dark"),
    "page-requests.png": ("requests", "light"),
}


def prepare(nova: FakeNova) -> None:
    """Let some images change, a fault trigger, and clients ask."""
    nova.clock.freeze()
    nova.images.add(name="nightly-42", plan="slow", size=2**30)
    nova.clock.advance(3)
    nova.images.set_status("web-1-nightly", "killed")
    nova.faults.add(operation="images.show", status=503, times=1)
    image_id = nova.images.get("golden")["id"]
    for path in (
        "/images/detail",
        "/images?status=ACTIVE",
        f"/images/{image_id}",
        "/images?limit=2",
        "/images?tag=x",
    ):
        request = Request(nova.compute_url + path, headers={"User-Agent": "my-client/1.4"})
        with suppress(HTTPError):  # the fault
            urlopen(request, timeout=5).close()


def draw(browser: Any, nova: FakeNova, name: str, view: str, color_scheme: str) -> None:
    """Take one picture, with the details of a row if the view has rows."""
    viewport = {"width": 1180, "height": 680}
    context = browser.new_context(viewport=viewport, color_scheme=color_scheme, reduced_motion="reduce")
    screen = Screen(nova, context)
    screen.open(view)
    if view == "start":
        screen.page.get_by_role("link", name="images", exact=False).last.wait_for()
    else:
        screen.page.locator(".rows .row").first.click()
    screen.page.wait_for_timeout(1200)
    screen.page.screenshot(path=ASSETS / name)
    context.close()


def main() -> None:
    """Take all pictures."""
    with FakeNova(fixtures=("default",)) as nova, sync_playwright() as playwright:
        prepare(nova)
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        for name, (view, color_scheme) in PICTURES.items():
            draw(browser, nova, name, view, color_scheme)
        browser.close()


if __name__ == "__main__":
    main()
