"""Servers that speak TLS: gunicorn, granian, and the one in threads."""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fake_nova.testing.fake_nova import FakeNova
from tests.serving.command import Command, read_to_end
from tests.serving.tls_clients import GET, client_hello, half_done_handshakes, open_plain

#: The servers that the command runs.
SERVERS = ("gunicorn", "granian")


def tls_options(folder: Path, server: str = "gunicorn") -> tuple[str, ...]:
    """Return the options of the command for a certificate of its own."""
    return ("--server", server, "--tls", "self-signed", "--tls-ca-file", str(folder / "ca.pem"))


@pytest.fixture(scope="module", params=[*SERVERS, "threads"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Command | FakeNova]:
    """Each server with TLS; the command has three threads only."""
    if request.param == "threads":
        with FakeNova(fixtures=("default",), tls="self-signed") as nova:
            yield nova
    else:
        options = tls_options(tmp_path_factory.mktemp("tls"), request.param)
        with Command(*options, "--threads", "3") as command:
            yield command


@pytest.mark.parametrize("client", GET)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_every_client_is_served_and_finds_links_with_https(
    server: Command | FakeNova, client: str, host: str
) -> None:
    url = server.url.replace("127.0.0.1", host)
    images = json.loads(GET[client](f"{url}/v2.1/images?limit=1", server.ca_file))
    hrefs = [link["href"] for link in images["images"][0]["links"] + images["images_links"]]
    assert hrefs
    assert [href for href in hrefs if not href.startswith(f"{url}/")] == []


@pytest.mark.parametrize("client", GET)
def test_a_client_without_the_ca_gets_its_own_error(server: Command | FakeNova, client: str) -> None:
    with pytest.raises(OSError if client != "httpx" else Exception, match=r"(?i)certificate"):
        GET[client](f"{server.url}/v2.1/images", None)


def test_half_done_handshakes_block_nobody(server: Command | FakeNova) -> None:
    with half_done_handshakes(server.url, 30):
        for _ in range(5):
            assert '"images"' in GET["requests"](f"{server.url}/v2.1/images", server.ca_file)


@pytest.fixture
def session(server: Command | FakeNova) -> Iterator[requests.Session]:
    """A client that trusts the server."""
    with requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE
        session.verify = server.ca_file or True
        yield session


def test_image_data_of_many_records_arrive_in_both_directions(
    server: Command | FakeNova, session: requests.Session
) -> None:
    images = f"{server.url}/image/v2/images"
    new_image = {"name": "large", "disk_format": "raw", "container_format": "bare"}
    image = session.post(images, json=new_image, timeout=60).json()
    data = bytes(range(256)) * 20_000
    octets = {"Content-Type": "application/octet-stream"}
    response = session.put(f"{images}/{image['id']}/file", data=data, headers=octets, timeout=60)
    assert response.status_code == 204
    assert session.get(f"{images}/{image['id']}/file", timeout=60).content == data


@pytest.mark.parametrize("server", ["gunicorn", "threads"], indirect=True, scope="module")
def test_faults_break_connections(server: Command | FakeNova, session: requests.Session) -> None:
    for connection in ("reset", "cut"):
        fault = {"effect": {"connection": connection}, "times": 1}
        session.post(f"{server.url}/_admin/faults", json=fault, timeout=60)
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            session.get(f"{server.url}/v2.1/images", timeout=60)
        assert session.get(f"{server.url}/v2.1/images", timeout=60).status_code == 200


def make_mistakes(url: str) -> None:
    """Connect as clients do that a server with TLS cannot serve, each kind twice."""
    for _ in range(2):
        with pytest.raises(ssl.SSLCertVerificationError), open_plain(url) as connection:
            ssl.create_default_context().wrap_socket(connection, server_hostname="localhost")
        for method in (b"GET", b"DELETE"):
            with open_plain(url) as connection:
                connection.sendall(method + b" /v2.1/images HTTP/1.1\r\nHost: cloud\r\n\r\n")
                assert b"\r\n\r\nThis port speaks TLS, not HTTP: use a URL that" in read_to_end(connection)
        with open_plain(url) as connection:
            connection.sendall(
                client_hello().replace(b"\x03\x04", b"\x03\x01").replace(b"\x03\x03", b"\x03\x01")
            )
            read_to_end(connection)
        for sent in (b"", client_hello()):  # as a load balancer that checks the port
            with open_plain(url) as connection:
                connection.sendall(sent)


def expected_lines(url: str) -> list[str]:
    """Return the log lines of `make_mistakes`: one for each kind."""
    return [
        f"127.0.0.1 does not trust the certificate of {url} (alert: unknown ca): expected a client that has the CA "
        "certificate, as in OS_CACERT, and uses a host name of the certificate",
        f"127.0.0.1 sent plain HTTP, but this port speaks TLS: use {url} instead of {url.replace('https', 'http')}",
        f"127.0.0.1: no TLS connection to {url} (UNSUPPORTED_PROTOCOL)",
    ]


def test_gunicorn_logs_one_line_for_each_kind_of_mistake(tmp_path: Path) -> None:
    with Command(*tls_options(tmp_path)) as command:
        make_mistakes(command.url)
        GET["requests"](f"{command.url}/v2.1/images", command.ca_file)
        code, log = command.end()
    assert (code, log.splitlines()) == (0, expected_lines(command.url))


def test_a_server_in_threads_logs_one_line_for_each_kind_of_mistake(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with FakeNova(fixtures=("empty",), tls="self-signed") as nova:
        make_mistakes(nova.url)
        GET["requests"](f"{nova.url}/v2.1/images", nova.ca_file)
    records = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert [record.getMessage() for record in records] == expected_lines(nova.url)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("sent", [b"", client_hello()], ids=["nothing", "a ClientHello"])
def test_gunicorn_ends_a_handshake_at_the_head_timeout(tmp_path: Path, sent: bytes) -> None:
    with (
        Command(*tls_options(tmp_path), "--head-timeout", "0.3") as command,
        open_plain(command.url) as connection,
    ):
        connection.sendall(sent)
        read_to_end(connection)
        assert command.end() == (0, "")


def test_the_greeting_has_the_address_and_the_ca_file(tmp_path: Path) -> None:
    with Command(*tls_options(tmp_path)) as command:
        assert re.fullmatch(
            r"fake_nova 0\.1\.0 listens on https://127\.0\.0\.1:\d+ \(.*\)", command.greeting[0]
        )
        assert command.greeting[2].startswith(
            f"try    curl -s --cacert {tmp_path}/ca.pem {command.url}/v2.1/"
        )
        assert f"export OS_AUTH_URL={command.url}/identity/v3" in command.greeting
        assert f"export OS_CACERT={tmp_path}/ca.pem" in command.greeting


@pytest.mark.parametrize("server_name", SERVERS)
def test_the_ca_file_and_the_key_are_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server_name: str
) -> None:
    for folder in ("cache", "tmp"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    with Command("--tls", "self-signed", "--server", server_name) as command:
        port = command.url.rpartition(":")[2]
        assert command.ca_file == str(tmp_path / "cache" / "fake_nova" / f"ca-{port}.pem")
        GET["requests"](f"{command.url}/v2.1/images", command.ca_file)
        assert command.end() == (0, "")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
