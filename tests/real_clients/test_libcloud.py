"""Apache Libcloud: the images of its OpenStack compute driver.

Driver 1.1 uses Nova's images API. Newer drivers list and show through the image service, and delete through Nova.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from libcloud.common.exceptions import BaseHTTPError
from libcloud.common.types import InvalidCredsError
from libcloud.compute.base import NodeImage
from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

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
    in_list_order,
)
from tests.serving.command import Command

# It uses datetime.utcnow, deprecated since Python 3.12, to compare times.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning")

Login = Callable[..., Any]

ACTIVE = tuple(name for name in NAMES if name != "web-1-nightly")
HUAWEICLOUD = pytest.mark.parametrize("dialect", ["huaweicloud"], indirect=True, scope="module")


@pytest.fixture
def login() -> Iterator[Login]:
    """Create drivers, and close their connections after the test."""
    drivers: list[Any] = []

    def make(
        auth_url: str,
        user: str = "demo",
        password: str = "demo-secret",
        auth: str = "3.x_password",
        api: str = "1.1",
    ) -> Any:
        driver: Any = get_driver(Provider.OPENSTACK)(
            user,
            password,
            api_version=api,
            ex_tenant_name=user,
            ex_force_auth_url=auth_url.removesuffix("/v3"),
            ex_force_auth_version=auth,
        )
        drivers.append(driver)
        return driver

    yield make
    for driver in drivers:
        for connection in (driver.connection, driver.connection.get_auth_class()):
            if connection.connection is not None:
                connection.connection.session.close()
                connection.connection = None  # it keeps the last response, whose socket stays open


@pytest.fixture
def demo(nova: FakeNova, login: Login) -> Any:
    return login(nova.auth_url)


def names(images: list[NodeImage]) -> list[str | None]:
    return [image.name for image in images]


def test_a_list_has_the_active_images_or_all_of_them(demo: Any, dialect: str) -> None:
    assert names(demo.list_images()) == in_list_order(dialect, *ACTIVE)
    assert names(demo.list_images(ex_only_active=False)) == in_list_order(dialect, *NAMES)


@HUAWEICLOUD
def test_a_login_by_api_v2_works_like_one_by_v3(nova: FakeNova, login: Login) -> None:
    driver = login(nova.auth_url, auth="2.0_password")
    assert names(driver.list_images()) == list(ACTIVE)
    assert driver.get_image(GOLDEN).name == "golden"
    assert driver.delete_image(driver.get_image(NIGHTLY)) is True
    assert names(driver.list_images(ex_only_active=False)) == list(ACTIVE)


@HUAWEICLOUD
def test_a_wrong_password_by_api_v2_is_reported_as_invalid_credentials(nova: FakeNova, login: Login) -> None:
    with pytest.raises(InvalidCredsError):
        login(nova.auth_url, password="wrong", auth="2.0_password").list_images()


@pytest.mark.parametrize("dialect", ["nova"], indirect=True, scope="module")
def test_dialect_nova_has_no_login_by_api_v2(nova: FakeNova, login: Login) -> None:
    with pytest.raises(BaseHTTPError) as error_info:
        login(nova.auth_url, auth="2.0_password").list_images()
    assert error_info.value.code == 404


def test_an_image_has_its_numbers_times_status_and_metadata(demo: Any) -> None:
    image = demo.get_image(NIGHTLY)
    assert (image.id, image.name) == (NIGHTLY, "web-1-nightly")
    extra = image.extra
    assert datetime.fromisoformat(extra["created"]) == datetime(2024, 6, 2, 1, tzinfo=UTC)
    assert datetime.fromisoformat(extra["updated"]) == datetime(2024, 6, 2, 1, 0, 9, tzinfo=UTC)
    assert (extra["status"], extra["progress"]) == ("SAVING", 50)
    assert (extra["minDisk"], extra["minRam"], extra["serverId"]) == (20, 0, NIGHTLYS_SERVER)
    assert extra["metadata"]["image_type"] == "snapshot"


def test_list_and_show_return_equal_images(demo: Any) -> None:
    for image in demo.list_images(ex_only_active=False):
        assert image.extra == demo.get_image(image.id).extra


@pytest.mark.parametrize(("status", "nova_status"), STATUSES.items())
def test_a_status_has_novas_name(nova: FakeNova, demo: Any, status: ImageStatus, nova_status: str) -> None:
    nova.images.set_status(GOLDEN, status)
    assert demo.get_image(GOLDEN).extra["status"] == nova_status
    assert ("golden" in names(demo.list_images())) == (nova_status == "ACTIVE")


def test_an_unknown_image_is_a_404(demo: Any) -> None:
    stale = NodeImage(id=UNKNOWN, name="", driver=demo)
    for ask, argument in ((demo.get_image, UNKNOWN), (demo.delete_image, stale)):
        with pytest.raises(BaseHTTPError) as error_info:
            ask(argument)
        assert error_info.value.code == 404
        assert "Image not found." in error_info.value.message


def test_a_deleted_image_is_gone(demo: Any, dialect: str) -> None:
    assert demo.delete_image(demo.get_image(NIGHTLY)) is True
    with pytest.raises(BaseHTTPError) as error_info:
        demo.get_image(NIGHTLY)
    assert error_info.value.code == 404
    assert names(demo.list_images(ex_only_active=False)) == in_list_order(dialect, *ACTIVE)


def test_another_projects_image_cannot_be_deleted(demo: Any) -> None:
    with pytest.raises(BaseHTTPError) as error_info:
        demo.delete_image(demo.get_image(CIRROS))
    assert error_info.value.code == 403
    assert demo.get_image(CIRROS).extra["status"] == "ACTIVE"


@pytest.mark.parametrize("api", ["2.0", "2.2"])
def test_a_newer_driver_deletes_through_nova(nova: FakeNova, login: Login, demo: Any, api: str) -> None:
    driver = login(nova.auth_url, api=api)
    assert driver.delete_image(NodeImage(id=NIGHTLY, name="", driver=driver)) is True
    assert "web-1-nightly" not in names(demo.list_images(ex_only_active=False))


def test_a_wrong_password_is_reported_as_invalid_credentials(nova: FakeNova, login: Login) -> None:
    with pytest.raises(InvalidCredsError):
        login(nova.auth_url, password="wrong").list_images()


def test_a_token_that_the_server_forgot_is_renewed_at_the_next_request(nova: FakeNova, demo: Any) -> None:
    assert demo.get_image(GOLDEN).name == "golden"
    nova.reset()
    with pytest.raises((BaseHTTPError, InvalidCredsError)):
        demo.get_image(GOLDEN)
    assert demo.get_image(GOLDEN).name == "golden"


@pytest.mark.parametrize("auth", ["3.x_password", "2.0_password"])
@HUAWEICLOUD
def test_all_requests_stay_behind_a_proxy_with_another_host(
    place: Place, proxy: Proxy, login: Login, auth: str
) -> None:
    driver = login(proxy.auth_url, auth=auth)
    assert names(driver.list_images()) == list(ACTIVE)
    driver.delete_image(driver.get_image(NIGHTLY))
    images = [line.split("/images")[1] for line in proxy.requests if "/images" in line]
    assert images == ["/detail", f"/{NIGHTLY}", f"/{NIGHTLY}"]
    assert driver.connection.get_endpoint().startswith(f"{proxy.url}{place.compute}/v2.1")


@pytest.mark.parametrize("auth", ["3.x_password", "2.0_password"])
def test_the_command_works_with_libcloud(command: Command, login: Login, auth: str) -> None:
    driver = login(auth_url_of(command), auth=auth)
    assert names(driver.list_images(ex_only_active=False)) == list(NAMES)
    assert driver.get_image(GOLDEN).extra["minRam"] == 2048
    with pytest.raises(BaseHTTPError):
        driver.get_image(UNKNOWN)
