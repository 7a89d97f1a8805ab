"""A tab of Chromium that shows the page of a server, and what every test demands of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

from fake_nova.clients.in_process import DirectTransport
from fake_nova.testing.fake_nova import FakeNova

#: Options of Chromium: no sandbox, which root cannot have, and no request of its own to the network.
BROWSER_OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: Views by the fragment of their URL.
VIEWS: Final = ("start", "images", "servers", "requests", "clock", "faults", "snapshots", "scopes")

WIDE: Final = {"width": 1280, "height": 800}
NARROW: Final = {"width": 360, "height": 740}

#: The beginning of the console's message about any response from 400; the tests look at these responses.
_FAILED_RESPONSE: Final = "Failed to load resource: the server responded with a status of"


def chromium() -> str:
    """Return the path of Chromium."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, filter(None, names))), None)
    assert path is not None, "no Chromium; expected it as scripts/test-page finds it"
    return path


def send(
    nova: FakeNova, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> int:
    """Send a request as a client does, and return the status of the response."""
    content = b"" if body is None else json.dumps(body).encode()
    all_headers = {"User-Agent": "client/1.0", **(headers or {})}
    if content:
        all_headers["Content-Type"] = "application/json"
    return DirectTransport(nova.app, nova.url)(method, path, content, all_headers)[0]


class Screen:
    """A tab of Chromium that shows the page of a server.

    Attributes:
        nova: the server.
        page: the tab.
        problems: errors in the console, exceptions, dialogs, and requests to other hosts.
    """

    def __init__(self, nova: FakeNova, context: Any) -> None:
        self.nova: Final = nova
        self.page: Final = context.new_page()
        self.problems: Final[list[str]] = []
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._record_message)
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        self.page.on("dialog", self._record_dialog)
        self.page.on("request", self._record_request)

    def _record_message(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(_FAILED_RESPONSE):
            self.problems.append(f"console: {message.text}")

    def _record_dialog(self, dialog: Any) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _record_request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("blob", "data") and parts.netloc != urlsplit(self.nova.url).netloc:
            self.problems.append(f"request to another host: {request.url}")

    def open(self, view: str = "") -> None:
        """Open a view, and wait until it shows its heading."""
        self.page.goto(f"{self.nova.url}/_admin/#{view}")
        self.page.wait_for_selector("h1")

    def row(self, text: str) -> Any:
        """Return the row with this text."""
        return self.page.locator(".rows > .row, tbody tr", has_text=text).first

    def button(self, name: str, within: str = "main") -> Any:
        """Return the button with this name."""
        return self.page.locator(within).get_by_role("button", name=name, exact=True)

    def press(self, name: str, within: str = "main") -> None:
        """Press a button."""
        self.button(name, within).click()

    def wait_until(self, read: Callable[[], Any], expected: Any) -> None:
        """Wait until *read* returns the expected value, at most ten seconds."""
        deadline = monotonic() + 10
        while (value := read()) != expected and monotonic() < deadline:
            self.page.wait_for_timeout(20)
        assert value == expected

    def serious_issues(self) -> list[str]:
        """Return what axe-core calls serious or critical: the rule, and the elements."""
        violations = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {node['html']}"
            for each in violations
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        root = "document.documentElement"
        return int(self.page.evaluate(f"Math.max({root}.scrollWidth - {root}.clientWidth, 0)"))
