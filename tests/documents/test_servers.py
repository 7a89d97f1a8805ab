"""Servers, flavors, key pairs and quotas of fixtures: defaults, references, mistakes and exports."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.documents.fixture_files import load_text
from fake_nova.errors import FixtureError
from tests.conftest import Cloud

USER = "7" * 32

PROJECT = (
    f"projects: [{{id: abc, name: mine}}]\nusers: [{{name: ann, id: '{USER}', password: p, project: mine}}]\n"
)


def load(text: str) -> Any:
    return load_text((PROJECT + text).encode(), "cloud.yaml", Directory(), SystemClock().now()).compute


def problems(text: str) -> list[str]:
    with pytest.raises(FixtureError) as error_info:
        load(text)
    return [line.partition("servers")[2] or line for line in error_info.value.lines]


def test_a_name_is_enough_for_a_server() -> None:
    (server,) = load("servers: [{name: web-1}]").servers
    assert (server.name, server.owner, server.status, server.flavor.name) == (
        "web-1",
        "abc",
        "ACTIVE",
        "m1.small",
    )
    assert (server.host, server.power_state, server.launched_at) == ("compute1", 1, server.created_at)


def test_servers_are_generated_in_the_flavors_of_the_file() -> None:
    flavors = "flavors: [{name: small}, {name: big}]\n"
    template = "{status: SHUTOFF, user: ann, owner: mine, flavor: big}"
    text = f"{flavors}servers: [{{name: web-1}}]\ngenerate_servers: [{{count: 9}}, {{count: 2, seed: 5, template: {template}}}]"
    web, *servers = load(text).servers
    assert (web.name, len({server.id for server in servers})) == ("web-1", 11)
    assert {server.flavor.name for server in servers[:9]} == {"small", "big"}
    assert {(server.status, server.user_id, server.flavor.name) for server in servers[9:]} == {
        ("SHUTOFF", USER, "big")
    }
    again = load(text).servers[1:]
    assert [(server.id, server.name) for server in again] == [(server.id, server.name) for server in servers]
    default_flavors = load("generate_servers: [{count: 9}]").servers
    assert len({server.flavor.name for server in default_flavors}) > 1


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ("{count: 2}, {count: 3}", "[1]: its servers exist already (got seed 0); expected another seed"),
        ("{count: 0}", "[0].count: invalid value (got 0); expected a whole number from 1 to 1000000"),
        ("{count: 1, template: {flavor: tiny}}", '[0].template.flavor: unknown flavor (got "tiny")'),
        ("{count: 1, template: {owner: nobody}}", '[0].template.owner: unknown project (got "nobody")'),
        ("{count: 1, template: {user: bob}}", '[0].template.user: unknown user (got "bob")'),
        ("{count: 1, template: {status: ACTIVE, vm_state: stopped}}", "[0].template.status: contradicts"),
    ],
)
def test_a_mistake_about_generated_servers_is_named(entries: str, problem: str) -> None:
    (line,) = problems(f"generate_servers: [{entries}]")
    assert line.startswith(problem)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("status: SHUTOFF", ("stopped", None, 4, "compute1")),
        ("status: REBOOT", ("active", "rebooting", 1, "compute1")),
        ("status: BUILD", ("building", None, 0, None)),
        ("vm_state: paused", ("paused", None, 3, "compute1")),
        ("status: ACTIVE, task_state: deleting", ("active", "deleting", 1, "compute1")),
        ("status: DELETED", ("deleted", None, 0, "compute1")),
        ("vm_state: shelved_offloaded, power_state: 7", ("shelved_offloaded", None, 7, None)),
    ],
)
def test_a_status_sets_the_states(document: str, expected: tuple[Any, ...]) -> None:
    (server,) = load(f"servers: [{{{document}}}]").servers
    assert (server.vm_state, server.task_state, server.power_state, server.host) == expected
    assert server.is_deleted is (server.vm_state == "deleted")


def test_a_status_that_contradicts_the_states_is_a_mistake() -> None:
    assert problems("servers: [{status: ACTIVE, vm_state: stopped}]") == [
        "[0].status: contradicts vm_state and task_state (got ACTIVE); expected SHUTOFF"
    ]


def test_unknown_users_and_flavors_are_mistakes() -> None:
    assert problems("servers: [{user: bob, flavor: huge}]\nflavors: [{name: small}]") == [
        '[0].user: unknown user (got "bob"); expected one of: ann',
        '[0].flavor: unknown flavor (got "huge"); expected one of: small',
    ]


def test_a_flavor_is_found_by_id_and_by_name() -> None:
    text = "flavors: [{id: '7', name: big, ram: 99}, {name: '7', ram: 5}]\nservers: [{flavor: '7'}, {flavor: big}, {}]"
    compute = load(text)
    assert [server.flavor.ram for server in compute.servers] == [99, 99, 99]  # an id comes before a name


def test_the_same_flavor_id_or_key_pair_twice_is_a_mistake() -> None:
    lines = problems("flavors: [{name: a}, {name: a}]\nkeypairs: [{name: k, user: ann}, {name: k}]")
    assert [line.partition(": ")[2][:30] for line in lines] == [
        "flavors[1]: id already in use ",
        "keypairs[1].name: already in u",
    ]


def test_a_key_pair_without_a_public_key_always_gets_the_same_one() -> None:
    first, second = (load("keypairs: [{name: k}]").keypairs[0].public_key for _ in range(2))
    assert first == second
    assert first.startswith("ssh-ed25519 AAAA")


def test_a_public_key_without_a_fingerprint_is_a_mistake() -> None:
    texts = ("nonsense", "ssh-rsa AAA", "ssh-rsa AAAA")
    keypairs = [{"name": f"k{index}", "public_key": text} for index, text in enumerate(texts)]
    given = {"name": "other", "public_key": "nonsense", "fingerprint": "a:b"}
    assert [line.partition(": ")[2] for line in problems(f"keypairs: {[*keypairs, given]}")] == [
        f'keypairs[{index}].public_key: not a public key in the format of OpenSSH (got "{text}"); '
        "expected one, or its fingerprint beside it"
        for index, text in enumerate(texts[:2])
    ]


def test_a_certificate_without_a_fingerprint_is_a_mistake() -> None:
    (line,) = problems("keypairs: [{name: k, type: x509, public_key: nonsense}]")
    assert line.partition(": ")[2] == (
        'keypairs[0].public_key: not a certificate in PEM (got "nonsense"); expected one, or its fingerprint '
        "beside it"
    )


def test_a_user_of_an_invalid_project_is_no_second_mistake() -> None:
    text = b"{projects: [{name: p}], users: [{name: me, password: x, project: p}], keypairs: [{name: k, user: me}]}"
    with pytest.raises(FixtureError, match=r"projects\[0\]\.id: missing") as error_info:
        load_text(text, "cloud.yaml", Directory(), SystemClock().now())
    assert len(error_info.value.lines) == 1


WHOLE = """
flavors: [{id: "7", name: big, extra_specs: {a: b}, swap: 5, is_public: false, description: d}]
keypairs: [{name: k, user: ann, fingerprint: "a:b"}]
quotas: [{project: mine, instances: 3}]
servers:
  - name: whole
    user: ann
    flavor: big
    vm_state: error
    fault: {message: lost, details: traceback, created_at: 2024-01-01T00:00:00Z}
    metadata: {k: v}
    tags: [red]
    description: all of it
    locked: admin
    locked_reason: why
    addresses: {net: [10.0.0.1, {address: "fd00::1", mac: "aa:bb", floating: true}]}
    security_groups: [default]
    volumes: [{id: v1, delete_on_termination: true}]
    image_properties: {os_type: linux}
    disk_config: AUTO
    config_drive: true
    instance_name: instance-0000002a
    root_device_name: null
    launch_index: 3
    kernel_id: kernel
    ramdisk_id: ""
    reservation_id: r-1
    requested_host: compute1
    trusted_image_certificates: [a, b]
    scheduler_hints: {group: one, different_host: [two, three]}
availability_zones: [{name: west}, {name: east, available: false, hosts: [e1]}]
"""


def test_an_export_of_servers_loads_again() -> None:
    cloud = Cloud(private=True)
    assert cloud.ask("POST", "/_admin/fixtures?replace=true", data=PROJECT + WHOLE).status_code == 201
    export = cloud.get("/_admin/export?format=json")
    other = Cloud(private=True)
    assert other.ask("POST", "/_admin/fixtures?replace=true", json=export).status_code == 201
    again = other.get("/_admin/export?format=json")
    parts = ("servers", "flavors", "keypairs", "quotas", "availability_zones")
    assert [again[part] for part in parts] == [export[part] for part in parts]
    (server,) = export["servers"]
    assert (server["locked"], server["status"], server["user"]) == ("admin", "ERROR", "ann")
    assert server["scheduler_hints"] == {"group": ["one"], "different_host": ["two", "three"]}
    assert [server[key] for key in ("root_device_name", "launch_index", "ramdisk_id")] == [None, 3, ""]
    assert export["quotas"][0]["instances"] == 3


def test_a_snapshot_of_the_cloud_holds_its_servers(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/snapshots", json={"name": "before"})
    (web,) = cloud.get("/_admin/servers")["servers"]
    cloud.ask("PATCH", f"/_admin/servers/{web['id']}", json={"status": "SHUTOFF"})
    assert cloud.get(f"/v2.1/servers/{web['id']}")["server"]["status"] == "SHUTOFF"
    cloud.ask("POST", "/_admin/snapshots/before/restore")
    assert cloud.get(f"/v2.1/servers/{web['id']}")["server"]["status"] == "ACTIVE"


def test_the_admin_api_adds_changes_and_forgets_servers(cloud: Cloud) -> None:
    response = cloud.ask("POST", "/_admin/servers", json={"servers": [{"name": "a"}, {"status": "DELETED"}]})
    first, second = response.get_json()["servers"]
    assert response.status_code == 201
    assert [first["flavor"]["id"], second["deleted"]] == ["2", True]
    path = f"/_admin/servers/{first['id']}"
    changed = cloud.ask("PATCH", path, json={"flavor": "m1.large", "tags": ["x"]}).get_json()
    assert (changed["flavor"]["ram"], changed["tags"]) == (8192, ["x"])
    assert len(cloud.get("/_admin/servers")["servers"]) == 3
    assert cloud.ask("DELETE", path).status_code == 204
    assert cloud.ask("GET", path).get_json()["itemNotFound"]["message"].startswith("server: unknown id")
    assert cloud.ask("POST", "/_admin/servers", json={"id": second["id"]}).status_code == 409


def test_a_server_that_was_never_launched_stays_so_in_an_export(cloud: Cloud) -> None:
    document = {"name": "failed", "status": "ERROR", "launched_at": None}
    failed = cloud.ask("POST", "/_admin/servers", json=document).get_json()
    exports = cloud.get("/_admin/export?format=json")["servers"]
    (exported,) = [server for server in exports if server["id"] == failed["id"]]
    again = load(f"servers: [{json.dumps({**exported, 'owner': 'mine'})}]").servers[0]
    assert again.launched_at is None
    assert cloud.get(f"/v2.1/servers/{failed['id']}")["server"]["OS-SRV-USG:launched_at"] is None


def test_a_server_that_an_admin_marks_as_deleted_is_terminated(cloud: Cloud) -> None:
    (server,) = cloud.get("/_admin/servers")["servers"]
    path = f"/_admin/servers/{server['id']}"
    response = cloud.ask("PATCH", path, json={"deleted": True, "updated_at": "2030-01-01T00:00:00Z"})
    assert response.get_json()["terminated_at"] == "2030-01-01T00:00:00Z"


@pytest.mark.parametrize("by_fixture", [True, False])
def test_lists_of_changes_show_a_deleted_server_as_deleted_without_a_state(by_fixture: bool) -> None:
    cloud = Cloud(private=True)
    if by_fixture:
        cloud.ask("POST", "/_admin/fixtures?replace=true", data="servers: [{name: gone, deleted: true}]")
    else:
        (server,) = cloud.get("/_admin/servers")["servers"]
        cloud.ask("PATCH", f"/_admin/servers/{server['id']}", json={"deleted": True})
    (shown,) = cloud.get("/v2.1/servers/detail?changes-since=2000-01-01")["servers"]
    assert (shown["status"], shown["OS-EXT-STS:vm_state"]) == ("DELETED", "deleted")


def test_a_forgotten_server_takes_its_plan_along_whatever_the_case_of_its_id(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    added = {"id": "aaaaaaaa-0000-4000-8000-000000000001", "name": "a", "plan": "slow"}
    assert cloud.ask("POST", "/_admin/servers", json=added).status_code == 201
    assert cloud.ask("DELETE", f"/_admin/servers/{added['id'].upper()}").status_code == 204
    again = {"id": added["id"], "name": "b", "vm_state": "building", "task_state": "scheduling"}
    assert cloud.ask("POST", "/_admin/servers", json=again).status_code == 201
    cloud.ask("PUT", "/_admin/clock", json={"advance": 60})
    assert cloud.get(f"/_admin/servers/{added['id']}")["status"] == "BUILD"


def test_a_user_is_found_by_name_and_by_id() -> None:
    compute = load(f"servers: [{{user: ann}}, {{user: '{USER}'}}]\nkeypairs: [{{name: k, user: '{USER}'}}]")
    assert {server.user_id for server in compute.servers} == {USER} == {compute.keypairs[0].user_id}


TWINS = """
domains: [{id: other, name: Other}]
projects: [{id: abc, name: mine}, {id: def, name: theirs, domain: other}]
users:
  - {name: ann, id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, password: p, project: mine}
  - {name: ann, id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, password: p, project: def, domain: other}
servers: [{name: one, user: ann}, {name: two, owner: def, user: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}]
keypairs: [{name: k, user: ann}, {name: k, user: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}]
"""


def test_users_of_one_name_in_two_domains_keep_their_own_in_an_export() -> None:
    cloud = Cloud(private=True)
    assert cloud.ask("POST", "/_admin/fixtures?replace=true", data=TWINS).status_code == 201
    documents = cloud.get("/_admin/servers")["servers"]
    assert {server["name"]: server["user"] for server in documents} == {"one": "ann", "two": "b" * 32}
    keypairs = cloud.get("/_admin/keypairs")["keypairs"]
    assert sorted(keypair["user"] for keypair in keypairs) == sorted(("ann", "b" * 32))
    export = cloud.get("/_admin/export?format=json")
    other = Cloud(private=True)
    assert other.ask("POST", "/_admin/fixtures?replace=true", json=export).status_code == 201
    for server in documents:
        shown_server = other.get(f"/v2.1/{server['owner']}/servers/{server['id']}")["server"]
        assert shown_server["user_id"] == {"one": "a" * 32, "two": "b" * 32}[shown_server["name"]]
    stored_keypairs = other.emulator.cloud.keypairs.all()
    assert sorted(keypair.user_id for keypair in stored_keypairs) == ["a" * 32, "b" * 32]
