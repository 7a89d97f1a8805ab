"""Clients that speak TLS to a port that speaks HTTP."""

from __future__ import annotations

import logging
import socket
import ssl
from urllib.parse import urlsplit

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.serving.command import Command, read_to_end

#: The beginning of a ClientHello, as openssl sends it.
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


def connect(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((str(address.hostname), address.port or 0), timeout=20)


def speak_tls(url: str) -> str:
    """Begin a TLS handshake with a server; return the error of the client."""
    context = ssl.create_default_context()
    with connect(url) as connection, pytest.raises(ssl.SSLError) as error_info:
        context.wrap_socket(connection, server_hostname="localhost")
    return str(error_info.value)


def log_line(url: str) -> str:
    https_url = url.replace("http", "https")
    return f"127.0.0.1 began with TLS, but this port speaks HTTP: use {url} instead of {https_url}"


def test_gunicorn_logs_one_line_for_many_clients_that_speak_tls() -> None:
    with Command("--head-timeout", "3600") as command:
        for _ in range(5):
            assert "WRONG_VERSION_NUMBER" in speak_tls(command.url)
        assert b"This port speaks HTTP" in command.raw(CLIENT_HELLO)
        assert command.raw(b"GET /healthcheck HTTP/1.0\r\n\r\n").endswith(b"OK")
        assert command.end() == (0, f"{log_line(command.url)}\n")


def test_a_server_in_threads_logs_one_line_for_many_clients_that_speak_tls(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with FakeNova(fixtures=("empty",)) as nova:
        for _ in range(5):
            assert "WRONG_VERSION_NUMBER" in speak_tls(nova.url)
        with connect(nova.url) as connection:
            connection.sendall(CLIENT_HELLO)
            assert b"This port speaks HTTP" in read_to_end(connection)
    records = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert [(record.name, record.getMessage()) for record in records] == [("fake_nova", log_line(nova.url))]
    assert capfd.readouterr() == ("", "")


def test_bytes_that_look_like_tls_in_a_body_are_a_body() -> None:
    with FakeNova(fixtures=("empty",)) as nova, connect(nova.url) as connection:
        request = b"POST /v2.1/images HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nConnection: close\r\n\r\n"
        connection.sendall(request + CLIENT_HELLO)
        assert b"This port" not in read_to_end(connection)
