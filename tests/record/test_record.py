"""Every recorded answer of the real Nova, case by case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud

#: The headers that the record keeps.
HEADERS = (
    "content-type",
    "vary",
    "openstack-api-version",
    "x-openstack-nova-api-version",
    "www-authenticate",
    "location",
)
STAND_INS = {"{compute}": "http://localhost", "{glance}": "http://localhost/image"}
STAND_INS["{keystone}"] = "http://localhost/identity"
TOKENS = {"none": None, "bad": "gAAAAABnope", "empty": ""}


@cache
def cases() -> tuple[dict[str, Any], ...]:
    text = (Path(__file__).parent / "nova.json").read_text(encoding="utf-8")
    for name, stands_for in STAND_INS.items():
        text = text.replace(name, stands_for)
    return tuple(json.loads(text))


def before(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the writes that a case of the record comes after: those of its group that stand before it."""
    for other in cases():
        if other is case:
            return
        if other["group"] == case["group"] and other["method"] in ("POST", "PUT", "DELETE", "PATCH"):
            yield other


def sent(cloud: Cloud, case: dict[str, Any]) -> Any:
    headers = {"Accept": "application/json"}
    body = case.get("raw")
    if "json" in case:
        body = json.dumps(case["json"])
    if body is not None:
        headers["Content-Type"] = "application/json"
    headers.update(case.get("headers", {}))
    user = case["as"]
    token = TOKENS[user] if user in TOKENS else cloud.token(user)
    if token is not None:
        headers["X-Auth-Token"] = token
    return cloud.ask(case["method"], case["path"], headers=headers, data=body)


def with_times_forgotten(expected: Any, actual: Any) -> Any:
    """Return *actual* with ``{now}`` wherever the record has it, for that is a time of its own run."""
    if expected == "{now}" and isinstance(actual, str):
        return expected
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: with_times_forgotten(expected.get(key), value) for key, value in actual.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [with_times_forgotten(*pair) for pair in zip(expected, actual, strict=True)]
    return actual


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in cases()])
def test_the_answer_is_the_recorded_one(case: dict[str, Any], recorded: Cloud) -> None:
    for earlier in before(case):
        sent(recorded, earlier)
    answer = sent(recorded, case)
    expected = case["answer"]
    body = answer.get_json(force=True, silent=True) if answer.data else ""
    assert answer.status_code == expected["status"]
    assert with_times_forgotten(expected["body"], body) == expected["body"]
    headers = {name: answer.headers.getlist(name)[-1] for name in HEADERS if name in answer.headers}
    assert headers == expected["headers"]
    for name in ("x-compute-request-id", "x-openstack-request-id"):
        assert (name in answer.headers) is expected["request_id"]
