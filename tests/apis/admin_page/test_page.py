"""The page at /_admin/: its files, its headers, and who may read it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fake_nova.apis.admin.page
from fake_nova.apis.admin.page.rendering import MEDIA_TYPES
from tests.conftest import Cloud

FOLDER = Path(fake_nova.apis.admin.page.__file__).with_name("files")
PAGES = ("/_admin/", "/_admin/page/main.js", "/_admin/page/page.css", "/_admin/page/icon.svg")

#: The Accept header of Chromium and Firefox for an address that somebody opens.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def policy_of(response: Any) -> dict[str, list[str]]:
    directives = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in directives}


def message_of(response: Any) -> str:
    (error,) = response.get_json().values()
    return str(error["message"])


def test_the_page_is_html_with_the_version(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/_admin/")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f'data-version="{cloud.get("/_admin/health")["version"]}"' in response.text
    assert "active&#34;: [&#34;ACTIVE&#34;, 100]" in response.text


def test_a_browser_is_redirected_to_the_page(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/_admin", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (302, "_admin/")
    assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "text/plain, */*", "image/png", "no type"]
)
def test_other_clients_get_the_routes(cloud: Cloud, accept: str | None) -> None:
    response = cloud.ask("GET", "/_admin", headers={} if accept is None else {"Accept": accept})
    routes = response.get_json()["routes"]
    assert {
        "method": "GET",
        "path": "/_admin/health",
        "summary": "show status, image count, version, start time",
    } in routes
    assert "/_admin/images/{image_id}/status" in [route["path"] for route in routes]


def test_the_root_is_not_touched(cloud: Cloud) -> None:
    assert "versions" in cloud.ask("GET", "/", headers=BROWSER).get_json()


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_permits_nothing_inline_and_nothing_from_elsewhere(cloud: Cloud, path: str) -> None:
    response = cloud.ask("GET", path)
    policy = policy_of(response)
    assert policy["default-src"] == ["'none'"]
    assert {source for sources in policy.values() for source in sources} == {"'self'", "'none'"}
    assert policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == ["'none'"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_markup_has_no_code_no_style_and_no_address_of_another_host(cloud: Cloud) -> None:
    page = cloud.ask("GET", "/_admin/").text
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?:|//", page)
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
        ), path
        assert set(re.findall(r"https?://[^\s\"'`]+", text)) <= {"http://www.w3.org/2000/svg"}, path


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_every_file_is_served_with_its_media_type(cloud: Cloud, name: str) -> None:
    response = cloud.ask("GET", f"/_admin/page/{name}")
    assert (response.status_code, response.headers["Content-Type"]) == (200, MEDIA_TYPES[name])
    assert response.data == FOLDER.joinpath(name).read_bytes()


def test_the_table_of_files_is_complete() -> None:
    assert {*MEDIA_TYPES, "page.html"} == {path.name for path in FOLDER.iterdir()}


def test_modules_import_only_files_of_the_page() -> None:
    for path in FOLDER.glob("*.js"):
        names = re.findall(
            r'^(?:import|export) .*?from "(.*?)";$', path.read_text(encoding="utf-8"), re.MULTILINE
        )
        assert {name.removeprefix("./") for name in names} <= set(MEDIA_TYPES), path


@pytest.mark.parametrize("path", PAGES)
def test_a_browser_that_has_the_file_gets_a_304(cloud: Cloud, path: str) -> None:
    tag = cloud.ask("GET", path).headers["ETag"]
    response = cloud.ask("GET", path, headers={"If-None-Match": tag})
    assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", tag)
    assert "Content-Length" not in response.headers
    assert cloud.ask("GET", path, headers={"If-None-Match": '"another"'}).status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["page.html", "nope.js", "..%2fviews.py", "%2e%2e", "main.js%00", "\xe9.js"])
def test_other_files_are_unknown(cloud: Cloud, name: str) -> None:
    response = cloud.ask("GET", f"/_admin/page/{name}")
    assert response.status_code == 404
    assert "/page" in message_of(response) or message_of(response).startswith("page: unknown file")


def test_the_page_needs_no_token_but_its_data_does() -> None:
    cloud = Cloud(admin_token="secret")
    for path in ("/_admin", *PAGES):
        assert cloud.ask("GET", path).status_code == 200, path
        assert cloud.ask("HEAD", path).status_code == 200, path
        assert cloud.ask("POST", path).status_code == 401, path
        assert b"secret" not in cloud.ask("GET", path).data
    for path in (
        "/_admin/health",
        "/_admin/images",
        "/_admin/environment",
        "/_admin/pages",
        "/_admin/x/page/main.js",
    ):
        assert cloud.ask("GET", path).status_code == 401, path


def test_a_link_on_another_site_may_open_the_page(cloud: Cloud) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Host": "nova.example.com"}
    assert cloud.ask("GET", "/_admin/", headers=headers).status_code == 200
    assert cloud.ask("GET", "/_admin/health", headers=headers).status_code == 403


def test_there_is_no_page_without_an_admin_api() -> None:
    cloud = Cloud(admin="off")
    for path in ("/_admin", *PAGES):
        assert cloud.ask("GET", path, headers=BROWSER).status_code == 404


@pytest.mark.parametrize(
    "settings", [{"prefix": ("compute=/compute", "image=/glance")}, {"catalog": ("network",)}]
)
def test_the_page_is_there_whatever_the_other_paths_are(settings: dict[str, Any]) -> None:
    cloud = Cloud(**settings)
    for path in PAGES:
        assert cloud.ask("GET", path).status_code == 200
    assert cloud.ask("GET", "/_admin", headers=BROWSER).headers["Location"] == "_admin/"


def test_a_proxy_may_serve_it_below_a_path() -> None:
    cloud = Cloud(trust_forwarded=True)
    headers = {"X-Forwarded-Prefix": "/nova", **BROWSER}
    assert cloud.ask("GET", "/_admin", headers=headers).headers["Location"] == "_admin/"
    page = cloud.ask("GET", "/_admin/", headers=headers).text
    assert not re.search(r'(?:href|src)="/', page)


def test_requests_for_the_page_are_not_in_the_journal(cloud: Cloud) -> None:
    for path in ("/_admin", *PAGES):
        cloud.ask("GET", path)
    assert cloud.get("/_admin/requests")["requests"] == []


def test_nothing_of_it_is_imported_before_somebody_opens_it() -> None:
    program = (
        "import sys\n"
        "from fake_nova.serving.wsgi import Application\n"
        "from fake_nova.cloud.emulator import Emulator\n"
        "from fake_nova.documents.loading import start_from_fixtures\n"
        "from werkzeug.test import Client\n"
        "emulator = Emulator()\n"
        "start_from_fixtures(emulator)\n"
        "client = Client(Application(emulator))\n"
        "client.get('/_admin/images')\n"
        "names = ('jinja2', 'fake_nova.apis.admin.page.rendering')\n"
        "print([name for name in names if name in sys.modules])\n"
        "client.get('/_admin/')\n"
        "print([name for name in names if name in sys.modules])\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert output.splitlines() == ["[]", "['jinja2', 'fake_nova.apis.admin.page.rendering']"]
