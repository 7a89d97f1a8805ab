"""Packer: builds of an image, each with a fault at one of its requests.

``scripts/test-other-clients`` installs Packer and names this file to pytest, which does not collect it otherwise. The
builds log in by an application credential. With the plan ``instant`` Packer finds every state at its first poll, so that
it does not wait its two seconds.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.docs.pages import clean_environment
from tests.real_clients.pipelines import CREDENTIAL, FAULTS, cloud_with_credential

TEMPLATE: Final = """
source "openstack" "nightly" {
  source_image_name = "ubuntu-24.04"
  image_name        = "nightly"
  flavor            = "m1.small"
  metadata          = { os_distro = "ubuntu" }
  communicator      = "none"
}

build {
  sources = ["source.openstack.nightly"]
}
"""

#: Operation of a request whose failure ends the build -> what Packer says before the error.
STEPS: Final = {
    "tokens.issue": "",
    "flavors.detail": "Error from name lookup: ",
    "keypairs.create": "Error creating temporary keypair: ",
    "glance.images.list": "Error querying image: ",
    "servers.create": "Error launching source server: ",
    "servers.show": "to become ready: ",
    "servers.action": "Error stopping server: ",
    "glance.images.show": "Error waiting for image: ",
}

#: Operations whose response Packer does not read.
UNREAD: Final = ("servers.action",)

#: Operations that clean up: Packer reports their failure, and the build succeeds.
CLEANING: Final = ("servers.delete", "keypairs.delete")

#: Fault -> the error of Packer's library.
ERRORS: Final = {
    "503": "The service is currently unable to handle the request due to a temporary overloading or maintenance.",
    "500": "Internal Server Error",
    "429": "Too many requests have been sent in a given amount of time.",
    "reset": "connection reset by peer",
    "cut": "unexpected EOF",
    "malformed": "invalid character",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNova]:
    with cloud_with_credential(tmp_path_factory.mktemp("fixtures"), catalog=("network",)) as running:
        yield running


@pytest.fixture
def packer(cloud: FakeNova, tmp_path: Path) -> Iterator[Packer]:
    cloud.reset()
    cloud.plans.use("instant")
    yield Packer(cloud, tmp_path)
    failures = [entry for entry in cloud.requests.all(status="5*") if not entry["fault"]]
    assert failures == []


class Packer:
    """A build of `TEMPLATE`."""

    def __init__(self, cloud: FakeNova, folder: Path) -> None:
        self._environment: Final[Mapping[str, str]] = {
            **clean_environment(folder),
            "OS_AUTH_URL": cloud.auth_url,
            "OS_APPLICATION_CREDENTIAL_ID": CREDENTIAL["id"],
            "OS_APPLICATION_CREDENTIAL_SECRET": CREDENTIAL["secret"],
            "OS_REGION_NAME": "RegionOne",
            "CHECKPOINT_DISABLE": "yes",
        }
        self._template: Final = folder / "nightly.pkr.hcl"
        self._template.write_text(TEMPLATE, encoding="utf-8")

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run ``packer build``."""
        command = ["packer", "build", "-color=false", str(self._template)]
        return subprocess.run(
            command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )


def test_a_build_leaves_one_image_which_both_apis_show(cloud: FakeNova, packer: Packer) -> None:
    cloud.plans.use("slow")
    cloud.clock.auto()
    before = [image["id"] for image in cloud.images.all()]
    assert packer.build().returncode == 0
    (image,) = [image for image in cloud.images.all() if image["id"] not in before]
    assert (image["name"], image["status"], image["properties"]["os_distro"]) == (
        "nightly",
        "active",
        "ubuntu",
    )
    assert image["properties"]["image_type"] == "image"
    assert [server["name"] for server in cloud.servers.all() if not server["deleted"]] == ["web-1"]
    logins = [entry for entry in cloud.requests.all() if entry["operation"] == "tokens.issue"]
    assert [entry["status"] for entry in logins] == [201]


@pytest.mark.parametrize("fault", ERRORS)
@pytest.mark.parametrize("operation", STEPS)
def test_a_request_that_fails_is_the_builds_error(
    cloud: FakeNova, packer: Packer, operation: str, fault: str
) -> None:
    cloud.faults.add(operation=operation, times=1, **FAULTS[fault])
    result = packer.build()
    if operation in UNREAD and fault in ("cut", "malformed"):
        assert result.returncode == 0, result.stdout
        return
    assert result.returncode == 1, result.stdout
    assert STEPS[operation] in result.stdout
    assert ERRORS[fault] in result.stdout


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", CLEANING)
def test_a_failure_to_clean_up_does_not_end_the_build(
    cloud: FakeNova, packer: Packer, operation: str, fault: str
) -> None:
    cloud.faults.add(operation=operation, times=1, **FAULTS[fault])
    result = packer.build()
    assert result.returncode == 0, result.stdout
    (entry,) = cloud.faults.all()
    assert entry["met"] == 1


@pytest.mark.parametrize("fault", ["expired", "delay"])
@pytest.mark.parametrize("operation", [each for each in STEPS if each != "tokens.issue"])
def test_an_expired_token_and_a_delay_change_nothing(
    cloud: FakeNova, packer: Packer, operation: str, fault: str
) -> None:
    cloud.faults.add(operation=operation, times=1, **FAULTS[fault])
    result = packer.build()
    assert result.returncode == 0, result.stdout
    log_in_count = cloud.requests.count(operation="tokens.issue", status=201)
    assert log_in_count == {"expired": 2, "delay": 1}[fault]
