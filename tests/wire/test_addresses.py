"""Addresses of requests: invalid hosts, malformed proxy headers, URLs that are too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.serving.wsgi import standalone_application
from fake_nova.settings import Settings
from tests.conftest import shared_emulator

SERVER = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
DEMO = "9c53a566cb3443ab910cf0daebca90c4"
SNAPSHOT = {"createImage": {"name": "snap"}}


def get_response(application: Any, path: str, method: str = "GET", **options: Any) -> tuple[int, str, str]:
    """Send a request to a WSGI application, and return the status, the Location and the body."""
    environ = EnvironBuilder(path, method=method, **options).get_environ()
    content, status, headers = run_wsgi_app(application, environ)
    return int(status.split()[0]), headers.get("Location", ""), b"".join(content).decode()


def applications(**settings: Any) -> Iterator[Any]:
    """Yield an emulator as the command serves it and then, after a reset, as a Flask application."""
    emulator: Emulator = shared_emulator(Settings(**settings))
    for build in (standalone_application, create_app):
        emulator.reset()
        yield build(emulator)


@pytest.mark.parametrize("host", ["a:b:c", "a" * 64, f"{'a' * 64}.example:8774", "a..b", "[::1", ":"])
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/identity/", None, 300),
        ("POST", "/image/v2/images", {}, 201),
        ("POST", f"/v2.1/{DEMO}/servers/{SERVER}/action", SNAPSHOT, 202),
    ],
)
def test_an_invalid_host_is_copied_unchanged_into_the_location_header(
    host: str, method: str, path: str, body: Any, status: int
) -> None:
    for application in applications():
        code, location, _ = get_response(application, path, method, json=body, headers={"Host": host})
        assert (code, location[: 8 + len(host)]) == (status, f"http://{host}/")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Proto", ["", "ftp", "javascript", "http://x", "https,gopher"]),
        ("Host", ["", "a b", "a:b:c", "a/b", "a@b", "a:123456", "[::1", "<b>", "x" * 256, "good,a b"]),
        ("Port", ["", "x", "-1", "123456", "80x", "80,x"]),
        ("Prefix", ["", "x", "/a b", "/" + "x" * 1001, "/good,x"]),
    ],
)
def test_a_malformed_proxy_header_is_ignored(name: str, values: list[str]) -> None:
    for application in applications(trust_forwarded=True):
        expected = get_response(application, "/v2.1/images?limit=2")
        for value in values:
            headers = {f"X-Forwarded-{name}": value}
            assert get_response(application, "/v2.1/images?limit=2", headers=headers) == expected, value


def test_valid_proxy_headers_determine_the_links() -> None:
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "inner, cloud.example:8443",
        "X-Forwarded-Prefix": "/compute",
    }
    for application in applications(trust_forwarded=True):
        _, _, body = get_response(application, f"/v2.1/{DEMO}/images?limit=1", headers=headers)
        assert f"https://cloud.example:8443/compute/v2.1/{DEMO}/images/" in body
        _, _, body = get_response(
            application, "/v2.1/images?limit=1", headers={"X-Forwarded-Host": "[::1]:80"}
        )
        assert "http://[::1]/v2.1/" in body


@pytest.mark.parametrize("path", ["/v2.1/images", "/image/v2/images", "/identity/v3", "/_admin/images", "/x"])
@pytest.mark.parametrize("query", [True, False])
def test_a_url_longer_than_65535_characters_is_a_414(path: str, query: bool) -> None:
    def url(length: int) -> str:
        if query:
            return f"{path}?{'q' * (length - len(path))}"
        return f"{path}/{'p' * (length - len(path) - 1)}"

    for application in applications():
        status, _, body = get_response(application, url(65_536))
        assert (status, body) == (414, "The URL is too long.")
        assert get_response(application, url(65_535))[0] not in (414, 500)
