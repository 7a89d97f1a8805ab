"""An anonymized record holds none of the original ids, names and addresses, and no record holds a secret."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_nova.recording import Recording, RecordOptions, connect, record
from fake_nova.recording.addresses import replace_addresses
from fake_nova.recording.anonymity import key_of
from fake_nova.recording.fixture_writer import FixtureFile
from fake_nova.recording.pseudonyms import Pseudonyms
from fake_nova.recording.secrecy import remove_secrets
from fake_nova.testing.fake_nova import FakeNova
from tests.recording.conftest import auth_of, write_clouds

PROJECT = "4d6f6e6f67726d6f7573506c616e7431"
FOREIGN = "deadbeefdeadbeefdeadbeefdeadbeef"
USER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

#: The properties of an image that tells a lot about its cloud.
PROPERTIES = {
    "user_id": USER,
    "owner_id": PROJECT,
    "owner_project_name": "Zebrafish Imaging",
    "owner_user_name": "grace.hopper",
    "instance_uuid": "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f",
    "os_glance_stage_host": "http://ctl-07.hamburg.zebrafish.test:9292/v2?x=1",
    "host": "compute-42",
    "contact": "Grace Hopper <grace.hopper@zebrafish.test>, host compute-42, ctl-07.hamburg.zebrafish.test",
    "network": "10.11.12.13/24 via fe80::1234:5678 and 2001:4860:4860::8888, lo 127.0.0.1",
    "card": "fa:16:3e:aa:bb:cc or FA-16-3E-AA-BB-CD or fa16.3eaa.bbce",
    "note": "made for ZEBRAFISH IMAGING by Grace.Hopper in project 4D6F6E6F-6772-6D6F-7573-506C616E7431",
    "block_device_mapping": f'[{{"source": "http://store.zebrafish.test/{PROJECT}", "size": 1}}]',
    "zebrafish imaging": "a key",
    "os_version": "22.04",
    "os_type": "linux",
}

#: What the file must not contain, in any capitals.
ORIGINALS = (
    *(PROJECT, "4D6F6E6F-6772-6D6F-7573-506C616E7431", FOREIGN, USER, "Zebrafish", "grace.hopper", "hamburg"),
    *("ctl-07", "compute-42", "10.11.12.13", "fe80::1234:5678", "2001:4860:4860::8888", "fa:16:3e:aa:bb:cc"),
    *("FA-16-3E-AA-BB-CD", "fa16.3eaa.bbce", "acme.test", "Acme Research"),
)

FIXTURE: dict[str, Any] = {
    "domains": [{"id": "acme.test", "name": "Acme Research"}],
    "projects": [
        {
            "id": PROJECT,
            "name": "Zebrafish Imaging",
            "domain": "acme.test",
            "description": "Zebrafish!",
            "tags": ["zebrafish"],
        }
    ],
    "users": [
        {
            "id": USER,
            "name": "grace.hopper",
            "password": "navy-1906-cobol",
            "domain": "acme.test",
            "project": PROJECT,
            "roles": ["admin"],
        }
    ],
    "images": [
        {
            "name": "Zebrafish Imaging golden (grace.hopper)",
            "visibility": "shared",
            "members": [{"member": FOREIGN}],
            "tags": ["zebrafish imaging", "10.11.12.13"],
            "properties": PROPERTIES,
        },
        {"name": "plain", "created_at": "2020-01-01T00:00:00Z"},
    ],
}


@pytest.fixture
def log_in_to(tmp_path: Path) -> Any:
    """Record a cloud with these properties of its first image."""

    def call(options: RecordOptions, **properties: str) -> Recording:
        images = FIXTURE["images"]
        if properties:
            images = [{"name": "one", "properties": properties}]
        path = tmp_path / "original.yaml"
        path.write_text(yaml.safe_dump({**FIXTURE, "images": images}), encoding="utf-8")
        with FakeNova(fixtures=(str(path),), auth_strategy="keystone", dialect="nova") as nova:
            auth = auth_of(nova, "grace.hopper", "Zebrafish Imaging", "navy-1906-cobol")
            write_clouds(auth={**auth, "user_domain_id": "acme.test", "project_domain_id": "acme.test"})
            return record(connect("here"), options)

    return call


def text_of(recording: Recording, folder: Path) -> str:
    path = folder / "cloud.yaml"
    FixtureFile(str(path)).write([], recording.document)
    return path.read_text(encoding="utf-8")


def test_an_anonymized_file_contains_no_original(log_in_to: Any, tmp_path: Path) -> None:
    text = text_of(log_in_to(RecordOptions(members=True)), tmp_path).lower()
    plain_text = text_of(log_in_to(RecordOptions(members=True, anonymize=False)), tmp_path).lower()
    assert [original for original in ORIGINALS if original.lower() in text] == []
    assert [original for original in ORIGINALS if original.lower() not in plain_text] == []


def test_it_says_what_it_replaced(log_in_to: Any) -> None:
    recording = log_in_to(RecordOptions(members=True))
    assert recording.counts == {
        "ids of projects": 2,
        "ids of users": 1,
        "ids of domains": 1,
        "names of projects": 1,
        "names of users": 1,
        "names of domains": 1,
        "hosts": 3,
        "e-mail addresses": 1,
        "IPv4 addresses": 1,
        "IPv6 addresses": 2,
        "MAC addresses": 3,
        "descriptions": 1,
        "tags of projects": 1,
    }
    assert recording.replacements["grace.hopper"] == recording.document["users"][0]["name"]


def test_what_is_no_id_name_or_address_stays(log_in_to: Any) -> None:
    document = log_in_to(RecordOptions()).document
    image = document["images"][0]
    properties = image["properties"]
    assert image["name"].endswith(")")
    assert " golden (" in image["name"]
    assert (properties["os_version"], properties["os_type"]) == ("22.04", "linux")
    assert properties["instance_uuid"] == PROPERTIES["instance_uuid"]
    assert properties["network"].endswith("lo 127.0.0.1")
    assert properties["os_glance_stage_host"].startswith("http://host-")
    assert ":9292/v2?x=1" in properties["os_glance_stage_host"]
    assert document["images"][1]["name"] == "plain"


def test_references_stay_together(log_in_to: Any) -> None:
    document = log_in_to(RecordOptions()).document
    project = document["projects"][0]
    user = document["users"][0]
    image = document["images"][0]
    assert project["id"] == user["project"] == image["owner"] == image["properties"]["owner_id"]
    assert user["id"] == image["properties"]["user_id"]
    assert project["domain"] == user["domain"] == document["domains"][0]["id"]
    assert image["properties"]["owner_project_name"] == project["name"]


def test_pseudonyms_are_the_same_in_every_record_of_a_project_and_differ_in_others() -> None:
    tables = [Pseudonyms(key_of("http://k", project)) for project in ("a", "a", "b")]
    names = [table.add("names of users", "grace") for table in tables]
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("user-")


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        ("ids of projects", "4d6f6e6f67726d6f7573506c616e7431", r"[0-9a-f]{32}"),
        (
            "ids of users",
            "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f",
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ),
        ("ids of users", "a" * 64, r"[0-9a-f]{64}"),
        ("ids of domains", "acme", r"[0-9a-f]{32}"),
        ("hosts", "ctl-07", r"host-[0-9a-f]{10}\.example"),
        ("e-mail addresses", "a@b.de", r"mail-[0-9a-f]{10}@example\.com"),
        ("IPv4 addresses", "10.1.2.3", r"198\.1[89]\.\d+\.\d+"),
        ("IPv6 addresses", "fe80::1", r"2001:db8:[0-9a-f:]+"),
        ("MAC addresses", "fa-16-3e-00-00-01", r"02(-[0-9a-f]{2}){5}"),
    ],
)
def test_a_pseudonym_has_the_form_of_its_original(kind: str, text: str, form: str) -> None:

    pseudonyms = Pseudonyms(b"key")
    pseudonym = pseudonyms.add(kind, text)
    assert re.fullmatch(form, pseudonym)
    assert pseudonyms.add(kind, text) == pseudonym
    assert pseudonyms.is_pseudonym(pseudonym)


def test_each_address_has_a_pseudonym_of_its_own() -> None:
    pseudonyms = Pseudonyms(b"key")
    addresses = [f"10.0.{index // 256}.{index % 256}" for index in range(3000)]
    assert len({pseudonyms.add("IPv4 addresses", address) for address in addresses}) == 3000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version 1.2.3", "version 1.2.3"),
        ("1.2.3.4.5 and 1.2.3.400", "1.2.3.4.5 and 1.2.3.400"),
        ("at 12:30:45", "at 12:30:45"),
        ("a::b c", "a::b c".replace("a::b", "<IPv6 addresses>")),
        ("std::vector", "std::vector"),
        ("http://[2001:4860::1]:80/x", "http://[<IPv6 addresses>]:80/x"),
        ("http://10.1.2.3:80/x", "http://<IPv4 addresses>:80/x"),
        ("http://localhost:80, 0.0.0.0, ::1", "http://localhost:80, 0.0.0.0, ::1"),
        ("rbd://fsid/images/1", "rbd://<hosts>/images/1"),
        ("mail a.b+c@d.example.org.", "mail <e-mail addresses>."),
        ("0123456789ab", "0123456789ab"),
    ],
)
def test_addresses_are_told_from_other_texts(text: str, expected: str) -> None:
    assert replace_addresses(text, lambda kind, _: f"<{kind}>") == expected


SECRETS = {
    "admin_password": "hunter2-hunter2",
    "api-key": "k-123456",
    "auth.token": "t-123456",
    "location": "swift+https://glance:hunter2-hunter2@store.test/v1/image?a=1",
    "signed": "https://s.test/i?AWSAccessKeyId=AKIA12345&Signature=s1gn4ture&size=1",
    "log": "token gAAAAABkQ2hlY2tNZU91dFBsZWFzZUZlcm5ldFRva2Vu expired",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdef\n-----END RSA PRIVATE KEY-----\nend",
}


@pytest.mark.parametrize("anonymize", [False, True])
def test_no_record_holds_a_secret(log_in_to: Any, tmp_path: Path, anonymize: bool) -> None:
    recording = log_in_to(RecordOptions(anonymize=anonymize), **SECRETS)
    text = text_of(recording, tmp_path)
    words = ("hunter2", "k-123456", "t-123456", "AKIA12345", "s1gn4ture", "gAAAA", "MIIE", "navy-1906-cobol")
    assert [word for word in words if word in text] == []
    assert recording.counts["secrets in properties"] == len(SECRETS)
    assert recording.document["images"][0]["properties"]["admin_password"] == "removed"


def test_what_is_no_secret_stays() -> None:
    properties = {
        "cinder_encryption_key_id": "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f",
        "hw_tpm_model": "tpm-crb",
        "os_admin_user": "root",
        "token_ring": "",
        "monkey": "business",
        "compass": "north",
        "url": "https://s.test/i?size=1",
    }
    image = {"properties": dict(properties)}
    counts: Counter[str] = Counter()
    remove_secrets([image], counts)
    assert image["properties"] == properties
    assert not counts
