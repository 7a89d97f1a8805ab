"""The record of the real Nova, Keystone and Glance: its cases, and the comparison with a response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fake_nova.apis import router
from tests.conftest import Cloud

#: The headers that the record contains.
HEADERS = (
    "content-type",
    "vary",
    "openstack-api-version",
    "x-openstack-nova-api-version",
    "www-authenticate",
    "location",
    "accept-patch",
    "openstack-image-import-methods",
)
PLACEHOLDERS = {"{compute}": "http://localhost", "{glance}": "http://localhost/image"}
PLACEHOLDERS |= {"{keystone}": "http://localhost/identity", "{admin_project}": "ad" * 16}
#: Record of a service -> the URL path of the service.
RECORDS = {"nova": "", "keystone": "/identity", "glance": "/image"}
#: The mask in the record for values that change with each recording.
MASKS = ("{now}", "{id}")
TOKENS = {"none": None, "bad": "gAAAAABnope", "empty": ""}


@cache
def cases() -> tuple[dict[str, Any], ...]:
    all_cases: list[dict[str, Any]] = []
    for name, prefix in RECORDS.items():
        text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
        for placeholder, replacement in PLACEHOLDERS.items():
            text = text.replace(placeholder, replacement)
        all_cases.extend({**case, "path": prefix + case["path"]} for case in json.loads(text))
    return tuple(all_cases)


def preceding_writes(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the earlier writes in the group of a case, which must be sent before it."""
    for candidate in cases():
        if candidate is case:
            return
        if candidate["group"] == case["group"] and candidate["method"] in ("POST", "PUT", "DELETE", "PATCH"):
            yield candidate


def send_case(cloud: Cloud, case: dict[str, Any]) -> Any:
    """Send the request of a case; a header that is null in the case is not sent."""
    headers: dict[str, str | None] = {"Accept": "application/json"}
    body = case.get("raw")
    if "json" in case:
        body = json.dumps(case["json"])
    if body is not None:
        headers["Content-Type"] = "application/json"
    for name, value in case.get("headers", {}).items():
        headers[name] = cloud.token(value[7:-1]) if (value or "").startswith("{token:") else value
    user = case["as"]
    token = TOKENS[user] if user in TOKENS else cloud.token(user)
    if token is not None:
        headers["X-Auth-Token"] = token
    present_headers = {name: value for name, value in headers.items() if value is not None}
    return cloud.ask(case["method"], case["path"], headers=present_headers, data=body)


def with_masks(expected: Any, actual: Any) -> Any:
    """Return *actual* with a mask wherever the record has one."""
    if expected in MASKS and isinstance(actual, (str, list)) and actual:
        return expected
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: with_masks(expected.get(key), value) for key, value in actual.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [with_masks(*pair) for pair in zip(expected, actual, strict=True)]
    return actual


def differences(cloud: Cloud, case: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Send a case as it was sent to the real service; return the differences: expected, actual."""
    for write in preceding_writes(case):
        send_case(cloud, write)
    response = send_case(cloud, case)
    expected = case["answer"]
    body = response.get_json(force=True, silent=True) if isinstance(expected["body"], dict) else response.text
    of_nova = not case["path"].startswith(("/identity", "/image"))
    header_pairs = {
        "status": (expected["status"], response.status_code),
        "body": (expected["body"], with_masks(expected["body"], body)),
        "headers": (
            expected["headers"],
            {name: response.headers.getlist(name)[-1] for name in HEADERS if name in response.headers},
        ),
        "x-openstack-request-id": (expected["request_id"], "x-openstack-request-id" in response.headers),
        "x-compute-request-id": (
            expected["request_id"] and of_nova,
            "x-compute-request-id" in response.headers,
        ),
        "x-subject-token": (expected["token"], "X-Subject-Token" in response.headers),
    }
    return {name: pair for name, pair in header_pairs.items() if pair[0] != pair[1]}


def operation(case: dict[str, Any]) -> str:
    """Return the name of the operation that a case requests."""
    match = router().match(case["method"], case["path"].partition("?")[0])
    return f"{match.service.name}: {match.route.operation if match.route is not None else 'no route'}"
