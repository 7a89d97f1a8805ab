"""The application: every request comes to the emulator, whatever the web framework thinks of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fake_nova import create_app
from tests.conftest import Cloud


def test_a_method_of_ones_own_is_answered_as_any_wrong_method_is(cloud: Cloud) -> None:
    headers = {"Accept": "application/json"}
    expected = cloud.ask("PATCH", "/v2.1/images", headers=headers)
    answer = cloud.ask("PURGE", "/v2.1/images", headers=headers)
    assert (answer.status_code, answer.get_json()) == (404, expected.get_json())
    assert answer.get_json()["title"] == "Not Found"
    assert cloud.ask("PURGE", "/").get_json() == cloud.get("/")


def test_a_path_that_the_framework_does_not_take_is_answered_as_if_it_did(cloud: Cloud) -> None:
    answer = cloud.http.open("/", environ_overrides={"PATH_INFO": "//v2.1//images"})
    assert answer.get_json() == cloud.get("/v2.1/images")


def test_a_path_without_a_slash_at_its_front_is_that_path_behind_one(cloud: Cloud) -> None:
    for path, same in (("*", "/"), ("v2.1/images", "/v2.1/images"), ("", "/")):
        answer = cloud.http.open("/", environ_overrides={"PATH_INFO": path})
        assert (answer.status_code, answer.get_json()) == (200, cloud.get(same))


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


def test_a_route_that_is_added_to_the_application_is_answered_by_its_own_view() -> None:
    app = create_app(fixtures=("empty",))
    app.add_url_rule("/mine", view_func=lambda: "here")
    http = app.test_client()
    assert http.get("/mine").text == "here"
    assert http.get("/v2.1/images").get_json() == {"images": []}
    assert http.get("/mine/not").status_code == 300
