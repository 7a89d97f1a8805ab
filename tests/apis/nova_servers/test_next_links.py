"""Links to the next page of a list of servers, as Nova 34.0.0 wrote them."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud

#: The ids of the servers, newest first.
IDS = [f"10000000-0000-4000-8000-00000000000{digit}" for digit in (3, 2, 1)]

FIXTURE = {
    "servers": [
        {"id": server_id, "name": "a&b=c é", "created_at": f"2014-01-0{server_id[-1]}T00:00:00Z"}
        for server_id in IDS
    ]
}


@pytest.fixture
def servers_cloud() -> Cloud:
    """A cloud with three servers of the same name."""
    cloud = Cloud(private=True, fixtures=("empty",))
    assert cloud.ask("POST", "/_admin/fixtures", json=FIXTURE).status_code == 201
    return cloud


def next_link(cloud: Cloud, query: str, **headers: str) -> str:
    """Return the query of the next link of a page."""
    (link,) = cloud.get(f"/v2.1/servers?{query}", headers=headers)["servers_links"]
    assert link["rel"] == "next"
    address, link_query = str(link["href"]).split("?")
    assert address == "http://localhost/v2.1/servers"
    return link_query


@pytest.mark.parametrize(
    "query", ["limit=1", "limit=1&name=a%26b", "name=%C3%A9&limit=1", "limit=1&name=b%3Dc+."]
)
@pytest.mark.parametrize("collection", ["servers", "servers/detail"])
def test_following_next_links_visits_every_server_once(
    servers_cloud: Cloud, query: str, collection: str
) -> None:
    page = servers_cloud.get(f"/v2.1/{collection}?{query}")
    ids = []
    while page["servers"]:
        ids += [server["id"] for server in page["servers"]]
        page = servers_cloud.get(page["servers_links"][0]["href"])
    assert ids == IDS


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=01", "limit=01"),
        ("limit=2&limit=1", "limit=2"),
        ("name=a&limit=1", "limit=1&name=a"),
        ("limit=1&name=a%26b%3Dc+%C3%A9", "limit=1&name=a%26b%3Dc+%C3%A9"),
        ("limit=1&unknown=1&b=2", "limit=1"),
        ("limit=1&changes-since=2013-01-01T00:00:00Z", "changes-since=2013-01-01T00%3A00%3A00Z&limit=1"),
        ("limit=1&sort_key=created_at&sort_dir=desc", "limit=1&sort_dir=desc&sort_key=created_at"),
        ("changes-before=2035-01-01&limit=1", "limit=1"),
        ("limit=1;name=a", "limit=1&name=a"),
    ],
)
def test_a_next_link_has_known_parameters_sorted_and_encoded_and_the_marker_last(
    servers_cloud: Cloud, query: str, expected: str
) -> None:
    assert next_link(servers_cloud, query) == f"{expected}&marker={IDS[0]}"


def test_the_marker_of_a_request_keeps_its_sorted_place_in_the_next_link(servers_cloud: Cloud) -> None:
    link = next_link(servers_cloud, f"name=a&limit=1&marker={IDS[0]}")
    assert link == f"limit=1&marker={IDS[1]}&name=a"


def test_a_next_link_repeats_the_parameters_that_its_microversion_knows(servers_cloud: Cloud) -> None:
    query = "limit=1&changes-before=2035-01-01"
    link = next_link(servers_cloud, query, **{"OpenStack-API-Version": "compute 2.66"})
    assert link == f"changes-before=2035-01-01&limit=1&marker={IDS[0]}"


#: Servers by name, with the key pair that each was created with, in the order of their ids.
KEY_NAMES = {"a": None, "b": "x", "c": None, "d": "y"}


@pytest.fixture
def keys_cloud() -> Cloud:
    """A cloud with servers of which two have a key pair."""
    cloud = Cloud(private=True, fixtures=("empty",))
    servers = [
        {"id": f"10000000-0000-4000-8000-00000000000{name}", "name": name, "key_name": key_name}
        for name, key_name in KEY_NAMES.items()
    ]
    assert cloud.ask("POST", "/_admin/servers", json={"servers": servers}).status_code == 201
    return cloud


@pytest.mark.parametrize(
    ("direction", "pages"),
    [
        ("asc", {"": "acbd", "a": "cbd", "b": "d", "c": "d", "d": ""}),
        ("desc", {"": "dbac", "a": "dbc", "b": "", "c": "db", "d": "b"}),
    ],
)
def test_a_page_after_a_marker_compares_only_what_the_marker_has(
    keys_cloud: Cloud, direction: str, pages: dict[str, str]
) -> None:
    query = f"/v2.1/servers?sort_key=key_name&sort_dir={direction}&marker="
    for marker, names in pages.items():
        marker_id = marker and f"10000000-0000-4000-8000-00000000000{marker}"
        page = keys_cloud.get(query + marker_id)
        assert "".join(server["name"] for server in page["servers"]) == names
