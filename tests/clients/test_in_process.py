"""Clients without a socket get the same responses as over one."""

from __future__ import annotations

import warnings
from typing import Any

import httpx
import pytest
import requests
from keystoneauth1 import identity
from keystoneauth1 import session as keystone
from openstack.connection import Connection
from urllib3 import Timeout

from fake_nova.clients.httpx import InProcessTransport, client
from fake_nova.clients.requests import InProcessAdapter, session
from fake_nova.control import Control
from fake_nova.errors import ConfigurationError
from fake_nova.testing.fake_nova import FakeNova
from fake_nova.testing.pytest_clouds import in_process_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from novaclient import client as novaclient  # it was written for older versions of Python

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"
UNPROTECTED = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"

REQUESTS: tuple[tuple[str, str, dict[str, str], bytes], ...] = (
    ("GET", "/v2.1/images/detail?limit=2", {}, b""),
    ("GET", "/v2.1/images/%C3%A9%20?x=%2F", {"Accept": "text/html"}, b""),
    ("GET", f"//v2.1/images/{CIRROS}", {}, b""),
    ("POST", "/_admin/images", {"Content-Type": "application/json"}, b'{"status": "no"}'),
    ("DELETE", "/v2.1/images/%FF%2541", {}, b""),
    ("HEAD", "/v2.1/images", {}, b""),
    ("HEAD", "/identity/v3", {}, b""),  # Content-Length 259, without a body
    ("PUT", f"/image/v2/images/{UNPROTECTED}/tags/blue", {}, b""),  # 204
    ("OPTIONS", "/v2.1/images", {}, b""),
    ("GET", "/", {}, b""),
)

#: Headers that the server adds, or that differ with each request.
VARYING_HEADERS = ("server", "date", "connection", "x-openstack-request-id", "x-compute-request-id")


def comparable(response: requests.Response | httpx.Response) -> tuple[Any, ...]:
    headers = [(name.lower(), value) for name, value in response.headers.items()]
    return (
        response.status_code,
        sorted(pair for pair in headers if pair[0] not in VARYING_HEADERS),
        response.content,
    )


@pytest.fixture
def nova() -> Any:
    with FakeNova(fixtures=("default",), auth_strategy="noauth") as server:
        yield server


def test_a_repeated_header_is_read_as_over_a_socket(nova: FakeNova) -> None:
    headers = [("OpenStack-API-Version", "compute 2.36"), ("OpenStack-API-Version", "identity 3.0")]
    with client(nova.app, nova.url) as direct_client, httpx.Client(trust_env=False) as socket_client:
        statuses = [
            http_client.get(f"{nova.url}/v2.1/images", headers=headers).status_code
            for http_client in (direct_client, socket_client)
        ]
    assert statuses == [404, 404]


def test_a_chunked_body_is_read_as_over_a_socket(nova: FakeNova) -> None:
    with client(nova.app, nova.url) as direct, httpx.Client(trust_env=False) as over_a_socket:
        for sender in (direct, over_a_socket):
            chunks = iter([b'{"name": ', b'"in chunks"}'])
            assert sender.post(f"{nova.url}/_admin/images", content=chunks).json()["name"] == "in chunks"


def test_a_session_handles_only_the_requests_to_its_own_port(nova: FakeNova) -> None:
    with session(nova.app, "http://127.0.0.1:877") as direct:
        adapters = [direct.get_adapter(f"http://127.0.0.1:{port}/v2.1/images") for port in (877, 8774)]
    assert [type(adapter) for adapter in adapters] == [InProcessAdapter, requests.adapters.HTTPAdapter]


@pytest.mark.parametrize(("method", "path", "headers", "body"), REQUESTS)
def test_requests_gets_the_same_response_as_over_a_socket(
    nova: FakeNova, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    socket_response = requests.request(method, nova.url + path, headers=headers, data=body, timeout=60)
    with session(nova.app, nova.url) as direct:
        assert comparable(direct.request(method, nova.url + path, headers=headers, data=body)) == comparable(
            socket_response
        )


@pytest.mark.parametrize(("method", "path", "headers", "body"), REQUESTS)
def test_httpx_gets_the_same_response_as_over_a_socket(
    nova: FakeNova, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    url = nova.url + path
    socket_response = httpx.request(method, url, headers=headers, content=body, trust_env=False)
    with httpx.Client(transport=InProcessTransport(nova.app)) as direct:
        assert comparable(direct.request(method, url, headers=headers, content=body)) == comparable(
            socket_response
        )


@pytest.mark.parametrize(
    "timeout", [0.02, (60, 0.02), Timeout(read=0.02), Timeout(total=0.02), Timeout(total=0.02, read=60)]
)
def test_requests_gives_up_on_a_delay_after_its_timeout(nova: FakeNova, timeout: Any) -> None:
    nova.faults.add(operation="images.delete", delay=300)
    with session(nova.app, nova.url) as direct, pytest.raises(requests.ReadTimeout) as error_info:
        direct.delete(f"{nova.compute_url}/images/{UNPROTECTED}", timeout=timeout)
    assert error_info.value.request is not None
    assert_carried_out_without_the_client(nova)


@pytest.mark.parametrize("timeout", [0.02, httpx.Timeout(60, read=0.02)])
def test_httpx_gives_up_on_a_delay_after_its_timeout(nova: FakeNova, timeout: Any) -> None:
    nova.faults.add(operation="images.delete", delay=300)
    with client(nova.app, nova.compute_url) as direct, pytest.raises(httpx.ReadTimeout) as error_info:
        direct.delete(f"/images/{UNPROTECTED}", timeout=timeout)
    assert error_info.value.request.method == "DELETE"
    assert_carried_out_without_the_client(nova)


def assert_carried_out_without_the_client(nova: FakeNova) -> None:
    """Check that a deletion, which triggered a fault, had its effect, and that the journal explains it."""
    assert nova.images.get(UNPROTECTED)["status"] == "deleted"
    (entry,) = nova.requests.all(operation="images.delete", project=nova.project_id)
    assert (entry["status"], entry["fault"]) == (204, "fault-1")
    assert entry["hint"] == (
        "The client gave up during the delay of 300 s; it did not get this response. "
        "The request triggered fault-1."
    )


def test_three_tries_that_gave_up_on_a_delay_count_as_three(nova: FakeNova) -> None:
    nova.faults.add(operation="images.list", delay=300)
    with session(nova.app, nova.url) as direct:
        for _ in range(3):
            with pytest.raises(requests.ReadTimeout):
                direct.get(f"{nova.compute_url}/images", timeout=0.02)
    nova.requests.expect(3, operation="images.list")


def test_a_client_that_is_patient_gets_the_response_after_the_delay(nova: FakeNova) -> None:
    nova.faults.add(delay=0.02)
    with session(nova.app, nova.url) as direct, client(nova.app, nova.compute_url) as httpx_client:
        timeouts: tuple[Any, ...] = (None, 600, (0.001, None), (0.001, 600), Timeout(total=600))
        for timeout in timeouts:
            assert direct.get(f"{nova.compute_url}/images", timeout=timeout).status_code == 200
        for seconds in (None, 600):
            assert httpx_client.get("/images", timeout=seconds).status_code == 200


def test_a_response_after_the_timeout_is_too_late_without_a_fault_too(nova: FakeNova) -> None:
    with session(nova.app, nova.url) as direct, client(nova.app, nova.compute_url) as httpx_client:
        with pytest.raises(requests.ReadTimeout):
            direct.get(f"{nova.compute_url}/images", timeout=1e-9)
        with pytest.raises(httpx.ReadTimeout):
            httpx_client.get("/images", timeout=1e-9)


def test_a_client_that_gave_up_does_not_see_the_connection_break(nova: FakeNova) -> None:
    nova.faults.add(operation="images.list", delay=300, connection="reset")
    with session(nova.app, nova.url) as direct, pytest.raises(requests.ReadTimeout):
        direct.get(f"{nova.compute_url}/images", timeout=0.02)


def test_requests_refuses_an_invalid_timeout_as_over_a_socket(nova: FakeNova) -> None:
    with session(nova.app, nova.url) as direct:
        for http_session in (direct, requests):
            with pytest.raises(ValueError, match="Attempted to set connect timeout to 0"):
                http_session.get(f"{nova.compute_url}/images", timeout=0)


def test_in_process_clients_need_no_listening_server() -> None:
    with FakeNova(fixtures=("default",)) as nova:
        nova.stop()
        with session(nova.app, "http://cloud.example") as direct:
            image = direct.get("http://cloud.example/v2.1/images?limit=1").json()["images"][0]
    assert image["links"][0]["href"].startswith("http://cloud.example/v2.1/images/")


def test_a_connection_fault_works_for_both_clients(nova: FakeNova) -> None:
    nova.faults.add(operation="images.list", connection="reset")
    nova.faults.add(operation="images.detail", connection="cut")
    with session(nova.app, nova.url) as direct, client(nova.app, nova.compute_url) as httpx_client:
        for path in ("/images", "/images/detail"):
            with pytest.raises(requests.ConnectionError):
                direct.get(nova.compute_url + path)
            with pytest.raises(httpx.ReadError):
                httpx_client.get(path)


def test_a_stalled_response_ends_when_the_client_gives_up(nova: FakeNova) -> None:
    nova.faults.add(operation="images.list", stall=60)
    with session(nova.app, nova.url) as direct, client(nova.app, nova.compute_url) as httpx_client:
        with pytest.raises(requests.ReadTimeout):
            direct.get(f"{nova.compute_url}/images", timeout=0.05)
        with pytest.raises(httpx.ReadTimeout):
            httpx_client.get("/images", timeout=0.05)


@pytest.mark.filterwarnings("ignore")  # the clients deprecate the images API, or themselves
def test_openstack_clients_log_in_and_list_images_without_a_socket() -> None:
    with FakeNova(fixtures=("default",), auth_strategy="keystone") as nova:
        nova.stop()
        auth = identity.V3Password(
            f"{nova.url}/identity/v3",
            username="demo",
            password="demo-secret",
            project_name="demo",
            user_domain_id="default",
            project_domain_id="default",
        )
        keystone_session = keystone.Session(auth, session=session(nova.app, nova.url))
        connection = Connection(session=keystone_session, region_name="RegionOne", compute_api_version="2.1")
        assert next(connection.compute.images(limit=1)).name == "image1"
        assert novaclient.Client("2.1", session=keystone_session).images.list()[0].name == "image1"


def test_the_plugin_provides_a_session_and_a_client(
    fake_nova: Control, fake_nova_session: requests.Session, fake_nova_httpx: httpx.Client
) -> None:
    over_requests = fake_nova_session.get(f"{fake_nova.compute_url}/images").json()
    assert fake_nova_httpx.get("/images").json() == over_requests
    assert [(request["user_agent"] or "")[:6] for request in fake_nova.requests.all()] == ["python", "python"]


def test_a_cloud_in_another_process_needs_a_socket() -> None:
    with pytest.raises(ConfigurationError, match="runs in another process"):
        in_process_app(Control("http://127.0.0.1:9"), "fake_nova_session")
