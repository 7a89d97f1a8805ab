"""Whole exchanges of requests, recorded while somebody watches."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

import pytest

from fake_nova.cloud import exchanges
from fake_nova.cloud.exchanges import Exchange, Exchanges
from tests.conftest import Cloud


@pytest.fixture
def cloud() -> Cloud:
    """A cloud that nobody watched before, because a reset does not end that."""
    return Cloud(private=True)


WATCH = "/_admin/requests?exchanges=true"


def exchange_of(cloud: Cloud, number: int) -> Any:
    return cloud.get(f"/_admin/requests/{number}")["exchange"]


def test_a_request_is_shown_as_in_the_list(cloud: Cloud) -> None:
    cloud.ask("GET", "/v2.1/images?limit=1")
    (entry,) = cloud.get("/_admin/requests")["requests"]
    assert cloud.get("/_admin/requests/1") == {**entry, "exchange": None}


@pytest.mark.parametrize(
    ("count", "number", "expectation"),
    [(2, "3", "one of 1 to 2"), (2, "x", "one of 1 to 2"), (0, "1", "none: it is empty")],
)
def test_an_unknown_request_is_a_404(cloud: Cloud, count: int, number: str, expectation: str) -> None:
    for _ in range(count):
        cloud.ask("GET", "/v2.1/images")
    response = cloud.ask("GET", f"/_admin/requests/{number}")
    assert response.status_code == 404
    message = f'request: not in the journal (got "{number}"); expected {expectation}'
    assert response.json["itemNotFound"]["message"] == message


def test_a_watched_request_has_its_exchange(cloud: Cloud) -> None:
    cloud.get(WATCH)
    headers = {"User-Agent": "tester", "X-Openstack-Nova-API-Version": "2.1"}
    response = cloud.ask("GET", "/v2.1/images?limit=1", headers=headers)
    exchange = exchange_of(cloud, 1)
    assert json.loads(exchange["response_body"]) == response.json
    assert exchange["response_bytes"] == len(response.data)
    assert ["User-Agent", "tester"] in exchange["request_headers"]
    assert ["X-Openstack-Nova-Api-Version", "2.1"] in exchange["request_headers"]
    assert ["x-compute-request-id", response.headers["x-compute-request-id"]] in exchange["response_headers"]


def test_the_exchange_of_a_fault_is_recorded(cloud: Cloud) -> None:
    cloud.get(WATCH)
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503, "retry_after": 7}})
    cloud.ask("POST", "/v2.1/servers", json={"server": {}})
    exchange = exchange_of(cloud, 1)
    assert ["Content-Type", "application/json"] in exchange["request_headers"]
    assert ["Retry-After", "7"] in exchange["response_headers"]
    assert "serviceUnavailable" in exchange["response_body"]


def test_nothing_is_recorded_until_somebody_watches_nor_after_a_minute(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.ask("GET", "/v2.1/images")
    cloud.get("/_admin/requests?exchanges=false")
    cloud.ask("GET", "/v2.1/images")
    cloud.get(WATCH)
    cloud.ask("GET", "/v2.1/images")
    end = monotonic() + exchanges.WATCH_SECONDS
    monkeypatch.setattr(exchanges, "monotonic", lambda: end + 1)
    cloud.ask("GET", "/v2.1/images")
    recorded = [number for number in range(1, 5) if exchange_of(cloud, number) is not None]
    assert recorded == [3]
    assert not cloud.emulator.cloud.journal.exchanges.is_watched


def test_a_reset_ends_the_journal_but_not_the_watch(cloud: Cloud) -> None:
    first_generation = cloud.get(WATCH)["generation"]
    cloud.ask("POST", "/_admin/reset")
    assert cloud.get("/_admin/requests")["generation"] != first_generation
    cloud.ask("GET", "/v2.1/images")
    assert exchange_of(cloud, 1) is not None


def test_a_cleared_journal_is_another_generation(cloud: Cloud) -> None:
    generation = cloud.get("/_admin/requests")["generation"]
    assert cloud.get("/_admin/requests")["generation"] == generation
    cloud.ask("DELETE", "/_admin/requests")
    assert cloud.get("/_admin/requests")["generation"] != generation


def test_exchanges_have_no_secrets() -> None:
    cloud = Cloud(private=True, auth_strategy="keystone")
    cloud.get(WATCH)
    user = {"name": "demo", "domain": {"id": "default"}, "password": "demo-secret"}
    identity = {"methods": ["password"], "password": {"user": user}}
    login = cloud.ask("POST", "/identity/v3/auth/tokens", json={"auth": {"identity": identity}})
    token = login.headers["X-Subject-Token"]
    cookies = {"X-Auth-Token": token, "Cookie": "session=demo-secret", "Authorization": "Bearer demo-secret"}
    cloud.ask("GET", "/v2.1/images", headers=cookies)
    cloud.ask("GET", "/identity/v3/auth/tokens", headers={"X-Auth-Token": token, "X-Subject-Token": token})
    v2 = {
        "auth": {"tenantName": "demo", "passwordCredentials": {"username": "demo", "password": "demo-secret"}}
    }
    second_token = cloud.ask("POST", "/identity/v2.0/tokens", json=v2).json["access"]["token"]["id"]
    keypair = cloud.ask("POST", "/v2.1/os-keypairs", "demo", json={"keypair": {"name": "mine"}}).json[
        "keypair"
    ]
    texts = [cloud.ask("GET", f"/_admin/requests/{number}").text for number in range(1, 6)]
    for secret in (token, second_token, "demo-secret", keypair["private_key"][:60]):
        assert [text for text in texts if json.dumps(secret)[1:-1] in text] == []
    assert ["X-Subject-Token", "***"] in json.loads(texts[0])["exchange"]["response_headers"]
    assert ["X-Auth-Token", "***"] in json.loads(texts[1])["exchange"]["request_headers"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/v2.1/images", {"Referer": "http://a.test/?x=1&token=hunter2"}, None),
        ("GET", "/v2.1/images", {"X-Storage-Pass": "hunter2", "X-Auth-Key": "hunter2"}, None),
        ("GET", "/v2.1/images", {"X-Private-Key": "hunter2", "X-Amz-Signature": "hunter2"}, None),
        ("GET", "/v2.1/images", {"X-Mine": "gAAAAABhunter2hunter2hunter2"}, None),
        ("POST", "/v2.1/servers", {}, {"server": {"name": "n", "flavorRef": "2", "adminPass": ["hunter2"]}}),
        ("PATCH", "/image/v2/images/x", {}, [{"op": "add", "path": "/password", "value": "hunter2"}]),
    ],
)
def test_no_exchange_has_a_secret_of_a_client(
    cloud: Cloud, method: str, path: str, headers: dict[str, str], body: Any
) -> None:
    cloud.get(WATCH)
    media_type = {"PATCH": "application/openstack-images-v2.1-json-patch"}.get(method, "application/json")
    data = None if body is None else json.dumps(body)
    response = cloud.ask(method, path, headers=headers, data=data, content_type=media_type)
    assert exchange_of(cloud, 1) is not None
    assert "hunter2" not in cloud.ask("GET", "/_admin/requests/1").text
    assert body is None or response.status_code >= 400


def test_a_long_body_is_shown_in_part_and_without_secrets(cloud: Cloud) -> None:
    properties = {"secret_key": "hunter2", "note": "x" * 100}
    images = [{"name": f"é{number}", "properties": properties} for number in range(300)]
    cloud.ask("POST", "/_admin/reset", json={"to": "empty"})
    cloud.ask("POST", "/_admin/images", json={"images": images})
    cloud.get(WATCH)
    response = cloud.ask("GET", "/v2.1/images/detail?limit=300")
    exchange = exchange_of(cloud, 1)
    assert exchange["response_bytes"] == len(response.data) > 100_000
    assert len(exchange["response_body"]) == 4000
    assert response.text.startswith(exchange["response_body"][:100])
    assert '"secret_key": "***"' in exchange["response_body"]
    assert "hunter2" not in exchange["response_body"]


@pytest.mark.parametrize(("data", "shown"), [(b"plain text", "plain text"), (b"\xff\xfe\x00", "")])
def test_a_body_that_is_no_json_is_shown_if_it_is_text(cloud: Cloud, data: bytes, shown: str) -> None:
    image = {"name": "mine", "disk_format": "raw", "container_format": "bare"}
    image_id = cloud.ask("POST", "/image/v2/images", json=image).json["id"]
    path = f"/image/v2/images/{image_id}/file"
    cloud.ask("PUT", path, data=data, headers={"Content-Type": "application/octet-stream"})
    cloud.get(WATCH)
    cloud.ask("GET", path)
    exchange = exchange_of(cloud, 3)
    assert (exchange["response_body"], exchange["response_bytes"]) == (shown, len(data))


def test_the_newest_requests_are_the_last_of_those_that_match(cloud: Cloud) -> None:
    for path in ("/v2.1/images", "/v2.1/flavors", "/v2.1/images", "/v2.1/images"):
        cloud.ask("GET", path)

    def numbers(query: str) -> list[int]:
        return [entry["number"] for entry in cloud.get(f"/_admin/requests?{query}")["requests"]]

    assert numbers("newest=2") == [3, 4]
    assert numbers("newest=9") == [1, 2, 3, 4]
    assert numbers("newest=0") == []
    assert numbers("newest=2&operation=images.list&limit=1") == [3]
    assert numbers("newest=3&marker=2") == [3, 4]


def test_a_second_has_only_so_many_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([100.0] * (exchanges.MAX_PER_SECOND + 3) + [101.0])
    monkeypatch.setattr(exchanges, "monotonic", lambda: next(times))
    log = Exchanges()
    log.watch()
    answers = [log.has_room() for _ in range(exchanges.MAX_PER_SECOND + 2)]
    assert (answers.count(True), answers[-1]) == (exchanges.MAX_PER_SECOND, False)
    assert log.has_room()


@pytest.mark.parametrize(("limit", "numbers"), [("MAX_EXCHANGES", [2, 3]), ("MAX_BODY_BYTES", [2, 3])])
def test_recorded_exchanges_are_bounded(
    monkeypatch: pytest.MonkeyPatch, limit: str, numbers: list[int]
) -> None:
    monkeypatch.setattr(exchanges, limit, 2)
    log = Exchanges()
    log.watch()
    for number in (1, 2, 3):
        log.record(Exchange(number, (), (), b"x", 1))
    assert [number for number in (1, 2, 3) if log.find(number) is not None] == numbers
