"""What stands in front of Flask: the fast path, and the application of a server of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.front import alone
from fake_nova.settings import Settings
from tests.conftest import Cloud, seeded

#: What of two equal requests the journal has differently.
UNLIKE = ("number", "at", "milliseconds", "request_id")

IMAGE = "70a599e0-31e7-49b7-b260-868f441e862b"


def answered(app: Any, url: str, headers: dict[str, str]) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return status, headers and body, the ids of the request aside."""
    content, status, sent = run_wsgi_app(app, EnvironBuilder(url, headers=headers.items()).get_environ())
    kept = [(name, value) for name, value in sent.items() if not name.endswith("request-id")]
    assert len(kept) < len(sent)
    return status, sorted(kept), b"".join(content)


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
def test_what_is_answered_in_front_of_the_framework_is_what_it_would_have_answered(
    cloud: Cloud, url: str, headers: dict[str, str]
) -> None:
    app = cloud.http.application
    assert isinstance(app, Flask)
    behind = answered(lambda environ, start: Flask.wsgi_app(app, environ, start), url, headers)
    assert answered(app, url, headers) == behind
    first, second = [
        {name: fact for name, fact in entry.items() if name not in UNLIKE}
        for entry in cloud.get("/_admin/requests")["requests"]
    ]
    assert first == second


def test_a_server_of_its_own_answers_what_the_flask_application_answers() -> None:
    emulator = seeded(Settings(fixtures=("default",)))
    for url in (
        "/",
        "/v2.1/images?limit=2",
        "/identity/v3/",
        "/image/v2/images",
        "/_admin/images",
        "/nowhere",
    ):
        mine, its = [
            run_wsgi_app(app, EnvironBuilder(url).get_environ())
            for app in (alone(emulator), create_app(emulator))
        ]
        assert (mine[1], b"".join(mine[0])) == (its[1], b"".join(its[0]))


def test_a_server_of_its_own_trusts_a_proxy_where_it_is_told_to() -> None:
    emulator = Emulator(Settings(fixtures=("default",), trust_forwarded=True))
    emulator.seed()
    environ = EnvironBuilder("/v2.1/images", headers=[("X-Forwarded-Proto", "https")]).get_environ()
    content, *_ = run_wsgi_app(alone(emulator), environ)
    assert b"https://localhost/v2.1/images/" in b"".join(content)


STARTS = """
import sys
from fake_nova.cloud.emulator import Emulator
from fake_nova.front import alone

emulator = Emulator()
emulator.seed()
app = alone(emulator)

def ask(method, path):
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "80"}
    said = []
    list(app({**environ, "wsgi.url_scheme": "http"}, lambda status, headers: said.append(status)))
    print(said[0], *(name for name in ("flask", "werkzeug", "faker") if name in sys.modules))

ask("GET", "/v2.1/images/detail")
ask("DELETE", "/v2.1/images/nope")
"""


def test_a_server_of_its_own_loads_flask_when_it_needs_it() -> None:
    done = subprocess.run([sys.executable, "-c", STARTS], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["200 OK", "404 Not Found flask werkzeug"]
