"""What admins see of the only host: hypervisors, hosts and audits, and what projects used of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

USAGES = "/v2.1/os-simple-tenant-usage"


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded, in the year 2026."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    cloud = Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": "2026-03-01T00:00:00Z"})
    return cloud


def hypervisors(cloud: Cloud, path: str, minor: int) -> list[dict[str, Any]]:
    headers = {"OpenStack-API-Version": f"compute 2.{minor}"}
    documents: list[dict[str, Any]] = cloud.get(f"/v2.1/os-hypervisors{path}", "admin", headers=headers)[
        "hypervisors"
    ]
    return documents


def test_a_hypervisor_is_used_by_its_servers(studio: Cloud) -> None:
    [hypervisor] = hypervisors(studio, "/detail", 1)
    assert (hypervisor["running_vms"], hypervisor["vcpus_used"], hypervisor["memory_mb_used"]) == (
        *(25, 26, 15_360),
    )
    statistics = studio.get("/v2.1/os-hypervisors/statistics", "admin")["hypervisor_statistics"]
    assert list(statistics) == sorted(statistics)
    assert statistics["count"] == 1
    assert {name: hypervisor[name] for name in statistics if name != "count"} == {
        name: value for name, value in statistics.items() if name != "count"
    }


def test_the_cpu_is_an_object_since_2_28_and_sizes_are_gone_since_2_88(studio: Cloud) -> None:
    assert hypervisors(studio, "/detail", 27)[0]["cpu_info"].startswith('{"arch": "x86_64"')
    assert hypervisors(studio, "/detail", 28)[0]["cpu_info"]["arch"] == "x86_64"
    assert list(hypervisors(studio, "/detail", 88)[0]) == [
        *("id", "hypervisor_hostname", "state", "status", "hypervisor_type", "hypervisor_version"),
        *("host_ip", "service", "uptime"),
    ]


def test_a_hypervisor_shows_its_servers_on_request(studio: Cloud) -> None:
    [hypervisor] = hypervisors(studio, "/comp/servers", 52)
    assert len(hypervisor["servers"]) == 25
    servers = hypervisors(studio, "?with_servers=yes&hypervisor_hostname_pattern=comp", 53)[0]["servers"]
    assert servers == hypervisor["servers"]
    assert servers[1]["uuid"] == servers_cloud.server_id("web")


def test_hypervisors_have_pages_since_2_53(studio: Cloud) -> None:
    headers = {"OpenStack-API-Version": "compute 2.53"}
    body = studio.get("/v2.1/os-hypervisors/detail?limit=1", "admin", headers=headers)
    [hypervisor] = body["hypervisors"]
    [link] = body["hypervisors_links"]
    next_url = f"http://localhost/v2.1/os-hypervisors/detail?limit=1&marker={hypervisor['id']}"
    assert link == {"rel": "next", "href": next_url}
    assert studio.get(next_url, "admin", headers=headers) == {"hypervisors": []}


def test_a_hypervisor_without_servers_says_so_since_2_75(cloud: Cloud) -> None:
    for server in cloud.get("/_admin/servers")["servers"]:
        cloud.ask("DELETE", f"/_admin/servers/{server['id']}")
    assert "servers" not in hypervisors(cloud, "?with_servers=1", 74)[0]
    assert hypervisors(cloud, "?with_servers=1", 75)[0]["servers"] == []


def test_a_host_is_used_by_projects(studio: Cloud) -> None:
    rows = [row["resource"] for row in studio.get("/v2.1/os-hosts/compute1", "admin")["host"]]
    assert {row["project"]: (row["cpu"], row["memory_mb"], row["disk_gb"]) for row in rows} == {
        "(total)": (1000, 800_000, 600_000),
        "(used_now)": (26, 15_360, 58),
        "(used_max)": (26, 14_848, 58),
        "a1" * 16: (23, 13_312, 55),
        "ad" * 16: (1, 512, 1),
        "b2" * 16: (1, 512, 1),
        "c3" * 16: (1, 512, 1),
    }


def test_usage_is_detailed_on_request_and_for_one_project(studio: Cloud) -> None:
    period = "start=2016-01-01T00:00:00&end=2016-01-02T00:00:00"
    [other] = [
        usage
        for usage in studio.get(f"{USAGES}?detailed=1&{period}", "admin")["tenant_usages"]
        if usage["tenant_id"] == "b2" * 16
    ]
    assert other == {
        "tenant_id": "b2" * 16,
        "server_usages": [
            {
                "hours": 24.0,
                "flavor": "m1.tiny",
                "instance_id": servers_cloud.server_id("of-other"),
                "name": "of-other",
                "tenant_id": "b2" * 16,
                "memory_mb": 512,
                "local_gb": 1,
                "vcpus": 1,
                "started_at": "2015-03-26T10:00:00.000000",
                "ended_at": None,
                "state": "active",
                "uptime": 344_959_200,
            }
        ],
        "total_local_gb_usage": 24.0,
        "total_vcpus_usage": 24.0,
        "total_memory_mb_usage": 12_288.0,
        "total_hours": 24.0,
        "start": "2016-01-01T00:00:00.000000",
        "stop": "2016-01-02T00:00:00.000000",
    }
    assert studio.get(f"{USAGES}/{'b2' * 16}?{period}", "otto") == {"tenant_usage": other}


def test_usage_ends_now_and_has_pages_since_2_40(studio: Cloud) -> None:
    headers = {"OpenStack-API-Version": "compute 2.40"}
    url = f"{USAGES}/{'a1' * 16}?start=2026-02-28T23:00:00&end=2030-01-01T00:00:00&limit=20"
    body = studio.get(url, "ada", headers=headers)
    assert body["tenant_usage"]["stop"] == "2026-03-01T00:00:00.000001"
    [link] = body["tenant_usage_links"]
    rest = studio.get(link["href"], "ada", headers=headers)
    assert [len(each["tenant_usage"]["server_usages"]) for each in (body, rest)] == [20, 3]


def test_no_audit_ran_in_the_last_month(studio: Cloud) -> None:
    log = studio.get("/v2.1/os-instance_usage_audit_log", "admin")["instance_usage_audit_logs"]
    assert (log["period_beginning"], log["period_ending"], log["hosts_not_run"]) == (
        *("2026-01-01 00:00:00", "2026-02-01 00:00:00"),
        ["compute1"],
    )
