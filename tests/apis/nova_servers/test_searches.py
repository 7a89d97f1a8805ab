"""Searches for names, images, flavors and addresses select what a look at each server selects."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final
from urllib.parse import quote

import pytest
import regex

from fake_nova.apis.nova_common.client_patterns import required_text
from fake_nova.cloud.server_store import ListKey, ServerState
from fake_nova.cloud.server_texts import Search
from tests.conftest import Cloud

SERVERS: Final = "/v2.1/servers"
ADMIN_SERVERS: Final = "/_admin/servers"

IMAGES: Final = tuple(f"0000000{number}-0000-4000-8000-00000000000a" for number in range(4))

#: Values of each field. The servers have the first one more often than the others.
VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "name": ("web-1", "web-10", "WEB-2", "a", "db", "Straße", "web-1 web-1"),
    "image": (*IMAGES, None),
    "flavor": ("m1.tiny", "m1.small", "m1.large"),
    "addresses": tuple({"private": [each]} for each in ("10.0.0.1", "10.0.0.10", "10.0.1.1", "fd00::1")),
}

PATTERNS: Final = (
    *(
        "web",
        "B-10",
        "^web-1$",
        "web-1 ",
        "e",
        "a",
        "^a$",
        "db",
        "b.*1$",
        "we?b-1+$",
        "^stra",
        "x*",
        "nothing",
    ),
    *("web-1|db", "^(web|db)"),
)

Document = dict[str, Any]
Matcher = Callable[[Document], bool]


def random_fields(random: Random) -> Document:
    return {field: random.choice((values[0], *values)) for field, values in VALUES.items()}


@pytest.fixture(params=["mariadb", "sqlite"])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    """A cloud of 300 servers."""
    cloud = Cloud(private=True, fixtures=("empty",), database=request.param)
    images = [{"id": image_id, "name": image_id} for image_id in IMAGES]
    assert cloud.ask("POST", "/_admin/images", json={"images": images}).status_code == 201
    random = Random(5)
    servers = [random_fields(random) for _ in range(300)]
    assert cloud.ask("POST", ADMIN_SERVERS, json={"servers": servers}).status_code == 201
    return cloud


def change_servers(cloud: Cloud, random: Random) -> None:
    """Change, add and forget some servers, fewer than need a new index."""
    for server in random.sample(cloud.get(ADMIN_SERVERS)["servers"], 20):
        url = f"{ADMIN_SERVERS}/{server['id']}"
        assert cloud.ask("PATCH", url, json=random_fields(random)).status_code == 200
    for server in random.sample(cloud.get(ADMIN_SERVERS)["servers"], 5):
        assert cloud.ask("DELETE", f"{ADMIN_SERVERS}/{server['id']}").status_code == 204
    servers = [random_fields(random) for _ in range(5)]
    assert cloud.ask("POST", ADMIN_SERVERS, json={"servers": servers}).status_code == 201


def has_name(pattern: regex.Pattern[str]) -> Matcher:
    return lambda server: pattern.search(server["name"]) is not None


def has_image(image: str) -> Matcher:
    return lambda server: server["image"] == image


def has_flavor(name: str) -> Matcher:
    return lambda server: server["flavor"]["name"] == name


def has_address(*texts: str) -> Matcher:
    return lambda server: any(text in server["addresses"]["private"][0]["address"] for text in texts)


def filters(database: str) -> dict[str, Matcher]:
    """Return queries, each with what a server must satisfy."""
    queries = {f"image={image}": has_image(image) for image in (*IMAGES, IMAGES[0][:-1])}
    flavors = {"1": "m1.tiny", "4": "m1.large", "m1.tiny": "none"}
    queries |= {f"flavor={flavor_id}": has_flavor(name) for flavor_id, name in flavors.items()}
    queries |= {f"ip={text}": has_address(text) for text in ("10.0.0.1", "10.0.1", ".", "fd", "1")}
    queries["ip=10.0.0.10&ip6=fd"] = has_address("10.0.0.10", "fd")
    flags = regex.IGNORECASE if database == "mariadb" else 0
    for text in PATTERNS:
        pattern_text = text.replace("|", r"\|") if database == "mariadb" else text
        queries[f"name={quote(text)}"] = has_name(regex.compile(pattern_text, flags))
    if database == "mariadb":
        queries[f"image={IMAGES[1].upper()}"] = has_image(IMAGES[1])
    return queries


def test_a_filter_selects_what_matches_whatever_has_changed_since_the_first_search(cloud: Cloud) -> None:
    random = Random(6)
    queries = filters(cloud.emulator.cloud.database.name)
    for _ in range(5):  # the third round needs new indexes
        documents = {server["id"]: server for server in cloud.get(ADMIN_SERVERS)["servers"]}
        ordered_ids = [server["id"] for server in cloud.get(SERVERS)["servers"]]
        for query, matches in queries.items():
            ids = [server_id for server_id in ordered_ids if matches(documents[server_id])]
            assert selected_ids(cloud, query) == ids, query
            if len(ids) > 2:
                assert selected_ids(cloud, f"{query}&limit=2&marker={ids[0]}") == ids[1:3], query
        change_servers(cloud, random)


def selected_ids(cloud: Cloud, query: str) -> list[str]:
    headers = {"X-OpenStack-Nova-API-Version": "2.5"}  # the first one with ip6 for everybody
    return [server["id"] for server in cloud.get(f"{SERVERS}?{query}", headers=headers)["servers"]]


def test_a_search_passes_few_servers_on(cloud: Cloud) -> None:
    """A search of a large cloud costs what it passes on; a write does not make the index anew."""
    state: ServerState = cloud.emulator.cloud.servers.state
    key = ListKey(None, has_deleted=False)
    search = Search("name", "unique")
    assert list(state.candidates((search,), key)) == []
    server_id = cloud.get(SERVERS)["servers"][7]["id"]
    cloud.ask("PATCH", f"{ADMIN_SERVERS}/{server_id}", json={"name": "unique"})
    later_state: ServerState = cloud.emulator.cloud.servers.state
    assert later_state.text_indexes["name"] is state.text_indexes["name"]
    assert [server.id for server in later_state.candidates((search,), key)] == [server_id]
    assert list(state.candidates((search,), key)) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("web", "web"),
        ("^web$", "\nweb\n"),
        ("web-?1", "web"),
        ("web*x", "we"),
        ("web+", "web"),
        ("a.bc.*", "bc"),
        (".*", ""),
        ("a|b", ""),
        ("web{0}", ""),
        (r"\d", ""),
    ],
)
def test_the_text_that_a_pattern_requires(pattern: str, text: str) -> None:
    assert required_text(pattern) == text
