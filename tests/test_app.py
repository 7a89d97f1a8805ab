"""The application: every request comes to the emulator, whatever the web framework thinks of it."""

from __future__ import annotations

import pytest
from flask import Response, request

from fake_nova import create_app
from tests.conftest import Cloud

REQUESTS = (
    ("GET", "/v2.1/images"),
    ("DELETE", "/v2.1/images/nope"),
    ("HEAD", "/image/v2/images"),
    ("GET", "/"),
)


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
    for path, equivalent_path in (("*", "/"), ("v2.1/images", "/v2.1/images"), ("", "/")):
        answer = cloud.http.open("/", environ_overrides={"PATH_INFO": path})
        assert (answer.status_code, answer.get_json()) == (200, cloud.get(equivalent_path))


def test_a_route_that_is_added_to_the_application_is_answered_by_its_own_view() -> None:
    app = create_app(fixtures=("empty",))
    app.add_url_rule("/mine", view_func=lambda: "here")
    http = app.test_client()
    assert http.get("/mine").text == "here"
    assert http.get("/v2.1/images").get_json() == {"images": []}
    assert http.get("/mine/not").status_code == 300


def test_hooks_that_are_added_to_the_application_see_every_request() -> None:
    app = create_app(fixtures=("empty",))
    paths: list[str] = []
    app.before_request(lambda: paths.append(request.path))

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["X-Mine"] = "yes"
        return response

    answers = [app.test_client().open(path, method=method) for method, path in REQUESTS]
    assert [answer.headers["X-Mine"] for answer in answers] == ["yes"] * len(REQUESTS)
    assert paths == [path for _, path in REQUESTS]


def test_a_fault_breaks_the_connection_when_hooks_are_added_too() -> None:
    app = create_app(fixtures=("empty",))
    app.before_request(lambda: None)
    http = app.test_client()
    http.post("/_admin/faults", json={"effect": {"connection": "reset"}})
    with pytest.raises(ConnectionResetError):
        http.get("/v2.1/images")
