"""Errors: the page by Accept, and the escaping of another service's message."""

from __future__ import annotations

import re

import pytest

from fake_nova.wire import bodies


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("text/html;q=0.1, application/json", "application/json"),
        ("text/html, application/json", "text/html; charset=UTF-8"),
        ("*/*", "text/html; charset=UTF-8"),
        ("text/html", "text/html; charset=UTF-8"),
        ("garbage", "text/html; charset=UTF-8"),
        (None, "text/plain; charset=UTF-8"),
        ("", "text/plain; charset=UTF-8"),
        ("text/plain", "text/plain; charset=UTF-8"),
        ("application/xml", "text/plain; charset=UTF-8"),
    ],
)
def test_the_middleware_answers_in_what_is_accepted(accept: str | None, kind: str) -> None:
    assert bodies.negotiated(404, "Gone.", accept).headers == (("Content-Type", kind),)


def test_the_three_pages_look_as_on_the_wire() -> None:
    assert bodies.negotiated(404, "Gone.", "application/json").body == (
        b'{"message": "Gone.<br /><br />\\n\\n\\n", "code": "404 Not Found", "title": "Not Found"}'
    )
    assert bodies.negotiated(404, "Gone.", "text/html").body == (
        b"<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n"
        b"  Gone.<br /><br />\n\n\n\n </body>\n</html>"
    )
    assert bodies.negotiated(404, "Gone.", None).body == b"404 Not Found\n\nGone.\n\n   "
    assert bodies.negotiated(404, "Gone.", "application/json", head=True).body == b""


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (400, "badRequest"),
        (403, "forbidden"),
        (404, "itemNotFound"),
        (406, "computeFault"),
        (415, "badMediaType"),
        (500, "computeFault"),
    ],
)
def test_a_fault_is_headed_by_its_error_key(status: int, key: str) -> None:
    assert bodies.error(status, "ü").body == (
        f'{{"{key}": {{"code": {status}, "message": "\\u00fc"}}}}'.encode()
    )


def test_a_message_of_another_service_comes_through_its_page() -> None:
    assert bodies.escaped("<a> & 'b' \"ü\"") == "&lt;a&gt; &amp; &#x27;b&#x27; &quot;&#252;&quot;"


@pytest.mark.parametrize(
    ("status", "words"), [(404, "Not Found"), (413, "Request Entity Too Large"), (300, "Multiple Choices")]
)
def test_a_status_has_the_words_of_the_real_services_whatever_python_calls_it(
    status: int, words: str
) -> None:
    assert bodies.phrase(status) == words
    assert f"<title>{status} {words}</title>".encode() in bodies.negotiated(status, "x", "text/html").body


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "<",
        ">",
        "<>",
        "a<b>c",
        "<<b>>",
        "><",
        "<br>",
        "<BR\n/>x",
        "<br",
        "<b<br>r>",
        "a<br<br>b",
        "<a\nb>",
    ],
)
def test_tags_are_taken_out_as_webob_does(text: str) -> None:
    webob = re.sub(
        "<.*?>", "", re.sub("<br.*?>", "\n", text, flags=re.DOTALL | re.IGNORECASE), flags=re.DOTALL
    )
    lines = bodies.without_tags(text, re.compile("<br", re.IGNORECASE), "\n")
    assert bodies.without_tags(lines, re.compile("<")) == webob
