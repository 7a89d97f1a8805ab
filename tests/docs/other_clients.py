"""The how-to pages on clients in other languages, run with the real clients.

``scripts/test-other-clients`` installs the clients and names this file to pytest, which does not collect it otherwise:
the environment of the other tests has none of these clients. Without them, `tests.docs.test_how_to_clients` sends the
requests of the same pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.docs.pages import run_page
from tests.docs.test_how_to_clients import CLIENTS, PAGES_THAT_RUN, REQUEST, read_requests


class Exchange(NamedTuple):
    """A request and the status of its response; *body* is the value of a JSON body, or None."""

    method: str
    path: str
    body: Any
    status: int | None


def exchanges_of(page: str) -> list[Exchange]:
    """Return the exchanges of the first block of requests of a page."""
    exchanges = []
    for line in read_requests(page)[0]:
        request = REQUEST.fullmatch(line)
        assert request, line
        body = json.loads(request["body"] or "null")
        exchanges.append(Exchange(request["method"], request["path"], body, int(request["status"])))
    return exchanges


#: The name of Packer's key pair, which it draws; the page has packer_1.
KEY_PAIR = re.compile(r"packer_[0-9a-f-]{36}")


def journal(server: FakeNova, replacements: dict[str, str]) -> list[Exchange]:
    """Return the exchanges of a server's journal, with *replacements* in their paths."""
    exchanges = []
    for entry in server.requests.all():
        query = f"?{entry['query']}" if entry["query"] else ""
        path = KEY_PAIR.sub("packer_1", f"{entry['path']}{query}")
        for text, replacement in replacements.items():
            path = path.replace(text, replacement)
        body = KEY_PAIR.sub("packer_1", entry["body"] or "null")
        exchanges.append(Exchange(entry["method"], path, json.loads(body), entry["status"]))
    return exchanges


#: Page -> the services that its client asks the catalog for, beside those of fake_nova.
CATALOGS: Final[Mapping[str, tuple[str, ...]]] = {"packer.md": ("network",)}


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_a_client_prints_and_sends_what_its_page_shows(page: str, tmp_path: Path) -> None:
    catalog = CATALOGS.get(page, ())
    with FakeNova(fixtures=("default",), auth_strategy="keystone", catalog=catalog) as server:
        ids = {each["id"] for each in (*server.images.all(), *server.servers.all())}
        run_page(CLIENTS / page, tmp_path, server.url.removeprefix("http://"))
        new_ids = {image["id"]: "{image_id}" for image in server.images.all() if image["id"] not in ids}
        new_ids |= {each["id"]: "{server_id}" for each in server.servers.all() if each["id"] not in ids}
        assert journal(server, new_ids) == exchanges_of(page)
