"""The how-to pages on clients that the environment of the tests has not: requests sends what these clients send.

``scripts/test-other-clients`` runs most of these pages with the clients, by `tests.docs.other_clients`.

A line of such a page is ``METHOD /path -> status``, with a JSON body before the arrow if the client sends one, and before
that ``@`` and the microversion, if it names one.
``{image_id}`` and ``{server_id}`` are the image and the server that a response named last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import requests

from fake_nova.testing.fake_nova import FakeNova
from tests.docs.pages import DOCS, has_use, read_blocks

ROOT: Final = DOCS.parent
CLIENTS: Final = DOCS / "how-to" / "clients"

#: Page -> what the client adds to the body of the log-in, and headers of its other requests.
CLIENT_PAGES: Final[Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]] = {
    "ansible.md": ({}, {}),
    "fog.md": ({}, {"X-OpenStack-Nova-API-Version": "2.15", "Content-Type": "application/json"}),
    "gophercloud.md": ({}, {}),
    "nodepool.md": ({}, {}),
    "packer.md": ({}, {}),
    "pkgcloud.md": ({"tenantName": "demo"}, {}),
    "terraform.md": ({}, {}),
}

#: The pages of clients that wait for servers and images: with the clock in mode ``auto``, each poll ends a step.
PAGES_THAT_WAIT: Final = ("nodepool.md", "packer.md", "terraform.md")

#: Languages of the blocks of these pages.
LANGUAGES: Final = ("bash", "go", "hcl", "http", "javascript", "ruby", "text", "yaml")

#: The pages that ``scripts/test-other-clients`` runs.
PAGES_THAT_RUN: Final = ("ansible.md", "fog.md", "gophercloud.md", "packer.md", "pkgcloud.md")

REQUEST: Final = re.compile(
    r"(?P<method>[A-Z]+) (?P<path>/\S*)(?: @(?P<version>2\.\d+))?(?: (?P<body>[{[].*))? -> (?P<status>\d{3})"
)
PATCH: Final = "application/openstack-images-v2.1-json-patch"
NEW_ID: Final = re.compile(r"/(image|server)s/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",), auth_strategy="keystone") as running:
        yield running


def read_requests(page: str) -> list[list[str]]:
    """Return the lines of each block of requests of a page."""
    return [block.code.splitlines() for block in read_blocks(CLIENTS / page) if block.language == "http"]


def login_body(extra: Mapping[str, str]) -> Any:
    """Return the body of a log-in by name and password, as all these clients send it."""
    domain = {"id": "default"}
    user = {"name": "demo", "domain": domain, "password": "demo-secret"}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": {"name": "demo", "domain": domain}}, **extra}}


def send(
    session: requests.Session, url: str, method: str, body: str | None, version: str | None = None
) -> requests.Response:
    """Send a request of a page, with the content type that its client uses."""
    if url.endswith("/file"):
        return session.request(
            method, url, data=b"hello", headers={"Content-Type": "application/octet-stream"}
        )
    headers = {"Content-Type": PATCH if method == "PATCH" else "application/json"} if body else {}
    if version:
        headers["OpenStack-API-Version"] = f"compute {version}"
    return session.request(method, url, data=body, headers=headers)


@pytest.mark.parametrize("page", CLIENT_PAGES)
def test_the_server_answers_what_the_client_sends(page: str, server: FakeNova) -> None:
    server.reset()
    if page in PAGES_THAT_WAIT:
        server.clock.auto()
    extra, headers = CLIENT_PAGES[page]
    lines = [line for block in read_requests(page) for line in block]
    assert lines
    new_ids: dict[str, str] = {}
    with requests.Session() as session:
        session.trust_env = False
        for line in lines:
            request = REQUEST.fullmatch(line)
            assert request, f"{page}: {line}"
            url = server.url + request["path"].format_map(new_ids)
            is_login = request["method"] == "POST" and url.endswith("/auth/tokens")
            body = json.dumps(login_body(extra)) if is_login else request["body"]
            response = send(session, url, request["method"], body, request["version"])
            assert response.status_code == int(request["status"]), f"{line}: {response.text}"
            if is_login:
                session.headers.update({**headers, "X-Auth-Token": response.headers["X-Subject-Token"]})
            elif request["method"] == "POST":
                for kind, new_id in NEW_ID.findall(response.headers.get("Location", "")):
                    new_ids[f"{kind}_id"] = new_id


def test_the_script_runs_all_pages_but_those_that_say_otherwise() -> None:
    script = (ROOT / "scripts" / "test-other-clients").read_text(encoding="utf-8")
    for page in CLIENT_PAGES:
        runs = page in PAGES_THAT_RUN
        assert (page.removesuffix(".md") in re.findall(r"\w+", script)) is runs, page
        text = " ".join((CLIENTS / page).read_text(encoding="utf-8").split())
        assert ("CI of fake_nova runs this page with" in text) is runs, page
        assert ("so it was not run" in text) is not runs, page


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_every_block_of_a_page_that_runs_is_run_or_compared(page: str) -> None:
    page_blocks = read_blocks(CLIENTS / page)
    for block in page_blocks:
        assert block.language == "http" or has_use(block, page_blocks), f"{block.page}:{block.line}"


def test_the_pages_name_the_versions_that_run() -> None:
    lock = (ROOT / "scripts" / "requirements-clients.txt").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^([a-z-]+)==(\S+)", lock, re.MULTILINE))
    ansible = (CLIENTS / "ansible.md").read_text(encoding="utf-8")
    assert f"Ansible {versions['ansible']} and openstacksdk {versions['openstacksdk']}" in ansible
    packages = json.loads((ROOT / "scripts" / "npm" / "package-lock.json").read_text(encoding="utf-8"))
    version = packages["packages"]["node_modules/pkgcloud"]["version"]
    assert f"pkgcloud {version}" in (CLIENTS / "pkgcloud.md").read_text(encoding="utf-8")
    script = (ROOT / "scripts" / "test-other-clients").read_text(encoding="utf-8")
    names = {"fog": "fog-openstack", "gophercloud": "gophercloud", "packer": "Packer"}
    for page, version in re.findall(r"^debian ([a-z]+) (\S+)", script, re.MULTILINE):
        assert f"{names[page]} {version}, the package" in (CLIENTS / f"{page}.md").read_text(encoding="utf-8")
