"""Requests to the image service with methods that their paths do not have (measured with Glance 33.0.0)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/versions", "/versions/", "/versions/x"])
def test_every_method_lists_the_versions_with_status_200(cloud: Cloud, method: str, path: str) -> None:
    response = cloud.ask(method, f"/image{path}")
    assert response.status_code == 200
    assert response.get_json() == cloud.get("/image/")


@pytest.mark.parametrize("method", [method for method in METHODS if method != "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/nope", "/versionsx"])
def test_another_path_lists_the_versions_with_status_300(cloud: Cloud, method: str, path: str) -> None:
    assert cloud.ask(method, f"/image{path}").status_code == 300


IMAGE = "/image/v2/images/70a599e0-31e7-49b7-b260-868f441e862b"
JSON_HEADERS = {"Content-Type": "application/json", "Accept": "text/plain"}
MALFORMED = "Malformed JSON in request body."
OTHER_TYPE = "Unexpected body type. Expected list/dict."
UNEXPECTED = "A body is not expected with this request."

PATHS_AND_WRONG_METHODS = [
    ("/image/v2/images", "PUT"),
    ("/image/v2/images", "DELETE"),
    (IMAGE, "POST"),
    (IMAGE, "FOO"),
    (f"{IMAGE}/file", "PATCH"),
    (f"{IMAGE}/members", "PUT"),
    ("/image/v2/schemas/image", "POST"),
    ("/image/v2/info/stores", "PUT"),
]


def send(cloud: Cloud, method: str, path: str, data: str) -> Any:
    return cloud.ask(method, path, data=data, headers=JSON_HEADERS)


@pytest.mark.parametrize(("path", "method"), PATHS_AND_WRONG_METHODS)
def test_a_body_that_is_not_json_is_a_400_before_the_wrong_method_is_a_405(
    cloud: Cloud, path: str, method: str
) -> None:
    for data, message in (("{x", MALFORMED), ("3", OTHER_TYPE)):
        response = send(cloud, method, path, data)
        assert (response.status_code, message in response.text) == (400, True)
    for data in ("", "{}", "[]"):
        response = send(cloud, method, path, data)
        assert response.status_code == 405
        assert "Allow" in response.headers


@pytest.mark.parametrize("data", ["{x", "3", ""])
def test_an_unknown_path_does_not_read_the_body(cloud: Cloud, data: str) -> None:
    assert send(cloud, "PUT", "/image/v2/nope", data).status_code == 404
    assert send(cloud, "FOO", f"{IMAGE}/nope", data).status_code == 501


@pytest.mark.parametrize("path", [f"{IMAGE}/tasks", "/image/v2/info/usage"])
def test_two_paths_have_no_405(cloud: Cloud, path: str) -> None:
    assert [send(cloud, method, path, "{x").status_code for method in ("PUT", "HEAD", "FOO")] == [
        404,
        404,
        501,
    ]


@pytest.mark.parametrize(
    ("path", "messages"),
    [
        ("schemas/image", (UNEXPECTED, UNEXPECTED)),
        ("info/import", (UNEXPECTED, UNEXPECTED)),
        ("info/stores", (UNEXPECTED, UNEXPECTED)),
        ("info/usage", (MALFORMED, UNEXPECTED)),
    ],
)
def test_documents_accept_no_body(cloud: Cloud, path: str, messages: tuple[str, str]) -> None:
    for data, message in zip(("{x", "{}"), messages, strict=True):
        response = send(cloud, "GET", f"/image/v2/{path}", data)
        assert (response.status_code, message in response.text) == (400, True)
