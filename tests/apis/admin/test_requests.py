"""The journal of clients' requests."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from fake_nova.app import create_app
from tests.conftest import Cloud

DEMO = "9c53a566cb3443ab910cf0daebca90c4"


def journal_entries(cloud: Cloud, query: str = "") -> Any:
    return cloud.get(f"/_admin/requests{query}")["requests"]


def test_a_journal_entry_holds_the_request_and_the_response(cloud: Cloud) -> None:
    headers = {"X-OpenStack-Request-ID": "req-mine", "User-Agent": "tester", "X-Auth-Token": "secret-token"}
    response = cloud.ask("GET", f"/v2.1/{DEMO}/images/nope?x=1", headers=headers)
    (entry,) = journal_entries(cloud)
    assert entry.pop("milliseconds") > 0
    assert entry.pop("at")
    assert entry == {
        "number": 1,
        "method": "GET",
        "path": f"/v2.1/{DEMO}/images/nope",
        "query": "x=1",
        "operation": "images.show",
        "project": DEMO,
        "status": 404,
        "listed": None,
        "image_status": None,
        "fault": None,
        "hint": None,
        "hint_code": None,
        "body": "",
        "body_bytes": 0,
        "request_id": response.headers["x-compute-request-id"],
        "global_request_id": "req-mine",
        "user_agent": "tester",
    }


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v2.1/images/d1f0a3c2-6a52-4c1e-9d57-0c6f0b3a1e11", "image_deleted"),
        ("/image/v2/images/d1f0a3c2-6a52-4c1e-9d57-0c6f0b3a1e11", "image_deleted"),
        ("/v2.1/images/was deleted", "image_name"),
        ("/image/v2/images/was deleted", "image_name"),
        ("/v2.1/images/detial", "misspelt_path"),
        ("/v2.1/images/NOPE", None),
        ("/v2.1/images?tag=x", None),
    ],
)
def test_a_hint_may_have_a_code(path: str, code: str | None) -> None:
    cloud = Cloud(database="sqlite")  # where ids in capitals are unknown, and a hint says so
    deleted_image = {"id": "d1f0a3c2-6a52-4c1e-9d57-0c6f0b3a1e11", "status": "deleted"}
    cloud.ask("POST", "/_admin/images", json={"images": [deleted_image, {"name": "was deleted"}]})
    cloud.ask("GET", path)
    (entry,) = journal_entries(cloud)
    assert entry["hint"]
    assert entry["hint_code"] == code


class DelayObserver:
    """Takes the place of the event that ends delays; ends each at once, and shows the journal during it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.entries: list[Any] = []
        self.matches: list[str] = []

    def wait(self, _: float) -> bool:
        self.entries.append(journal_entries(self.cloud)[-1])
        self.matches += [
            query
            for query in ("status=", "status=200", "operation=images.list", f"project={DEMO}")
            if self.cloud.get(f"/_admin/requests/count?{query}")["count"]
        ]
        assert self.cloud.ask("GET", "/_admin/requests/wait?method=*&timeout=0").status_code == 408
        return True


@pytest.mark.parametrize(
    ("url", "user"), [("/v2.1/images", None), ("/v2.1/images", "demo"), (f"/v2.1/{DEMO}/images", None)]
)
def test_a_request_in_flight_is_in_the_journal_with_operation_project_and_fault(
    monkeypatch: pytest.MonkeyPatch, url: str, user: str | None
) -> None:
    cloud = Cloud(auth_strategy="keystone" if user else "noauth")
    observer = DelayObserver(cloud)
    monkeypatch.setattr(cloud.emulator.cloud.faults, "delays_cancelled", observer)
    cloud.ask("POST", "/_admin/faults", json={"match": {"operation": "images.list"}, "effect": {"delay": 60}})
    cloud.ask("GET", url, user)
    (entry,) = observer.entries
    assert (entry["operation"], entry["project"], entry["fault"]) == ("images.list", DEMO, "fault-1")
    assert (entry["status"], entry["milliseconds"], entry["listed"], entry["hint"]) == (None,) * 4
    assert observer.matches == ["status=", "operation=images.list", f"project={DEMO}"]
    (final,) = journal_entries(cloud)
    assert final == entry | {name: final[name] for name in ("status", "milliseconds", "listed", "hint")}
    assert final["status"] == 200


def test_a_request_that_a_fault_answers_has_a_project(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    cloud.ask("GET", "/v2.1/images")
    assert [(entry["status"], entry["project"]) for entry in journal_entries(cloud)] == [(503, DEMO)]


def test_the_journal_has_refused_requests_but_not_the_admin_apis(cloud: Cloud) -> None:
    for method, path in (
        ("GET", "/"),
        ("HEAD", "/v2.1/images"),
        ("GET", "/v2.1/images?limit=0"),
        ("POST", "/x"),
    ):
        cloud.ask(method, path)
    cloud.get("/_admin/health")
    assert [(entry["path"], entry["status"]) for entry in journal_entries(cloud)] == [
        ("/", 200),
        ("/v2.1/images", 404),
        ("/v2.1/images", 400),
        ("/x", 300),
    ]


def test_the_journal_has_no_tokens_and_no_passwords() -> None:
    cloud = Cloud(auth_strategy="keystone")
    identity = {
        "methods": ["password"],
        "password": {"user": {"name": "demo", "domain": {"id": "default"}, "password": "demo-secret"}},
    }
    token = cloud.ask("POST", "/identity/v3/auth/tokens", json={"auth": {"identity": identity}}).headers[
        "X-Subject-Token"
    ]
    cloud.ask("GET", "/v2.1/images", headers={"X-Auth-Token": token})
    text = cloud.ask("GET", "/_admin/requests").text
    assert len(journal_entries(cloud)) == 2
    assert "demo-secret" not in text
    assert token not in text


def test_journal_entries_can_be_filtered(cloud: Cloud) -> None:
    cloud.ask("GET", "/v2.1/images?limit=1")
    cloud.ask("PUT", "/v2.1/images/i/metadata/k", json={"meta": {"k": "v"}})
    cloud.ask("DELETE", "/v2.1/images/i")
    assert [entry["operation"] for entry in journal_entries(cloud, "?status=404")] == [
        "metadata.update",
        "images.delete",
    ]
    assert [entry["number"] for entry in journal_entries(cloud, "?method=DELETE&path=*/images/?")] == [3]
    assert [entry["number"] for entry in journal_entries(cloud, '?body=*"k": "v"*')] == [2]
    assert [entry["number"] for entry in journal_entries(cloud, "?limit=1&marker=1")] == [2]


def test_journal_entries_can_be_filtered_by_their_fault(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/faults", json={"match": {"path": "*/flavors"}, "effect": {"status": 503}})
    cloud.ask("GET", "/v2.1/images")
    cloud.ask("GET", "/v2.1/flavors")
    for pattern, numbers in (("fault-1", [2]), ("?*", [2]), ("", [1]), ("fault-2", [])):
        assert [entry["number"] for entry in journal_entries(cloud, f"?fault={pattern}")] == numbers


def test_a_wrong_count_reports_the_nearest_requests(cloud: Cloud) -> None:
    cloud.ask("GET", "/v2.1/images")
    cloud.ask("DELETE", "/v2.1/images/nope")
    query = "/_admin/requests/count?operation=images.delete&status=204"
    assert cloud.get(query) == {"count": 0}
    assert cloud.get(f"{query}&expect=0") == {"count": 0, "met": True}
    result = cloud.get(f"{query}&expect=1")
    assert (result["count"], result["met"]) == (0, False)
    assert [candidate["differs"] for candidate in result["nearest"]] == [
        {"status": ["204", "404"]},
        {"operation": ["images.delete", "images.list"], "status": ["204", "200"]},
    ]


def test_waiting_ends_when_the_request_arrives(cloud: Cloud) -> None:
    http = create_app(fixtures=("default",)).test_client()
    second_client = http.application.test_client()
    responses: list[Any] = []

    def wait() -> None:
        responses.append(
            second_client.get("/_admin/requests/wait?operation=images.detail&timeout=30").get_json()
        )

    thread = threading.Thread(target=wait)
    thread.start()
    http.get("/v2.1/images")
    http.get("/v2.1/images/detail")
    thread.join()
    assert responses[0]["request"]["path"] == "/v2.1/images/detail"


def test_waiting_in_vain_ends_with_a_timeout(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/_admin/requests/wait?operation=images.detail&timeout=0.01")
    assert response.status_code == 408


def test_the_journal_is_bounded_and_can_be_cleared() -> None:
    cloud = Cloud(journal=3)
    for _ in range(5):
        cloud.ask("GET", "/v2.1/images")
    assert [entry["number"] for entry in journal_entries(cloud)] == [3, 4, 5]
    assert cloud.ask("DELETE", "/_admin/requests").status_code == 204
    assert journal_entries(cloud) == []
    cloud.ask("GET", "/v2.1/images")
    assert [entry["number"] for entry in journal_entries(cloud)] == [6]


def test_each_scope_has_its_own_journal(cloud: Cloud) -> None:
    http = create_app(fixtures=("default",)).test_client()
    project = http.post("/_admin/scopes", json={}).get_json()["project"]["id"]
    http.get(f"/v2.1/{project}/images")
    http.get(f"/v2.1/{DEMO}/images/detail")
    assert [
        entry["operation"] for entry in http.get(f"/_admin/requests?scope={project}").get_json()["requests"]
    ] == ["images.list"]
    assert [entry["operation"] for entry in http.get("/_admin/requests").get_json()["requests"]] == [
        "images.detail"
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "/requests?colour=red",
            'query: unknown parameter (got "colour"); expected one of: scope, operation, method, path, query, project, status, body, user_agent, global_request_id, fault, limit, marker, newest, exchanges',
        ),
        (
            "/requests?limit=many",
            'limit: invalid value (got "many"); expected a whole number from 0 to 1e+06',
        ),
        ("/requests/wait?timeout=900", 'timeout: invalid value (got "900"); expected seconds from 0 to 60'),
    ],
)
def test_an_invalid_journal_query_is_refused(cloud: Cloud, query: str, message: str) -> None:
    response = cloud.ask("GET", f"/_admin{query}")
    assert (response.status_code, response.get_json()["badRequest"]["message"]) == (400, message)


def test_the_journal_is_bounded_in_bytes(cloud: Cloud) -> None:
    long_text = "x" * 30_000
    cloud.ask(
        "POST", f"/v2.1/{long_text}?{long_text}", headers={"User-Agent": long_text}, json={"a": long_text}
    )
    (entry,) = journal_entries(cloud)
    assert max(len(text) for text in entry.values() if isinstance(text, str)) == 2000


SNAPSHOT_JSON = {"createImage": {"metadata": {"adminPass": "secret"}, "name": "nightly"}}


def test_the_journal_has_the_status_of_the_image_in_the_response(cloud: Cloud) -> None:
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "mine", "status": "queued"}).json["id"]
    cloud.ask("GET", f"/v2.1/images/{image_id}")
    cloud.ask("GET", f"/image/v2/images/{image_id}")
    cloud.ask("PUT", f"/_admin/images/{image_id}/status", data={"status": "killed"})
    cloud.ask("GET", f"/v2.1/images/{image_id}")
    cloud.ask("GET", "/v2.1/images/detail")
    assert [entry["image_status"] for entry in journal_entries(cloud)] == ["SAVING", "queued", "ERROR", None]


def test_the_journal_has_the_status_of_an_image_that_a_client_created_or_changed(cloud: Cloud) -> None:
    image_id = cloud.ask("POST", "/image/v2/images", json={"name": "mine"}).json["id"]
    patch_headers = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
    patch = '[{"op": "replace", "path": "/name", "value": "yours"}]'
    response = cloud.ask("PATCH", f"/image/v2/images/{image_id}", data=patch, headers=patch_headers)
    assert response.status_code == 200
    assert [entry["image_status"] for entry in journal_entries(cloud)] == ["queued", "queued"]


def test_the_journal_has_the_body_of_a_request_that_met_a_fault(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    cloud.ask("POST", "/v2.1/servers/x/action", json=SNAPSHOT_JSON)
    (entry,) = journal_entries(cloud)
    assert entry["body"] == '{"createImage": {"metadata": {"adminPass": "***"}, "name": "nightly"}}'
    assert entry["body_bytes"] == len(json.dumps(SNAPSHOT_JSON))


@pytest.mark.parametrize("body", ["{not json", "5" * 70_000])
def test_the_journal_has_the_size_of_a_body_that_it_does_not_show(cloud: Cloud, body: str) -> None:
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    cloud.ask("POST", "/v2.1/servers/x/action", data=body)
    (entry,) = journal_entries(cloud)
    assert (entry["status"], entry["body"], entry["body_bytes"]) == (503, "", len(body))
