"""``openstack``: the commands that build an image, as Packer does, with a fault at each of their requests in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import forget_clients
from tests.real_clients.pipelines import (
    ERRORS,
    FAULTS,
    LOGIN,
    add_fault,
    begin,
    check_answers,
    cloud_with_credential,
    record_sleeps,
)
from tests.real_clients.test_openstackclient import OpenStack

pytestmark = [pytest.mark.filterwarnings("ignore")]  # of its many libraries

CREATE: Final = "server create --flavor m1.small --image ubuntu-24.04 --no-network --wait build"
STOP: Final = "server stop build"
SHOW: Final = "server show build"
SNAPSHOT: Final = "server image create --name built --property build=7 --wait build"
SHOW_IMAGE: Final = "image show built"
DELETE: Final = "server delete --wait build"
DELETE_IMAGE: Final = "image delete built"

#: The commands in order; ``server stop`` does not wait, so the script polls.
COMMANDS: Final = (CREATE, STOP, SHOW, SHOW, SHOW, SNAPSHOT, SHOW_IMAGE, DELETE, DELETE_IMAGE)

#: The error for a body of a list that is no JSON.
_NO_JSON: Final = "Expecting property name enclosed in double quotes"


class Step(NamedTuple):
    """A request of a command whose response the command needs.

    Attributes:
        command: the command.
        operation: the operation of the request.
        reads_body: whether the command reads the body of the response.
        malformed: the error for a body that is no JSON; "" if the command goes on without it.
    """

    command: str
    operation: str
    reads_body: bool = True
    malformed: str = ""


STEPS: Final = (
    Step(CREATE, "glance.images.list", malformed=_NO_JSON),
    Step(CREATE, "flavors.detail", malformed=_NO_JSON),
    Step(CREATE, "servers.create", malformed="Request requires an ID but none was found"),
    Step(CREATE, "servers.show", malformed="'NoneType' object has no attribute 'lower'"),
    Step(STOP, "servers.list", malformed=_NO_JSON),
    Step(STOP, "servers.action", reads_body=False),
    Step(SHOW, "servers.detail", malformed=_NO_JSON),
    Step(SNAPSHOT, "servers.action", malformed="'location'"),
    Step(SNAPSHOT, "glance.images.show"),
    Step(SHOW_IMAGE, "glance.images.list", malformed=_NO_JSON),
    Step(DELETE, "servers.detail", malformed=_NO_JSON),
    Step(DELETE, "servers.delete", reads_body=False),
    Step(DELETE_IMAGE, "glance.images.delete", reads_body=False),
)

LOGIN_ERRORS: Final = {
    **ERRORS,
    "malformed": "Invalid response from server",
    "expired": "The request you have made requires authentication",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNova]:
    with cloud_with_credential(tmp_path_factory.mktemp("fixtures")) as running:
        yield running


@pytest.fixture
def sleeps(cloud: FakeNova, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that the command would have slept between polls, and before it repeats a request."""
    for name, value in {**LOGIN, "OS_AUTH_URL": cloud.auth_url, "OS_COMPUTE_API_VERSION": "2.79"}.items():
        monkeypatch.setenv(name, value)
    begin(cloud)
    yield record_sleeps(monkeypatch, "osc_lib.utils", "keystoneauth1.session")
    check_answers(cloud)


@pytest.fixture
def openstack(sleeps: list[float], capsys: pytest.CaptureFixture[str], restored_command: None) -> OpenStack:
    return OpenStack(capsys)


def run(openstack: OpenStack, command: str) -> str:
    """Run a command as a process of its own would: it logs in."""
    forget_clients()
    return openstack(command)


def run_until(openstack: OpenStack, command: str) -> None:
    """Run the commands before *command*."""
    for earlier in COMMANDS[: COMMANDS.index(command)]:
        run(openstack, earlier)


def error_of(openstack: OpenStack, command: str) -> str:
    """Run a command that fails, and return its output on standard error."""
    forget_clients()
    return openstack.error_output(command)


def expected_error(step: Step, fault: str) -> str:
    """Return the command's error for a fault at a step, or "" if it repeats the request or goes on."""
    is_repeated = fault == "503" and step.operation.startswith("glance.")
    if is_repeated or (fault == "cut" and not step.reads_body):
        return ""
    return {**ERRORS, "malformed": step.malformed}.get(fault, "")


def test_an_image_is_built_without_a_real_wait(
    cloud: FakeNova, openstack: OpenStack, sleeps: list[float]
) -> None:
    run_until(openstack, SHOW_IMAGE)
    forget_clients()
    image = openstack.json(SHOW_IMAGE)
    properties = image["properties"]
    assert (image["status"], properties["build"], properties["image_type"]) == ("active", "7", "snapshot")
    assert cloud.images.get(image["id"])["properties"]["build"] == "7"
    assert set(sleeps) == {5}  # between the polls of --wait
    sleeps.clear()
    run(openstack, DELETE)
    run(openstack, DELETE_IMAGE)
    assert [server["name"] for server in cloud.servers.all() if not server["deleted"]] == ["web-1"]
    assert cloud.images.get(image["id"])["status"] == "deleted"
    assert sleeps == []


@pytest.mark.parametrize("fault", LOGIN_ERRORS)
def test_a_failed_log_in_is_the_commands_error(cloud: FakeNova, openstack: OpenStack, fault: str) -> None:
    add_fault(cloud, "tokens.issue", fault)
    assert LOGIN_ERRORS[fault] in error_of(openstack, CREATE)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "step", STEPS, ids=lambda step: f"{' '.join(step.command.split()[:2])}-{step.operation}"
)
def test_each_fault_is_the_commands_own_error_or_is_survived(
    cloud: FakeNova, openstack: OpenStack, sleeps: list[float], step: Step, fault: str
) -> None:
    run_until(openstack, step.command)
    sleeps.clear()
    add_fault(cloud, step.operation, fault)
    error = expected_error(step, fault)
    if error:
        output = error_of(openstack, step.command)
        assert error in output
        assert "Traceback" not in output
    else:
        run(openstack, step.command)
    (met_fault,) = cloud.faults.all()
    assert met_fault["met"] == 1
    assert set(sleeps) <= {1.0, 5}  # before a repetition, and between polls
