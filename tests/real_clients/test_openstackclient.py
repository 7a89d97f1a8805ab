"""python-openstackclient: ``openstack image …``, which uses only the image service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests

from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import (
    CIRROS,
    DEMO_PROJECT,
    GOLDEN,
    NAMES,
    NIGHTLY,
    NIGHTLYS_SERVER,
    UBUNTU,
    forget_clients,
    openrc,
)

pytestmark = [pytest.mark.filterwarnings("ignore")]  # of its many libraries

ADMIN_PROJECT = "ad" * 16

#: The active images of `NAMES`, sorted by name.
ACTIVE = ["cirros-0.6.2-x86_64", "golden", "image1", "ubuntu-24.04", "windows-2022"]


class OpenStack:
    """The command ``openstack``, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._shell = import_module("openstackclient.shell").OpenStackShell  # importing it raises a warning

    def __call__(self, command: str, *arguments: str) -> str:
        """Run ``openstack`` with the words of *command* and *arguments*; return its output."""
        self._capsys.readouterr()
        status = self._shell().run([*command.split(), *arguments])
        streams = self._capsys.readouterr()
        assert status == 0, streams.err
        return streams.out

    def json(self, command: str, *arguments: str) -> Any:
        """Run the command, and return the JSON that it printed."""
        return json.loads(self(command, *arguments, "-f", "json"))

    def error_output(self, command: str) -> str:
        """Run the command, and return its output on standard error."""
        self._capsys.readouterr()
        assert self._shell().run(command.split()) != 0
        return self._capsys.readouterr().err


@pytest.fixture(scope="module")
def dialect() -> str:
    """One dialect only: the image service has no dialects."""
    return "nova"


@pytest.fixture
def openstack(
    nova: FakeNova,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    restored_command: None,
) -> OpenStack:
    for name, value in openrc(nova.auth_url).items():
        monkeypatch.setenv(name, value)
    return OpenStack(capsys)


@pytest.fixture
def as_admin(openstack: OpenStack) -> Iterator[str]:
    """Return the options with which one command logs in as an admin; the clients of other users are forgotten."""
    forget_clients()
    yield "--os-username admin --os-password admin-secret --os-project-name admin"
    forget_clients()


def names(images: Any) -> list[str]:
    return [image["Name"] for image in images]


def test_a_list_has_the_images_of_nova_sorted_by_name(openstack: OpenStack) -> None:
    assert names(openstack.json("image list")) == sorted(NAMES)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--status active --sort name:desc", ACTIVE[::-1]),
        ("--name golden", ["golden"]),
        ("--shared", ["golden"]),
        ("--limit 2", ["golden", "web-1-nightly"]),  # the newest ones, in the command's own order
        ("--property os_distro=ubuntu", ["ubuntu-24.04"]),
        ("--tag nothing-has-it", []),
    ],
)
def test_a_list_can_be_filtered_and_sorted(openstack: OpenStack, options: str, expected: list[str]) -> None:
    assert names(openstack.json(f"image list {options}")) == expected


def test_show_has_size_times_and_properties(openstack: OpenStack) -> None:
    image = openstack.json("image show golden")
    assert (image["id"], image["name"], image["status"]) == (GOLDEN, "golden", "active")
    assert (image["size"], image["min_disk"], image["min_ram"]) == (734003200, 10, 2048)
    assert image["visibility"] == "shared"


def test_an_image_can_be_created_uploaded_saved_and_deleted(openstack: OpenStack, tmp_path: Path) -> None:
    data, copy = tmp_path / "data.raw", tmp_path / "copy.raw"
    data.write_bytes(b"hello")
    image = openstack.json(
        "image create new --disk-format raw --property os_distro=arch --tag red --private --file", str(data)
    )
    assert (image["status"], image["size"], image["visibility"]) == ("active", 5, "private")
    assert image["checksum"] == "5d41402abc4b2a76b9719d911017c592"
    assert image["properties"]["os_distro"] == "arch"
    openstack("image save new --file", str(copy))
    assert copy.read_bytes() == b"hello"
    openstack("image delete new")
    assert "new" not in names(openstack.json("image list"))


def test_set_and_unset_change_an_image_in_both_apis(openstack: OpenStack, nova: FakeNova) -> None:
    openstack(
        f"image set {NIGHTLY} --name renamed --min-ram 64 --property os_distro=arch --tag a --tag b --protected"
    )
    image = openstack.json("image show renamed")
    assert (image["id"], image["min_ram"], image["protected"]) == (NIGHTLY, 64, True)
    assert (image["properties"]["os_distro"], sorted(image["tags"])) == ("arch", ["a", "b"])
    assert nova.images.get(NIGHTLY)["properties"]["os_distro"] == "arch"
    openstack("image unset renamed --property os_distro --tag a")
    image = openstack.json("image show renamed")
    assert "os_distro" not in image["properties"]
    assert image["tags"] == ["b"]


def test_an_image_can_be_shared_and_accepted(openstack: OpenStack, nova: FakeNova) -> None:
    openstack(f"image set {NIGHTLY} --shared")
    openstack(f"image add project {NIGHTLY} {ADMIN_PROJECT}")
    assert openstack.json(f"image member list {NIGHTLY}") == [
        {"Image ID": NIGHTLY, "Member ID": ADMIN_PROJECT, "Status": "pending"}
    ]
    openstack(f"image remove project {NIGHTLY} {ADMIN_PROJECT}")
    assert openstack.json(f"image member list {NIGHTLY}") == []
    assert nova.images.get(NIGHTLY)["owner"] == DEMO_PROJECT
    openstack(f"image set --accept {GOLDEN}")


def test_a_deactivated_image_cannot_be_saved(openstack: OpenStack, tmp_path: Path) -> None:
    data = tmp_path / "data.raw"
    data.write_bytes(b"hello")
    openstack("image create new --disk-format raw --file", str(data))
    openstack("image set new --deactivate")
    assert openstack.json("image show new")["status"] == "deactivated"
    assert "Unable to download image" in openstack.error_output(f"image save new --file {tmp_path / 'copy'}")
    openstack("image set new --activate")
    assert openstack.json("image show new")["status"] == "active"


def test_an_import_finishes_by_the_clock(openstack: OpenStack, nova: FakeNova, tmp_path: Path) -> None:
    data = tmp_path / "data.raw"
    data.write_bytes(b"hello")
    image = openstack.json("image create new --disk-format raw --import --file", str(data))
    assert image["status"] == "importing"
    nova.clock.advance(2)
    assert openstack.json("image show new")["status"] == "active"


def test_import_methods_and_stores_are_listed(openstack: OpenStack) -> None:
    assert openstack.json("image import info") == {
        "import-methods": ["glance-direct"]
    } or "glance-direct" in str(openstack.json("image import info"))
    assert [store["ID"] for store in openstack.json("image stores list")] == ["files"]


def test_an_import_has_a_task_that_admins_list(
    openstack: OpenStack, nova: FakeNova, tmp_path: Path, as_admin: str
) -> None:
    data = tmp_path / "data.raw"
    data.write_bytes(b"hello")
    command = f"{as_admin} image create new --disk-format raw --import --file"
    image = openstack.json(command, str(data))
    (task,) = openstack.json(f"{as_admin} image task list")
    assert (task["Type"], task["Status"]) == ("api_image_import", "processing")
    nova.clock.advance(2)
    shown = openstack.json(f"{as_admin} image task show", task["ID"])
    assert (shown["status"], shown["result"]) == ("success", {"image_id": image["id"]})


def test_an_import_that_fails_names_the_store(
    openstack: OpenStack, nova: FakeNova, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data.qcow2"
    data.write_bytes(b"hello")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)  # otherwise its text is the data of the new image
    openstack("image create new --disk-format qcow2 --container-format bare")
    openstack("image stage new --file", str(data))
    openstack("image import new --all-stores --allow-failure")
    nova.clock.advance(2)
    image = openstack.json("image show new")
    assert (image["status"], image["properties"]["os_glance_failed_import"]) == ("queued", "files")


def test_tasks_and_the_stores_properties_are_for_admins(openstack: OpenStack) -> None:
    assert "tasks_api_access" in openstack.error_output("image task list")
    assert "stores_info_detail" in openstack.error_output("image stores list --detail")
    assert "cache_list" in openstack.error_output("cached image list")


def test_the_catalogue_of_definitions_is_empty(openstack: OpenStack) -> None:
    assert openstack.json("image metadef namespace list") == []
    assert openstack.json("image metadef resource type list") == []
    assert "Namespace n not found" in openstack.error_output("image metadef property list n")


def test_an_admin_sees_the_stores_properties_and_no_cache(openstack: OpenStack, as_admin: str) -> None:
    assert [store["ID"] for store in openstack.json(f"{as_admin} image stores list --detail")] == ["files"]
    assert "Caching via API is not supported" in openstack.error_output(f"{as_admin} cached image list")


def test_refusals_have_the_services_own_messages(openstack: OpenStack) -> None:
    assert "No Image found for nope" in openstack.error_output("image show nope")
    assert "delete_image" in openstack.error_output(f"image delete {CIRROS}")
    openstack(f"image set {NIGHTLY} --protected")
    assert f"Image {NIGHTLY} is protected and cannot be deleted." in openstack.error_output(
        f"image delete {NIGHTLY}"
    )
    assert "403" in openstack.error_output(f"image set {UBUNTU} --name mine")


def request_nova(nova: FakeNova, method: str, path: str, body: Any = None) -> Any:
    """Send a request to Nova's API, and return the JSON of the response."""
    login = nova.login
    user = {"name": login["username"], "password": login["password"], "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"id": DEMO_PROJECT}}
    token = requests.post(
        f"{nova.auth_url}/auth/tokens", json={"auth": {"identity": identity, "scope": scope}}, timeout=5
    ).headers["X-Subject-Token"]
    return requests.request(
        method, f"{nova.compute_url}{path}", json=body, headers={"X-Auth-Token": token}, timeout=5
    ).json()


def images_of_nova(nova: FakeNova, name: str) -> Any:
    """Return the images with this name from Nova's images API."""
    return request_nova(nova, "GET", f"/images/detail?name={name}")["images"]


def test_images_and_metadata_are_visible_in_both_apis(
    openstack: OpenStack, nova: FakeNova, tmp_path: Path
) -> None:
    data = tmp_path / "data.raw"
    data.write_bytes(b"hello")
    image = openstack.json(
        "image create new --disk-format raw --property os_distro=arch --tag red --file", str(data)
    )
    (nova_image,) = images_of_nova(nova, "new")
    assert (nova_image["id"], nova_image["status"], nova_image["OS-EXT-IMG-SIZE:size"]) == (
        image["id"],
        "ACTIVE",
        5,
    )
    assert nova_image["metadata"]["os_distro"] == "arch"
    assert [link["rel"] for link in nova_image["links"]] == ["self", "bookmark", "alternate"]
    request_nova(nova, "PUT", f"/images/{image['id']}/metadata/colour", {"meta": {"colour": "blue"}})
    assert openstack.json("image show new")["properties"]["colour"] == "blue"


def test_a_snapshot_of_a_server_goes_from_saving_to_active(openstack: OpenStack, nova: FakeNova) -> None:
    nova.clock.freeze()
    openstack("server image create web-1 --name snap")
    (saving,) = images_of_nova(nova, "snap")
    assert (saving["status"], saving["server"]["id"]) == ("SAVING", NIGHTLYS_SERVER)
    assert openstack.json("image show snap")["status"] == "queued"
    nova.clock.advance(7)
    (active,) = images_of_nova(nova, "snap")
    assert (active["status"], active["progress"]) == ("ACTIVE", 100)
    assert openstack.json("image show snap")["properties"]["image_type"] == "snapshot"
    openstack("server backup create web-1 --name kept --type daily --rotate 1")
    assert images_of_nova(nova, "kept")[0]["metadata"]["backup_type"] == "daily"


def test_an_application_credential_can_be_created_and_logs_in(
    openstack: OpenStack, nova: FakeNova, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = openstack.json("application credential create ci --role reader --description builds")
    assert [each["Name"] for each in openstack.json("application credential list")] == ["ci"]
    for name in openrc(nova.auth_url):
        if name not in ("OS_AUTH_URL", "OS_IDENTITY_API_VERSION"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OS_AUTH_TYPE", "v3applicationcredential")
    monkeypatch.setenv("OS_APPLICATION_CREDENTIAL_ID", credential["ID"])
    monkeypatch.setenv("OS_APPLICATION_CREDENTIAL_SECRET", credential["Secret"])
    assert openstack.json("token issue")["project_id"] == DEMO_PROJECT
    assert names(openstack.json("image list")) == sorted(NAMES)
    assert "403" in openstack.error_output("application credential delete ci")


def test_an_admin_sets_up_a_project_with_a_user(
    openstack: OpenStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("USERNAME", "admin"), ("PASSWORD", "admin-secret"), ("PROJECT_NAME", "admin")):
        monkeypatch.setenv(f"OS_{name}", value)
    project = openstack.json("project create lab --domain Default --description tests")
    user = openstack.json("user create eve --project lab --password eve-secret")
    openstack("role create operator")
    for role in ("member", "operator"):
        openstack(f"role add --project lab --user eve {role}")
    assignments = openstack.json("role assignment list --names --user eve --project lab")
    assert sorted(each["Role"] for each in assignments) == ["member", "operator"]
    assert "eve" in names(openstack.json("user list --domain default"))
    assert openstack.json("project show lab")["id"] == project["id"]
    assert openstack.json("domain show Default")["id"] == "default"
    openstack("role remove --project lab --user eve operator")
    for command in (f"user delete {user['id']}", "project delete lab", "role delete operator"):
        openstack(command)
    assert "eve" not in names(openstack.json("user list"))
