"""Import every module of the package, and use everything that it imports late.

`test_imports` runs it with ``python -W error -m tests.late_imports``.
"""

from __future__ import annotations

import sys
from contextlib import redirect_stderr
from importlib import import_module
from io import StringIO
from pkgutil import walk_packages

import fake_nova
from fake_nova.app import create_app
from fake_nova.cli import main
from fake_nova.clients.in_process import send_request
from fake_nova.support import progress_bar
from fake_nova.testing.fake_nova import FakeNova

PAGE = {"Accept": "text/html"}
JSON = {"Content-Type": "application/json"}
IMAGE = "/v2.1/images/70a599e0-31e7-49b7-b260-868f441e862b"

#: Method, URL, headers, body, and the status of the response.
REQUESTS: tuple[tuple[str, str, dict[str, str], bytes, int], ...] = (
    ("GET", "/v2.1/nowhere", PAGE, b"", 404),
    ("GET", "/v2.1/nowhere", {"Accept": 'text/plain;q="0.5,", application/json'}, b"", 404),
    ("GET", "/image/v2/nowhere", PAGE, b"", 404),
    ("GET", "/identity/nowhere", PAGE, b"", 404),
    ("BREW", "/identity/v3", {}, b"", 405),
    ("GET", "/", {"Accept": "application/json;version=2.1"}, b"", 200),
    ("GET", "/v2.1/images?limit=x", {}, b"", 400),
    ("GET", "/v2.1/images?changes-since=2024-01-01T00:00:00Z", {}, b"", 200),
    ("GET", "/image/v2/images?created_at=gt:2024-01-01", {}, b"", 200),
    ("GET", "/v2.1/servers?name=^a.*", {}, b"", 200),
    ("POST", f"{IMAGE}/metadata", JSON, b"{", 400),
    ("POST", f"{IMAGE}/metadata", JSON, b'{"metadata": []}', 400),
    ("POST", "/v2.1/servers/x/action", JSON, b"[]", 400),
    ("POST", "/image/v2/images", JSON, b'{"min_ram": "x"}', 400),
    ("POST", "/identity/v3/auth/tokens", JSON, b'{"auth": 1}', 400),
    ("POST", "/_admin/images/generate", JSON, b'{"count": 1}', 201),
    ("POST", "/_admin/servers/generate", JSON, b'{"count": 1}', 201),
    ("POST", "/_admin/images", JSON, b'{"status": 1}', 400),
    ("GET", "/_admin/images", {"Host": "nova.example.com"}, b"", 403),
    ("GET", "/_admin/explain?path=/v2.1/images%3Fname%3Dx", {}, b"", 200),
    ("GET", "/_admin/export", {}, b"", 200),
    ("GET", "/_admin/metrics", {}, b"", 200),
    ("GET", "/_admin/openapi.json", {}, b"", 200),
    ("GET", "/_admin/openapi-emulated.json", {}, b"", 200),
)

#: Libraries that the package imports on first use; at the end all must be imported.
LATE = (
    "click",
    "faker",
    "flask",
    "prometheus_client",
    "publicsuffixlist",
    "regex",
    "granian",
    "gunicorn",
    "jsonschema",
    "webob",
)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def run() -> None:
    """Import and use everything."""
    for module in walk_packages(fake_nova.__path__, "fake_nova."):
        if module.name != "fake_nova.__main__":
            import_module(module.name)
    app = create_app(auth_strategy="noauth", fixtures="default")
    for method, url, headers, body, status in REQUESTS:
        response = send_request(app, method, f"http://localhost{url}", headers.items(), body)
        assert response.status == status, (url, response)
    other = create_app(fixtures="empty")
    other.add_url_rule("/mine", view_func=lambda: "mine")
    assert other.test_client().get("/mine").text == "mine"
    with FakeNova(fixtures="default") as nova:
        assert nova.images.all()
    assert main(["check", "default"]) == 0
    with redirect_stderr(Terminal()) as terminal:
        list(progress_bar.with_progress_bar(range(60_000), 60_000, "counting"))
    assert "60000/60000" in terminal.getvalue()
    assert set(LATE) <= sys.modules.keys()


if __name__ == "__main__":
    run()
