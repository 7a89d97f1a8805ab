"""A record of a cloud loads to the same answers, for everybody who asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from fake_nova.errors import CloudFailure
from fake_nova.recording import Recording, RecordOptions, connect, record
from fake_nova.recording.fixture_writer import FixtureFile
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud
from tests.recording.conftest import CLOUD, LogIn, auth_of, write_clouds

ALICE = "9c53a566cb3443ab910cf0daebca90c4"
BOB = "d9ebe43510414ef590a4aa158605329e"
CAROL = "c0ffee00c0ffee00c0ffee00c0ffee00"

#: Lists of images; each is walked to its end.
LISTS = (
    "/v2.1/images/detail",
    "/v2.1/images/detail?limit=7",
    "/v2.1/images/detail?status=active&limit=20",
    "/image/v2/images",
    "/image/v2/images?limit=7",
    "/image/v2/images?visibility=all&limit=1000",
    "/image/v2/images?os_hidden=true",
    "/image/v2/images?member_status=all&limit=1000",
    "/image/v2/images?sort=name:asc,created_at:desc&limit=50",
)

USERS = ("alice", "bob", "carol", "rita", "admin")

#: Words that stay although a project and a user are called so, because a role is, too.
COMMON = ("admin",)


def pages(cloud: Cloud, url: str, user: str) -> list[str]:
    """Return the pages of a list, walked to the end, as texts."""
    texts = []
    next_url: str | None = url
    while next_url is not None:
        page = cloud.get(next_url, user)
        texts.append(json.dumps(page, ensure_ascii=False))
        link = page.get("next") or next((each["href"] for each in page.get("images_links", ())), None)
        next_url = None if link is None else f"{urlsplit(url).path}?{urlsplit(link).query}"
    return texts


def write(recording: Recording, path: Path) -> str:
    FixtureFile(str(path)).write(["A record."], recording.document)
    return str(path)


def load(recording: Recording, path: Path) -> Cloud:
    return Cloud(private=True, fixtures=(write(recording, path),), auth_strategy="keystone")


def renamed(text: str, recording: Recording) -> str:
    for old in sorted(recording.replacements, key=len, reverse=True):
        if old not in COMMON:
            text = text.replace(json.dumps(old, ensure_ascii=False)[1:-1], recording.replacements[old])
    return text


@pytest.mark.parametrize("anonymize", [False, True])
def test_every_page_of_the_record_is_the_clouds(log_in: LogIn, tmp_path: Path, anonymize: bool) -> None:
    recording = record(log_in(), RecordOptions(members=True, anonymize=anonymize))
    original = Cloud(fixtures=(CLOUD,), auth_strategy="keystone", dialect="nova")
    copy = load(recording, tmp_path / "cloud.yaml")
    for user in USERS:
        copied_user = recording.replacements.get(user, user)
        for url in LISTS:
            expected = [renamed(page, recording) for page in pages(original, url, user)]
            assert pages(copy, url, copied_user) == expected, (user, url)
    assert recording.notes == ()


def test_what_one_user_sees_is_what_the_user_sees_in_the_record(log_in: LogIn, tmp_path: Path) -> None:
    recording = record(log_in("alice", "alice-project"), RecordOptions(anonymize=False))
    original = Cloud(fixtures=(CLOUD,), auth_strategy="keystone", dialect="nova")
    copy = load(recording, tmp_path / "cloud.yaml")
    for url in LISTS:
        assert pages(copy, url, "alice") == pages(original, url, "alice"), url


def test_it_has_projects_users_and_their_roles_as_far_as_they_are_visible(log_in: LogIn) -> None:
    document = record(log_in(), RecordOptions(anonymize=False)).document
    assert next(project["name"] for project in document["projects"]) == "admin"
    assert {project["name"] for project in document["projects"]} == {
        "admin",
        "alice-project",
        "bob-project",
        "carol-project",
    }
    users = {user["name"]: user for user in document["users"]}
    assert next(iter(users)) == "admin"
    assert users["rita"]["projects"] == [{"project": ALICE, "roles": ["reader"]}]
    assert (users["admin"]["roles"], users["admin"]["system_roles"]) == (["admin"], ["admin"])
    assert "roles" not in document
    assert "domains" not in document


def test_an_ordinary_user_records_itself_and_the_ids_of_owners(log_in: LogIn) -> None:
    document = record(log_in("bob", "bob-project"), RecordOptions(anonymize=False)).document
    assert [user["name"] for user in document["users"]] == ["bob"]
    assert document["users"][0]["roles"] == ["member"]
    assert document["projects"] == [{"id": BOB, "name": "bob-project"}, {"id": ALICE, "name": ALICE}]


def test_domains_roles_groups_of_projects_and_disabled_people_are_recorded(tmp_path: Path) -> None:
    fixture = tmp_path / "people.yaml"
    fixture.write_text(
        """
        domains: [{id: d1, name: Acme}]
        roles: [{name: operator, id: "77777777777777777777777777777777", implies: [member]}]
        projects:
          - {id: "11111111111111111111111111111111", name: top, domain: Acme, tags: [x], description: Top}
          - {id: "22222222222222222222222222222222", name: sub, domain: Acme, enabled: false,
             parent: "11111111111111111111111111111111"}
        users:
          - {name: boss, password: boss-secret, domain: Acme, project: top, roles: [admin]}
          - {name: op, password: op-secret, domain: Acme, enabled: false,
             projects: [{project: top, roles: [operator]}], domains: [{domain: Acme, roles: [reader]}]}
        images: []
        """,
        encoding="utf-8",
    )
    with FakeNova(fixtures=(str(fixture),), auth_strategy="keystone", dialect="nova") as nova:
        auth = auth_of(nova, "boss", "top")
        write_clouds(auth={**auth, "user_domain_id": "d1", "project_domain_id": "d1"})
        document = record(connect("here"), RecordOptions(anonymize=False)).document
    assert document["domains"] == [{"id": "d1", "name": "Acme"}]
    assert document["roles"] == [{"id": "7" * 32, "name": "operator"}]
    top, sub = document["projects"]
    assert (top["domain"], top["tags"], top["description"]) == ("d1", ["x"], "Top")
    assert (sub["enabled"], sub["parent"]) == (False, "1" * 32)
    operator = document["users"][1]
    assert operator["enabled"] is False
    assert operator["projects"] == [{"project": "1" * 32, "roles": ["member", "operator"]}]
    assert operator["domains"] == [{"domain": "d1", "roles": ["reader"]}]


def test_an_invited_project_knows_how_it_answered(log_in: LogIn) -> None:
    images = record(log_in("alice", "alice-project"), RecordOptions(anonymize=False)).document["images"]
    assert {image["name"]: image["members"] for image in images if "b-shared" in image.get("name", "")} == {
        f"b-shared-{status}": [{"member": ALICE, "status": status}]
        for status in ("accepted", "pending", "rejected")
    }


def test_members_are_read_only_if_wanted_and_only_those_of_own_images(log_in: LogIn) -> None:
    cloud = log_in("alice", "alice-project")
    for members, expected in ((False, None), (True, [{"member": BOB, "status": "accepted"}])):
        document = record(cloud, RecordOptions(members=members, anonymize=False)).document
        (own,) = [image for image in document["images"] if image.get("name") == "a-shared"]
        found = own.get("members")
        assert found == expected or [each["member"] for each in found] == [BOB]
        assert (found is None) is (not members)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"name": "later-update"}, ["later-update"]),
        ({"status": "queued"}, ["status-queued"]),
        ({"owner": "adadadadadadadadadadadadadadadad"}, ["admin-private"]),
        ({"since": datetime(2016, 6, 1, tzinfo=UTC), "owner": ALICE}, ["from-the-future", "later-update"]),
        ({"limit": 2, "owner": ALICE}, ["from-the-future", "Twin"]),
    ],
)
def test_options_choose_images(log_in: LogIn, options: dict[str, Any], names: list[str]) -> None:
    document = record(log_in(), RecordOptions(anonymize=False, **options)).document
    assert [image["name"] for image in document["images"]] == names


def test_the_file_says_which_dialect_and_database_it_is_about(log_in: LogIn, nova: FakeNova) -> None:
    document = record(log_in(), RecordOptions()).document
    assert (document["dialect"], document["database"]) == ("nova", "mariadb")
    chosen = record(log_in(), RecordOptions(dialect="huaweicloud", database="sqlite")).document
    assert (chosen["dialect"], chosen["database"]) == ("huaweicloud", "sqlite")


def test_sqlite_is_found_out_by_a_name_in_other_capitals() -> None:
    options = {"auth_strategy": "keystone", "dialect": "nova", "database": "sqlite"}
    with FakeNova(fixtures=(CLOUD,), **options) as nova:  # type: ignore[arg-type]  # options by name
        write_clouds(auth=auth_of(nova, "admin", "admin", "secret"))
        assert record(connect("here"), RecordOptions()).document["database"] == "sqlite"


def test_equal_times_keep_the_order_that_the_cloud_lists(tmp_path: Path) -> None:
    images = [
        {
            "id": f"0000000{digit}-0000-4000-8000-000000000000",
            "name": name,
            "created_at": time,
            "updated_at": time,
        }
        for digit, name, time in (
            (2, "first", "2020-01-01T00:00:00.1Z"),
            (3, "second", "2020-01-01T00:00:00.2Z"),
            (1, "third", "2020-01-01T00:00:00.3Z"),
        )
    ]
    users = [{"name": "admin", "password": "secret", "project": "p", "roles": ["admin"]}]
    projects = [{"id": "1" * 32, "name": "p"}]
    fixture = tmp_path / "times.yaml"
    fixture.write_text(json.dumps({"projects": projects, "users": users, "images": images}), encoding="utf-8")
    settings: Any = {"fixtures": (str(fixture),), "auth_strategy": "keystone", "dialect": "nova"}
    with FakeNova(**settings, database="sqlite") as nova:
        write_clouds(auth=auth_of(nova, "admin", "p", "secret"))
        recording = record(connect("here"), RecordOptions(anonymize=False))
    copy = load(recording, tmp_path / "copy.yaml")
    assert copy.names("/image/v2/images", "admin") == ["third", "second", "first"]
    assert {image["created_at"][:19] for image in recording.document["images"]} == {"2020-01-01T00:00:00"}


def test_a_cloud_without_an_image_endpoint_is_read_through_novas_proxy(tmp_path: Path) -> None:
    with FakeNova(fixtures=("every-status",), dialect="nova") as nova:
        write_clouds(auth_type="none", auth={"endpoint": nova.compute_url})
        recording = record(connect("here"), RecordOptions(anonymize=False))
        expected = {image["name"]: image["status"] for image in nova.images.all()}
    statuses = {image["name"]: image["status"] for image in recording.document["images"]}
    assert statuses["active"] == "active"
    differences = {name: word for name, word in statuses.items() if word != expected[name]}
    assert differences == {"importing": "deactivated", "uploading": "deactivated"}  # all are UNKNOWN
    assert recording.notes == (
        "images: Nova shows no owner, visibility, tags or hashes; they are guessed or missing",
    )
    assert load(recording, tmp_path / "cloud.yaml").emulator.cloud.settings.dialect == "nova"


def test_the_oldest_first_is_huawei_cloud() -> None:
    with FakeNova(fixtures=("default",), dialect="huaweicloud") as nova:
        write_clouds(auth_type="none", auth={"endpoint": nova.compute_url})
        document = record(connect("here"), RecordOptions(limit=3)).document
    assert document["dialect"] == "huaweicloud"
    assert [image["name"] for image in document["images"]] == [
        "image1",
        "cirros-0.6.2-x86_64",
        "ubuntu-24.04",
    ]


def test_stores_are_those_of_the_cloud(tmp_path: Path) -> None:
    fixture = tmp_path / "stores.yaml"
    digest = "5eb63bbbe01eeed093cb22bb8f5acdc3"
    image: dict[str, Any] = {"os_hash_value": digest, "os_hash_algo": "md5"}
    images = [{**image, "name": "files"}, {**image, "name": "ceph", "stores": "ceph,s3"}]
    images.append({**image, "name": "none", "stores": ""})
    users = [{"name": "admin", "password": "secret", "project": "p", "roles": ["admin"]}]
    people = {"projects": [{"id": "1" * 32, "name": "p"}], "users": users}
    fixture.write_text(json.dumps({**people, "images": images}), encoding="utf-8")
    with FakeNova(fixtures=(str(fixture),), auth_strategy="keystone", dialect="nova") as nova:
        write_clouds(auth=auth_of(nova, "admin", "p", "secret"))
        copy = load(record(connect("here"), RecordOptions(anonymize=False)), tmp_path / "copy.yaml")
    listed_images = copy.get("/image/v2/images", "admin")["images"]
    stores = {image["name"]: image.get("stores") for image in listed_images}
    assert stores == {"files": "files", "ceph": "ceph,s3", "none": None}


def test_nova_shows_no_owners_to_choose() -> None:
    with FakeNova(fixtures=("default",)) as nova:
        write_clouds(auth_type="none", auth={"endpoint": nova.compute_url})
        with pytest.raises(CloudFailure, match="--owner: Nova does not show owners"):
            record(connect("here"), RecordOptions(owner=ALICE))


def test_thousands_of_images_take_few_requests(tmp_path: Path) -> None:
    document = yaml.safe_load(Path(CLOUD).read_text(encoding="utf-8"))
    fixture = {key: document[key] for key in ("projects", "users")} | {"generate": [{"count": 2300}]}
    (tmp_path / "many.yaml").write_text(json.dumps(fixture), encoding="utf-8")
    settings: Any = {
        "fixtures": (str(tmp_path / "many.yaml"),),
        "auth_strategy": "keystone",
        "dialect": "nova",
    }
    with FakeNova(**settings) as nova:
        write_clouds(auth=auth_of(nova, "admin", "admin", "secret"))
        numbers: list[int] = []
        recording = record(connect("here"), RecordOptions(on_progress=numbers.append))
        assert nova.requests.count() <= 2.3 * 30
        assert [image["id"] for image in recording.document["images"]] == [
            image["id"]
            for image in sorted(nova.images.all(), key=lambda each: (each["created_at"], each["id"]))
        ][::-1]
    assert numbers == [1000, 2000, 2300, 2300]
