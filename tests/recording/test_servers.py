"""A record with servers, flavors, key pairs and quotas loads to the same answers, for everybody who asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fake_nova import cli
from fake_nova.errors import CloudFailure
from fake_nova.recording import RecordOptions, connect, record
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud
from tests.recording.conftest import CLOUD, answering, auth_of, write_clouds
from tests.recording.test_record import load, renamed, write

SERVERS = str(Path(__file__).parent / "servers.yaml")

ALICE = "9c53a566cb3443ab910cf0daebca90c4"

USERS = ("alice", "bob", "carol", "rita", "admin")

#: Lists and single things, each with the microversions in which it is compared; lists are walked to their end.
PATHS = (
    ("/servers/detail", ("2.1", "2.3", "2.46", "2.47", "2.73", "2.97", "latest")),
    ("/servers/detail?all_tenants=1&limit=2", ("2.1", "2.90")),
    ("/servers?limit=1&sort_key=display_name", ("2.1",)),
    ("/servers/detail?status=ERROR", ("2.1",)),
    ("/servers/detail?flavor=gone", ("2.1",)),
    ("/flavors/detail?is_public=None", ("2.1", "2.55", "latest")),
    ("/flavors?limit=1", ("2.1",)),
    ("/flavors/of-some/os-flavor-access", ("2.1",)),
    ("/os-keypairs", ("2.1", "2.2", "latest")),
    ("/os-keypairs/laptop", ("2.1",)),
    ("/limits", ("2.1", "2.57")),
    ("/os-availability-zone", ("2.1",)),
    ("/os-availability-zone/detail", ("2.1",)),
    (f"/os-quota-sets/{ALICE}", ("2.1", "2.57")),
)

#: Secrets in metadata and faults.
SECRETS = ("hunter2-hunter2", "gAAAAABkQ2hlY2tNZU91dFBsZWFzZUZlcm5ldFRva2Vu")

USER_DATA = "OS-EXT-SRV-ATTR:user_data"

#: Values that an anonymized record makes up: digests of hosts, and keys. The ids of key pairs count all of them.
MADE_UP = ("hostId", "public_key", "fingerprint")

#: The time of the answer itself, in the states of services.
NOW = "updated_at"


@pytest.fixture(scope="module")
def shared_servers() -> Iterator[FakeNova]:
    with FakeNova(fixtures=(CLOUD, SERVERS), auth_strategy="keystone", dialect="nova") as running:
        yield running


@pytest.fixture
def nova(shared_servers: FakeNova) -> FakeNova:
    """The cloud with servers, which is what `log_in` logs in to, reset to its seed."""
    shared_servers.reset()
    return shared_servers


@pytest.fixture(scope="module")
def original() -> Cloud:
    return Cloud(private=True, fixtures=(CLOUD, SERVERS), auth_strategy="keystone", dialect="nova")


def answers(cloud: Cloud, user: str, rename: Callable[[str], str] = lambda text: text) -> dict[str, Any]:
    """Return all answers to a user, whose names *rename* changes in paths."""
    collected = {}
    for path, versions in PATHS:
        for version in versions:
            url: str | None = rename(f"/v2.1{path}")
            pages = []
            while url is not None:
                headers = {"OpenStack-API-Version": f"compute {version}"}
                response = cloud.ask("GET", url, user, headers=headers)
                pages.append((response.status_code, response.get_json()))
                links = [
                    link for key, each in pages[-1][1].items() if key.endswith("_links") for link in each
                ]
                url = f"{urlsplit(url).path}?{urlsplit(links[0]['href']).query}" if links else None
            collected[f"{path} in {version}"] = pages
    return collected


def without(document: Any, keys: tuple[str, ...]) -> Any:
    """Return a document without some keys, and without the secrets, which no record holds."""
    if isinstance(document, dict):
        return {key: without(value, keys) for key, value in document.items() if key not in keys}
    if isinstance(document, list | tuple):
        return [without(item, keys) for item in document]
    for secret in SECRETS:
        document = document.replace(secret, "removed") if isinstance(document, str) else document
    return document


def test_every_answer_of_the_record_is_the_clouds(log_in: Any, tmp_path: Path, original: Cloud) -> None:
    recording = record(log_in(), RecordOptions(servers=True, anonymize=False))
    copy = load(recording, tmp_path / "cloud.yaml")
    for user in USERS:
        expected, actual = answers(original, user), answers(copy, user)
        for path in expected:
            assert without(actual[path], (USER_DATA, NOW)) == without(expected[path], (USER_DATA, NOW)), (
                user,
                path,
            )
    assert recording.notes == ()


def by_name(pages: Any) -> Any:
    """Return pages with key pairs in the order of their names, which is another one under other names."""
    for _, document in pages:
        document.get("keypairs", []).sort(key=json.dumps)
    return pages


def test_an_anonymized_record_answers_the_same_under_other_names(
    log_in: Any, tmp_path: Path, original: Cloud
) -> None:
    recording = record(log_in(), RecordOptions(servers=True))
    copy = load(recording, tmp_path / "cloud.yaml")
    keys = (USER_DATA, NOW, *MADE_UP)
    names = recording.replacements
    for user in USERS:
        expected = answers(original, user)
        actual = answers(copy, names.get(user, user), partial(renamed, recording=recording))
        for path in expected:
            text = json.dumps(without(expected[path], keys), ensure_ascii=False)
            pages = json.loads(renamed(text, recording))
            assert by_name(without(actual[path], keys)) == by_name(pages), (user, path)


def test_what_one_user_sees_is_what_the_user_sees_in_the_record(
    log_in: Any, tmp_path: Path, original: Cloud
) -> None:
    recording = record(log_in("bob", "bob-project"), RecordOptions(servers=True, anonymize=False))
    copy = load(recording, tmp_path / "cloud.yaml")
    expected, actual = answers(original, "bob"), answers(copy, "bob")
    keys = ("hostId", "id")  # a digest of a host that bob does not see, and the number of a key pair
    for path in expected:
        assert without(actual[path], keys) == without(expected[path], keys), path


def test_an_anonymized_file_contains_no_original_and_no_file_a_secret(log_in: Any, tmp_path: Path) -> None:
    for anonymize in (True, False):
        recording = record(log_in(), RecordOptions(servers=True, anonymize=anonymize))
        text = Path(write(recording, tmp_path / "cloud.yaml")).read_text(encoding="utf-8")
        assert [word for word in (*SECRETS, "c2VjcmV0", "user_data") if word in text] == []
        originals = (
            "alice",
            "bob",
            "10.1.2.3",
            "203.0.113.9",
            "2001:4860",
            "fa:16:3e",
            "zebrafish",
            "laptop",
        )
        assert [word for word in (*originals, "ssh-") if (word in text) is anonymize] == []
    counts = record(log_in(), RecordOptions(servers=True)).counts
    assert counts["names of key pairs"] == 2
    assert (counts["public keys"], counts["secrets in metadata"], counts["secrets in faults"]) == (3, 1, 1)


def test_a_record_holds_users_who_are_not_visible_and_nobody_can_log_in_as_one_of_them(log_in: Any) -> None:
    document = record(log_in("alice", "alice-project"), RecordOptions(servers=True, anonymize=False)).document
    stopped = next(server for server in document["servers"] if server["name"] == "stopped")
    rita = next(user for user in document["users"] if user["name"] == stopped["user"])
    assert (rita["enabled"], rita["projects"]) == (False, [])
    assert {server["host"] for server in document["servers"] if "host" in server} == {"host-1", "host-2"}


def test_a_users_record_asks_for_no_quotas_of_other_projects(log_in: Any, nova: FakeNova) -> None:
    record(log_in("alice", "alice-project"), RecordOptions(servers=True))
    paths = [each["path"] for each in nova.requests.all(path="*/os-quota-sets/*")]
    assert [path.rpartition("/")[2] for path in paths] == [ALICE]


def test_options_choose_servers(log_in: Any) -> None:
    def names(**options: Any) -> list[str]:
        document = record(log_in(), RecordOptions(servers=True, anonymize=False, **options)).document
        return [server["name"] for server in document["servers"]]

    assert names(limit=2) == ["reborn", "bob's box"]
    assert names(owner=ALICE) == ["reborn", "stopped", "web.alice-project"]
    assert names(since=datetime(2024, 2, 6, tzinfo=UTC)) == ["gone", "reborn", "bob's box"]
    assert names(is_own_only=True) == []


def test_an_old_service_is_asked_without_microversions(tmp_path: Path) -> None:
    """Flavors and their extra specs are then read one by one."""
    flavor = {"id": "1", "name": "small", "ram": 512, "vcpus": 1, "disk": 1, "swap": ""}
    server = {"id": "40000000-0000-4000-8000-000000000001", "name": "old", "status": "ACTIVE"}
    server |= {"tenant_id": ALICE, "created": "2020-01-01T00:00:00Z", "updated": "2020-01-01T00:00:00Z"}
    document = {
        "images": [],
        "flavors": [flavor],
        "extra_specs": {"a": "b"},
        "keypairs": [],
        "servers": [{**server, "flavor": {"id": "1"}}, {**server, "id": "nope", "flavor": {"id": "9"}}],
    }
    with answering(200, json.dumps(document).encode()) as url:
        write_clouds(auth_type="none", auth={"endpoint": url}, compute_endpoint_override=f"{url}/v2")
        recording = record(connect("here"), RecordOptions(servers=True, anonymize=False))
    assert recording.document["flavors"][0]["extra_specs"] == {"a": "b"}
    assert [server["flavor"] for server in recording.document["servers"]] == ["1"]
    assert recording.notes[0].startswith('server nope: id: invalid value (got "nope")')
    load(recording, tmp_path / "cloud.yaml")


def test_servers_need_a_compute_service() -> None:
    with answering(200, b'{"images": []}') as url:
        write_clouds(auth_type="none", auth={"endpoint": url}, image_endpoint_override=f"{url}/v2")
        connection = connect("here")
        connection.endpoint = {"image": f"{url}/v2"}.get  # type: ignore[method-assign,assignment]  # no compute
        with pytest.raises(CloudFailure, match="here: no compute service in the catalog; expected one"):
            record(connection, RecordOptions(servers=True))


def test_the_report_counts_servers_flavors_and_key_pairs(
    nova: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clouds(auth=auth_of(nova, "alice", "alice-project"))
    assert (
        cli.main(["record", "--cloud", "here", "--output", "cloud.yaml", "--servers", "--rate", "1e4"]) == 0
    )
    line = capsys.readouterr().out.splitlines()[0]
    assert ", 3 servers, 3 flavors, 2 key pairs (dialect nova" in line
    assert cli.main(["check", "cloud.yaml"]) == 0
