"""What is around servers: services of the cloud, security groups, quotas with usage, extra specs, removed lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

STUDIO = "a1" * 16


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")


def version(minor: int) -> dict[str, str]:
    return {"OpenStack-API-Version": f"compute 2.{minor}"}


def test_the_services_of_the_cloud_have_uuids_since_2_53(studio: Cloud) -> None:
    old = studio.get("/v2.1/os-services", "admin")["services"]
    new = studio.get("/v2.1/os-services", "admin", headers=version(53))["services"]
    assert [each["id"] for each in old] == [2, 3, 4]
    assert {len(each["id"]) for each in new} == {36}
    assert ("forced_down" in old[0], new[0]["forced_down"]) == (False, False)


def test_services_are_selected_by_binary_and_host(studio: Cloud) -> None:
    def binaries(query: str) -> list[str]:
        return [each["binary"] for each in studio.get(f"/v2.1/os-services?{query}", "admin")["services"]]

    assert binaries("binary=nova-compute") == ["nova-compute"]
    assert binaries("host=nope") == []
    assert len(binaries("unknown=1")) == 3


@pytest.mark.parametrize(
    ("path", "minor", "status"),
    [
        ("os-services?x=1", 74, 403),
        ("os-services?x=1", 75, 400),
        ("os-hypervisors?x=1", 52, 403),
        ("os-hypervisors?x=1", 53, 400),
        ("os-migrations?x=1", 58, 403),
        ("os-migrations?x=1", 59, 400),
        ("os-aggregates?x=1", 101, 403),
        ("os-aggregates?x=1", 102, 400),
        ("os-server-groups?x=1", 74, 200),
        ("os-server-groups?x=1", 75, 400),
    ],
)
def test_a_list_checks_its_query_before_the_role(studio: Cloud, path: str, minor: int, status: int) -> None:
    assert studio.ask("GET", f"/v2.1/{path}", "ada", headers=version(minor)).status_code == status


def test_security_groups_are_those_of_servers_with_ports(studio: Cloud) -> None:
    path = "/v2.1/os-security-groups"
    [group] = studio.get(path, "ada")["security_groups"]
    assert (group["name"], group["tenant_id"]) == ("default", STUDIO)
    assert studio.get(f"{path}/{group['id']}", "ada") == {"security_group": group}
    assert studio.get(path, "otto") == {"security_groups": []}
    assert studio.ask("GET", f"{path}/{group['id']}", "otto").status_code == 404
    assert studio.ask("GET", f"{path}/nope", "ada").status_code == 400
    assert studio.ask("GET", path, "ada", headers=version(36)).status_code == 404


@pytest.mark.parametrize("name", ["networks", "tenant-networks", "floating-ips", "floating-ip-pools"])
def test_there_are_no_networks_and_since_2_36_no_routes_of_them(studio: Cloud, name: str) -> None:
    [items] = studio.get(f"/v2.1/os-{name}", "ada").values()
    assert items == []
    assert studio.ask("GET", f"/v2.1/os-{name}", "ada", headers=version(36)).status_code == 404


def test_the_details_of_quotas_have_what_is_used(studio: Cloud) -> None:
    path = f"/v2.1/os-quota-sets/{STUDIO}/detail"
    quotas = studio.get(path, "ada")["quota_set"]
    assert quotas["instances"] == {"limit": 200, "in_use": 23, "reserved": 0}
    assert quotas["floating_ips"] == {"limit": -1, "in_use": 0, "reserved": 0}
    assert "floating_ips" not in studio.get(path, "ada", headers=version(36))["quota_set"]
    assert studio.ask("GET", path, "otto").status_code == 403


def test_only_an_admin_learns_that_a_project_of_default_quotas_is_unknown(studio: Cloud) -> None:
    path = "/v2.1/os-quota-sets/nope/defaults?x=1"
    assert studio.ask("GET", path, "admin", headers=version(104)).status_code == 400
    assert studio.ask("GET", path, "ada", headers=version(104)).status_code == 200


def test_extra_specs_need_a_role(studio: Cloud) -> None:
    for path in ("os-extra_specs", "os-extra_specs/hw:cpu_policy"):
        assert studio.ask("GET", f"/v2.1/flavors/2/{path}", "norole").status_code == 403
    assert "extra_specs" not in studio.get("/v2.1/flavors/2", "norole", headers=version(61))["flavor"]
    assert "extra_specs" in studio.get("/v2.1/flavors/2", "rita", headers=version(61))["flavor"]


def test_flavors_are_selected_by_name_since_2_102_only(studio: Cloud) -> None:
    assert len(studio.get("/v2/flavors?name=tiny", "ada")["flavors"]) == 4
    assert len(studio.get("/v2.1/flavors?name=tiny", "ada", headers=version(102))["flavors"]) == 1


@pytest.mark.parametrize(
    "path",
    ["os-cells/1", "os-cells/detail", "os-cloudpipe", "os-fixed-ips/1", "servers/nope/os-virtual-interfaces"],
)
def test_what_nova_has_no_longer_is_a_410(studio: Cloud, path: str) -> None:
    assert studio.ask("GET", f"/v2.1/{path}", "ada").status_code == 410


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(
            ("POST", "os-agents"),
            ("PUT", "os-agents/1"),
            ("DELETE", "os-agents/1"),
            ("POST", "os-certificates"),
        ),
        *(("DELETE", "os-cells/1"), ("PUT", "os-floating-ip-dns/a/entries/b"), ("POST", "os-networks")),
        *(("DELETE", "os-tenant-networks/1"), ("POST", "servers/nope/consoles")),
    ],
)
@pytest.mark.parametrize("user", ["rita", "admin"])
def test_a_change_of_what_nova_has_no_longer_is_a_410_for_everybody(
    studio: Cloud, method: str, path: str, user: str
) -> None:
    for minor in (1, 104):
        response = studio.ask(method, f"/v2.1/{path}", user, json={}, headers=version(minor))
        assert response.status_code == 410


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"reserve": None}, 410, "This resource is no longer available. No forwarding address is given."),
        ({"move": None}, 400, "There is no such action: move"),
        ({}, 400, "Malformed request body"),
        ("reserve", 400, "Malformed request body"),
        ("x", 404, "The resource could not be found."),
    ],
)
def test_only_known_actions_on_addresses_are_gone(
    studio: Cloud, body: object, status: int, message: str
) -> None:
    response = studio.ask("POST", "/v2.1/os-fixed-ips/1/action", "ada", json=body)
    [error] = response.get_json().values()
    assert (response.status_code, error["message"]) == (status, message)
