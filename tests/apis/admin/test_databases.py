"""The admin API on both databases: what it stores, what it refuses, and scopes with a database of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

TIME = "2024-05-01T10:00:00.750000Z"
#: Database -> that time as the database stores it.
STORED_TIMES = {"mariadb": "2024-05-01T10:00:00Z", "sqlite": TIME}


@pytest.mark.parametrize("database", STORED_TIMES)
def test_a_response_has_the_times_that_the_database_stores(database: str) -> None:
    cloud = Cloud(private=True, database=database)
    document = {"name": "a", "created_at": TIME, "updated_at": TIME}
    responses = [
        cloud.ask("POST", "/_admin/images", json=document).get_json(),
        *cloud.ask("POST", "/_admin/images", json=[document]).get_json()["images"],
        *cloud.ask("POST", "/_admin/images/generate", json={"count": 1, "template": document}).get_json()[
            "images"
        ],
        *cloud.ask("POST", "/_admin/fixtures", json={"images": [document]}).get_json()["images"],
    ]
    assert {image["created_at"] for image in responses} == {STORED_TIMES[database]}
    for image in responses:
        assert cloud.get(f"/_admin/images/{image['id']}") == image


@pytest.mark.parametrize(
    ("properties", "status", "message"),
    [
        (
            {"foo": "1", "Foo": "2"},
            409,
            'properties: two texts are equal on MariaDB (got "foo" beside "Foo"); ',
        ),
        ({"k" * 256: "v"}, 400, "properties: too long (got 256 characters); expected at most 255"),
        ({"k": "v" * 65_536}, 400, 'properties["k"]: too long (got 65536 bytes); expected at most 65535'),
        ({"k": "漢" * 21_846}, 400, 'properties["k"]: too long (got 65538 bytes); expected at most 65535'),
    ],
)
def test_what_mariadb_cannot_store_is_refused(properties: Any, status: int, message: str) -> None:
    cloud = Cloud(database="mariadb")
    response = cloud.ask("POST", "/_admin/images", json={"properties": properties})
    (error,) = response.get_json().values()
    assert (response.status_code, error["code"]) == (status, status)
    assert error["message"].startswith(message)
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "a"}).get_json()["id"]
    assert (
        cloud.ask("PATCH", f"/_admin/images/{image_id}", json={"properties": properties}).status_code
        == status
    )
    assert cloud.get(f"/_admin/images/{image_id}")["properties"] == {}
    assert (
        Cloud(database="sqlite").ask("POST", "/_admin/images", json={"properties": properties}).status_code
        == 201
    )


def test_a_scope_can_have_another_database_than_its_server() -> None:
    cloud = Cloud(private=True, database="mariadb")
    cloud.ask("POST", "/_admin/fixtures", json={"images": [{"name": "Twin"}]})
    scope = cloud.ask("POST", "/_admin/scopes", json={"database": "sqlite"}).get_json()
    assert scope["database"] == "sqlite"
    project = scope["project"]["id"]
    assert [each["database"] for each in cloud.get("/_admin/scopes")["scopes"]] == ["sqlite"]
    assert cloud.names("/v2.1/images?name=TWIN") == ["Twin"]
    assert cloud.names(f"/v2.1/{project}/images?name=TWIN") == []
    assert cloud.names(f"/v2.1/{project}/images?name=Twin") == ["Twin"]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            [{"properties": {"Foo": "1", "foo": "2"}}],
            'properties: two texts are equal on MariaDB (got "foo" beside "Foo"); ',
        ),
        (
            [{"id": f"10000000-0000-4000-8000-00000000000{last}"} for last in "aA"],
            'database: two images have equal ids on MariaDB (got "mariadb"); expected the database of the server',
        ),
    ],
)
def test_a_scope_on_a_database_that_cannot_hold_the_seed_is_refused(images: Any, message: str) -> None:
    cloud = Cloud(private=True, database="sqlite")
    assert cloud.ask("POST", "/_admin/fixtures", json={"images": images}).status_code == 201
    response = cloud.ask("POST", "/_admin/scopes", json={"database": "mariadb"})
    (error,) = response.get_json().values()
    assert response.status_code == 409
    assert error["message"].startswith(message)
    assert cloud.get("/_admin/scopes") == {"scopes": []}
    assert cloud.ask("POST", "/_admin/scopes", json={}).status_code == 201


def test_health_and_exports_name_the_database_of_their_cloud() -> None:
    cloud = Cloud(private=True, database="sqlite")
    project = cloud.ask("POST", "/_admin/scopes", json={"database": "mariadb"}).get_json()["project"]["id"]
    assert cloud.get("/_admin/health")["database"] == "sqlite"
    assert cloud.get("/_admin/export?format=json")["settings"]["database"] == "sqlite"
    assert cloud.get(f"/_admin/export?format=json&scope={project}")["settings"]["database"] == "mariadb"


def test_an_unknown_database_of_a_scope_is_refused(cloud: Cloud) -> None:
    response = cloud.ask("POST", "/_admin/scopes", json={"database": "oracle"})
    assert response.status_code == 400
    expected = 'database: invalid value (got "oracle"); expected mariadb or sqlite'
    assert expected in response.get_json()["badRequest"]["message"]
