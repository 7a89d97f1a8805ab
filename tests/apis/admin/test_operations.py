"""Health, metrics and the access log."""

from __future__ import annotations

import json
import logging

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from tests.conftest import Cloud


def test_health_is_503_until_the_cloud_is_seeded() -> None:
    emulator = Emulator()
    http = create_app(emulator).test_client()
    for path in ("/healthcheck", "/_admin/health", "/v2.1/images"):
        assert http.get(path).status_code == 503
    start_from_fixtures(emulator)
    response = http.get("/healthcheck")
    assert (response.status_code, response.text, response.headers["Content-Type"]) == (
        200,
        "OK",
        "text/plain; charset=UTF-8",
    )
    assert http.get("/_admin/health").status_code == 200


def test_health_lists_the_faults_in_force(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}, "times": 1, "match": {"path": "/a"}})
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    cloud.ask("GET", "/a")
    assert cloud.get("/_admin/health")["faults"] == ["fault-2"]


def test_metrics_count_requests_by_operation_method_and_status() -> None:
    cloud = Cloud(private=True)
    for path in ("/v2.1/images", "/v2.1/images", "/v2.1/images/nope"):
        cloud.ask("GET", path)
    cloud.ask("POST", "/_admin/scopes", json={"project": "abc"})
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    response = cloud.ask("GET", "/_admin/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }
    name = "fake_nova_request_duration_seconds_count"
    assert samples[name, ("method", "GET"), ("operation", "images.list"), ("status", "200")] == 2
    assert samples[name, ("method", "GET"), ("operation", "images.show"), ("status", "404")] == 1
    assert samples["fake_nova_images", ("scope", "")] == 6
    assert samples["fake_nova_images", ("scope", "abc")] == 6
    assert samples["fake_nova_servers", ("scope", "abc")] == 1
    assert samples["fake_nova_faults", ("scope", "")] == 1


def test_the_access_log_has_one_line_per_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fake_nova.access")
    cloud = Cloud(access_log="text")
    cloud.ask("POST", "/_admin/faults", json={"effect": {"delay": 0.0}, "match": {"path": "*/nope"}})
    cloud.ask("GET", "/v2.1/images?limit=1")
    cloud.ask("GET", "/v2.1/images/nope")
    cloud.ask("GET", "/v2.1/%0Aimages")
    lines = [record.getMessage() for record in caplog.records if record.name == "fake_nova.access"]
    assert len(lines) == 4
    assert lines[1].startswith("127.0.0.1 GET /v2.1/images?limit=1 -> 200 ")
    assert lines[1].endswith("ms images.list")
    assert lines[2].endswith("ms images.show fault-1")
    assert "\\nimages" in lines[3]


def test_the_access_log_leaves_out_what_an_open_page_reads(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fake_nova.access")
    cloud = Cloud(access_log="text")
    page = {"X-Fake-Nova-Page": "1"}
    for path in ("/_admin/", "/_admin/page/main.js", "/_admin/page/nope.js", "/_admin/clock"):
        cloud.ask("GET", path)
    for path in ("/_admin/images", "/_admin/images/nope", "/v2.1/images"):
        cloud.ask("GET", path, headers=page)
    cloud.ask("DELETE", "/_admin/faults", headers=page)
    lines = [record.getMessage() for record in caplog.records if record.name == "fake_nova.access"]
    assert [line.split(" ")[1:3] for line in lines] == [
        ["GET", "/_admin/page/nope.js"],
        ["GET", "/_admin/clock"],
        ["GET", "/_admin/images/nope"],
        ["GET", "/v2.1/images"],
        ["DELETE", "/_admin/faults"],
    ]


def test_the_access_log_can_be_json(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fake_nova.access")
    cloud = Cloud(access_log="json")
    response = cloud.ask("GET", "/v2.1/images?tag=x")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "fake_nova.access"]
    facts = json.loads(line)
    assert facts.pop("milliseconds") > 0
    assert facts.pop("at")
    assert facts == {
        "remote": "127.0.0.1",
        "method": "GET",
        "path": "/v2.1/images",
        "query": "tag=x",
        "status": 200,
        "bytes": len(response.data),
        "operation": "images.list",
        "project": "9c53a566cb3443ab910cf0daebca90c4",
        "request_id": response.headers["x-compute-request-id"],
        "fault": None,
        "hint": "Ignored: tag.",
    }


def test_health_names_the_fixtures_and_the_environment_has_the_endpoints() -> None:
    cloud = Cloud(fixtures=("default", "every-status"), prefix=("compute=/compute",))
    assert cloud.get("/_admin/health")["fixtures"] == ["default", "every-status"]
    assert cloud.get("/_admin/environment")["endpoints"] == {
        "compute": "http://localhost/compute",
        "image": "http://localhost/image",
        "identity": "http://localhost/identity",
    }
