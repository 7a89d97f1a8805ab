"""Faults and their effects on the wire."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from fake_nova.cloud import faults
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud

IMAGES = "/v2.1/images"
LOGIN = {
    "auth": {
        "identity": {
            "methods": ["password"],
            "password": {"user": {"name": "demo", "domain": {"id": "default"}, "password": "demo-secret"}},
        },
        "scope": {"project": {"name": "demo", "domain": {"id": "default"}}},
    }
}


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as server:
        yield server


def add_fault(cloud: Cloud, query: str = "", **fault: Any) -> Any:
    response = cloud.ask("POST", f"/_admin/faults{query}", json=fault)
    assert response.status_code == 201, response.text
    return response.get_json()


def statuses(cloud: Cloud, url: str = IMAGES, count: int = 4, **options: Any) -> list[int]:
    return [cloud.ask("GET", url, **options).status_code for _ in range(count)]


def fault_states(cloud: Cloud) -> list[Any]:
    return [
        (fault["matched"], fault["met"], fault["in_force"]) for fault in cloud.get("/_admin/faults")["faults"]
    ]


def test_a_503_has_novas_body_and_a_retry_after_header(cloud: Cloud) -> None:
    add_fault(cloud, match={"operation": "images.list"}, effect={"status": 503, "retry_after": 7}, times=2)
    response = cloud.ask("GET", IMAGES)
    assert response.status == "503 Service Unavailable"
    assert response.headers["Retry-After"] == "7"
    assert response.headers["x-compute-request-id"].startswith("req-")
    assert response.get_json() == {
        "serviceUnavailable": {
            "code": 503,
            "message": "The server is currently unavailable. Please try again at a later time.",
        }
    }
    assert statuses(cloud) == [503, 200, 200, 200]
    assert fault_states(cloud) == [(2, 2, False)]


@pytest.mark.parametrize(
    ("effect", "body"),
    [
        (
            {"status": 429, "retry_after": 3, "message": "Slow down."},
            {"overLimit": {"code": 429, "message": "Slow down.", "retryAfter": "3"}},
        ),
        (
            {"status": 401},
            {
                "error": {
                    "code": 401,
                    "title": "Unauthorized",
                    "message": "The request you have made requires authentication.",
                }
            },
        ),
        (
            {"status": 501},
            {
                "notImplemented": {
                    "code": 501,
                    "message": "The server does not support the requested functionality.",
                }
            },
        ),
        (
            {"status": 422},
            {"computeFault": {"code": 422, "message": "Unable to process the contained instructions"}},
        ),
        ({"status": 418}, {"computeFault": {"code": 418, "message": "I'm a Teapot"}}),
    ],
)
def test_an_injected_status_has_the_real_services_body(cloud: Cloud, effect: Any, body: Any) -> None:
    add_fault(cloud, effect=effect)
    response = cloud.ask("GET", IMAGES)
    assert (response.status_code, response.get_json()) == (effect["status"], body)


def test_a_504_is_a_page_of_the_proxy_not_of_nova(cloud: Cloud) -> None:
    add_fault(cloud, effect={"status": 504})
    response = cloud.ask("GET", IMAGES)
    assert response.status_code == 504
    assert response.headers["Content-Type"] == "text/html"
    assert "x-openstack-request-id" not in response.headers
    assert response.text == (
        "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n"
    )


def test_an_injected_status_of_keystone_has_keystones_format(cloud: Cloud) -> None:
    add_fault(cloud, match={"operation": "tokens.issue"}, effect={"status": 503}, times=1)
    responses = [cloud.ask("POST", "/identity/v3/auth/tokens", json=LOGIN) for _ in range(2)]
    assert responses[0].get_json() == {
        "error": {
            "code": 503,
            "message": "The server is currently unavailable. Please try again at a later time.",
            "title": "Service Unavailable",
        }
    }
    assert responses[1].status_code == 201


def test_a_request_that_fails_has_no_effect(cloud: Cloud) -> None:
    add_fault(cloud, match={"method": "DELETE"}, effect={"status": 500}, times=1)
    url = f"{IMAGES}/c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"
    assert cloud.ask("DELETE", url).status_code == 500
    assert cloud.ask("GET", url).status_code == 200
    assert cloud.ask("DELETE", url).status_code == 204


@pytest.mark.parametrize(
    ("match", "matching_url", "other_url"),
    [
        ({"operation": "images.*"}, IMAGES, "/v2.1/"),
        ({"path": "*/detail"}, f"{IMAGES}/detail", IMAGES),
        ({"query": {"name": "image?"}}, f"{IMAGES}?name=image1", f"{IMAGES}?name=other"),
        ({"query": {"name": "*"}}, f"{IMAGES}?name=", IMAGES),
        ({"query": {"status": "x"}}, f"{IMAGES}?a=1;status=x", f"{IMAGES}?a=1%3Bstatus=x"),
        ({"query": {"name": "x"}}, "/image/v2/images?a=1;name=x", "/image/v2/images?name=x%3Ba=1"),
        ({"query": {"nocatalog": "*"}}, "/identity?a&nocatalog", "/identity?a;nocatalog"),
        ({"method": "GET", "path": "/v2/*"}, "/v2/images", IMAGES),
        (
            {"project": "d9ebe*"},
            "/v2.1/d9ebe43510414ef590a4aa158605329e/images",
            "/v2.1/9c53a566cb3443ab910cf0daebca90c4/images",
        ),
    ],
)
def test_a_fault_triggers_only_for_matching_requests(
    cloud: Cloud, match: Any, matching_url: str, other_url: str
) -> None:
    add_fault(cloud, match=match, effect={"status": 503})
    assert statuses(cloud, other_url, 1) != [503]
    assert statuses(cloud, matching_url, 1) == [503]
    assert fault_states(cloud) == [(1, 1, True)]


def test_header_names_match_regardless_of_case(cloud: Cloud) -> None:
    add_fault(cloud, match={"header": {"user-AGENT": "terra*"}}, effect={"status": 503})
    assert statuses(cloud, headers={"User-Agent": "terraform/1"}, count=1) == [503]
    assert statuses(cloud, headers={"User-Agent": "curl"}, count=1) == [200]


def test_nth_triggers_for_that_request_only(cloud: Cloud) -> None:
    add_fault(cloud, match={"nth": 3}, effect={"status": 503})
    assert statuses(cloud) == [200, 200, 503, 200]
    assert fault_states(cloud) == [(3, 1, False)]


def test_a_probability_with_the_same_seed_triggers_for_the_same_requests(cloud: Cloud) -> None:
    runs = []
    for seed in (1, 1, 2):
        cloud.ask("POST", "/_admin/reset")
        add_fault(cloud, match={"probability": 0.5, "seed": seed}, effect={"status": 503})
        runs.append(statuses(cloud, count=30))
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 503}


def test_a_fault_ends_by_the_clock(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    add_fault(cloud, effect={"status": 503}, seconds=10)
    cloud.ask("PUT", "/_admin/clock", json={"advance": 9.5})
    assert statuses(cloud, count=1) == [503]
    cloud.ask("PUT", "/_admin/clock", json={"advance": 0.5})
    assert statuses(cloud, count=1) == [200]


def test_the_first_fault_that_triggers_wins(cloud: Cloud) -> None:
    response = cloud.ask(
        "POST",
        "/_admin/faults",
        json={"faults": [{"effect": {"status": 503}, "times": 1}, {"effect": {"status": 500}, "times": 2}]},
    ).get_json()["faults"]
    assert [fault["id"] for fault in response] == ["fault-1", "fault-2"]
    assert statuses(cloud) == [503, 500, 500, 200]


@pytest.mark.parametrize("end", ["reset", "close"])
def test_a_delay_ends_when_its_cloud_is_reset_or_closed(end: str) -> None:
    with FakeNova(fixtures=("empty",)) as server, server.scope() as scope:
        nova = server if end == "reset" else scope
        nova.faults.add(operation="images.list", delay=300)
        with ThreadPoolExecutor() as pool:
            pending_response = pool.submit(requests.get, f"{nova.compute_url}/images", timeout=60)
            while not nova.faults.all()[0]["met"]:
                assert not pending_response.done()
            if end == "reset":
                nova.reset()
            else:
                server.emulator.close_scope(scope.project_id)
                server.emulator.open_scope(scope.project_id)  # for the end of the block
            assert pending_response.result(timeout=60).status_code == 200


def test_a_delay_precedes_the_response_and_is_in_the_journal(cloud: Cloud) -> None:
    add_fault(cloud, effect={"delay": 0.05})
    assert statuses(cloud, count=1) == [200]
    (entry,) = cloud.get("/_admin/requests")["requests"]
    assert entry["milliseconds"] >= 50
    assert entry["fault"] == "fault-1"


def test_a_token_that_a_fault_expires_stays_expired() -> None:
    cloud = Cloud(auth_strategy="keystone")
    token = {"X-Auth-Token": cloud.token("demo")}
    add_fault(cloud, match={"operation": "images.list"}, effect={"token": "expired"}, times=1)
    first, second = (cloud.ask("GET", IMAGES, headers=token) for _ in range(2))
    assert (first.status_code, second.status_code) == (401, 401)
    assert first.headers["WWW-Authenticate"].startswith("Keystone uri=")
    assert cloud.ask("GET", IMAGES, user="demo").status_code == 200  # with a new token


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("empty", lambda original, damaged: damaged == ""),
        ("truncated", lambda original, damaged: damaged == original[: len(original) // 2]),
        ("malformed", lambda original, damaged: damaged == original.replace('"', "", 1)),
    ],
)
def test_a_damaged_body_has_the_right_length_and_is_invalid_json(
    cloud: Cloud, damage: str, check: Any
) -> None:
    original = cloud.ask("GET", IMAGES).text
    add_fault(cloud, effect={"body": damage})
    response = cloud.ask("GET", IMAGES)
    assert response.status_code == 200
    assert check(original, response.text)
    assert int(response.headers["Content-Length"]) == len(response.data)
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.text)


def test_a_stale_list_shows_the_old_state_until_its_time_is_over(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    before = cloud.names(IMAGES)
    add_fault(cloud, match={"operation": "images.list"}, effect={"stale": 30})
    cloud.ask("POST", "/_admin/images", json={"name": "new"})
    assert cloud.names(IMAGES) == before
    assert "new" in cloud.names(f"{IMAGES}/detail")
    cloud.ask("PUT", "/_admin/clock", json={"advance": 30})
    assert "new" in cloud.names(IMAGES)


def test_a_list_that_is_stale_since_a_write_shows_the_state_before_it(cloud: Cloud) -> None:
    url = "/image/v2/images"
    add_fault(cloud, match={"operation": "glance.images.list"}, effect={"stale": 30, "since": "write"})
    cloud.ask("POST", "/_admin/images", json={"name": "of the admin"})
    before = cloud.names(url)
    assert "of the admin" in before
    cloud.ask("POST", url, json={"name": "of a client", "container_format": "bare", "disk_format": "raw"})
    cloud.ask("POST", "/identity/v3/auth/tokens", json=LOGIN)
    cloud.ask("POST", url, json={"name": 1})
    assert cloud.names(url) == before
    cloud.ask("DELETE", "/_admin/faults")
    assert {*cloud.names(url)} - {*before} == {"of a client"}


def test_writes_during_a_stale_fault_are_not_lost(cloud: Cloud) -> None:
    add_fault(cloud, effect={"stale": 30})
    url = f"{IMAGES}/c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50/metadata/x"
    assert cloud.ask("PUT", url, json={"meta": {"x": "1"}}).status_code == 200
    assert cloud.ask("GET", url).status_code == 404
    cloud.ask("DELETE", "/_admin/faults")
    assert cloud.get(url) == {"meta": {"x": "1"}}


def test_a_reset_connection_sends_no_response(nova: FakeNova) -> None:
    _, port = urlsplit(nova.url).netloc.split(":")
    requests.post(
        f"{nova.url}/_admin/faults", json={"effect": {"connection": "reset"}, "times": 1}, timeout=5
    )
    with socket.create_connection(("127.0.0.1", int(port)), timeout=60) as client:
        client.sendall(b"GET /v2.1/images HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    (entry,) = requests.get(f"{nova.url}/_admin/requests", timeout=60).json()["requests"]
    assert (entry["status"], entry["fault"]) == (0, "fault-1")
    assert requests.get(f"{nova.url}/v2.1/images", timeout=60).status_code == 200


def test_a_request_whose_response_is_lost_is_carried_out(nova: FakeNova) -> None:
    nova.faults.add(operation="glance.images.create", connection="lost", times=1)
    body = {"name": "mine", "container_format": "bare", "disk_format": "raw"}
    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        requests.post(f"{nova.url}/image/v2/images", json=body, timeout=60)
    assert [image["name"] for image in nova.images.all()].count("mine") == 1
    (entry,) = nova.requests.all()
    assert (entry["status"], entry["fault"]) == (201, "fault-1")


def test_a_cut_connection_ends_within_the_body(nova: FakeNova) -> None:
    requests.post(f"{nova.url}/_admin/faults", json={"effect": {"connection": "cut"}, "times": 1}, timeout=60)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        requests.get(f"{nova.url}/v2.1/images", timeout=60)
    assert requests.get(f"{nova.url}/v2.1/images", timeout=60).status_code == 200


def test_faults_are_deleted_by_id_by_owner_or_all_at_once(cloud: Cloud) -> None:
    for owner in ("a", "a", "b", "c"):
        add_fault(cloud, effect={"status": 503}, owner=owner)
    assert cloud.ask("DELETE", "/_admin/faults/fault-4").status_code == 204
    assert cloud.ask("DELETE", "/_admin/faults?owner=a").status_code == 204
    assert [fault["id"] for fault in cloud.get("/_admin/faults")["faults"]] == ["fault-3"]
    missing_fault_response = cloud.ask("DELETE", "/_admin/faults/fault-1")
    assert missing_fault_response.status_code == 404
    assert missing_fault_response.get_json()["itemNotFound"]["message"] == (
        'fault: unknown id (got "fault-1"); expected one of: fault-3'
    )
    assert cloud.ask("DELETE", "/_admin/faults").status_code == 204
    assert statuses(cloud, count=1) == [200]


def test_faults_spare_the_admin_api_and_end_with_a_reset(cloud: Cloud) -> None:
    add_fault(cloud, effect={"status": 503})
    assert cloud.ask("GET", "/_admin/images").status_code == 200
    assert cloud.ask("GET", "/v2.1/nowhere").status_code == 503
    cloud.ask("POST", "/_admin/reset")
    assert cloud.get("/_admin/faults") == {"faults": []}
    assert statuses(cloud, count=1) == [200]


def test_a_scopes_fault_triggers_only_for_its_project_and_its_logins(cloud: Cloud) -> None:
    scope = cloud.ask("POST", "/_admin/scopes", json={}).get_json()
    project = scope["project"]["id"]
    add_fault(cloud, f"?scope={project}", effect={"status": 503})
    assert statuses(cloud, f"/v2.1/{project}/images", 1) == [503]
    assert statuses(cloud, count=1) == [200]
    login = json.loads(json.dumps(LOGIN))
    assert cloud.ask("POST", "/identity/v3/auth/tokens", json=login).status_code == 201
    login["auth"]["identity"]["password"]["user"].update(scope["user"])
    login["auth"]["scope"]["project"] = {"id": project}
    assert cloud.ask("POST", "/identity/v3/auth/tokens", json=login).status_code == 503


def test_the_response_names_the_fault_that_it_triggered(cloud: Cloud) -> None:
    add_fault(cloud, effect={"status": 503}, owner="test_retry")
    assert (
        cloud.ask("GET", IMAGES).headers["X-Fake-Nova-Hint"] == "The request triggered fault-1 of test_retry."
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({}, "effect: missing; expected a mapping"),
        (
            {"effect": {}},
            "effect: invalid value (got nothing); expected one of status, token, connection, body, stale and stall, "
            "or a delay, or both",
        ),
        (
            {"effect": {"status": 503, "body": "empty"}},
            "effect: invalid value (got status and body); expected one of status, token, connection, body, stale and "
            "stall, or a delay, or both",
        ),
        ({"effect": {"body": "empty", "retry_after": 1}}, "effect.retry_after: requires status"),
        ({"effect": {"body": "empty", "since": "write"}}, "effect.since: requires stale"),
        (
            {"effect": {"status": 200}},
            "effect.status: invalid value (got 200); expected an HTTP status from 400 to 599 that has a name",
        ),
        (
            {"effect": {"status": 599}},
            "effect.status: invalid value (got 599); expected an HTTP status from 400 to 599 that has a name",
        ),
        ({"effect": {"delay": -1}}, "effect.delay: invalid value (got -1); expected seconds from 0 to 300"),
        (
            {"effect": {"stale": 0}},
            "effect.stale: invalid value (got 0); expected seconds, more than 0 and up to 1000000000",
        ),
        (
            {"effect": {"status": 503}, "times": 0},
            "times: invalid value (got 0); expected a whole number from 1 to 1000000000",
        ),
        (
            {"effect": {"status": 503}, "match": {"path": "/_admin/images"}},
            'match.path: invalid value (got "/_admin/images"); expected a path that begins with / or *; * and ? stand '
            "for anything",
        ),
        (
            {"effect": {"status": 503}, "match": {"probability": 1.5}},
            "match.probability: invalid value (got 1.5); expected a number from 0 to 1",
        ),
        (
            {"effect": {"connection": "slow"}},
            'effect.connection: invalid value (got "slow"); expected reset, cut, lost',
        ),
    ],
)
def test_an_invalid_fault_is_refused_as_a_whole(cloud: Cloud, fault: Any, message: str) -> None:
    for body in (fault, {"faults": [{"effect": {"status": 500}}, fault]}):
        response = cloud.ask("POST", "/_admin/faults", json=body)
        assert response.status_code == 400
        error_text = response.get_json()["badRequest"]["message"]
        assert error_text in (message, f"faults[1].{message}")
    assert cloud.get("/_admin/faults") == {"faults": []}


def test_an_unknown_operation_is_refused_with_a_list_of_the_known_ones(cloud: Cloud) -> None:
    fault = {"match": {"operation": "images.detial"}, "effect": {"status": 503}}
    message = cloud.ask("POST", "/_admin/faults", json=fault).get_json()["badRequest"]["message"]
    assert message.startswith('match.operation: unknown operation (got "images.detial"); expected one of: ')
    assert "images.detail, images.list" in message


def test_at_most_a_thousand_faults_are_in_force(cloud: Cloud) -> None:
    write_many = {"faults": [{"effect": {"status": 503}, "times": 1}] * 1_000}
    assert cloud.ask("POST", "/_admin/faults", json=write_many).status_code == 201
    for body, count in (({"effect": {"status": 500}}, 1), ({"faults": [{"effect": {"status": 500}}] * 2}, 2)):
        response = cloud.ask("POST", "/_admin/faults", json=body)
        assert response.status_code == 409
        assert response.get_json()["conflictingRequest"]["message"] == (
            f"faults: too many at once (got {count} beside 1000 in force); expected at most 1000 in force"
        )
    assert len(cloud.get("/_admin/faults")["faults"]) == 1_000
    cloud.ask("DELETE", "/_admin/faults/fault-7")
    assert add_fault(cloud, effect={"status": 500})["id"] == "fault-1001"


def test_fixtures_cannot_exceed_the_limit_of_faults() -> None:
    cloud = Cloud(private=True)
    document = {"faults": [{"effect": {"status": 503}}] * 600}
    assert cloud.ask("POST", "/_admin/fixtures", json=document).status_code == 201
    response = cloud.ask("POST", "/_admin/fixtures", json=document)
    assert response.status_code == 409
    assert response.get_json()["conflictingRequest"]["message"] == (
        "faults: too many (got 1200); expected at most 1000"
    )
    assert len(cloud.get("/_admin/faults")["faults"]) == 600


@pytest.mark.parametrize("bound", [{"seconds": 10}, {"times": 1}, {"match": {"nth": 1}}])
def test_finished_faults_are_not_compared_with_requests(cloud: Cloud, bound: Any) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    for _ in range(3):
        add_fault(cloud, effect={"status": 503}, **bound)
    assert len(list(cloud.emulator.cloud.faults.candidates)) == 3
    cloud.ask("PUT", "/_admin/clock", json={"advance": 10})
    statuses(cloud)
    assert not list(cloud.emulator.cloud.faults.candidates)
    assert [in_force for _, _, in_force in fault_states(cloud)] == [False] * 3


def test_only_the_latest_finished_faults_are_listed(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_MAX_FINISHED_FAULTS", 2)
    for _ in range(5):
        add_fault(cloud, effect={"status": 503}, times=1)
        assert statuses(cloud, count=1) == [503]
    add_fault(cloud, effect={"status": 503})
    fault_list = cloud.get("/_admin/faults")["faults"]
    assert [(fault["id"], fault["in_force"]) for fault in fault_list] == [
        ("fault-4", False),
        ("fault-5", False),
        ("fault-6", True),
    ]


def test_a_fixture_with_too_many_faults_changes_nothing() -> None:
    cloud = Cloud(private=True)
    fault = {"match": {"operation": "images.delete"}, "effect": {"status": 409}}
    assert cloud.ask("POST", "/_admin/faults", json={"faults": [fault] * 600}).status_code == 201
    document = {"images": [{"name": "new"}], "faults": [fault] * 500}
    assert cloud.ask("POST", "/_admin/fixtures", json=document).status_code == 409
    assert "new" not in [image["name"] for image in cloud.get("/_admin/images")["images"]]


def test_a_fixture_with_a_conflicting_image_adds_no_faults() -> None:
    cloud = Cloud(private=True)
    image = cloud.ask("POST", "/_admin/images", json={"name": "mine"}).get_json()
    fault = {"match": {"operation": "images.delete"}, "effect": {"status": 409}}
    document = {"images": [{"id": image["id"], "name": "new"}], "faults": [fault]}
    assert cloud.ask("POST", "/_admin/fixtures", json=document).status_code == 409
    assert cloud.get("/_admin/faults")["faults"] == []
