"""Recorded sequences of requests to Keystone: the stand-ins of their texts, and the replay."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.conftest import Cloud
from tests.record import mariadb

HERE = Path(__file__).parent

#: Ids that are not those of the cloud's projects.
_RANDOM_ID = re.compile(r"(?<![0-9a-f{:])(?!9c53a566|d9ebe435|c0ffee00|adadadad)[0-9a-f]{32}(?![0-9a-f])")

#: Parts of a token that are drawn.
_DRAWN = ("audit_ids", "expires_at", "issued_at")


def names_of(cloud: Cloud) -> dict[str, str]:
    """Return the ids that stand-ins mean."""
    names = {f"user:{user.name}": user.id for user in cloud.emulator.cloud.directory.users}
    names |= {f"USER{name[4:]}": user_id.upper() for name, user_id in names.items()}
    identity = "/identity/v3"
    names |= {f"role:{role['name']}": role["id"] for role in cloud.get(f"{identity}/roles", "admin")["roles"]}
    services = {each["id"]: each["type"] for each in cloud.get(f"{identity}/services", "admin")["services"]}
    names |= {f"service:{kind}": service_id for service_id, kind in services.items()}
    for endpoint in cloud.get(f"{identity}/endpoints", "admin")["endpoints"]:
        names[f"endpoint:{services[endpoint['service_id']]}:{endpoint['interface']}"] = endpoint["id"]
    return names


def token_of(cloud: Cloud, caller: str) -> dict[str, str]:
    """Return the header with the token of a caller such as ``alice`` or ``admin:system``."""
    if caller == "none":
        return {}
    if caller == "bad":
        return {"X-Auth-Token": "nonsense"}
    name, _, scope = caller.partition(":")
    user = cloud.emulator.cloud.directory.user(name)
    assert user is not None
    project = None if scope else user.project
    return {"X-Auth-Token": cloud.emulator.cloud.tokens.issue(user, project, system=scope == "system")[0]}


class Replay:
    """The requests of one recorded sequence, sent to one cloud.

    Args:
        database: the database that the cloud compares as.
    """

    def __init__(self, database: str) -> None:
        self._cloud = Cloud(
            private=True,
            fixtures=(mariadb.CLOUD,),
            dialect="nova",
            auth_strategy="keystone",
            database=database,
        )
        self._ids: dict[str, str] = {}
        self._names = names_of(self._cloud)
        self._tokens: dict[str, dict[str, str]] = {}

    def answer(self, step: dict[str, Any]) -> dict[str, Any]:
        """Send a request, and return the status and the body of the response, with stand-ins."""
        caller = step["as"]
        if caller not in self._tokens:
            self._tokens[caller] = token_of(self._cloud, caller)
        path = quote(self._fill(step["path"]), safe="/?=&%,:+")
        body = self._fill(json.dumps(step["json"])) if "json" in step else None
        headers = {**self._tokens[caller], "Content-Type": "application/json"}
        response = self._cloud.ask(step["method"], f"/identity{path}", headers=headers, data=body)
        value = response.get_json(force=True, silent=True)
        if "keep" in step and response.status_code in (200, 201):
            self._ids[step["keep"]] = next(iter(value.values()))["id"]
        if "keep_token" in step:
            self._tokens[step["keep_token"]] = {"X-Auth-Token": response.headers["X-Subject-Token"]}
        if isinstance(value, dict) and "token" in value:
            value["token"].pop("catalog", None)
            value["token"].update(dict.fromkeys(_DRAWN, "{drawn}"))
        return {"status": response.status_code, "body": self._mask("" if value is None else value)}

    def _fill(self, text: str) -> str:
        for name, value in {**self._names, **self._ids}.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _mask(self, body: Any) -> Any:
        text = json.dumps(body).replace("http://localhost/identity", "{keystone}")
        for name, value in {**self._ids, **self._names}.items():
            text = text.replace(value, f"{{{name}}}")
        text = re.sub('"secret": "[^"]{80,}"', '"secret": "{drawn}"', text)
        return json.loads(_RANDOM_ID.sub("{id}", text))


def _sort(value: Any) -> None:
    """Sort the lists whose order depends on random ids."""
    for name, item in value.items() if isinstance(value, dict) else ():
        if name in ("roles", "role_assignments", "users", "projects"):
            item.sort(key=lambda each: json.dumps(each, sort_keys=True))
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            _sort(item)


def differences(name: str, database: str) -> list[tuple[str, Any, Any]]:
    """Replay a recorded sequence, and return what differs: request, expected and actual answer.

    What the real service fails at with a 500 is a refusal here.
    """
    replay = Replay(database)
    result = []
    for step in json.loads((HERE / name).read_text(encoding="utf-8")):
        expected = step.get(database, step["mariadb"])
        actual = replay.answer(step)
        _sort(expected)
        _sort(actual)
        is_refusal = expected["status"] == 500 and 400 <= actual["status"] < 500
        if actual != expected and not is_refusal:
            result.append((f"{step['as']} {step['method']} {step['path']}", expected, actual))
    return result
