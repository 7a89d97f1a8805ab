"""openstacksdk: a pipeline that builds an image, as Packer does, with a fault at each of its requests in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import openstack
import pytest
from keystoneauth1.exceptions import (
    ConnectFailure,
    InternalServerError,
    InvalidResponse,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
    UnknownConnectionError,
)
from openstack.exceptions import HttpException, InvalidRequest
from requests.exceptions import JSONDecodeError

from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.pipelines import (
    CREDENTIAL,
    ERRORS,
    FAULTS,
    add_fault,
    begin,
    check_answers,
    cloud_with_credential,
    record_sleeps,
)
from tests.real_clients.test_openstacksdk import configuration

__all__ = ("configuration",)

pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
]


class Step(NamedTuple):
    """A request of the pipeline whose response the SDK needs.

    Attributes:
        operation: its operation.
        nth: which of the requests for it.
        reads_body: whether the SDK reads the body of the response.
        malformed: the error for a body that is no JSON; None if the SDK goes on without it.
    """

    operation: str
    nth: int = 1
    reads_body: bool = True
    malformed: type[Exception] | None = None


STEPS: Final = (
    Step("flavors.detail", malformed=JSONDecodeError),
    Step("glance.images.list", malformed=JSONDecodeError),
    Step("servers.create", malformed=InvalidRequest),
    Step("servers.show"),
    Step("servers.show", nth=3),
    Step("servers.action", reads_body=False),
    Step("servers.action", nth=2, malformed=KeyError),  # of its own: it looks for a header then
    Step("glance.images.show", nth=2),
    Step("images.show"),
    Step("servers.delete", reads_body=False),
    Step("glance.images.delete", reads_body=False),
)

#: Fault -> the error at the log-in.
LOGIN_ERRORS: Final[dict[str, type[Exception]]] = {
    "503": ServiceUnavailable,
    "500": InternalServerError,
    "429": TooManyRequests,
    "reset": ConnectFailure,
    "cut": UnknownConnectionError,
    "malformed": InvalidResponse,
    "expired": Unauthorized,
}

STATUSES: Final = ("503", "500", "429")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNova]:
    with cloud_with_credential(tmp_path_factory.mktemp("fixtures")) as running:
        yield running


@pytest.fixture
def sleeps(cloud: FakeNova, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that keystoneauth would have slept before it repeats a request."""
    begin(cloud)
    yield record_sleeps(monkeypatch, "keystoneauth1.session")
    check_answers(cloud)


def build_image(cloud: FakeNova) -> tuple[dict[str, str], dict[str, str]]:
    """Build an image from a new server, and delete both; return the image's properties in Nova and in Glance."""
    auth = {
        "auth_url": cloud.auth_url,
        "application_credential_id": CREDENTIAL["id"],
        "application_credential_secret": CREDENTIAL["secret"],
    }
    with openstack.connect(
        auth_type="v3applicationcredential", auth=auth, region_name="RegionOne"
    ) as connection:
        compute = connection.compute
        flavor = compute.find_flavor("m1.small", ignore_missing=False)
        base = connection.image.find_image("ubuntu-24.04", ignore_missing=False)
        server = compute.create_server(name="build", image_id=base.id, flavor_id=flavor.id, networks="none")
        server = compute.wait_for_server(server, interval=0)
        compute.stop_server(server)
        server = compute.wait_for_server(server, status="SHUTOFF", interval=0)
        image = compute.create_server_image(server, name="built", metadata={"build": "7"})
        image = connection.image.wait_for_status(image, "active", interval=0)
        in_nova = compute.get_image(image.id).metadata
        compute.delete_server(server)
        compute.wait_for_delete(server, interval=0)
        connection.image.delete_image(image.id, ignore_missing=False)
        return in_nova, {**image.properties, "instance_uuid": image.instance_uuid}


def build_image_with_fault(cloud: FakeNova, step: Step, fault: str) -> None:
    add_fault(cloud, step.operation, fault, step.nth)
    build_image(cloud)


def expected_error(step: Step, fault: str) -> type[Exception] | None:
    """Return the SDK's error for a fault at a step, or None if the SDK repeats the request or goes on."""
    if fault == "503" and step.operation.startswith("glance."):
        return None
    if fault in STATUSES:
        return HttpException
    if fault == "cut" and not step.reads_body:
        return None
    errors = {"reset": ConnectFailure, "cut": UnknownConnectionError, "malformed": step.malformed}
    return errors.get(fault)


def test_an_image_is_built_without_a_real_wait(cloud: FakeNova, sleeps: list[float]) -> None:
    in_nova, in_glance = build_image(cloud)
    assert (in_nova["build"], in_nova["image_type"], in_nova["os_distro"]) == ("7", "snapshot", "ubuntu")
    assert {name: in_glance[name] for name in ("build", "image_type", "instance_uuid")} == {
        name: in_nova[name] for name in ("build", "image_type", "instance_uuid")
    }
    assert [server["name"] for server in cloud.servers.all() if not server["deleted"]] == ["web-1"]
    assert sleeps == []
    cloud.requests.expect(1, operation="tokens.issue", status=201)
    cloud.requests.expect(1, operation="servers.create", status=202)
    cloud.requests.expect(6, operation="servers.show", status=200)
    cloud.requests.expect(3, operation="glance.images.show", status=200)


@pytest.mark.parametrize("fault", LOGIN_ERRORS)
def test_a_failed_log_in_is_an_error_of_keystoneauth(
    cloud: FakeNova, sleeps: list[float], fault: str
) -> None:
    with pytest.raises(LOGIN_ERRORS[fault], match=ERRORS.get(fault)):
        build_image_with_fault(cloud, Step("tokens.issue"), fault)
    assert sleeps == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.operation}-{step.nth}")
def test_each_fault_is_the_sdks_own_error_or_is_survived(
    cloud: FakeNova, sleeps: list[float], step: Step, fault: str
) -> None:
    error = expected_error(step, fault)
    if error is None:
        build_image_with_fault(cloud, step, fault)
    else:
        with pytest.raises(error, match=ERRORS.get(fault)) as raised:
            build_image_with_fault(cloud, step, fault)
        if isinstance(raised.value, HttpException) and fault in STATUSES:
            assert raised.value.status_code == int(fault)
    (met_fault,) = cloud.faults.all()
    assert met_fault["met"] == 1
    retries = fault == "503" and step.operation.startswith("glance.")
    assert sleeps == ([1.0] if retries else [])


@pytest.mark.parametrize("operation", ["versions.show", "glance.versions"])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_sdk_needs_no_list_of_versions(
    cloud: FakeNova, sleeps: list[float], operation: str, fault: str
) -> None:
    build_image_with_fault(cloud, Step(operation), fault)
    cloud.requests.expect(1, operation="glance.images.delete", status=204)
