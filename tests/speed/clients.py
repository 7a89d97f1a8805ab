"""Clients in the process of their tests: without a socket, beside a socket to a server in threads."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import requests

from fake_nova.clients.httpx import client
from fake_nova.clients.requests import session
from fake_nova.testing.fake_nova import FakeNova
from tests.speed.measure import Figure, compared


def clients() -> Iterator[Figure]:
    """CPU of the whole process, client and server, for a list of 25."""
    with FakeNova(fixtures=("thousand",)) as nova, requests.Session() as plain, httpx.Client() as other:
        plain.trust_env = False
        url = f"{nova.compute_url}/images?limit=25"
        direct, straight = session(nova.app, nova.url), client(nova.app, nova.url)
        for name, ours, theirs in (
            ("requests", lambda: direct.get(url).content, lambda: plain.get(url).content),
            ("httpx", lambda: straight.get(url).content, lambda: other.get(url).content),
        ):
            mine, its, rounds, void = compared(ours, theirs, theirs)
            what = f"list of 25 by {name}, without a socket beside one"
            yield Figure("clients", what, mine * 1e6, its * 1e6, "µs CPU", 0.35, rounds=rounds, void=void)
