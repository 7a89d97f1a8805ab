"""A test's cloud opens its socket when its address is first read, and works without one."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest

from fake_nova.app import create_app
from fake_nova.testing.fake_nova import IN_PROCESS_URL, FakeNova, LocalCloud
from fake_nova.testing.local_clouds import LocalCloudPool

NO_SOCKETS = """
import pytest
import pytest_socket
import requests  # urllib3 tries a socket when it is imported
import socket

URL = "http://fake-nova.test"

def test_a_session_alone(fake_nova_session):
    image = fake_nova_session.get(f"{URL}/v2.1/images?limit=1").json()["images"][0]
    assert image["links"][0]["href"].startswith(f"{URL}/v2.1/images/")

def test_httpx_alone(fake_nova_httpx):
    image = fake_nova_httpx.get("/images?limit=1").json()["images"][0]
    assert image["links"][0]["href"].startswith(f"{URL}/v2.1/")

def test_an_asynchronous_client_alone(fake_nova_async_httpx):
    assert str(fake_nova_async_httpx.base_url).startswith(f"{URL}/v2.1/")

@pytest.mark.fake_nova(plan="slow", clock="auto")
def test_the_control_and_a_client(fake_nova, fake_nova_session):
    image = fake_nova.images.add(name="mine")
    url = f"{fake_nova.compute_url}/images/{image['id']}"
    assert fake_nova_session.get(url).json()["image"]["status"] == "SAVING"
    assert fake_nova.environment["OS_AUTH_URL"] == fake_nova.auth_url == f"{URL}/identity/v3"
    fake_nova.requests.expect(1, operation="images.show")

def test_a_shared_cloud(make_fake_nova):
    with make_fake_nova() as nova:
        assert nova.url == URL

def test_sockets_are_forbidden():
    with pytest.raises(pytest_socket.SocketBlockedError):
        socket.socket()  # warns too
"""


@pytest.mark.parametrize("settings", ["{}", '{"port": PORT}'])
def test_clients_in_the_process_need_no_socket(
    pytester: pytest.Pytester, free_port: int, settings: str
) -> None:
    text = settings.replace("PORT", str(free_port))
    pytester.makeconftest(
        f"import pytest\n\n@pytest.fixture(scope='session')\ndef fake_nova_settings():\n    return {text}\n"
    )
    pytester.makepyfile(NO_SOCKETS)
    result = pytester.runpytest_subprocess("--disable-socket")
    result.assert_outcomes(passed=6, warnings=1)  # of the last test


def test_a_cloud_opens_its_socket_when_its_address_is_first_read() -> None:
    with LocalCloud(create_app(fixtures=("default",), port=0)) as nova:
        nova.images.add(name="mine")
        assert nova.login["username"] == "demo"
        assert nova.server is None
        with urlopen(f"{nova.url}/v2.1/images?limit=1") as response:
            href = json.load(response)["images"][0]["links"][0]["href"]
        assert href.startswith(f"{nova.url}/")


def test_the_environment_has_the_address_of_the_socket() -> None:
    with LocalCloud(create_app(fixtures=("default",), port=0)) as nova:
        auth_url = nova.environment["OS_AUTH_URL"]
        assert nova.server is not None
        assert auth_url == f"{nova.server.url}/identity/v3"


def test_a_test_that_reads_no_address_opens_no_socket() -> None:
    clouds = LocalCloudPool()
    clouds.load("key", {"fixtures": ("default",)})
    nova = clouds.open("key")
    assert nova.health()["images"] == 6
    clouds.end(nova, "this request belongs to a test, which has ended")
    assert (nova.url, nova.server) == (IN_PROCESS_URL, None)


def test_a_fake_nova_listens_at_once() -> None:
    with FakeNova(fixtures=("default",)) as nova:
        assert nova.server is not None
