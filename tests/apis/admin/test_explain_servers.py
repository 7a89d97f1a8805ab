"""Why a list excludes a server: the first parameter that does."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Cloud

DEMO = "9c53a566cb3443ab910cf0daebca90c4"
SERVICE = "d9ebe43510414ef590a4aa158605329e"

OLD = "2020-01-01T00:00:00Z"


def explain(cloud: Cloud, path: str, **options: Any) -> dict[str, Any]:
    explanation: dict[str, Any] = cloud.get(f"/_admin/explain?path={quote(path)}", **options)
    return explanation


def row_of(cloud: Cloud, server: dict[str, Any], path: str) -> tuple[str | None, str | None]:
    """Add a server named ``mine``, and return why a list lacks it: the rule and the reason."""
    cloud.ask("POST", "/_admin/servers", json={"name": "mine", **server})
    (row,) = [row for row in explain(cloud, path)["servers"] if row["name"] == "mine"]
    return row["rule"], row["dropped"]


@pytest.mark.parametrize(
    ("server", "query", "expected"),
    [
        ({}, "", (None, None)),
        ({"status": "SHUTOFF"}, "status=ACTIVE", ("status", 'status is "SHUTOFF"; asked for status=ACTIVE')),
        (
            {},
            "status=ERROR&status=BUILD",
            ("status", 'status is "ACTIVE"; asked for status=ERROR or status=BUILD'),
        ),
        ({}, "name=^x", ("condition", 'name is "mine"; asked for name=^x')),
        ({}, "status=ACTIVE&name=x", ("condition", 'name is "mine"; asked for name=x')),
        ({}, "image=9", ("condition", "image is not set; asked for image=9")),
        ({}, "flavor=9", ("condition", 'flavor is "2"; asked for flavor=9')),
        ({"address": "10.0.0.1"}, "ip=10.9", ("condition", 'addresses are "10.0.0.1"; asked for ip=10.9')),
        (
            {"created_at": OLD, "updated_at": OLD},
            "changes-since=2024-01-01",
            ("condition", "updated_at is 2020-01-01 00:00:00+00:00; asked for changes-since=2024-01-01"),
        ),
        ({"status": "DELETED"}, "name=mine", ("deleted", "it is deleted")),
        ({"status": "DELETED"}, "changes-since=2014-01-01", (None, None)),
        (
            {"status": "SOFT_DELETED"},
            "",
            ("never_listed", "lists contain SOFT_DELETED servers only with changes-since"),
        ),
        (
            {"owner": SERVICE},
            "name=mine",
            ("not_visible", f"it belongs to project {SERVICE}; the caller's project is {DEMO}"),
        ),
        ({}, "limit=0", ("page_limit", "the page ends before it: limit 0")),
        (
            {"created_at": OLD, "updated_at": OLD},
            "limit=1",
            ("page_limit", "the page ends before it: limit 1"),
        ),
    ],
)
def test_the_reason_names_what_the_server_has_and_what_the_list_asks_for(
    server: dict[str, Any], query: str, expected: tuple[str | None, str | None]
) -> None:
    cloud = Cloud(database="mariadb")
    if "limit=1" in query:
        cloud.ask("POST", "/_admin/servers", json={"name": "newer"})
    rule, reason = row_of(cloud, server, f"/v2.1/servers/detail?{query}")
    if rule == "not_visible":
        reason = (reason or "").partition("; all_tenants")[0]
    assert (rule, reason) == expected


def test_a_marker_excludes_what_comes_before_it(cloud: Cloud) -> None:
    marker = cloud.ask("POST", "/_admin/servers", json={"name": "m", "created_at": OLD}).get_json()["id"]
    row = row_of(cloud, {}, f"/v2.1/servers?marker={marker}")
    assert row == ("before_marker", f"it sorts before the marker {marker}, or is the marker")


def test_the_explanation_also_says_what_the_list_answers(cloud: Cloud) -> None:
    explanation = explain(cloud, "/v2.1/servers?name=web")
    assert (explanation["status"], explanation["listed"]) == (200, 1)
    error_explanation = explain(cloud, "/v2.1/servers?limit=-1")
    assert (error_explanation["status"], "servers" in error_explanation) == (400, False)
    assert "badRequest" in error_explanation["answer"]
    assert cloud.get("/_admin/requests")["requests"] == []


def test_the_journal_says_how_many_servers_a_list_has(cloud: Cloud) -> None:
    cloud.get("/v2.1/servers?name=nope")
    cloud.get("/v2.1/servers/detail")
    assert [entry["listed"] for entry in cloud.get("/_admin/requests")["requests"]] == [0, 1]
