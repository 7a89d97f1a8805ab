"""Key pairs: import, creation, limits and deletion."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from tests.conftest import Cloud

KEYS = "/v2.1/os-keypairs"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQtBJtsKfD8vUZ0LAzdaOlbYOnKzqWIeyr9Z2dBNPYm ann"
NEW = {"OpenStack-API-Version": "compute 2.2"}


def part(value: bytes) -> bytes:
    """Return a part of a key, after its length."""
    return len(value).to_bytes(4) + value


def create(cloud: Cloud, headers: dict[str, str] | None = None, **keypair: str) -> Any:
    return cloud.ask("POST", KEYS, json={"keypair": keypair}, headers=headers or {})


def names(cloud: Cloud) -> list[str]:
    return [each["keypair"]["name"] for each in cloud.get(KEYS)["keypairs"]]


def test_a_public_key_is_imported_listed_and_deleted(cloud: Cloud) -> None:
    response = create(cloud, name="laptop", public_key=PUBLIC_KEY)
    assert response.status_code == 200
    assert response.get_json()["keypair"]["fingerprint"] == "e7:06:d7:ea:33:5d:fa:32:81:07:c3:a6:58:00:d1:51"
    assert names(cloud) == ["laptop"]
    assert cloud.get(f"{KEYS}/LAPTOP")["keypair"]["name"] == "laptop"  # MariaDB compares without case
    assert cloud.ask("DELETE", f"{KEYS}/laptop").status_code == 202
    assert cloud.ask("DELETE", f"{KEYS}/laptop", headers=NEW).status_code == 404
    assert names(cloud) == []


def test_a_created_key_pair_has_a_private_key_once(cloud: Cloud) -> None:
    response = create(cloud, NEW, name="made")
    keypair = response.get_json()["keypair"]
    assert (response.status_code, keypair["type"]) == (201, "ssh")
    assert keypair["private_key"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert "private_key" not in cloud.get(f"{KEYS}/made")["keypair"]
    assert cloud.ask("DELETE", f"{KEYS}/made", headers=NEW).status_code == 204


def test_a_key_that_is_none_is_refused(cloud: Cloud) -> None:
    response = create(cloud, name="bad", public_key="nonsense")
    assert response.status_code == 400
    assert names(cloud) == []


@pytest.mark.parametrize(
    "public_key",
    [
        PUBLIC_KEY.replace(" ", "  "),
        f"{PUBLIC_KEY}\n",
        "ssh-rsa " + b64encode(b"".join(map(part, (b"ssh-rsa", b"\1\0\1", b"\xc7" * 128)))).decode(),
        "sk-ssh-ed25519@openssh.com "
        + b64encode(b"".join(map(part, (b"sk-ssh-ed25519@openssh.com", b"1" * 32, b"ssh:")))).decode(),
    ],
)
def test_what_cryptography_can_read_is_a_public_key(cloud: Cloud, public_key: str) -> None:
    assert create(cloud, name="laptop", public_key=public_key).status_code == 200


def test_a_certificate_has_a_fingerprint_of_its_own(cloud: Cloud) -> None:
    certificate = (
        f"-----BEGIN CERTIFICATE-----\n{b64encode(bytes((48, 1, 0))).decode()}\n-----END CERTIFICATE-----\n"
    )
    response = create(cloud, NEW, name="windows", type="x509", public_key=certificate)
    assert response.get_json()["keypair"]["fingerprint"] == (
        "15:3d:25:42:54:34:5b:61:e2:0e:7b:37:63:7d:d6:f6:fd:71:ba:01"
    )
    response = create(cloud, NEW, name="new", type="x509")
    assert len(response.get_json()["keypair"]["fingerprint"]) == 59
    assert cloud.get(f"{KEYS}/new", headers=NEW)["keypair"]["type"] == "x509"


def test_v2_takes_any_printable_name_and_trims_it(cloud: Cloud) -> None:
    for name in ("a.b", "a/b", "é", " k "):
        body = {"keypair": {"name": name, "public_key": PUBLIC_KEY}}
        assert cloud.ask("POST", "/v2/os-keypairs", json=body).status_code == 200
    assert names(cloud) == ["a.b", "a/b", "é", "k"]


def test_the_quota_of_key_pairs_counts() -> None:
    cloud = Cloud(private=True)
    document = "projects: [{id: abc, name: mine}]\nquotas: [{project: mine, key_pairs: 1}]\n"
    assert cloud.ask("POST", "/_admin/fixtures?replace=true", data=document).status_code == 201
    assert create(cloud, name="a").status_code == 200
    response = create(cloud, name="b")
    assert response.status_code == 403
    assert response.get_json()["forbidden"]["message"] == "Quota exceeded, too many key pairs."


def test_a_request_cannot_change_quotas(cloud: Cloud) -> None:
    path = "/v2.1/os-quota-sets/abc"
    assert cloud.ask("PUT", path, "admin", json={"quota_set": {"cores": 1}}).status_code == 403
