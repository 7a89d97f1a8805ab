"""Why a list excludes an image, and which preparations and parameters had no effect."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import RECORDED_CLOUD, Cloud

DEMO = "9c53a566cb3443ab910cf0daebca90c4"
SERVICE = "d9ebe43510414ef590a4aa158605329e"
CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


def exclusion_reasons(cloud: Cloud, path: str, **options: Any) -> dict[str, str | None]:
    explanation = cloud.get(f"/_admin/explain?path={quote(path)}", **options)
    return {image["name"]: image["dropped"] for image in explanation["images"]}


@pytest.mark.parametrize(
    ("image", "query", "reason"),
    [
        ({"status": "queued"}, "status=ACTIVE", 'status is "queued"; asked for "active"'),
        ({"status": "queued"}, "status=deleted", 'status is "queued"; the filter matches no status'),
        ({"min_ram": 64}, "minRam=512", "min_ram is 64; asked for 512"),
        (
            {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"},
            "changes-since=2024-01-01T00:00:00",
            "updated_at is 2020-01-01 00:00:00+00:00; asked for at least 2024-01-01 00:00:00+00:00",
        ),
        ({}, "property-arch=debian", 'property arch is not set; asked for "debian"'),
        (
            {"properties": {"arch": "arch"}},
            "property-arch=debian",
            'property arch is "arch"; asked for "debian"',
        ),
        ({"status": "deleted"}, "", "it is deleted"),
        ({"os_hidden": True}, "", "it is hidden (os_hidden)"),
        (
            {"visibility": "private", "owner": SERVICE},
            "",
            f"it is private to project {SERVICE}; the caller's project is {DEMO}",
        ),
        (
            {"visibility": "community", "owner": SERVICE},
            "",
            f"it is a community image of project {SERVICE}; other projects see it only with visibility=community",
        ),
        ({"created_at": "2035-01-01T00:00:00Z"}, "limit=2", "the page ends before it: limit 2"),
        (
            {"created_at": "2001-01-01T00:00:00Z"},
            "marker=ee10f19c-503c-44af-af2f-73d5e42f7a17",
            "it sorts before the marker ee10f19c-503c-44af-af2f-73d5e42f7a17, or is the marker",
        ),
        (
            {},
            "property-sort=name:asc&marker=155d900f-4e14-4e4c-a73d-069cbf4541e6",
            "it sorts before the marker 155d900f-4e14-4e4c-a73d-069cbf4541e6, or is the marker",
        ),
        (
            {"created_at": "2001-01-01T00:00:00Z"},
            "property-sort=name:asc&limit=1&marker=70a599e0-31e7-49b7-b260-868f441e862b",
            "the page ends before it: limit 1",
        ),
        (
            {"created_at": "2001-01-01T00:00:00Z"},
            "property-sort_key=name&marker=155d900f-4e14-4e4c-a73d-069cbf4541e6",
            None,
        ),
        ({}, "", None),
    ],
)
def test_the_first_rule_that_excludes_an_image_is_reported(
    cloud: Cloud, image: Any, query: str, reason: str
) -> None:
    cloud.ask("POST", "/_admin/images", json={"name": "mine", **image})
    path = f"/v2.1/images/detail?{query}"
    assert exclusion_reasons(cloud, path)["mine"] == reason
    names = {entry["name"] for entry in cloud.get(path)["images"]}
    assert {name for name, dropped in exclusion_reasons(cloud, path).items() if dropped is None} == names


@pytest.mark.parametrize(
    ("image", "query", "rule"),
    [
        ({"name": "it is hidden", "status": "deleted"}, "", "deleted"),
        ({"status": "killed"}, "", "never_listed"),
        ({"os_hidden": True}, "", "hidden"),
        ({}, "os_hidden=true", "not_hidden"),
        ({}, "visibility=shared", "visibility"),
        ({"visibility": "private", "owner": SERVICE}, "", "not_visible"),
        ({"visibility": "community", "owner": SERVICE}, "", "not_visible"),
        ({"status": "queued"}, "status=active&min_ram=9", "status"),
        ({"status": "queued"}, "min_ram=9&status=active", "condition"),
        ({"name": "status is queued"}, "name=x", "condition"),
        ({"created_at": "2001-01-01T00:00:00Z"}, f"marker={CIRROS}&sort_dir=asc", "before_marker"),
        ({"created_at": "2001-01-01T00:00:00Z"}, "limit=1", "page_limit"),
        ({}, "", None),
    ],
)
def test_the_rule_that_excludes_an_image_has_a_code(image: Any, query: str, rule: str | None) -> None:
    cloud = Cloud(dialect="nova")
    image_id = cloud.ask("POST", "/_admin/images", json=image).get_json()["id"]
    explanation = cloud.get(f"/_admin/explain?path={quote(f'/image/v2/images?{query}')}")
    assert {row["id"]: row["rule"] for row in explanation["images"]}[image_id] == rule


def test_no_list_of_dialect_nova_has_killed_images() -> None:
    cloud = Cloud(dialect="nova")
    cloud.ask("POST", "/_admin/images", json={"name": "mine", "status": "killed"})
    assert exclusion_reasons(cloud, "/v2.1/images")["mine"] == "lists never contain killed images"


def test_explain_uses_the_token_of_the_request() -> None:
    cloud = Cloud(fixtures=(RECORDED_CLOUD,), dialect="nova", auth_strategy="keystone")
    for user in ("alice", "bob"):
        names = set(cloud.names("/v2.1/images", user))
        reasons = exclusion_reasons(cloud, "/v2.1/images", user=user)
        assert {name for name, dropped in reasons.items() if dropped is None} == names


def test_explain_takes_the_view_of_a_user_of_a_project() -> None:
    cloud = Cloud(fixtures=(RECORDED_CLOUD,), dialect="nova", auth_strategy="keystone")
    path = "/_admin/explain?path=/v2.1/images"
    refused = cloud.get(path)  # without a token, there is no list
    assert (refused["status"], refused["hint"].partition(";")[0]) == (401, "No token was sent")
    for user in ("alice", "bob"):
        record = cloud.emulator.cloud.directory.user(user)
        assert record is not None
        assert record.project is not None
        explanation = cloud.get(f"{path}&project={record.project.id}")
        names = {image["name"] for image in explanation["images"] if image["dropped"] is None}
        assert names == set(cloud.names("/v2.1/images", user))


@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/servers/detail?name=x", "/image/v2/images"])
def test_a_list_that_is_refused_for_lack_of_a_token_is_explained_by_its_401(path: str) -> None:
    cloud = Cloud(auth_strategy="keystone")
    explanation = cloud.get(f"/_admin/explain?path={quote(path)}")
    assert explanation["status"] == 401
    assert "401" in explanation["answer"]
    assert {"images", "servers"}.isdisjoint(explanation)


def test_without_a_token_too_other_paths_are_no_lists() -> None:
    response = Cloud(auth_strategy="keystone").ask("GET", "/_admin/explain?path=/v2.1/flavors")
    assert response.status_code == 400
    assert "not a list of images or servers" in response.text


def test_the_token_with_which_a_list_is_explained_is_revoked(cloud: Cloud) -> None:
    explanation = cloud.get(f"/_admin/explain?path=/v2.1/images&project={SERVICE}")
    assert explanation["status"] == 200
    assert not cloud.emulator.cloud.tokens


def test_explain_reports_status_and_hint_and_leaves_no_trace(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    explanation = cloud.get("/_admin/explain?path=" + quote("/v2.1/images?limit=1&tag=x"))
    assert (explanation["status"], explanation["listed"], explanation["hint"]) == (200, 1, "Ignored: tag.")
    error_explanation = cloud.get("/_admin/explain?path=" + quote("/v2.1/images?limit=-1"))
    assert error_explanation["status"] == 400
    assert "badRequest" in error_explanation["answer"]
    assert cloud.get("/_admin/requests")["requests"] == []
    assert cloud.get("/_admin/faults")["faults"][0]["matched"] == 0


@pytest.mark.parametrize("path", ["", "v2.1/images", "/v2.1/images/x", "/nowhere", "/identity/v3/projects"])
def test_a_path_that_is_not_a_list_is_refused(cloud: Cloud, path: str) -> None:
    response = cloud.ask("GET", f"/_admin/explain?path={path}")
    assert response.status_code == 400
    message = response.get_json()["badRequest"]["message"]
    assert message.startswith("path: ")
    assert f'(got "{path}"); expected ' in message


def test_every_strict_violation_is_one_line(cloud: Cloud) -> None:
    cloud.ask(
        "POST", "/_admin/faults", json={"effect": {"status": 503}, "match": {"path": "/x"}, "owner": "me"}
    )
    cloud.ask("POST", "/_admin/faults", json={"effect": {"delay": 0}, "match": {"operation": "images.list"}})
    cloud.ask(
        "PUT",
        "/_admin/plans",
        json={"default": "slow", "assign": [{"match": {"name": "x"}, "plan": "fails"}]},
    )
    cloud.ask("POST", "/_admin/images", json={"name": "mine"})
    cloud.ask("GET", "/v2.1/images?tag=x")
    cloud.ask("GET", "/v2.1/images?status=RUNNING&tag=y")
    assert cloud.get("/_admin/complaints")["complaints"] == [
        "fault-1 of me never triggered",
        'no client polled an image that follows the plan "fails"',
        "GET /v2.1/images?tag=x: Ignored: tag.",
        "GET /v2.1/images?status=RUNNING&tag=y: Ignored: tag. status=RUNNING finds nothing; valid statuses are "
        "active, saving, deleted, error, unknown, queued, uploading, importing, deactivated, killed, pending_delete.",
    ]
    cloud.ask("POST", "/_admin/reset")
    assert cloud.get("/_admin/complaints") == {"complaints": []}


def test_a_plan_that_no_client_saw_is_a_strict_violation_for_what_it_was_chosen(cloud: Cloud) -> None:
    plans = {"default": "slow", "servers": "fails", "assign": [{"match": {"name": "x"}, "plan": "slow"}]}
    cloud.ask("PUT", "/_admin/plans", json=plans)
    assert cloud.get("/_admin/complaints")["complaints"] == [
        'no client polled a server that follows the plan "fails"',
        'no client polled an image that follows the plan "slow"',
    ]
    server = cloud.ask("POST", "/_admin/servers", json={"name": "db", "plan": "fails"}).get_json()
    image = cloud.ask("POST", "/_admin/images", json={"name": "x", "plan": "fails"}).get_json()
    cloud.get(f"/v2.1/servers/{server['id']}")
    assert cloud.get("/_admin/complaints")["complaints"] == [
        'no client polled an image that follows the plan "fails"',
        'no client polled an image that follows the plan "slow"',
    ]
    cloud.get(f"/v2.1/images/{image['id']}")
    cloud.ask("POST", "/_admin/images", json={"name": "x"})
    cloud.get("/v2.1/images/detail")
    assert cloud.get("/_admin/complaints") == {"complaints": []}


@pytest.mark.parametrize("path", ["images", "servers"])
def test_a_default_plan_is_one_of_images_and_of_servers(cloud: Cloud, path: str) -> None:
    cloud.ask("PUT", "/_admin/plans", json={"default": "slow"})
    assert cloud.get("/_admin/complaints")["complaints"] == [
        'no client polled an image or a server that follows the plan "slow"'
    ]
    new = cloud.ask("POST", f"/_admin/{path}", json={"plan": "slow"}).get_json()
    noun = {"images": "an image", "servers": "a server"}[path]
    assert cloud.get("/_admin/complaints")["complaints"] == [
        f'no client polled {noun} that follows the plan "slow"'
    ]
    cloud.get(f"/v2.1/{path}/{new['id']}")
    assert cloud.get("/_admin/complaints") == {"complaints": []}


def test_values_that_the_dialect_knows_are_not_strict_violations() -> None:
    for dialect, statuses in (
        ("huaweicloud", ("SAVING", "unknown", "queued")),
        ("nova", ("saving", "in:x,y", "killed")),
    ):
        cloud = Cloud(dialect=dialect)
        for status in statuses:
            cloud.ask("GET", f"/v2.1/images?status={status}&limit=5")
        assert cloud.get("/_admin/complaints") == {"complaints": []}
