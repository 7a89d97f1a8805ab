"""The lists of images, servers and operations: filters, pages, and what has not changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import Cloud

DEMO = "9c53a566cb3443ab910cf0daebca90c4"


def id_of(digit: int | str) -> str:
    return f"{digit}0000000-0000-4000-8000-000000000000"


@pytest.fixture
def cloud() -> Cloud:
    """A cloud with three images and three servers, the newest last; their ids begin with 1, 2 and 3."""
    cloud = Cloud()
    cloud.ask("POST", "/_admin/reset", json={"to": "empty"})
    rows = [
        {"id": id_of(digit), "name": name, "created_at": f"2030-01-0{digit}T00:00:00Z"}
        for digit, name in enumerate(("nightly-1", "nightly-2", "release"), 1)
    ]
    statuses = {"images": ("active", "queued", "active"), "servers": ("ACTIVE", "BUILD", "ERROR")}
    for kind, words in statuses.items():
        documents = [{**row, "status": word} for row, word in zip(rows, words, strict=True)]
        assert cloud.ask("POST", f"/_admin/{kind}", json={kind: documents}).status_code == 201
    return cloud


def ids(cloud: Cloud, kind: str, query: str = "") -> str:
    """Return the first digit of each id in a list; a marker in the query is such a digit."""
    query = re.sub(r"marker=(\d)", lambda marker: f"marker={id_of(marker[1])}", query)
    return "".join(row["id"][0] for row in cloud.get(f"/_admin/{kind}?{query}")[kind])


@pytest.mark.parametrize("kind", ["images", "servers"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "321"),
        ("name=nightly-*", "21"),
        ("id=3*", "3"),
        (f"owner={DEMO}&name=*2", "2"),
        ("owner=nobody", ""),
        ("limit=2", "32"),
        ("limit=0", ""),
        ("limit=2&marker=3", "21"),
        ("name=nightly-*&limit=1&marker=2", "1"),
        ("marker=1", ""),
    ],
)
def test_a_list_is_filtered_and_paged(cloud: Cloud, kind: str, query: str, expected: str) -> None:
    assert ids(cloud, kind, query) == expected


@pytest.mark.parametrize(
    ("kind", "query", "expected"),
    [
        ("images", "status=active", "31"),
        ("images", "status=q*&visibility=private", ""),
        ("images", "status=q*&visibility=public", "2"),
        ("servers", "status=ERROR", "3"),
    ],
)
def test_a_list_is_filtered_by_status(cloud: Cloud, kind: str, query: str, expected: str) -> None:
    assert ids(cloud, kind, query) == expected


def test_a_deleted_image_is_a_row_and_a_marker(cloud: Cloud) -> None:
    cloud.ask("DELETE", f"/v2.1/images/{id_of(2)}")
    assert ids(cloud, "images", "status=deleted") == "2"
    assert ids(cloud, "images", "marker=2") == "1"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("marker=x", 'marker: unknown id (got "x"); expected the last id of a page'),
        ("limit=x", 'limit: invalid value (got "x"); expected a whole number from 0 to 1e+06'),
    ],
)
def test_an_invalid_page_is_refused(cloud: Cloud, query: str, message: str) -> None:
    response = cloud.ask("GET", f"/_admin/images?{query}")
    assert (response.status_code, response.json["badRequest"]["message"]) == (400, message)


@pytest.mark.parametrize(
    ("kind", "method", "path", "body"),
    [
        ("images", "PUT", f"images/{id_of(1)}/status", "killed"),
        ("servers", "PATCH", f"servers/{id_of(1)}", {"name": "other"}),
    ],
)
def test_a_list_that_has_not_changed_is_a_304(
    cloud: Cloud, kind: str, method: str, path: str, body: Any
) -> None:
    first = cloud.ask("GET", f"/_admin/{kind}")
    headers = {"If-None-Match": first.headers["ETag"]}
    repeated = cloud.ask("GET", f"/_admin/{kind}", headers=headers)
    assert (repeated.status_code, repeated.data) == (304, b"")
    assert repeated.headers["ETag"] == first.headers["ETag"]
    assert cloud.ask(method, f"/_admin/{path}", json=body).status_code == 200
    changed = cloud.ask("GET", f"/_admin/{kind}", headers=headers)
    assert changed.status_code == 200
    assert changed.json != first.json


@pytest.mark.parametrize("kind", ["images", "servers"])
@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=-1", 400), ("limit=x", 400), ("marker=nothing", 400), (f"limit=1&marker={id_of(1)}", 304)],
)
def test_a_wrong_page_is_an_error_although_the_list_has_not_changed(
    cloud: Cloud, kind: str, query: str, status: int
) -> None:
    headers = {"If-None-Match": cloud.ask("GET", f"/_admin/{kind}").headers["ETag"]}
    assert cloud.ask("GET", f"/_admin/{kind}?{query}", headers=headers).status_code == status


def test_a_plan_changes_the_list_of_images(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("POST", "/_admin/images", json={"name": "planned", "plan": "slow"})
    headers = {"If-None-Match": cloud.ask("GET", "/_admin/images").headers["ETag"]}
    assert cloud.ask("GET", "/_admin/images", headers=headers).status_code == 304
    cloud.ask("PUT", "/_admin/clock", json={"advance": 3})
    assert cloud.ask("GET", "/_admin/images", headers=headers).status_code == 200


def test_the_operations_are_those_that_faults_match(cloud: Cloud) -> None:
    rows = cloud.get("/_admin/operations")["operations"]
    assert [row["name"] for row in rows] == sorted({row["name"] for row in rows})
    (row,) = [row for row in rows if row["name"] == "images.detail"]
    assert row == {
        "name": "images.detail",
        "method": "GET",
        "path": "/images/detail",
        "service": "compute",
        "summary": row["summary"],
    }
    for row in rows:
        fault = {"match": {"operation": row["name"]}, "effect": {"status": 503}}
        assert cloud.ask("POST", "/_admin/faults", json=fault).status_code == 201, row
