"""What Keystone 30.0.0 over SQLite answered to many requests that the record does not have.

The requests went to one process with the record's users and catalogue, each independent of the others.
``alice-unscoped`` is alice's unscoped token, ``{id}`` a random value or a catalogue, ``{now}`` the time of the
recording. Roles are sorted by name, projects by id. Requests that made Keystone itself fail are omitted,
and errors that show a password, which the emulator never shows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RECORDED_CLOUD, Cloud
from tests.record import comparison

HEADERS = ("content-type", "allow", "www-authenticate", "location", "vary")
USERS = ("alice", "bob", "admin")


def by_path() -> list[Any]:
    cases = json.loads((Path(__file__).parent / "measured.json").read_text(encoding="utf-8"))
    paths = sorted({(case["method"], case["path"].partition("?")[0]) for case in cases})
    return [
        pytest.param(
            [case for case in cases if (case["method"], case["path"].partition("?")[0]) == path],
            id=" ".join(path),
        )
        for path in paths
    ]


def issue_tokens(cloud: Cloud) -> dict[str, str]:
    """Return a token of each user for its project, and an unscoped one."""
    store = cloud.emulator.cloud.tokens
    users = [user for user in cloud.emulator.cloud.directory.users if user.name in USERS]
    return {
        **{user.name: store.issue(user, user.project)[0] for user in users},
        **{f"{user.name}-unscoped": store.issue(user, None)[0] for user in users},
    }


def fill_tokens(value: Any, texts: dict[str, str]) -> Any:
    """Replace ``{token:alice}`` and the like by tokens."""
    if isinstance(value, dict):
        return {key: fill_tokens(item, texts) for key, item in value.items()}
    if isinstance(value, str) and value.startswith("{token:"):
        return texts[value[7:-1]]
    return value


@pytest.mark.parametrize("cases", by_path())
def test_every_response_of_a_path_is_the_measured_one(cases: list[dict[str, Any]]) -> None:
    cloud = Cloud(
        fixtures=(RECORDED_CLOUD,), dialect="nova", database="sqlite", auth_strategy="keystone", hints=False
    )
    for case in cases:
        texts = issue_tokens(cloud)
        request_case = fill_tokens({**case, "path": f"/identity{case['path']}"}, texts)
        if case["as"] in texts:
            request_case["headers"] = {"X-Auth-Token": texts[case["as"]], **request_case.get("headers", {})}
            request_case["as"] = "none"
        response = comparison.send_case(cloud, request_case)
        expected = case["answer"]
        body = (
            response.get_json(force=True, silent=True)
            if isinstance(expected["body"], dict)
            else response.text
        )
        headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
        assert {
            "status": response.status_code,
            "headers": headers,
            "subject": "x-subject-token" in response.headers,
            "request_id": "x-openstack-request-id" in response.headers,
            "body": comparison.with_masks(expected["body"], body),
        } == expected, case
