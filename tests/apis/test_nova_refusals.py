"""Requests about flavors, hosts, quotas and other services, which the emulator refuses in Nova's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

NO_ROUTE = "The resource could not be found."


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")


def ask(cloud: Cloud, user: str, request: str, body: Any = None, minor: int = 1) -> tuple[int, str]:
    """Return the status and the message of an error."""
    method, path = request.split(" ")
    options = {} if body is None else {"json": body}
    headers = {"OpenStack-API-Version": f"compute 2.{minor}"}
    response = cloud.ask(method, f"/v2.1/{path}", user, headers=headers, **options)
    [error] = response.get_json().values()
    return response.status_code, error["message"]


#: Request, a body, minor version -> the rule that forbids it to a member.
FORBIDDEN: tuple[tuple[str, Any, int, str], ...] = (
    (
        "POST flavors",
        {"flavor": {"name": "x", "ram": 1, "vcpus": 1, "disk": 1}},
        1,
        "os_compute_api:os-flavor-manage:create",
    ),
    ("PUT flavors/1", {"flavor": {"description": "x"}}, 55, "os_compute_api:os-flavor-manage:update"),
    ("DELETE flavors/nope", None, 1, "os_compute_api:os-flavor-manage:delete"),
    (
        "POST flavors/1/os-extra_specs",
        {"extra_specs": {"a": "b"}},
        1,
        "os_compute_api:os-flavor-extra-specs:create",
    ),
    ("PUT flavors/1/os-extra_specs/a", {"a": "b"}, 1, "os_compute_api:os-flavor-extra-specs:update"),
    ("POST os-aggregates", {"aggregate": {"name": "x"}}, 1, "os_compute_api:os-aggregates:create"),
    ("GET os-aggregates/nope", None, 1, "os_compute_api:os-aggregates:show"),
    (
        "POST os-aggregates/1/images",
        {"cache": [{"id": "10000000-0000-4000-8000-0000000000ff"}]},
        81,
        "compute:aggregates:images",
    ),
    ("POST os-aggregates/1/action", {"add_host": {"host": "x"}}, 1, "os_compute_api:os-aggregates:add_host"),
    (
        "POST flavors/1/action",
        {"addTenantAccess": {"tenant": "x"}},
        1,
        "os_compute_api:os-flavor-access:add_tenant_access",
    ),
    ("PUT os-hosts/compute1", {"status": "enable"}, 42, "os_compute_api:os-hosts:update"),
    ("GET os-hosts/compute1/startup", None, 42, "os_compute_api:os-hosts:start"),
    (
        "PUT os-quota-class-sets/default",
        {"quota_class_set": {}},
        1,
        "os_compute_api:os-quota-class-sets:update",
    ),
    (
        "PUT os-services/enable",
        {"host": "x", "binary": "nova-compute"},
        52,
        "os_compute_api:os-services:update",
    ),
    ("DELETE os-services/nope", None, 1, "os_compute_api:os-services:delete"),
    (
        "POST os-server-external-events",
        {"events": [{"name": "network-changed", "server_uuid": "10000000-0000-4000-8000-0000000000ff"}]},
        1,
        "os_compute_api:os-server-external-events:create",
    ),
    ("GET os-baremetal-nodes", None, 35, "os_compute_api:os-baremetal-nodes:list"),
)


@pytest.mark.parametrize(("request_line", "body", "minor", "rule"), FORBIDDEN)
def test_a_member_is_forbidden_what_is_for_admins(
    studio: Cloud, request_line: str, body: Any, minor: int, rule: str
) -> None:
    expected = (403, f"Policy doesn't allow {rule} to be performed.")
    assert ask(studio, "ada", request_line, body, minor) == expected


@pytest.mark.parametrize(
    ("request_line", "body", "message"),
    [
        ("POST flavors", {}, "'flavor' is a required property"),
        ("POST os-aggregates", {}, "'aggregate' is a required property"),
        ("PUT flavors/1/os-extra_specs/a", {}, "{} should be non-empty"),
        ("PUT os-services/enable", {}, "'host' is a required property"),
        ("PUT os-hosts/x", {}, "{} is not valid under any of the given schemas"),
        ("POST os-server-groups", {}, "'server_group' is a required property"),
        ("POST os-aggregates/1/action", {}, "Malformed request body"),
        ("POST flavors/1/action", {"x": None}, "There is no such action: x"),
    ],
)
def test_the_body_is_checked_before_the_role(
    studio: Cloud, request_line: str, body: Any, message: str
) -> None:
    assert ask(studio, "rita", request_line, body) == (400, message)


@pytest.mark.parametrize(
    ("request_line", "minor", "status", "message"),
    [
        ("GET os-aggregates/7", 1, 404, "Aggregate 7 could not be found."),
        ("GET os-aggregates/nope", 104, 400, "Invalid input received: id must be an integer"),
        ("DELETE flavors/nope", 1, 404, "Flavor nope could not be found."),
        ("GET os-server-groups/nope", 1, 404, "Instance group nope could not be found."),
        ("GET os-networks/nope", 35, 404, "Network not found"),
        ("GET os-volumes/nope", 35, 404, "Volume nope could not be found."),
        ("GET os-floating-ips/nope", 35, 404, "Floating IP not found for ID nope"),
        ("DELETE os-services/nope", 52, 400, "Invalid input received: id must be an integer"),
        (
            "DELETE os-baremetal-nodes/1",
            35,
            400,
            "Command not supported. Please use Ironic command node-delete to perform this action.",
        ),
    ],
)
def test_an_admin_learns_what_is_not_there(
    studio: Cloud, request_line: str, minor: int, status: int, message: str
) -> None:
    assert ask(studio, "admin", request_line, minor=minor) == (status, message)


def test_an_admin_may_not_change_what_the_emulator_does_not_have(studio: Cloud) -> None:
    response = studio.ask("DELETE", "/v2.1/flavors/1", "admin")
    assert response.status_code == 403
    assert "nothing of the kind to change" in response.headers["X-Fake-Nova-Hint"]
    assert studio.ask("GET", "/v2.1/flavors/1", "ada").status_code == 200


@pytest.mark.parametrize(
    ("request_line", "minor"),
    [
        *(("PUT flavors/1", 54), ("POST os-aggregates/1/images", 80), ("GET os-hosts/x/reboot", 43)),
        *(("GET os-networks/x", 36), ("GET os-volumes", 36), ("POST os-security-groups", 36)),
    ],
)
def test_a_version_without_a_route_is_checked_before_all(
    studio: Cloud, request_line: str, minor: int
) -> None:
    assert ask(studio, "ada", request_line, {}, minor) == (404, NO_ROUTE)


@pytest.mark.parametrize("name", ["os-volumes", "os-volumes/detail", "os-snapshots", "os-snapshots/detail"])
def test_there_are_no_volumes_until_2_35(studio: Cloud, name: str) -> None:
    [items] = studio.get(f"/v2.1/{name}", "rita").values()
    assert items == []
    assert studio.ask("GET", f"/v2.1/{name}", "norole").status_code == 403


def test_an_admin_sees_the_only_hypervisor_in_full(studio: Cloud) -> None:
    [hypervisor] = studio.get("/v2.1/os-hypervisors/detail", "admin")["hypervisors"]
    assert (hypervisor["hypervisor_hostname"], hypervisor["vcpus"]) == ("compute1", 1000)
    assert studio.get("/v2.1/os-hypervisors/1", "admin") == {"hypervisor": hypervisor}
    assert studio.get("/v2.1/os-hypervisors/comp/search", "admin")["hypervisors"][0]["id"] == 1
    assert ask(studio, "admin", "GET os-hypervisors/nope", minor=53) == (400, "Invalid uuid nope")
    assert ask(studio, "admin", "GET os-hypervisors/x/search", minor=53) == (404, NO_ROUTE)
    forbidden = "Policy doesn't allow os_compute_api:os-hypervisors:list-detail to be performed."
    assert ask(studio, "ada", "GET os-hypervisors/detail") == (403, forbidden)
    assert [each["service"] for each in studio.get("/v2.1/os-hosts", "admin")["hosts"]] == [
        *("conductor", "scheduler", "compute")
    ]
