"""Hints never contradict what happened: the fault's responses, and the responses of checks and views."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from fake_nova.cloud.faults import Effect
from fake_nova.wire.fault_injection import BODY_DAMAGE
from tests.conftest import RECORDED_CLOUD, Cloud

FAULT_HINT = "The request triggered fault-1."
DELETED = "10000000-0000-4000-8000-000000000009"
BOBS = "10000000-0000-4000-8000-000000000025"
PROTECTED = "10000000-0000-4000-8000-00000000002a"
BOB_PROJECT = "d9ebe43510414ef590a4aa158605329e"
VERSION = {"OpenStack-API-Version": "compute 2.53"}

#: Requests that get a hint without a fault: method, path, and headers.
EXPLAINED: list[tuple[str, str, dict[str, str]]] = [
    ("GET", f"/v2.1/images/{DELETED}", {}),
    ("GET", f"/v2.1/images/{BOBS}", {}),
    ("DELETE", f"/v2.1/images/{PROTECTED}", {}),
    ("GET", f"/v2.1/{BOB_PROJECT}/images", {}),
    ("GET", "/v2.1/images/", {}),
    ("GET", "/v2.1/nope", {}),
    ("HEAD", "/v2.1/images", {}),
    ("GET", "/v2.1/images", VERSION),
    ("GET", "/v2.1/images?tag=x", {}),
    ("GET", "/v2.1/images?status=SAVING", {}),
    ("GET", "/v2.1/images?marker=a%2Bb%23c", {}),
    ("POST", f"/v2.1/images/{DELETED}/metadata", {"Content-Type": "text/xml"}),
    ("GET", f"/image/v2/images/{DELETED}", {}),
    ("GET", "/image/v2/images/", {}),
    ("GET", "/identity/v3/auth/tokens", {"X-Subject-Token": "made-up"}),
]

#: Effects with which the fault responds, and not the service.
OWN_RESPONSES: list[dict[str, Any]] = [
    *({"status": status} for status in (400, 401, 403, 404, 409, 413, 415, 429, 500, 502, 503, 504)),
    {"token": "expired"},
    {"connection": "reset"},
]

#: Effects that leave the service's own response, or a part of it.
EFFECTS_ON_THE_SERVICE: list[dict[str, Any]] = [
    {"delay": 0.001},
    {"stale": 60},
    {"stall": 0},
    *({"connection": ending} for ending in ("cut", "lost")),
    *({"body": kind} for kind in BODY_DAMAGE),
]


def hint(cloud: Cloud, method: str, path: str, headers: dict[str, str], user: str | None = "alice") -> Any:
    """Send a request, and return its hint, also if the connection breaks."""
    with suppress(OSError):
        cloud.ask(method, path, user, headers=headers)
    return cloud.get("/_admin/requests?limit=1000")["requests"][-1]["hint"]


def test_the_tables_name_every_effect_of_faults() -> None:
    names = {name for effect in (*OWN_RESPONSES, *EFFECTS_ON_THE_SERVICE) for name in effect}
    assert names | {"message", "retry_after", "since"} == set(Effect._fields)


@pytest.mark.parametrize("effect", OWN_RESPONSES, ids=str)
def test_a_response_of_a_fault_is_explained_by_the_fault_alone(
    recorded_cloud: Cloud, effect: dict[str, Any]
) -> None:
    for method, path, headers in EXPLAINED:
        recorded_cloud.ask("POST", "/_admin/reset")
        recorded_cloud.ask("POST", "/_admin/faults", json={"effect": effect})
        assert hint(recorded_cloud, method, path, headers) == FAULT_HINT, (method, path)


@pytest.mark.parametrize("effect", EFFECTS_ON_THE_SERVICE, ids=str)
def test_a_response_of_the_service_is_explained_by_its_cause_and_by_the_fault(
    recorded_cloud: Cloud, effect: dict[str, Any]
) -> None:
    for method, path, headers in EXPLAINED:
        recorded_cloud.ask("POST", "/_admin/reset")
        cause = hint(recorded_cloud, method, path, headers)
        assert cause, (method, path)
        recorded_cloud.ask("POST", "/_admin/faults", json={"effect": effect})
        hints = f"{cause} {FAULT_HINT}", f"{FAULT_HINT} {cause}"
        assert hint(recorded_cloud, method, path, headers) in hints, (method, path)


def test_a_401_of_a_fault_does_not_ask_for_a_token(cloud: Cloud) -> None:
    for path in ("/v2.1/images", "/image/v2/images", "/identity/v3"):
        cloud.ask("POST", "/_admin/reset")
        cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 401}})
        response = cloud.ask("GET", path)
        assert response.status_code == 401
        assert response.headers["X-Fake-Nova-Hint"] == FAULT_HINT


def test_a_stale_read_is_explained_by_what_it_shows(cloud: Cloud) -> None:
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "old"}).get_json()["id"]
    cloud.ask("POST", "/_admin/faults", json={"effect": {"stale": 60}})
    cloud.ask("DELETE", f"/v2.1/images/{image_id}")
    response = cloud.ask("GET", f"/v2.1/images/{image_id}")
    assert response.status_code == 200
    assert response.headers["X-Fake-Nova-Hint"] == FAULT_HINT


def test_a_bad_service_token_is_not_blamed_on_the_users_token(recorded_cloud: Cloud) -> None:
    headers = {"X-Service-Token": "made-up"}
    assert str(hint(recorded_cloud, "GET", "/v2.1/images", headers)).startswith(
        "The token in X-Service-Token was not issued here"
    )


@pytest.mark.parametrize("user", ["alice", None])
def test_another_project_in_the_url_is_not_blamed_for_another_error(user: str | None) -> None:
    cloud = Cloud(fixtures=(RECORDED_CLOUD,), dialect="nova", auth_strategy="keystone" if user else "noauth")
    broken = {"OpenStack-API-Version": "compute two"}
    path = f"/v2.1/{BOB_PROJECT}/images?marker=a%2Bb"
    assert cloud.ask("GET", path, user, headers=broken).status_code == 400
    assert hint(cloud, "GET", path, broken, user) is None


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/v2.1/images/{BOBS}/metadata/nope", 404),
        ("DELETE", f"/v2.1/images/{BOBS}/metadata/nope", 404),
        ("DELETE", f"/image/v2/images/{BOBS}/tags/nope", 404),
    ],
)
def test_an_image_that_the_caller_may_change_is_not_blamed(
    recorded_cloud: Cloud, method: str, path: str, status: int
) -> None:
    assert recorded_cloud.ask(method, path, "admin").status_code == status
    assert hint(recorded_cloud, method, path, {}, "admin") is None


def test_the_metadata_quota_is_not_blamed_on_the_owner(recorded_cloud: Cloud) -> None:
    body = {"metadata": {f"key{number}": "" for number in range(129)}}
    response = recorded_cloud.ask("PUT", f"/v2.1/images/{BOBS}/metadata", "admin", json=body)
    assert response.status_code == 403
    assert "X-Fake-Nova-Hint" not in response.headers


def test_a_forbidden_change_of_an_own_image_is_not_blamed_on_its_owner(recorded_cloud: Cloud) -> None:
    patch = [{"op": "replace", "path": "/id", "value": "x"}]
    media_type = "application/openstack-images-v2.1-json-patch"
    path = f"/image/v2/images/{PROTECTED}"
    response = recorded_cloud.ask("PATCH", path, "alice", json=patch, content_type=media_type)
    assert response.status_code == 403
    assert "X-Fake-Nova-Hint" not in response.headers


def test_a_late_microversion_is_the_only_cause_of_its_404(recorded_cloud: Cloud) -> None:
    text = hint(recorded_cloud, "GET", f"/v2.1/images/{DELETED}", VERSION)
    assert text == "images.show ends with microversion 2.35; the request asks for 2.53."


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v2.1/nope/"), ("HEAD", "/v2.1/nope"), ("POST", "/v2.1/images/"), ("GET", "/image/v2/nope/")],
)
def test_a_slash_or_head_is_blamed_only_if_the_request_works_otherwise(
    recorded_cloud: Cloud, method: str, path: str
) -> None:
    assert str(hint(recorded_cloud, method, path, {})).startswith("No route has this ")
