"""Error pages of the services and their middleware, in WebOb's HTML, JSON or plain text."""

from __future__ import annotations

import json
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest

from fake_nova.wire import error_responses
from fake_nova.wire.response import reason_phrase
from tests.conftest import Cloud

NOWHERE = "/v2.1/nowhere"

#: Recorded: an Accept header, the format that Nova sends, and the format that the middleware sends.
RECORDED = json.loads((Path(__file__).parent / "accept.json").read_text(encoding="ascii"))

CONTENT_TYPES = {
    "html": "text/html; charset=UTF-8",
    "json": "application/json",
    "text": "text/plain; charset=UTF-8",
}


def content_type(accept: str) -> str:
    page = error_responses.error_page(404).response({"REQUEST_METHOD": "GET", "HTTP_ACCEPT": accept})
    return dict(page.headers)["Content-Type"]


def test_the_middleware_sends_the_recorded_formats() -> None:
    sent = [content_type(header) for header, _, _ in RECORDED]
    assert sent == [CONTENT_TYPES[kind] for _, _, kind in RECORDED]


def test_an_accept_header_that_is_too_long_is_ignored() -> None:
    longest = "application/json" + "," * (16_384 - 16)
    assert content_type(longest) == "application/json"
    assert content_type(longest + ",") == "text/html; charset=UTF-8"


def test_all_three_formats_match_the_real_pages(cloud: Cloud) -> None:
    assert cloud.ask("GET", NOWHERE, headers={"Accept": "application/json"}).text == (
        '{"message": "The resource could not be found.<br /><br />\\n\\n\\n", "code": "404 Not Found", '
        '"title": "Not Found"}'
    )
    assert cloud.ask("GET", NOWHERE, headers={"Accept": "text/html"}).text == (
        "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n"
        "  The resource could not be found.<br /><br />\n\n\n\n </body>\n</html>"
    )
    assert cloud.ask("GET", NOWHERE).text == "404 Not Found\n\nThe resource could not be found.\n\n   "


def test_a_head_request_gets_an_empty_html_page(cloud: Cloud) -> None:
    response = cloud.ask("HEAD", NOWHERE, headers={"Accept": "application/json"})
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")
    assert response.data == b""


@pytest.mark.parametrize(
    ("method", "path", "page"),
    [
        (
            "DELETE",
            "schemas/image",
            "405 Method Not Allowed\n\nThe method DELETE is not allowed for this resource. \n\n ",
        ),
        (
            "BREW",
            "nowhere",
            "501 Not Implemented\n\n The request method BREW is not implemented for this server. \n\n ",
        ),
    ],
)
def test_an_error_page_can_name_the_method(cloud: Cloud, method: str, path: str, page: str) -> None:
    assert cloud.ask(method, f"/image/v2/{path}", user="demo").text == page


def test_plain_text_escapes_a_lone_surrogate(cloud: Cloud) -> None:
    response = cloud.ask(
        "PATCH",
        "/image/v2/images/70a599e0-31e7-49b7-b260-868f441e862b",
        user="demo",
        data=b'[{"op": "add", "path": "\\ud800", "value": 1}]',
        headers={"Content-Type": "application/openstack-images-v2.1-json-patch", "Accept": "text/plain"},
    )
    assert response.text == '400 Bad Request\n\nPointer `\\ud800` does not start with "/".\n\n   '


def test_reason_phrases_are_webobs_not_pythons() -> None:
    errors = [status for status in HTTPStatus if status >= 400]
    assert [reason_phrase(status) for status in errors] == [
        error_responses.error_page(status).title for status in errors
    ]
    assert reason_phrase(413) == "Request Entity Too Large"


def test_the_first_error_page_imports_webob_without_a_warning() -> None:
    code = (
        "import sys\n"
        "from fake_nova import create_app\n"
        "client = create_app().test_client()\n"
        "for path in ('/v2.1/images', '/v2.1/nowhere'):\n"
        "    print(client.get(path).status_code, 'webob' in sys.modules)\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("200 False\n404 True\n", "")
