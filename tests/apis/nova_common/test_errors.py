"""Errors in Nova's format, and the escaping of another service's messages."""

from __future__ import annotations

import pytest

from fake_nova.apis.nova_common import errors as nova_errors
from fake_nova.wire import error_responses


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
def test_the_error_key_matches_the_status(status: int, key: str) -> None:
    assert error_responses.json_error_response(status, "ü").body == (
        f'{{"{key}": {{"code": {status}, "message": "\\u00fc"}}}}'.encode()
    )


def test_a_message_of_another_service_is_html_escaped() -> None:
    assert (
        nova_errors.as_glanceclient_shows("<a> & 'b' \"ü\"")
        == "&lt;a&gt; &amp; &#x27;b&#x27; &quot;&#252;&quot;"
    )


def test_repeated_lines_of_another_services_message_are_removed() -> None:
    assert nova_errors.as_glanceclient_shows(" a \n\nb\na\r\n c ") == "a: b: c "
