"""The Flask application passes every request to the emulator."""

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


def test_an_unknown_method_is_answered_like_any_wrong_method(cloud: Cloud) -> None:
    headers = {"Accept": "application/json"}
    expected = cloud.ask("PATCH", "/v2.1/images", headers=headers)
    response = cloud.ask("PURGE", "/v2.1/images", headers=headers)
    assert (response.status_code, response.get_json()) == (404, expected.get_json())
    assert response.get_json()["title"] == "Not Found"
    assert cloud.ask("PURGE", "/").get_json() == cloud.get("/")


def test_a_path_that_flask_would_redirect_is_answered(cloud: Cloud) -> None:
    response = cloud.http.open("/", environ_overrides={"PATH_INFO": "//v2.1//images"})
    assert response.get_json() == cloud.get("/v2.1/images")


def test_a_path_without_a_leading_slash_is_accepted(cloud: Cloud) -> None:
    for path, equivalent_path in (("*", "/"), ("v2.1/images", "/v2.1/images"), ("", "/")):
        response = cloud.http.open("/", environ_overrides={"PATH_INFO": path})
        assert (response.status_code, response.get_json()) == (200, cloud.get(equivalent_path))


def test_an_added_route_is_answered_by_its_own_view() -> None:
    app = create_app(fixtures=("empty",))
    app.add_url_rule("/mine", view_func=lambda: "here")
    http = app.test_client()
    assert http.get("/mine").text == "here"
    assert http.get("/v2.1/images").get_json() == {"images": []}
    assert http.get("/mine/not").status_code == 300


def test_added_hooks_see_every_request() -> None:
    app = create_app(fixtures=("empty",))
    paths: list[str] = []
    app.before_request(lambda: paths.append(request.path))

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["X-Mine"] = "yes"
        return response

    responses = [app.test_client().open(path, method=method) for method, path in REQUESTS]
    assert [answer.headers["X-Mine"] for answer in responses] == ["yes"] * len(REQUESTS)
    assert paths == [path for _, path in REQUESTS]


def test_a_fault_breaks_the_connection_with_added_hooks_too() -> None:
    app = create_app(fixtures=("empty",))
    app.before_request(lambda: None)
    http = app.test_client()
    http.post("/_admin/faults", json={"effect": {"connection": "reset"}})
    with pytest.raises(ConnectionResetError):
        http.get("/v2.1/images")
