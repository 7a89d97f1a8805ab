"""keystoneauth: logins and the discovery of versions and endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from keystoneauth1 import discover
from keystoneauth1.exceptions import EndpointNotFound, NotFound, Unauthorized
from keystoneauth1.identity import generic, v2, v3
from keystoneauth1.session import Session

from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import DEMO_PROJECT, NAMES, NIGHTLY, Place, Proxy, auth_url_of, in_list_order
from tests.serving.command import Command

COMPUTE: dict[str, Any] = {"service_type": "compute", "interface": "public", "region_name": "RegionOne"}
Login = Callable[..., Session]


@pytest.fixture
def login() -> Iterator[Login]:
    """Create sessions, and close them after the test."""
    sessions: list[Session] = []

    def make(auth_url: str, auth: Any = None, **changes: str) -> Session:
        user_options: dict[str, Any] = {
            "username": "demo",
            "password": "demo-secret",
            "project_name": "demo",
            "user_domain_id": "default",
            "project_domain_id": "default",
            **changes,
        }
        sessions.append(Session(auth or v3.Password(auth_url, **user_options)))
        return sessions[-1]

    yield make
    for session in sessions:
        session.session.close()


@pytest.fixture
def demo(nova: FakeNova, login: Login) -> Session:
    return login(nova.auth_url)


def images(session: Session, **options: Any) -> list[str]:
    response = session.get("/images", endpoint_filter=COMPUTE, **options)
    return [image["name"] for image in response.json()["images"]]


def test_the_login_of_control_has_the_names_of_v3password(nova: FakeNova, login: Login, dialect: str) -> None:
    session = login(nova.auth_url, v3.Password(nova.auth_url, **nova.login))
    assert images(session) == in_list_order(dialect, *NAMES)
    assert session.get_project_id() == nova.project_id == DEMO_PROJECT


def test_the_login_of_a_scope_reaches_its_images(nova: FakeNova, login: Login) -> None:
    with nova.scope() as scope:
        scope.images.add(name="only here", visibility="private")
        session = login(scope.auth_url, generic.Password(scope.auth_url, **scope.login))
        assert "only here" in images(session)
        assert session.get_project_id() == scope.project_id != DEMO_PROJECT


def test_the_catalogue_has_the_address_of_every_service(place: Place, nova: FakeNova, demo: Session) -> None:
    for interface in ("public", "internal", "admin"):
        urls = {
            service: demo.get_endpoint(service_type=service, interface=interface, region_name="RegionOne")
            for service in ("compute", "image", "identity")
        }
        assert urls == {
            "compute": f"{nova.url}{place.compute}/v2.1",
            "image": f"{nova.url}{place.image}",
            "identity": f"{nova.url}{place.identity}/v3/",
        }
    for nowhere in ({"service_type": "compute", "region_name": "elsewhere"}, {"service_type": "network"}):
        with pytest.raises(EndpointNotFound):
            demo.get("/", endpoint_filter=nowhere)


def test_discovery_finds_novas_version_and_microversions(place: Place, nova: FakeNova, demo: Session) -> None:
    plugin: Any = demo.auth
    data = plugin.get_endpoint_data(demo, discover_versions=True, **COMPUTE)
    assert data.url == f"{nova.url}{place.compute}/v2.1/"
    assert data.api_version == (2, 1)
    assert (data.min_microversion, data.max_microversion) == ((2, 1), (2, 104))
    assert data.status == "CURRENT"


def test_discovery_uses_the_requested_version(place: Place, nova: FakeNova, demo: Session) -> None:
    plugin: Any = demo.auth
    newest = plugin.get_endpoint_data(demo, min_version="2.1", max_version="2.latest", **COMPUTE)
    assert newest.url == f"{nova.url}{place.compute}/v2.1/"
    assert plugin.get_endpoint_data(demo, min_version="3", max_version="3.latest", **COMPUTE) is None


def test_discovery_finds_keystones_version(place: Place, nova: FakeNova, demo: Session) -> None:
    plugin: Any = demo.auth
    data = plugin.get_endpoint_data(demo, service_type="identity", discover_versions=True)
    assert data.url == f"{nova.url}{place.identity}/v3/"
    assert data.api_version == (3, 14)


def test_discovery_finds_all_versions_of_all_services(place: Place, nova: FakeNova, demo: Session) -> None:
    version_data: Any = demo.get_all_version_data(service_type="compute", interface="public")
    versions = version_data["RegionOne"]["public"]["compute"]
    assert [(version.version, version.status, version.url) for version in versions] == [
        ("2.0", "DEPRECATED", f"{nova.url}{place.compute}/v2/"),
        ("2.1", "CURRENT", f"{nova.url}{place.compute}/v2.1/"),
    ]


def test_a_plugin_without_a_version_finds_v3(
    place: Place, nova: FakeNova, login: Login, dialect: str
) -> None:
    for path in ("", "/", "/v3"):
        plugin: Any = generic.Password(
            f"{nova.url}{place.identity}{path}",
            username="demo",
            password="demo-secret",
            project_name="demo",
            user_domain_id="default",
            project_domain_id="default",
        )
        session = login(nova.auth_url, plugin)
        assert images(session) == in_list_order(dialect, *NAMES)
        assert plugin.get_access(session).version == "v3"


def test_keystones_root_lists_its_versions(place: Place, nova: FakeNova, demo: Session) -> None:
    discovery = discover.Discover(demo, f"{nova.url}{place.identity}/")
    assert discovery.url_for((3, 0)) == f"{nova.url}{place.identity}/v3/"


def test_images_exist_up_to_microversion_2_35(demo: Session, dialect: str) -> None:
    for microversion in (None, "2.1", "2.35"):
        assert images(demo, microversion=microversion) == in_list_order(dialect, *NAMES)
    response = demo.get("/images", endpoint_filter=COMPUTE, microversion="2.35")
    assert response.headers["OpenStack-API-Version"] == "compute 2.35"


def test_images_are_gone_from_microversion_2_36(demo: Session) -> None:
    for microversion in ("2.36", "2.104", "latest"):
        with pytest.raises(NotFound):
            images(demo, microversion=microversion)


def test_metadata_exists_up_to_microversion_2_38(demo: Session) -> None:
    path = f"/images/{NIGHTLY}/metadata"
    response = demo.get(path, endpoint_filter=COMPUTE, microversion="2.38")
    assert response.json()["metadata"]["image_type"] == "snapshot"
    with pytest.raises(NotFound):
        demo.get(path, endpoint_filter=COMPUTE, microversion="2.39")


def test_a_token_describes_its_user_and_project(demo: Session) -> None:
    plugin: Any = demo.auth
    access = plugin.get_access(demo)
    assert demo.get_project_id() == DEMO_PROJECT
    assert (access.username, access.project_name) == ("demo", "demo")
    assert sorted(access.role_names) == ["member", "reader"]
    assert not access.will_expire_soon(60)


def test_a_token_can_be_exchanged_for_another(
    nova: FakeNova, demo: Session, login: Login, dialect: str
) -> None:
    plugin = v3.Token(nova.auth_url, str(demo.get_token()), project_name="demo", project_domain_id="default")
    assert images(login(nova.auth_url, plugin)) == in_list_order(dialect, *NAMES)


@pytest.mark.parametrize("dialect", ["huaweicloud"], indirect=True, scope="module")
def test_a_login_by_api_v2_finds_the_same_images(place: Place, nova: FakeNova, login: Login) -> None:
    plugin = v2.Password(f"{nova.url}{place.identity}/v2.0", "demo", "demo-secret", tenant_name="demo")
    assert images(login(nova.auth_url, plugin)) == list(NAMES)


@pytest.mark.parametrize(
    "changes", [{"password": "wrong"}, {"username": "nobody"}, {"project_name": "admin"}]
)
def test_a_login_with_wrong_credentials_is_unauthorized(
    nova: FakeNova, login: Login, changes: dict[str, str]
) -> None:
    with pytest.raises(Unauthorized):
        login(nova.auth_url, **changes).get_token()


def test_a_token_that_the_server_forgot_is_renewed_automatically(
    nova: FakeNova, demo: Session, dialect: str
) -> None:
    first = demo.get_token()
    nova.reset()
    assert images(demo) == in_list_order(dialect, *NAMES)
    assert demo.get_token() != first


def test_all_requests_stay_behind_a_proxy_with_another_host(
    place: Place, proxy: Proxy, login: Login, dialect: str
) -> None:
    session = login(proxy.auth_url)
    plugin: Any = session.auth
    data = plugin.get_endpoint_data(session, discover_versions=True, **COMPUTE)
    assert data.url == f"{proxy.url}{place.compute}/v2.1/"
    assert images(session) == in_list_order(dialect, *NAMES)
    assert proxy.requests == [
        f"POST {place.identity}/v3/auth/tokens",
        f"GET {place.compute}/v2.1",
        f"GET {place.compute}/v2.1/images",
    ]


def test_the_command_works_with_keystoneauth(place: Place, command: Command, login: Login) -> None:
    session = login(auth_url_of(command))
    assert images(session, microversion="2.35") == list(NAMES)
    assert session.get_endpoint(service_type="compute") == f"{command.url}{place.compute}/v2.1"
    with pytest.raises(NotFound):
        images(session, microversion="2.36")
