"""What Keystone 30.0.0 answered to look-ups and lists, over MariaDB and over SQLite.

``{role:member}`` and the like stand for ids, ``{USER:alice}`` for an id in capitals, ``{url}`` for the URL of an
endpoint. Where the order depends on random ids, the record has it sorted.
"""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from fake_nova.images.database import DATABASES
from tests.apis.keystone.replay import names_of, token_of
from tests.conftest import Cloud
from tests.record import mariadb

SORTED = ("roles", "services", "endpoints", "role_assignments")


def by_path() -> dict[str, list[dict[str, Any]]]:
    """Return the cases by the first segment of their paths."""
    cases = json.loads((Path(__file__).parent / "lookups.json").read_text(encoding="utf-8"))
    cases.sort(key=segment_of)
    return {segment: list(group) for segment, group in groupby(cases, key=segment_of)}


def segment_of(case: dict[str, Any]) -> str:
    return str(re.split("[/?]", case["path"])[2])


def answer(cloud: Cloud, case: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return the status and the body of a response, with stand-ins."""
    path = case["path"]
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    response = cloud.ask("GET", f"/identity{path}", headers=token_of(cloud, case["as"]))
    text = response.text.replace("http://localhost/identity", "{keystone}")
    for name, value in names.items():
        text = text.replace(value, f"{{{name}}}")
    body = json.loads(re.sub('"url": "http://[^"]*"', '"url": "{url}"', text) or '""')
    for key in SORTED:
        if key in body:
            body[key].sort(key=lambda item: json.dumps(item, sort_keys=True))
    return {"status": response.status_code, "body": body}


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("segment", by_path())
def test_look_ups_and_lists_are_answered_as_keystone_does(segment: str, database: str) -> None:
    cloud = Cloud(fixtures=(mariadb.CLOUD,), dialect="nova", auth_strategy="keystone", database=database)
    names = names_of(cloud)
    for case in by_path()[segment]:
        assert answer(cloud, case, names) == case.get(database, case["mariadb"]), case["as"] + case["path"]
