"""OpenStack clients trust a server with TLS by OS_CACERT alone, and refuse it without."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openstack
import pytest
from keystoneauth1.exceptions import DiscoveryFailure

from tests.real_clients.conftest import CA_VARIABLES, NAMES, exports_of
from tests.serving.command import Command, environment

pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
]


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def variables(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The variables for the clients of a server, with the password."""
    ca_file = tmp_path_factory.mktemp("tls") / "ca.pem"
    options = ("--server", request.param, "--tls", "self-signed", "--tls-ca-file", str(ca_file))
    with Command("--auth-strategy", "keystone", *options) as command:
        yield exports_of(command)
        assert command.end(signal.SIGTERM)[0] == 0


@pytest.fixture(autouse=True)
def clean(isolated_environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no other variable name CA certificates, and let the SDK find no files."""
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in ("OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"):
        file = tmp_path / f"{name}.yaml"
        file.write_text("clouds: {}\n")
        monkeypatch.setenv(name, str(file))


def set_variables(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_the_sdk_trusts_the_ca_of_os_cacert(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, variables)
    with openstack.connect() as connection:
        assert [image.name for image in connection.compute.images()] == list(NAMES)
        assert "golden" in [image.name for image in connection.image.images()]


def test_the_sdk_refuses_a_server_of_an_unknown_ca(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, variables)
    monkeypatch.delenv("OS_CACERT")
    with (
        openstack.connect() as connection,
        pytest.raises(DiscoveryFailure, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        list(connection.compute.images())


def test_the_command_openstack_trusts_the_ca_of_os_cacert(variables: dict[str, str]) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "openstackclient.shell", "image", "show", "golden"]
    result = subprocess.run(
        [*command, "-f", "value", "-c", "status"],
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.returncode) == ("active\n", 0), result.stderr
