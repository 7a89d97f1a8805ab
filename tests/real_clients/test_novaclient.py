"""python-novaclient 7.1.2, the last version with images, as a library and as the command ``nova``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from keystoneauth1.exceptions import Unauthorized
from keystoneauth1.identity import v2, v3
from keystoneauth1.session import Session

from fake_nova.control.types import ImageStatus
from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import (
    CIRROS,
    GOLDEN,
    NAMES,
    NIGHTLY,
    NIGHTLYS_SERVER,
    STATUSES,
    UNKNOWN,
    Place,
    Proxy,
    auth_url_of,
    exports_of,
    in_list_order,
    openrc,
)
from tests.serving.command import Command

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources, which is deprecated
    from novaclient import api_versions, client, exceptions, shell

# It warns at each use that its images are deprecated.
pytestmark = pytest.mark.filterwarnings(r"ignore:The novaclient\.v2\.images module:DeprecationWarning")

Login = Callable[..., Any]


@pytest.fixture
def login() -> Iterator[Login]:
    """Create clients, and close their sessions after the test."""
    sessions: list[Session] = []

    def make(auth_url: str, version: str = "2.1", auth: Any = None, password: str = "demo-secret") -> Any:
        plugin = auth or v3.Password(
            auth_url,
            username="demo",
            password=password,
            project_name="demo",
            user_domain_id="default",
            project_domain_id="default",
        )
        sessions.append(Session(plugin))
        return client.Client(version, session=sessions[-1], region_name="RegionOne")

    yield make
    for session in sessions:
        session.session.close()


@pytest.fixture
def demo(nova: FakeNova, login: Login) -> Any:
    return login(nova.auth_url)


def names(images: Any) -> list[str]:
    return [image.name for image in images]


@pytest.mark.parametrize("version", ["2", "2.1", "2.35"])
def test_a_list_has_every_image_in_the_dialects_order(
    nova: FakeNova, login: Login, dialect: str, version: str
) -> None:
    images = login(nova.auth_url, version).images
    assert names(images.list()) == in_list_order(dialect, *NAMES)
    assert names(images.list(detailed=False)) == in_list_order(dialect, *NAMES)


def test_a_client_with_its_own_session_lists_every_image(nova: FakeNova, dialect: str) -> None:
    nova_client = client.Client(
        "2.1",
        "demo",
        "demo-secret",
        project_name="demo",
        auth_url=nova.auth_url,
        user_domain_id="default",
        project_domain_id="default",
    )
    assert names(nova_client.images.list()) == in_list_order(dialect, *NAMES)
    nova_client.client.session.session.close()


def test_a_client_takes_the_login_of_control(nova: FakeNova, dialect: str) -> None:
    nova_client = client.Client("2.1", auth_url=nova.auth_url, **nova.login)
    assert names(nova_client.images.list()) == in_list_order(dialect, *NAMES)
    nova_client.client.session.session.close()


@pytest.mark.parametrize("dialect", ["huaweicloud"], indirect=True, scope="module")
def test_a_login_by_api_v2_lists_every_image(place: Place, nova: FakeNova, login: Login) -> None:
    plugin = v2.Password(f"{nova.url}{place.identity}/v2.0", "demo", "demo-secret", tenant_name="demo")
    assert names(login(nova.auth_url, "2", plugin).images.list()) == list(NAMES)


def test_an_image_has_its_numbers_times_status_and_metadata(demo: Any) -> None:
    image = demo.images.get(NIGHTLY)
    assert (image.id, image.name, image.status, image.progress) == (NIGHTLY, "web-1-nightly", "SAVING", 50)
    assert (image.minDisk, image.minRam) == (20, 0)
    assert image.to_dict()["OS-EXT-IMG-SIZE:size"] == 1073741824
    assert image.server["id"] == NIGHTLYS_SERVER
    assert datetime.fromisoformat(image.created) == datetime(2024, 6, 2, 1, tzinfo=UTC)
    assert datetime.fromisoformat(image.updated) == datetime(2024, 6, 2, 1, 0, 9, tzinfo=UTC)
    assert image.metadata["image_type"] == "snapshot"


def test_list_and_show_return_equal_images(demo: Any) -> None:
    for image in demo.images.list():
        assert image.to_dict() == demo.images.get(image.id).to_dict()


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7])
def test_paging_visits_every_image_exactly_once(demo: Any, dialect: str, limit: int) -> None:
    visited: list[Any] = []
    while page := demo.images.list(limit=limit, marker=visited[-1].id if visited else None):
        assert len(page) <= limit
        visited += page
    assert names(visited) == in_list_order(dialect, *NAMES)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"name": "golden"}, ["golden"]),
        ({"status": "SAVING"}, ["web-1-nightly"]),
        ({"status": "ACTIVE", "minRam": 0}, ["image1"]),
        ({"minDisk": 11}, []),
    ],
)
def test_a_search_finds_exactly_the_matching_images(
    demo: Any, dialect: str, filters: dict[str, Any], expected: list[str]
) -> None:
    assert names(demo.images.findall(**filters)) == in_list_order(dialect, *expected)


def test_a_name_finds_its_image_if_it_is_unique(nova: FakeNova, demo: Any) -> None:
    assert demo.images.find(name="golden").id == GOLDEN
    with pytest.raises(exceptions.NotFound):
        demo.images.find(name="no such image")
    nova.images.add(name="golden")
    with pytest.raises(exceptions.NoUniqueMatch):
        demo.images.find(name="golden")


def test_an_unknown_image_is_not_found(demo: Any) -> None:
    for ask, *arguments in (
        (demo.images.get, UNKNOWN),
        (demo.images.get, "no uuid"),
        (demo.images.delete, UNKNOWN),
        (demo.images.set_meta, UNKNOWN, {"colour": "blue"}),
        (demo.images.delete_meta, UNKNOWN, ["colour"]),
    ):
        with pytest.raises(exceptions.NotFound):
            ask(*arguments)


def test_a_deleted_image_is_gone(demo: Any, dialect: str) -> None:
    demo.images.get(NIGHTLY).delete()
    with pytest.raises(exceptions.NotFound):
        demo.images.get(NIGHTLY)
    with pytest.raises(exceptions.NotFound):
        demo.images.delete(NIGHTLY)
    assert names(demo.images.list()) == in_list_order(
        dialect, *(name for name in NAMES if name != "web-1-nightly")
    )


def test_another_projects_image_cannot_be_deleted(demo: Any) -> None:
    with pytest.raises(exceptions.Forbidden):
        demo.images.delete(CIRROS)
    assert demo.images.get(CIRROS).status == "ACTIVE"


@pytest.mark.parametrize("version", ["2", "2.1", "2.35"])
def test_metadata_can_be_added_read_and_deleted(nova: FakeNova, login: Login, version: str) -> None:
    images = login(nova.auth_url, version).images
    before = images.get(NIGHTLY).metadata
    images.set_meta(NIGHTLY, {"colour": "blue", "base_image_ref": "none"})
    assert images.get(NIGHTLY).metadata == {**before, "colour": "blue", "base_image_ref": "none"}
    images.delete_meta(NIGHTLY, ["colour"])
    assert images.get(NIGHTLY).metadata == {**before, "base_image_ref": "none"}
    with pytest.raises(exceptions.NotFound):
        images.delete_meta(NIGHTLY, ["colour"])


def test_metadata_can_be_set_up_to_microversion_2_38(nova: FakeNova, login: Login, demo: Any) -> None:
    login(nova.auth_url, "2.38").images.set_meta(NIGHTLY, {"colour": "blue"})
    assert demo.images.get(NIGHTLY).metadata["colour"] == "blue"


@pytest.mark.parametrize(("status", "nova_status"), STATUSES.items())
def test_a_status_has_novas_name(nova: FakeNova, demo: Any, status: ImageStatus, nova_status: str) -> None:
    nova.images.set_status(GOLDEN, status)
    assert demo.images.get(GOLDEN).status == nova_status


def test_discovery_finds_the_versions_and_the_newest_has_no_images(
    nova: FakeNova, login: Login, demo: Any
) -> None:
    assert [(version.id, version.status) for version in demo.versions.list()] == [
        ("v2.0", "DEPRECATED"),
        ("v2.1", "CURRENT"),
    ]
    assert demo.versions.get_current().id == "v2.1"
    newest = api_versions.discover_version(demo, api_versions.APIVersion("2.latest"))
    assert newest.get_string() == "2.41"  # the client's latest; the server has later ones
    with pytest.raises(exceptions.VersionNotFoundForAPIMethod):
        login(nova.auth_url, "2.41").images.list()


def test_a_wrong_password_is_unauthorized(nova: FakeNova, login: Login) -> None:
    with pytest.raises(Unauthorized):
        login(nova.auth_url, password="wrong").images.list()


def test_a_token_that_the_server_forgot_is_renewed_automatically(
    nova: FakeNova, demo: Any, dialect: str
) -> None:
    first = demo.client.get_token()
    nova.reset()
    assert names(demo.images.list()) == in_list_order(dialect, *NAMES)
    assert demo.client.get_token() != first


# The command finds extensions the way Python 2 did, and leaves its session to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_command_nova_lists_images(
    nova: FakeNova, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in openrc(nova.auth_url).items():
        monkeypatch.setenv(name, value)
    shell.OpenStackComputeShell().main(["image-list"])
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in capsys.readouterr().out.splitlines()]
    assert {row[1]: row[2] for row in rows if row and row[0] != "ID"} == {
        name: "SAVING" if name == "web-1-nightly" else "ACTIVE" for name in NAMES
    }


def test_all_requests_stay_behind_a_proxy_with_another_host(
    place: Place, proxy: Proxy, login: Login, dialect: str
) -> None:
    images = login(proxy.auth_url).images
    image_list = images.list()
    assert names(image_list) == in_list_order(dialect, *NAMES)
    assert image_list[0].links[0]["href"].startswith(f"{proxy.url}{place.compute}/v2.1/")
    images.set_meta(NIGHTLY, {"colour": "blue"})
    images.delete(NIGHTLY)
    assert proxy.requests == [
        f"POST {place.identity}/v3/auth/tokens",
        f"GET {place.compute}/v2.1/images/detail",
        f"POST {place.compute}/v2.1/images/{NIGHTLY}/metadata",
        f"DELETE {place.compute}/v2.1/images/{NIGHTLY}",
    ]


def test_the_command_works_with_novaclient(place: Place, command: Command, login: Login) -> None:
    images = login(auth_url_of(command), "2.35").images
    assert exports_of(command)["OS_AUTH_URL"] == f"{command.url}{place.identity}/v3"
    assert names(images.list()) == list(NAMES)
    assert images.get(GOLDEN).metadata["architecture"] == "aarch64"
    with pytest.raises(exceptions.NotFound):
        images.get(UNKNOWN)
