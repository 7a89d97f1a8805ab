"""Requests: ids, content length, header names."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from fake_nova.wire import request
from tests.conftest import Cloud


def test_every_response_has_a_random_uuid_as_its_request_id(cloud: Cloud) -> None:
    ids = [cloud.ask("GET", "/v2.1/images").headers["x-openstack-request-id"] for _ in range(20)]
    assert len(set(ids)) == 20
    for text in ids:
        assert text == f"req-{UUID(text[4:])}"
        assert UUID(text[4:]).version == 4


SERVER = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/v2.1/servers/{SERVER}/action", {"createImage": {"name": "new"}}, 202),
        ("/image/v2/images", {"name": "new"}, 201),
        ("/_admin/images", {"name": "new"}, 201),
        ("/identity/v3/auth/tokens", {"auth": {}}, 400),
    ],
)
def test_a_client_without_a_server_can_pass_the_content_length_as_an_integer(
    cloud: Cloud, path: str, body: Any, status: int
) -> None:
    content = json.dumps(body).encode()
    length = {"CONTENT_LENGTH": len(content)}
    response = cloud.ask(
        "POST", path, data=content, content_type="application/json", environ_overrides=length
    )
    assert response.status_code == status


def test_the_cache_of_header_names_is_bounded() -> None:
    for number in range(2_000):
        assert request._environ_key(f"X-Header-{number}") == f"HTTP_X_HEADER_{number}"
    assert request._environ_key.cache_info().currsize == 1_000


def test_a_request_is_immutable() -> None:
    immutable_request = request.new_request({"REQUEST_METHOD": "GET"}, "/v2.1/images")
    with pytest.raises(AttributeError):
        immutable_request.method = "DELETE"  # type: ignore[misc]  # the test expects the error
