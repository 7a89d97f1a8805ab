"""Admin requests without a route: similar paths, and the methods of a path."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.apis.admin import ROUTES
from tests.conftest import Cloud

PARTS = {
    "image_id": "70a599e0-31e7-49b7-b260-868f441e862b",
    "server_id": "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f",
    "flavor_id": "1",
    "keypair_name": "laptop",
    "project": "demo",
    "name": "slow",
    "project_id": "abc",
    "fault_id": "f",
    "number": "1",
}


def message(response: Any) -> str:
    (error,) = response.get_json().values()
    return str(error["message"])


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/_admin/imagse", "GET /_admin/images, POST /_admin/images, "),
        ("POST", "/_admin/image", "POST /_admin/images, GET /_admin/images, "),
        ("PUT", f"/_admin/image/{PARTS['image_id']}/statu", "PUT /_admin/images/{image_id}/status, "),
        ("PUT", "/_admin/plan/nightly", "PUT /_admin/plans/{name}, "),
        ("POST", "/_admin/fault", "POST /_admin/faults, "),
        ("GET", "/_admin/state", "GET /_admin/"),
    ],
)
def test_an_unknown_path_names_the_most_similar_ones(
    cloud: Cloud, method: str, path: str, expected: str
) -> None:
    response = cloud.ask(method, path)
    assert response.status_code == 404
    assert "Allow" not in response.headers
    assert message(response).startswith(f"{method} {path}: unknown request; expected one such as {expected}")
    assert message(response).count("/_admin") == 4


@pytest.mark.parametrize(  # /images/generate can also be an image's id, and so on
    "path",
    sorted({route.path for route in ROUTES} - {"/images/generate", "/servers/generate", "/servers/changes"}),
)
def test_a_wrong_method_is_a_405_with_the_methods_of_the_path(cloud: Cloud, path: str) -> None:
    full_path = "/_admin" + path.format(**PARTS)
    methods = {route.method for route in ROUTES if route.path == path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} - methods:
        response = cloud.ask(method, full_path)
        assert response.status_code == 405, method
        allowed = set(response.headers["Allow"].split(", "))
        assert allowed == (methods | {"HEAD"} if "GET" in methods else methods)
        assert message(response).startswith(f'{full_path}: wrong method (got "{method}"); expected ')


def test_neither_message_names_a_file_of_the_repository(cloud: Cloud) -> None:
    for method, path in (("GET", "/_admin/nope"), ("PUT", "/_admin/health")):
        assert "README" not in cloud.ask(method, path).text


@pytest.mark.parametrize(
    ("path", "status", "allow"),
    [
        ("/v2.1/images/detail", 404, None),
        ("/image/v2/images", 405, "GET, POST"),
        ("/identity/v3/auth/tokens", 405, "DELETE, GET, HEAD, OPTIONS, POST"),
    ],
)
def test_a_wrong_method_of_a_service_gets_the_answer_of_that_service(
    cloud: Cloud, path: str, status: int, allow: str | None
) -> None:
    response = cloud.ask("PATCH", path)
    assert (response.status_code, response.headers.get("Allow")) == (status, allow)
