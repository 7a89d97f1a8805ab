"""Lists of servers on MariaDB and on SQLite: patterns, tags and ids."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud

SERVERS = "/v2.1/servers"
LATEST = {"OpenStack-API-Version": "compute 2.26"}


def cloud_on(database: str) -> Cloud:
    cloud = Cloud(private=True, fixtures=("empty",), database=database)
    servers = [{"name": name, "tags": [name]} for name in ("Web-1", "db", "naïve")]
    assert cloud.ask("POST", "/_admin/servers", json={"servers": servers}).status_code == 201
    return cloud


def names(cloud: Cloud, query: str) -> list[str]:
    servers = cloud.get(f"{SERVERS}?{query}", headers=LATEST)["servers"]
    return sorted(server["name"] for server in servers)


@pytest.mark.parametrize(
    ("query", "on_mariadb", "on_sqlite"),
    [
        ("name=web", ["Web-1"], []),
        ("name=Web", ["Web-1"], ["Web-1"]),
        ("name=Web|db", [], ["Web-1", "db"]),
        ("name=[[:digit:]]", ["Web-1"], []),
        ("name=^d", ["db"], ["db"]),
        ("tags=web-1", ["Web-1"], []),
        ("not-tags=WEB-1,x", ["Web-1", "db", "naïve"], ["Web-1", "db", "naïve"]),
        ("tags-any=NAIVE,db", ["db", "naïve"], ["db"]),
        ("not-tags-any=Web-1,db", ["naïve"], ["naïve"]),
    ],
)
def test_names_and_tags_are_compared_by_the_database(
    query: str, on_mariadb: list[str], on_sqlite: list[str]
) -> None:
    assert names(cloud_on("mariadb"), query) == on_mariadb
    assert names(cloud_on("sqlite"), query) == on_sqlite


def test_an_id_in_capitals_finds_a_server_on_mariadb_only() -> None:
    for database, status in (("mariadb", 200), ("sqlite", 404)):
        cloud = cloud_on(database)
        server_id = cloud.get(SERVERS)["servers"][0]["id"]
        assert cloud.ask("GET", f"{SERVERS}/{server_id.upper()}").status_code == status


@pytest.mark.parametrize(("database", "method"), [("mariadb", "lower"), ("sqlite", "upper")])
def test_a_404_for_an_id_in_capitals_names_the_server_that_the_database_found(
    database: str, method: str
) -> None:
    cloud = cloud_on(database)
    server_id = cloud.get(SERVERS)["servers"][0]["id"]
    assert cloud.ask("DELETE", f"{SERVERS}/{server_id}").status_code == 204
    response = cloud.ask("GET", f"{SERVERS}/{server_id.upper()}")
    message = f"Instance {getattr(server_id, method)()} could not be found."
    assert response.get_json() == {"itemNotFound": {"code": 404, "message": message}}


@pytest.mark.parametrize(("database", "status"), [("mariadb", 200), ("sqlite", 400)])
def test_blanks_at_the_end_of_a_marker_do_not_count_on_mariadb(database: str, status: int) -> None:
    cloud = cloud_on(database)
    first, *others = cloud.get(SERVERS)["servers"]
    response = cloud.ask("GET", f"{SERVERS}?marker={first['id']}%20")
    assert response.status_code == status
    if status == 200:
        assert response.get_json() == {"servers": others}


def test_the_store_keeps_a_bounded_number_of_deleted_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fake_nova.cloud.server_deletions.MAX_DELETED_SERVERS", 2)
    cloud = cloud_on("mariadb")
    for server in cloud.get(SERVERS)["servers"]:
        assert cloud.ask("DELETE", f"{SERVERS}/{server['id']}").status_code == 204
    assert len(cloud.get("/_admin/servers")["servers"]) == 2


def test_the_store_keeps_a_bounded_number_of_characters_of_deleted_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fake_nova.cloud.server_deletions.MAX_DELETED_CHARS", 1_000)
    cloud = cloud_on("mariadb")
    for server in cloud.get(SERVERS)["servers"]:
        change = {"metadata": {"key": "x" * 200}, "user_data": "x" * 300}
        assert cloud.ask("PATCH", f"/_admin/servers/{server['id']}", json=change).status_code == 200
        assert cloud.ask("DELETE", f"{SERVERS}/{server['id']}").status_code == 204
    assert len(cloud.get("/_admin/servers")["servers"]) == 1


def test_a_server_that_a_snapshot_brings_back_is_not_dropped_as_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fake_nova.cloud.server_deletions.MAX_DELETED_SERVERS", 1)
    cloud = cloud_on("mariadb")
    assert cloud.ask("POST", "/_admin/snapshots", json={"name": "before"}).status_code == 201
    ids = [server["id"] for server in cloud.get(SERVERS)["servers"]]
    cloud.ask("DELETE", f"{SERVERS}/{ids[0]}")
    cloud.ask("POST", "/_admin/snapshots/before/restore")
    for server_id in ids[1:]:
        cloud.ask("DELETE", f"{SERVERS}/{server_id}")
    assert [server["id"] for server in cloud.get(SERVERS)["servers"]] == ids[:1]
    assert len(cloud.get("/_admin/servers")["servers"]) == 2


def test_the_texts_of_a_server_that_the_admin_api_forgets_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fake_nova.cloud.server_deletions.MAX_DELETED_CHARS", 1_000)
    cloud = cloud_on("mariadb")
    ids = [server["id"] for server in cloud.get(SERVERS)["servers"]][:3]
    for server_id in ids:
        cloud.ask("PATCH", f"/_admin/servers/{server_id}", json={"user_data": "x" * 500})
    cloud.ask("DELETE", f"{SERVERS}/{ids[0]}")
    assert cloud.ask("DELETE", f"/_admin/servers/{ids[0]}").status_code == 204
    for server_id in ids[1:]:
        cloud.ask("DELETE", f"{SERVERS}/{server_id}")
    kept = {each["id"] for each in cloud.get("/_admin/servers")["servers"]}
    assert kept >= set(ids[1:])
