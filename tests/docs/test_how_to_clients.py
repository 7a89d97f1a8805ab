"""The how-to pages on clients that the tests cannot run: requests sends what these clients send.

A line of such a page is ``METHOD /path -> status``, with a JSON body before the arrow if the client sends one.
``{image_id}`` is the image that a response named last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import requests

from fake_nova.testing.fake_nova import FakeNova
from tests.docs.pages import DOCS, read_blocks

#: Page -> what the client adds to the body of the log-in, and headers of its other requests.
CLIENT_PAGES: Final[Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]] = {
    "ansible.md": ({}, {}),
    "fog.md": ({}, {"X-OpenStack-Nova-API-Version": "2.15", "Content-Type": "application/json"}),
    "gophercloud.md": ({}, {}),
    "packer.md": ({}, {}),
    "pkgcloud.md": ({"tenantName": "demo"}, {}),
    "terraform.md": ({}, {}),
}

#: Languages of programs that run elsewhere; the page says with which version of the client.
PROGRAMS: Final = ("go", "hcl", "javascript", "ruby", "yaml")

REQUEST: Final = re.compile(r"(?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<body>[{[].*))? -> (?P<status>\d{3})")
PATCH: Final = "application/openstack-images-v2.1-json-patch"
ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",), auth_strategy="keystone") as running:
        yield running


def login_body(extra: Mapping[str, str]) -> Any:
    """Return the body of a log-in by name and password, as all these clients send it."""
    domain = {"id": "default"}
    user = {"name": "demo", "domain": domain, "password": "demo-secret"}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": {"name": "demo", "domain": domain}}, **extra}}


def send(session: requests.Session, url: str, method: str, body: str | None) -> requests.Response:
    """Send a request of a page, with the content type that its client uses."""
    if url.endswith("/file"):
        return session.request(
            method, url, data=b"hello", headers={"Content-Type": "application/octet-stream"}
        )
    headers = {"Content-Type": PATCH if method == "PATCH" else "application/json"} if body else {}
    return session.request(method, url, data=body, headers=headers)


@pytest.mark.parametrize("page", CLIENT_PAGES)
def test_the_server_answers_what_the_client_sends(page: str, server: FakeNova) -> None:
    server.reset()
    extra, headers = CLIENT_PAGES[page]
    blocks = [block for block in read_blocks(DOCS / "how-to" / "clients" / page) if block.language == "http"]
    lines = [line for block in blocks for line in block.code.splitlines()]
    assert lines
    image_id = ""
    with requests.Session() as session:
        session.trust_env = False
        for line in lines:
            request = REQUEST.fullmatch(line)
            assert request, f"{page}: {line}"
            url = server.url + request["path"].replace("{image_id}", image_id)
            is_login = request["method"] == "POST" and url.endswith("/auth/tokens")
            body = json.dumps(login_body(extra)) if is_login else request["body"]
            response = send(session, url, request["method"], body)
            assert response.status_code == int(request["status"]), f"{line}: {response.text}"
            if is_login:
                session.headers.update({**headers, "X-Auth-Token": response.headers["X-Subject-Token"]})
            elif request["method"] == "POST":
                image_id = ID.findall(response.headers["Location"])[-1]


@pytest.mark.parametrize("page", CLIENT_PAGES)
def test_a_page_says_how_its_program_was_run(page: str) -> None:
    path = DOCS / "how-to" / "clients" / page
    languages = {block.language for block in read_blocks(path)}
    assert "http" in languages <= {*PROGRAMS, "http"}
    text = " ".join(path.read_text(encoding="utf-8").split())
    assert "tests of fake_nova send" in text
    assert re.search(r"run by hand with \w|not run|sent by Packer \d", text)
