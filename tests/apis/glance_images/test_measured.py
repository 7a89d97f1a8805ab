"""What Glance 33.0.0 over SQLite answered to many requests that the record does not have.

The requests went to one process with the recorded cloud and the record's users; each group starts from
the seed. Lists are reduced to ids. ``{now}`` is the time of the recording, ``{id}`` a random id, ``{long}`` an
omitted body. Requests that made Glance itself fail are omitted.
"""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RECORDED_CLOUD, Cloud
from tests.record import comparison

HEADERS = (
    "content-type",
    "allow",
    "accept-patch",
    "content-range",
    "content-md5",
    "openstack-image-import-methods",
)


def groups() -> list[Any]:
    cases = json.loads((Path(__file__).parent / "measured.json").read_text(encoding="utf-8"))
    by_group = groupby(cases, key=lambda case: case["group"])
    return [pytest.param(list(group), id=name) for name, group in by_group]


def with_placeholders(expected: Any, body: Any) -> Any:
    """Return *body* with a placeholder wherever *expected* has one, and lists reduced to ids."""
    if expected in ("{now}", "{id}", "{long}"):
        return expected
    if isinstance(expected, dict) and isinstance(body, dict):
        result = {name: with_placeholders(expected.get(name), value) for name, value in body.items()}
        if isinstance(expected.get("images"), list):
            result["images"] = [image["id"] for image in body["images"]]
        return result
    if isinstance(expected, list) and isinstance(body, list) and len(expected) == len(body):
        return [with_placeholders(*pair) for pair in zip(expected, body, strict=True)]
    return body


@pytest.mark.parametrize("group", groups())
def test_every_response_of_a_group_is_the_measured_one(group: list[dict[str, Any]]) -> None:
    cloud = Cloud(
        fixtures=(RECORDED_CLOUD,), dialect="nova", database="sqlite", auth_strategy="keystone", hints=False
    )
    for case in group:
        expected = case["answer"]
        response = comparison.send_case(cloud, {**case, "path": f"/image{case['path']}"})
        body = (
            response.get_json(force=True, silent=True)
            if isinstance(expected["body"], dict)
            else response.text
        )
        assert (response.status_code, with_placeholders(expected["body"], body)) == (
            expected["status"],
            expected["body"],
        ), case
        headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
        expected_headers = {name: value for name, value in expected["headers"].items() if name in HEADERS}
        assert headers == expected_headers, case
        assert ("x-openstack-request-id" in response.headers) == expected["request_id"], case
        if "advance" in case:
            cloud.ask("PUT", "/_admin/clock", json={"advance": case["advance"]})
