"""Clients of servers with TLS: those that stop in the middle of a handshake, and several real ones."""

from __future__ import annotations

import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final
from urllib.parse import urlsplit

import httpx
import requests


def open_plain(url: str) -> socket.socket:
    """Open a connection to a server without TLS."""
    address = urlsplit(url)
    return socket.create_connection((str(address.hostname), address.port or 0), timeout=20)


def client_hello() -> bytes:
    """Return the first bytes that a client sends."""
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("a handshake without a server")


@contextmanager
def half_done_handshakes(url: str, number: int) -> Iterator[None]:
    """Open connections that send nothing, half a ClientHello, or all of it and nothing after it."""
    hello = client_hello()
    with ExitStack() as stack:
        for sent in (b"", hello[: len(hello) // 2], hello):
            for _ in range(number):
                stack.enter_context(open_plain(url)).sendall(sent)
        yield


def _get_by_requests(url: str, ca_file: str | None) -> str:
    with requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE
        return session.get(url, verify=ca_file or True, timeout=60).text


def _get_by_httpx(url: str, ca_file: str | None) -> str:
    context = ssl.create_default_context(cafile=ca_file)
    return httpx.get(url, verify=context, timeout=60, trust_env=False).text


def _get_by_urllib(url: str, ca_file: str | None) -> str:
    context = ssl.create_default_context(cafile=ca_file)
    with urllib.request.urlopen(url, context=context, timeout=60) as response:
        return str(response.read().decode())


def _get_by_curl(url: str, ca_file: str | None) -> str:
    trust = [] if ca_file is None else ["--cacert", ca_file]
    done = subprocess.run(["curl", "-sS", *trust, url], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr)
    return done.stdout


#: Name of a client -> a function that GETs a URL and returns the body. It trusts the CA in a file, or, if there is
#: none, those of the system.
GET: Final[Mapping[str, Callable[[str, str | None], str]]] = {
    "requests": _get_by_requests,
    "httpx": _get_by_httpx,
    "urllib": _get_by_urllib,
    "curl": _get_by_curl,
}
