"""Requests around servers, each with what the real Nova 34.0.0 answered to it.

The files in ``exchanges`` hold one exchange a line: the user, the request, the minor version (0 for /v2), the
body, the status, and the message of the error or the whole body. None of the requests changes the cloud.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud


class Exchange(NamedTuple):
    """One request, and the real answer to it."""

    user: str
    request: str
    minor: int
    body: Any
    status: int
    answer: Any

    @property
    def name(self) -> str:
        """The id of the test."""
        return f"{self.request} {self.user} 2.{self.minor} {json.dumps(self.body)[:40]}"


EXCHANGES = [
    Exchange(*row)
    for path in sorted(Path(__file__).with_name("exchanges").glob("*.json"))
    for row in json.loads(path.read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    """The cloud on which the servers API was recorded."""
    path = tmp_path_factory.mktemp("exchanges") / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")


def fill(text: str) -> str:
    """Replace the names of servers and projects in braces by their ids."""
    projects = {project["name"]: project["id"] for project in json.loads(servers_cloud.fixture())["projects"]}
    text = re.sub(r"\{server:([^}]*)\}", lambda match: servers_cloud.server_id(match[1]), text)
    return re.sub(r"\{project:([^}]*)\}", lambda match: projects[match[1]], text)


def essence(body: Any) -> Any:
    """Return the message of an error, or the whole of another body."""
    if isinstance(body, dict) and len(body) == 1:
        [value] = body.values()
        if isinstance(value, dict) and "message" in value:
            return value["message"]
    return body


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.name)
def test_the_answer_is_that_of_the_real_service(studio: Cloud, exchange: Exchange) -> None:
    method, path = exchange.request.split(" ", 1)
    options: dict[str, Any] = {}
    if exchange.body is not None:  # Flask's client would sort the keys
        options = {"data": json.dumps(exchange.body), "content_type": "application/json"}
    version = {"OpenStack-API-Version": f"compute 2.{exchange.minor}"} if exchange.minor else {}
    prefix = "/v2.1" if exchange.minor else "/v2"
    response = studio.ask(method, f"{prefix}/{fill(path)}", exchange.user, headers=version, **options)
    body = response.get_json() if response.data.startswith(b"{") else response.get_data(as_text=True)
    expected_answer = exchange.answer
    if isinstance(expected_answer, str):
        expected_answer = fill(expected_answer)
    assert (response.status_code, essence(body)) == (exchange.status, expected_answer)
