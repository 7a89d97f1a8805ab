"""The WSGI application: standalone, and inside Flask with users' own routes and hooks."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.serving.wsgi import standalone_application
from fake_nova.settings import Settings
from tests.conftest import Cloud, shared_emulator

#: The fields in which the journal entries of two equal requests differ.
UNLIKE = ("number", "at", "milliseconds", "request_id")

IMAGE = "70a599e0-31e7-49b7-b260-868f441e862b"


def response_parts(app: Any, url: str, headers: dict[str, str]) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return status, headers and body, without the request ids."""
    content, status, sent = run_wsgi_app(app, EnvironBuilder(url, headers=headers.items()).get_environ())
    compared_headers = [(name, value) for name, value in sent.items() if not name.endswith("request-id")]
    assert len(compared_headers) < len(sent)
    return status, sorted(compared_headers), b"".join(content)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        (f"/v2.1/images/{IMAGE}", {}),
        (f"/v2/images/{IMAGE}", {}),
        ("/v2.1/images?limit=2&status=ACTIVE", {"Accept": "application/vnd.openstack.compute+json"}),
        ("/v2.1/images/detail?changes-since=2014-01-01", {}),
        ("/v2.1/images?limit=0&x=1", {}),
        ("/v2.1/images?tag=a", {}),
        ("/v2.1/images", {"OpenStack-API-Version": "compute 2.36"}),
        ("/v2.1/images", {"OpenStack-API-Version": "compute 9.9"}),
        ("/v2.1/images/nope", {"X-Auth-Token": "nobody's"}),
        ("/v2.1/nowhere", {"Accept": "text/html"}),
        (f"/v2.1/images/{IMAGE}/metadata/architecture", {}),
    ],
)
def test_additions_to_the_flask_application_do_not_change_responses(
    cloud: Cloud, url: str, headers: dict[str, str]
) -> None:
    app = cloud.http.application
    assert isinstance(app, Flask)
    without_additions = response_parts(app, url, headers)
    app.teardown_request(lambda _: None)
    assert response_parts(app, url, headers) == without_additions
    first, second = [
        {name: fact for name, fact in entry.items() if name not in UNLIKE}
        for entry in cloud.get("/_admin/requests")["requests"]
    ]
    assert first == second


def package_functions(app: Any, method: str, url: str, body: bytes) -> list[str]:
    """Return the functions of the package that a request calls, in order."""
    names: list[str] = []

    def record(frame: Any, event: str, _: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("fake_nova.") and module != "fake_nova.app":
            names.append(f"{module}.{frame.f_code.co_qualname}")

    environ = EnvironBuilder(url, method=method, data=body, content_type="application/json").get_environ()
    sys.setprofile(record)
    try:
        run_wsgi_app(app, environ)
    finally:
        sys.setprofile(None)
    return names


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", f"/v2.1/images/{IMAGE}", b""),
        ("POST", f"/v2.1/images/{IMAGE}/metadata", b'{"metadata": {"a": "b"}}'),
        ("DELETE", "/v2.1/images/nope", b""),
        ("PUT", f"/_admin/images/{IMAGE}/status", b'{"status": "queued"}'),
        ("GET", "/nowhere", b""),
    ],
)
def test_standalone_and_flask_applications_run_the_same_functions(method: str, url: str, body: bytes) -> None:
    def calls(make: Any, add: Any) -> list[str]:
        app = make(shared_emulator(Settings(fixtures=("default",))))
        add(app)
        package_functions(app, method, url, body)  # fill caches and complete late imports
        return package_functions(app, method, url, body)

    standalone = calls(standalone_application, lambda app: None)
    assert standalone[0] == "fake_nova.serving.wsgi.Application.__call__"
    assert calls(create_app, lambda app: None) == standalone
    assert calls(create_app, lambda app: app.before_request(lambda: None)) == standalone


def test_standalone_and_flask_applications_give_the_same_responses() -> None:
    emulator = shared_emulator(Settings(fixtures=("default",)))
    for url in (
        "/",
        "/v2.1/images?limit=2",
        "/identity/v3/",
        "/image/v2/images",
        "/_admin/images",
        "/nowhere",
    ):
        standalone_result, flask_result = [
            run_wsgi_app(app, EnvironBuilder(url).get_environ())
            for app in (standalone_application(emulator), create_app(emulator))
        ]
        assert (standalone_result[1], b"".join(standalone_result[0])) == (
            flask_result[1],
            b"".join(flask_result[0]),
        )


def test_a_standalone_application_trusts_a_proxy_if_configured() -> None:
    emulator = Emulator(Settings(fixtures=("default",), trust_forwarded=True))
    start_from_fixtures(emulator)
    environ = EnvironBuilder("/v2.1/images", headers=[("X-Forwarded-Proto", "https")]).get_environ()
    content, *_ = run_wsgi_app(standalone_application(emulator), environ)
    assert b"https://localhost/v2.1/images/" in b"".join(content)


STARTS = """
import sys
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.serving.wsgi import standalone_application

emulator = Emulator()
start_from_fixtures(emulator)
app = standalone_application(emulator)

def request(method, path):
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "80"}
    statuses = []
    list(app({**environ, "wsgi.url_scheme": "http"}, lambda status, headers: statuses.append(status)))
    print(statuses[0], *(name for name in ("flask", "werkzeug", "faker", "jsonschema", "webob") if name in sys.modules))

request("GET", "/v2.1/images/detail")
request("DELETE", "/v2.1/images/nope")
"""


def test_a_standalone_application_does_not_import_flask() -> None:
    done = subprocess.run([sys.executable, "-c", STARTS], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["200 OK", "404 Not Found"]
