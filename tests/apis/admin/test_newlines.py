"""Responses of the admin API end with a newline, so that a terminal's prompt begins on a line of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_nova.apis.admin import ROUTES
from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from tests.conftest import Cloud

PARTS = {
    "image_id": "70a599e0-31e7-49b7-b260-868f441e862b",
    "server_id": "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f",
    "flavor_id": "1",
    "keypair_name": "laptop",
    "project": "demo",
    "name": "slow",
    "project_id": "abc",
    "fault_id": "fault-1",
    "number": "1",
}


def assert_one_newline_at_the_end(response: Any) -> None:
    assert response.data.endswith(b"\n")
    assert not response.data.endswith(b"\n\n")
    assert response.content_length == len(response.data)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.operation}")
def test_every_answer_with_a_body_ends_with_one_newline(cloud: Cloud, route: Any) -> None:
    response = cloud.ask(route.method, "/_admin" + route.path.format(**PARTS), json={})
    if response.status_code != 204:
        assert_one_newline_at_the_end(response)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/_admin/nope", {}),
        ("PUT", "/_admin/health", {}),
        ("GET", "/_admin/images/nope", {}),
        ("GET", "/_admin/health", {"Origin": "https://example.com"}),
        ("GET", "/_admin/export?format=json", {}),
    ],
)
def test_errors_and_exports_end_with_one_newline_too(
    cloud: Cloud, method: str, path: str, headers: dict[str, str]
) -> None:
    response = cloud.ask(method, path, headers=headers)
    assert_one_newline_at_the_end(response)
    json.loads(response.data)


def test_the_answer_before_the_start_and_that_to_a_bug_end_with_one_newline(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_one_newline_at_the_end(create_app(Emulator()).test_client().get("/_admin/health"))
    monkeypatch.delattr("fake_nova.cloud.clock.CloudClock.now")
    assert_one_newline_at_the_end(cloud.ask("GET", "/_admin/health"))


def test_answers_of_the_services_have_no_newline(cloud: Cloud) -> None:
    for path in ("/v2.1/images/detail", "/image/v2/images", "/identity/v3"):
        assert cloud.ask("GET", path).data.endswith(b"}")
