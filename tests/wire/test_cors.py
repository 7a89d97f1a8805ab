"""CORS: the headers for web pages of other origins.

``cors.json`` holds what oslo.middleware 8.2.0 does to responses with status 200: the service, the method and the
headers of a request, the values of Vary before, and the headers Vary and Access-Control-… after. To record it
again, send the requests with WebOb to ``CORS(app, ConfigOpts())`` with the origins below and the arguments of
``cors.set_defaults`` in Nova 34.0.0 (nova.middleware), Glance 33.0.0 (glance.common.config) or Keystone 30.0.0
(keystone.conf); the ``app`` sends Content-Type and the Vary before.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from fake_nova import apis, cli
from fake_nova.cloud.emulator import Emulator
from fake_nova.errors import ConfigurationError
from fake_nova.serving.wsgi import Application
from fake_nova.settings import Settings, load_settings
from fake_nova.testing.fake_nova import FakeNova
from fake_nova.wire import pipeline
from fake_nova.wire.cors import add_cors_headers
from tests.conftest import RECORDED_CLOUD, Cloud
from tests.serving.command import Command

ROWS = json.loads((Path(__file__).parent / "cors.json").read_text(encoding="ascii"))

PATHS = {"compute": "/v2.1/images", "image": "/image/v2/images", "identity": "/identity/v3/auth/tokens"}
ORIGIN = "https://horizon.example.com"
ORIGINS = (ORIGIN, "http://localhost:3000")
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "x-auth-token",
}
CONTENT_TYPE = ("Content-Type", "application/json")


def cors_headers(response: Any) -> list[tuple[str, str]]:
    names = ("vary", "access-control")
    return sorted((name, value) for name, value in response.headers.items() if name.lower().startswith(names))


@pytest.mark.parametrize(("service", "method", "headers", "vary", "expected"), ROWS)
def test_the_headers_are_those_of_oslo_middleware(
    service: str, method: str, headers: dict[str, str], vary: list[str], expected: list[list[str]]
) -> None:
    defaults = apis.router().match(method, PATHS[service]).service.cors
    assert defaults is not None
    variables = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    before = (CONTENT_TYPE, *(("Vary", value) for value in vary))
    after = add_cors_headers(before, {"REQUEST_METHOD": method, **variables}, ORIGINS, defaults)
    assert after == (CONTENT_TYPE, *map(tuple, expected))


@pytest.mark.parametrize("path", [*PATHS.values(), "/", "/v2.1/", "/image/", "/identity", "/nope"])
def test_a_preflight_request_needs_no_token(path: str) -> None:
    cloud = Cloud(fixtures=(RECORDED_CLOUD,), auth_strategy="keystone", cors=(ORIGIN,))
    response = cloud.ask("OPTIONS", path, headers=PREFLIGHT)
    assert response.status_code == 200
    assert cors_headers(response) == [
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Headers", "x-auth-token"),
        ("Access-Control-Allow-Methods", "GET"),
        ("Access-Control-Allow-Origin", ORIGIN),
        ("Access-Control-Max-Age", "3600"),
        ("Vary", "Origin"),
    ]


@pytest.mark.parametrize("path", PATHS.values())
def test_a_401_can_be_read_by_the_page(path: str) -> None:
    cloud = Cloud(fixtures=(RECORDED_CLOUD,), auth_strategy="keystone", cors=(ORIGIN,))
    response = cloud.ask("GET", path, headers={"Origin": ORIGIN})
    assert response.status_code == 401
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_list_can_be_read_by_the_page_of_the_origin_alone() -> None:
    cloud = Cloud(cors=ORIGINS)
    for origin in ORIGINS:
        response = cloud.ask("GET", "/v2.1/images", headers={"Origin": origin})
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert response.headers["Vary"].endswith(",Origin")
    without_origin = cloud.ask("GET", "/v2.1/images")
    other_origin = cloud.ask("GET", "/v2.1/images", headers={"Origin": "http://localhost:3001"})
    assert cors_headers(without_origin) == cors_headers(other_origin)
    assert "Access-Control-Allow-Origin" not in other_origin.headers


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
@pytest.mark.parametrize("path", ["/_admin/health", "/_admin/images", "/_admin/nope", "/healthcheck"])
def test_the_admin_api_is_never_opened_to_web_pages(method: str, path: str) -> None:
    without_cors, with_cors = (
        Cloud(cors=cors).ask(method, path, headers={**PREFLIGHT, "Access-Control-Request-Method": method})
        for cors in ((), (ORIGIN,))
    )
    assert cors_headers(with_cors) == []
    assert with_cors.status_code == without_cors.status_code
    assert with_cors.status_code in ((200,) if path == "/healthcheck" else (403,))


def test_what_a_proxy_answers_has_no_headers_of_the_service() -> None:
    cloud = Cloud(cors=(ORIGIN,))
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 502}, "times": 1})
    assert cors_headers(cloud.ask("GET", "/v2.1/images", headers={"Origin": ORIGIN})) == []
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    response = cloud.ask("GET", "/v2.1/images", headers={"Origin": ORIGIN})
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_fault_still_breaks_the_connection() -> None:
    cloud = Cloud(cors=(ORIGIN,))
    cloud.ask("POST", "/_admin/faults", json={"effect": {"connection": "cut"}})
    response = cloud.ask("GET", "/v2.1/images", headers={"Origin": ORIGIN})
    with pytest.raises(BrokenPipeError):
        response.get_data()


@pytest.mark.parametrize("path", [*PATHS.values(), "/", "/nope", "/identity/v3", "/image/nope"])
def test_without_the_setting_options_requests_are_answered_as_ever(path: str) -> None:
    response = Cloud(dialect="nova").ask("OPTIONS", path, headers=PREFLIGHT)
    assert response.status_code == 200
    assert not [name for name, _ in cors_headers(response) if name != "Vary"]


@pytest.mark.parametrize(
    ("settings", "handler"),
    [(Settings(), pipeline.handle), (Settings(cors=(ORIGIN,)), pipeline.handle_with_cors)],
)
def test_without_the_setting_no_step_is_added_to_a_request(settings: Settings, handler: Any) -> None:
    assert vars(Application(Emulator(settings)))["_handle"].func is handler


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_every_server_sends_the_headers(server: str) -> None:
    options = (f"--cors={origin}" for origin in ORIGINS)
    with Command("--server", server, *options) as command, FakeNova(cors=ORIGINS) as nova:
        for url in (command.url, nova.url):
            preflight = requests.options(f"{url}/v2.1/images", headers=PREFLIGHT, timeout=60)
            images = requests.get(f"{url}/v2.1/images", headers={"Origin": ORIGINS[1]}, timeout=60)
            assert (preflight.status_code, preflight.content) == (200, b"")
            assert preflight.headers["Access-Control-Allow-Headers"] == "x-auth-token"
            assert images.headers["Access-Control-Allow-Origin"] == ORIGINS[1]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "a.example",
        "//a.example",
        "https://a.example/",
        "https://*.a.example",
        "http://a:",
        "a,b",
    ],
)
def test_what_is_not_an_origin_is_refused(capsys: pytest.CaptureFixture[str], origin: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^cors: invalid value \(got .*\); expected an origin"):
        load_settings({}, cors=(origin,))
    assert cli.main(["serve", "--cors", origin]) == 2
    assert capsys.readouterr().err == (
        f'fake-nova: --cors: invalid value (got "{origin}"); expected an origin such as https://a.example.com, '
        "or several in the variable, separated by commas\n"
    )


def test_origins_come_from_repeated_options_and_from_the_variable() -> None:
    assert load_settings({}, cors=("http://a:3000", "https://b")).cors == ("http://a:3000", "https://b")
    variable = {"FAKE_NOVA_CORS": "http://a:3000, http://[::1]:8080"}
    assert load_settings(variable).cors == ("http://a:3000", "http://[::1]:8080")
    assert load_settings({}, cors="HTTPS://Horizon.example.com").cors == ("https://horizon.example.com",)
    assert Settings().cors == ()
