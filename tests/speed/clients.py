"""Clients in the process of their tests: without a socket, beside a socket to a server in threads."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import requests

from fake_nova.clients.httpx import client
from fake_nova.clients.requests import session
from fake_nova.testing.fake_nova import FakeNova
from tests.speed.measure import Figure, compare_cpu


def clients() -> Iterator[Figure]:
    """CPU of the whole process, client and server, for a list of 25."""
    with (
        FakeNova(fixtures=("thousand",)) as nova,
        requests.Session() as plain_requests,
        httpx.Client() as plain_httpx,
    ):
        plain_requests.trust_env = False
        url = f"{nova.compute_url}/images?limit=25"
        in_process, in_process_httpx = session(nova.app, nova.url), client(nova.app, nova.url)
        for name, subject, reference, goal in (
            ("requests", lambda: in_process.get(url).content, lambda: plain_requests.get(url).content, 0.4),
            ("httpx", lambda: in_process_httpx.get(url).content, lambda: plain_httpx.get(url).content, 0.35),
        ):
            title = f"list of 25 by {name}, without a socket beside one"
            yield compare_cpu(subject, reference).figure("clients", title, "µs CPU", goal)
