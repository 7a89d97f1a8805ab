"""Flavors, key pairs and quotas by the admin API: what it changes is what Nova's API shows, and it is state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

LATEST = {"OpenStack-API-Version": "compute 2.75"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQtBJtsKfD8vUZ0LAzdaOlbYOnKzqWIeyr9Z2dBNPYm ann"
PUBLIC = "ssh-rsa AAAA"
PROJECT = "9c53a566cb3443ab910cf0daebca90c4"


def flavor_names(cloud: Cloud) -> list[str]:
    return [flavor["name"] for flavor in cloud.get("/v2.1/flavors")["flavors"]]


def keypair_names(cloud: Cloud, user: str | None = None) -> list[str]:
    body = cloud.ask("GET", "/v2.1/os-keypairs", user).get_json()
    return [each["keypair"]["name"] for each in body["keypairs"]]


def cores(cloud: Cloud, project: str = PROJECT) -> int:
    return int(cloud.ask("GET", f"/v2.1/os-quota-sets/{project}", "admin").get_json()["quota_set"]["cores"])


def message(response: Any) -> str:
    (error,) = response.get_json().values()
    return str(error["message"])


def test_an_added_flavor_stands_beside_the_built_in_ones(cloud: Cloud) -> None:
    response = cloud.ask("POST", "/_admin/flavors", json={"name": "gpu", "id": "9", "ram": 64, "swap": 7})
    assert response.status_code == 201
    assert response.get_json() == cloud.get("/_admin/flavors/gpu") == cloud.get("/_admin/flavors/9")
    assert flavor_names(cloud) == ["m1.tiny", "m1.small", "m1.medium", "m1.large", "m1.xlarge", "gpu"]
    shown = cloud.get("/v2.1/flavors/9", headers=LATEST)["flavor"]
    assert (shown["ram"], shown["swap"], shown["vcpus"]) == (64, 7, 1)
    new_server = cloud.ask("POST", "/_admin/servers", json={}).get_json()
    assert new_server["flavor"]["name"] == "m1.small"  # still the default


def test_several_flavors_are_added_or_none(cloud: Cloud) -> None:
    response = cloud.ask("POST", "/_admin/flavors", json=[{"name": "a"}, {"name": "b"}])
    assert [flavor["name"] for flavor in response.get_json()["flavors"]] == ["a", "b"]
    response = cloud.ask(
        "POST", "/_admin/flavors", json={"flavors": [{"name": "c"}, {"id": "2", "name": "d"}]}
    )
    assert (response.status_code, message(response)) == (
        409,
        'flavors: id already in use (got "2"); expected an id that no flavor has',
    )
    assert cloud.ask("POST", "/_admin/flavors", json=[{"name": "e"}, {"name": "e"}]).status_code == 409
    assert {"a", "b"} <= set(flavor_names(cloud))
    assert not {"c", "d", "e"} & set(flavor_names(cloud))


def test_a_changed_flavor_is_that_of_new_servers_only(cloud: Cloud) -> None:
    (web,) = cloud.get("/_admin/servers")["servers"]
    path = f"/_admin/flavors/{web['flavor']['id']}"
    changed = cloud.ask("PATCH", path, json={"ram": 1, "extra_specs": {"a": "b"}}).get_json()
    assert (changed["ram"], changed["extra_specs"], changed["name"]) == (1, {"a": "b"}, web["flavor"]["name"])
    assert cloud.get(f"/v2.1/flavors/{changed['id']}")["flavor"]["ram"] == 1
    assert cloud.get("/_admin/servers")["servers"][0]["flavor"] == web["flavor"]
    new_server = cloud.ask("POST", "/_admin/servers", json={"flavor": changed["name"]}).get_json()
    assert new_server["flavor"]["ram"] == 1
    response = cloud.ask("PATCH", path, json={"id": "other"})
    assert message(response) == f'id: a flavor\'s id cannot be changed; expected "{changed["id"]}"'


def test_a_forgotten_flavor_is_gone_but_not_the_last_one(cloud: Cloud) -> None:
    for name in ("m1.tiny", "m1.medium", "m1.large", "m1.xlarge"):
        assert cloud.ask("DELETE", f"/_admin/flavors/{name}").status_code == 204
    assert flavor_names(cloud) == ["m1.small"]
    assert cloud.ask("GET", "/v2.1/flavors/1").status_code == 404
    response = cloud.ask("DELETE", "/_admin/flavors/2")
    assert (response.status_code, message(response)[:36]) == (409, 'flavor: the only one (got "2"); expe')
    response = cloud.ask("GET", "/_admin/flavors/m1.tiny")
    problem = 'flavor: unknown id or name (got "m1.tiny"); expected one of: m1.small'
    assert (response.status_code, message(response)) == (404, problem)


def test_the_list_of_flavors_is_filtered_and_paged(cloud: Cloud) -> None:
    def ids(query: str) -> str:
        return "".join(flavor["id"] for flavor in cloud.get(f"/_admin/flavors?{query}")["flavors"])

    assert (ids(""), ids("name=*large"), ids("id=2"), ids("limit=2&marker=2")) == ("12345", "45", "2", "34")


def test_a_key_pair_belongs_to_a_user_and_is_shown_to_that_user() -> None:
    keystone_cloud = Cloud(auth_strategy="keystone")
    added = keystone_cloud.ask("POST", "/_admin/keypairs", json={"name": "k"}).get_json()
    assert added["public_key"].startswith("ssh-ed25519 ")
    keystone_cloud.ask("POST", "/_admin/keypairs", json={"name": "root", "user": "admin"})
    assert (keypair_names(keystone_cloud, added["user"]), keypair_names(keystone_cloud, "admin")) == (
        ["k"],
        ["root"],
    )
    users = [each["user"] for each in keystone_cloud.get("/_admin/keypairs")["keypairs"]]
    assert users == [added["user"], "admin"]
    assert [each["name"] for each in keystone_cloud.get("/_admin/keypairs?user=admin")["keypairs"]] == [
        "root"
    ]
    assert [each["name"] for each in keystone_cloud.get("/_admin/keypairs?name=k*")["keypairs"]] == ["k"]


def test_a_name_that_two_users_have_needs_the_user(cloud: Cloud) -> None:
    first, _ = cloud.ask(
        "POST", "/_admin/keypairs", json=[{"name": "k"}, {"name": "k", "user": "admin"}]
    ).get_json()["keypairs"]
    response = cloud.ask("DELETE", "/_admin/keypairs/k")
    problem = 'keypair: ambiguous name (got "k", which several users have)'
    expected = f"expected user in the query, one of: {first['user']}, admin"
    assert (response.status_code, message(response)) == (409, f"{problem}; {expected}")
    assert cloud.ask("DELETE", "/_admin/keypairs/k?user=admin").status_code == 204
    assert cloud.get("/_admin/keypairs/k")["user"] == first["user"]
    assert cloud.ask("GET", "/_admin/keypairs/k?user=nobody").status_code == 400
    assert cloud.ask("GET", "/_admin/keypairs/k?user=admin").status_code == 404


def test_users_of_one_name_in_two_domains_are_told_apart() -> None:
    cloud = Cloud(private=True)
    users = "users: [{name: ann, password: p, project: demo}, {name: ann, domain: Acme, password: p, project: demo}]"
    projects = "projects: [{id: abc, name: demo}]\ndomains: [{name: Acme}]"
    assert cloud.ask("POST", "/_admin/fixtures?replace=true", data=f"{projects}\n{users}").status_code == 201
    other = cloud.emulator.cloud.directory.users[1]
    body = [{"name": "k", "user": "ann"}, {"name": "k", "user": other.id}]
    added = cloud.ask("POST", "/_admin/keypairs", json=body).get_json()["keypairs"]
    assert [each["user"] for each in added] == ["ann", other.id]
    assert cloud.get(f"/_admin/keypairs/k?user={other.id}") == added[1]


def test_a_new_public_key_has_its_own_fingerprint(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/keypairs", json={"name": "k", "fingerprint": "a:b"})
    assert cloud.get("/v2.1/os-keypairs/k")["keypair"]["fingerprint"] == "a:b"
    changed = cloud.ask("PATCH", "/_admin/keypairs/k", json={"public_key": KEY}).get_json()
    assert (changed["public_key"], "fingerprint" in changed) == (KEY, False)
    shown = cloud.get("/v2.1/os-keypairs/k")["keypair"]
    assert shown["fingerprint"] == "e7:06:d7:ea:33:5d:fa:32:81:07:c3:a6:58:00:d1:51"
    assert cloud.ask("PATCH", "/_admin/keypairs/k", json={"type": "x509"}).get_json()["public_key"] == KEY


def test_several_key_pairs_are_added_or_none(cloud: Cloud) -> None:
    response = cloud.ask("POST", "/_admin/keypairs", json={"keypairs": [{"name": "a"}, {"name": "a"}]})
    assert (response.status_code, message(response)[:40]) == (409, 'keypairs: name already in use (got ["a",')
    response = cloud.ask("POST", "/_admin/keypairs", json=[{"name": "a"}, {"name": "b", "public_key": "x"}])
    assert (response.status_code, message(response)[:40]) == (400, "public_key: not a public key in the form")
    assert keypair_names(cloud) == []


def test_a_limit_counts_at_once_and_the_others_stay(cloud: Cloud) -> None:
    path = f"/_admin/quotas/{PROJECT}"
    assert cloud.get(path)["metadata_items"] == 128
    assert cloud.get("/_admin/quotas") == {"quotas": []}
    changed = cloud.ask("PUT", path, json={"cores": 5}).get_json()
    assert (changed["cores"], changed["instances"], cores(cloud)) == (5, 10, 5)
    cloud.ask("PUT", path, json={"instances": 1})
    assert cloud.get(path) == {**changed, "instances": 1} == cloud.get("/_admin/quotas")["quotas"][0]
    body = {"server": {"name": "new", "imageRef": "155d900f-4e14-4e4c-a73d-069cbf4541e6", "flavorRef": "2"}}
    response = cloud.ask("POST", "/v2.1/servers", json=body)
    assert (response.status_code, message(response)[:29]) == (403, "Quota exceeded for instances:")
    assert cloud.ask("DELETE", path).status_code == 204
    assert cores(cloud) == 20
    response = cloud.ask("PUT", "/_admin/quotas/nobody", json={})
    assert (response.status_code, message(response)[:45]) == (
        404,
        'project: unknown id or name (got "nobody"); e',
    )


@pytest.fixture
def changed_cloud(cloud: Cloud) -> Cloud:
    """A cloud with a snapshot, after which a flavor, a key pair and a quota changed."""
    cloud.ask("POST", "/_admin/snapshots", json={"name": "before"})
    cloud.ask("POST", "/_admin/flavors", json={"name": "gpu"})
    cloud.ask("POST", "/_admin/keypairs", json={"name": "k"})
    cloud.ask("PUT", f"/_admin/quotas/{PROJECT}", json={"cores": 5})
    cloud.ask("POST", "/_admin/snapshots", json={"name": "after"})
    return cloud


def state(cloud: Cloud) -> tuple[bool, list[str], int]:
    return "gpu" in flavor_names(cloud), keypair_names(cloud), cores(cloud)


BEFORE: tuple[bool, list[str], int] = (False, [], 20)
AFTER: tuple[bool, list[str], int] = (True, ["k"], 5)


def test_a_reset_and_a_restore_bring_flavors_key_pairs_and_quotas_back(changed_cloud: Cloud) -> None:
    assert state(changed_cloud) == AFTER
    changed_cloud.ask("POST", "/_admin/snapshots/before/restore")
    assert state(changed_cloud) == BEFORE
    changed_cloud.ask("POST", "/_admin/snapshots/after/restore")
    assert state(changed_cloud) == AFTER
    changed_cloud.ask("POST", "/_admin/reset")
    assert state(changed_cloud) == BEFORE


def test_an_export_holds_them(changed_cloud: Cloud) -> None:
    export = changed_cloud.get("/_admin/export?format=json")
    other = Cloud(private=True)
    assert other.ask("POST", "/_admin/fixtures?replace=true", json=export).status_code == 201
    assert state(other) == AFTER
    parts = ("flavors", "keypairs", "quotas")
    again = other.get("/_admin/export?format=json")
    assert [again[part] for part in parts] == [export[part] for part in parts]


def test_a_scope_has_its_own_and_its_user_has_the_key_pairs_of_the_first_one() -> None:
    cloud = Cloud(private=True)
    document = f"keypairs: [{{name: shared, public_key: {PUBLIC}}}]"
    assert cloud.ask("POST", "/_admin/fixtures", data=document).status_code == 201
    scope = cloud.ask("POST", "/_admin/scopes").get_json()
    project, user = scope["project"]["id"], scope["user"]
    cloud.ask("POST", f"/_admin/flavors?scope={project}", json={"name": "gpu"})
    added = cloud.ask("POST", f"/_admin/keypairs?scope={project}", json={"name": "own"}).get_json()
    cloud.ask("PUT", f"/_admin/quotas/{project}?scope={project}", json={"cores": 5})
    assert added["user"] == user["name"]
    names = [each["keypair"]["name"] for each in cloud.get(f"/v2.1/{project}/os-keypairs")["keypairs"]]
    assert names == ["own", "shared"]
    assert "gpu" in [each["name"] for each in cloud.get(f"/v2.1/{project}/flavors")["flavors"]]
    assert state(cloud) == (False, ["shared"], 20)


def test_a_document_that_is_added_may_name_the_flavors_and_zones_of_the_cloud() -> None:
    cloud = Cloud(private=True)
    cloud.ask("POST", "/_admin/fixtures", data="availability_zones: [{name: west, hosts: [w1]}]")
    cloud.ask("POST", "/_admin/flavors", json={"name": "gpu", "ram": 64})
    document = "servers: [{name: new, flavor: gpu}, {name: plain}]"
    assert cloud.ask("POST", "/_admin/fixtures", data=document).status_code == 201
    servers = {each["name"]: each for each in cloud.get("/_admin/servers")["servers"]}
    assert (servers["new"]["flavor"]["ram"], servers["new"]["host"]) == (64, "w1")
    assert servers["plain"]["flavor"]["name"] == "m1.small"
    assert "gpu" in flavor_names(cloud)
    response = cloud.ask("POST", "/_admin/fixtures?replace=true", data=document)
    assert 'unknown flavor (got "gpu")' in message(response)
