"""Limits of clients' JSON bodies: nesting depth and number of values."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from fake_nova.support.json_reader import MAX_DEPTH
from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"
PATCH = "application/openstack-images-v2.1-json-patch"

MALFORMED = {
    "nova": "Malformed request body",
    "glance": "Malformed JSON in request body.",
    "keystone": "Expecting to find valid JSON in request body.",
    "admin": "body: invalid JSON (nested too deep; expected at most 64 levels); expected a JSON object",
    "fixtures": "nested too deep; expected at most 64 levels",
}
TOO_LARGE = {
    "nova": "Request is too large. Larger than max_request_body_size (%s).",
    "glance": "The body of your request was too large for this server.",
    "keystone": "Request is too large. Larger than max_request_body_size (%s).",
    "admin": "body: too many values; expected at most 10000",
}


class Kind(NamedTuple):
    """A request with a JSON body."""

    api: str
    method: str
    path: str
    media_type: str = "application/json"

    def send(self, cloud: Cloud, content: str) -> Any:
        return cloud.ask(self.method, self.path, data=content, headers={"Content-Type": self.media_type})

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


KINDS = [
    Kind("nova", "POST", "/v2.1/servers/x/action"),
    Kind("nova", "POST", f"/v2.1/images/{CIRROS}/metadata"),
    Kind("nova", "PUT", f"/v2.1/images/{CIRROS}/metadata"),
    Kind("nova", "PUT", f"/v2.1/images/{CIRROS}/metadata/x"),
    Kind("glance", "POST", "/image/v2/images"),
    Kind("glance", "PATCH", f"/image/v2/images/{CIRROS}", PATCH),
    Kind("glance", "POST", f"/image/v2/images/{CIRROS}/members"),
    Kind("glance", "POST", f"/image/v2/images/{CIRROS}/import"),
    Kind("keystone", "POST", "/identity/v3/auth/tokens"),
    Kind("keystone", "POST", "/identity/v2.0/tokens"),
    Kind("admin", "POST", "/_admin/images/generate"),
    Kind("admin", "POST", "/_admin/servers/generate"),
    Kind("admin", "PATCH", f"/_admin/images/{CIRROS}"),
    Kind("admin", "PUT", "/_admin/plans"),
    Kind("admin", "POST", "/_admin/faults"),
    Kind("admin", "POST", "/_admin/reset"),
    Kind("admin", "POST", "/_admin/snapshots"),
]


def nested(levels: int, opening: str) -> str:
    if opening == "[":
        return "[" * levels + "]" * levels
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize(
    "kind",
    [*KINDS, Kind("admin", "POST", "/_admin/images"), Kind("fixtures", "POST", "/_admin/fixtures")],
    ids=str,
)
def test_json_nested_deeper_than_64_levels_is_rejected(cloud: Cloud, kind: Kind, opening: str) -> None:
    for levels in (MAX_DEPTH + 1, 10_000):
        response = kind.send(cloud, nested(levels, opening))
        assert response.status_code == 400
        assert MALFORMED[kind.api] in response.text


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_json_with_64_levels_is_accepted(cloud: Cloud, kind: Kind) -> None:
    assert MALFORMED[kind.api] not in kind.send(cloud, nested(MAX_DEPTH, '{"a":')).text


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_json_with_too_many_values_is_a_413(cloud: Cloud, kind: Kind) -> None:
    max_values = 10_000 if kind.api == "admin" else 5_000
    response = kind.send(cloud, f'{{"a": {[1] * max_values}}}')  # the list counts as a value too
    assert response.status_code == 413
    assert TOO_LARGE[kind.api] in response.text
    assert kind.send(cloud, f'{{"a": {[1] * (max_values - 1)}}}').status_code != 413


def test_new_images_and_fixtures_have_no_limit_on_values() -> None:
    cloud = Cloud(private=True)
    images = [{"name": "x"}] * 2_500
    assert cloud.ask("POST", "/_admin/images", json={"images": images}).status_code == 201
    assert cloud.ask("POST", "/_admin/fixtures", json={"images": images}).status_code == 201
