"""Asks one side: sends requests over a socket, and makes its answers comparable with the other side's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from tests.against_openstack import values
from tests.against_openstack.cases import Case, Step
from tests.against_openstack.waiting import wait_until
from tests.record import comparison

#: What the document of an image has while its import goes on.
_IMPORTING: Final = b'"os_glance_import_task"'

#: The headers that are compared; of those in FLAGS only whether they are there.
HEADERS: Final = (*comparison.HEADERS, *("allow", "openstack-image-import-stores", "content-md5"))
FLAGS: Final = ("x-openstack-request-id", "x-compute-request-id", "x-subject-token")

#: Lists without an order: Keystone reads sets, and tables without ORDER BY; Glance reads sets of tags, and sorts tasks
#: of one second by their ids.
UNORDERED_LISTS: Final = (
    *("catalog", "endpoints", "methods", "role_assignments", "roles", "services", "tags", "tasks"),
)

PATIENCE: Final = 60

#: Seconds that an image may be between two statuses.
SETTLING_PATIENCE: Final = 10

_STAND_IN: Final = re.compile(r"\{(token|new):(\w+)\}|\{task\}")
_TIME: Final = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?")
_REQUEST_ID: Final = re.compile(r"req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

#: Where an answer has the id of a task, which each side draws by itself.
_TASK_IDS: Final = re.compile(
    rf'(?:/v2/tasks/|"os_glance_import_task": "|"id": "(?={_UUID}", "type": "\w*import"))({_UUID})'
)
_STORE_FOLDER: Final = re.compile(r"/[\w/.-]*/glance/images")
_RANDOM_ID: Final = re.compile(r"[0-9a-f]{32}|[\w-]{22}")
#: Times that differ less from now are times of the run: tasks expire after two days.
_NEAR: Final = timedelta(days=3)


class Answer(NamedTuple):
    """What a side answers, without what it draws by itself.

    Attributes:
        status: the HTTP status.
        headers: name -> values; for FLAGS whether the header is there.
        body: the parsed JSON, or the text.
    """

    status: int
    headers: Mapping[str, Any]
    body: Any


@dataclass
class Side:
    """One side of the comparison.

    Attributes:
        urls: the base URL of each service, by its group.
        tokens: user, or name of a saved token -> token.
    """

    urls: Mapping[str, str]
    tokens: dict[str, str] = field(default_factory=dict)
    _task_ids: list[str] = field(default_factory=list)
    _connections: dict[str, HTTPConnection] = field(default_factory=dict)

    def log_in(self) -> None:
        """Get a token of every user."""
        users = values.users()
        for name, user in users.items():
            self.tokens[name] = self._token_of(user, {"project": {"id": user["project"]}})
        for name in values.SCOPES:
            user_name, _, kind = name.partition("_")
            scope: Any = {"system": {"all": True}} if kind == "system" else "unscoped"
            self.tokens[name] = self._token_of(users[user_name], scope)

    def _token_of(self, user: Mapping[str, Any], scope: Any) -> str:
        credentials = {"id": user["id"], "password": user["password"]}
        identity = {"methods": ["password"], "password": {"user": credentials}}
        body = json.dumps({"auth": {"identity": identity, "scope": scope}})
        headers = (("Content-Type", "application/json"),)
        response, _ = self._send("keystone", "POST", "/v3/auth/tokens", headers, body)
        assert response.status == 201, (
            f"{self.urls['keystone']}: {user['name']} cannot log in: {response.status}"
        )
        return response.headers["X-Subject-Token"]

    def _send(
        self, service: str, method: str, target: str, headers: tuple[tuple[str, str], ...], body: str | None
    ) -> tuple[HTTPResponse, bytes]:
        base = urlsplit(self.urls[service])
        for attempt in range(2):
            connection = self._connections.get(service) or HTTPConnection(base.netloc, timeout=PATIENCE)
            self._connections[service] = connection
            try:
                connection.putrequest(method, base.path + target, skip_accept_encoding=True)
                for name, value in headers:
                    connection.putheader(name, value.encode())
                content = None if body is None else body.encode()
                if content is not None:
                    connection.putheader("Content-Length", str(len(content)))
                connection.endheaders(content)
                response = connection.getresponse()
                data = response.read()
            except (HTTPException, OSError):
                connection.close()
                del self._connections[service]
                if attempt:
                    raise
            else:
                if response.will_close:
                    connection.close()
                    del self._connections[service]
                return response, data
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def ask(self, case: Case, new_ids: Callable[[str], str]) -> list[Answer]:
        """Send the requests of a case, and return the answers.

        Args:
            case: the requests.
            new_ids: returns the id for a stand-in of a new image.
        """
        case_tokens: dict[str, str] = {}
        answers: list[Answer] = []
        self._task_ids.clear()
        next_target = "/nothing"

        def fill(text: str) -> str:
            def replacement(match: re.Match[str]) -> str:
                kind, name = match.groups()
                if kind is None:
                    return self._task_ids[-1] if self._task_ids else "no-task"
                if kind == "new":
                    return new_ids(name)
                return case_tokens.get(name) or self.tokens.get(name, "gAAAAABmissing")

            return _STAND_IN.sub(replacement, text)

        for step in case.steps:
            target = next_target if step.path == "{next}" else fill(step.target)
            headers = tuple((name, fill(value)) for name, value in step.headers)
            body = None if step.body is None else fill(step.body)
            response, data = self._send(step.service, step.method, target, headers, body)
            if step.saves and "X-Subject-Token" in response.headers:
                case_tokens[step.saves] = response.headers["X-Subject-Token"]
            answer = self._comparable(response, data, {**self.tokens, **case_tokens})
            answers.append(answer)
            next_target = self._next_target(step, data) or next_target
            if step.settles and answer.status < 300:
                self._settle(target.partition("/import")[0])
        return answers

    def _next_target(self, step: Step, data: bytes) -> str:
        try:
            document = json.loads(data)
            link = document.get("next") or document["images_links"][0]["href"]
        except (ValueError, LookupError, AttributeError, TypeError):
            return ""
        return str(link).removeprefix(self.urls[step.service])

    def _settle(self, target: str) -> None:
        """Wait until the image of this target has left the statuses that it leaves by itself."""
        headers = (("X-Auth-Token", self.tokens["admin"]),)

        def is_settled() -> bool:
            _, data = self._send("glance", "GET", target, headers, None)
            return _IMPORTING not in data

        wait_until(is_settled, SETTLING_PATIENCE)

    def remove_images(self, ids: list[str]) -> None:
        """Remove the images that a case made, as far as they are there."""
        token = (("X-Auth-Token", self.tokens["admin"]),)
        media_type = ("Content-Type", "application/openstack-images-v2.1-json-patch")
        patch = json.dumps([{"op": "replace", "path": "/protected", "value": False}])
        for image_id in ids:
            path = f"/v2/images/{image_id}"
            response, _ = self._send("glance", "DELETE", path, token, None)
            if response.status == 403:
                self._send("glance", "PATCH", path, (*token, media_type), patch)
                self._send("glance", "DELETE", path, token, None)

    def _comparable(self, response: HTTPResponse, data: bytes, tokens: dict[str, str]) -> Answer:
        text = data.decode("utf-8", "replace")
        self._task_ids += _TASK_IDS.findall(f"{text} {response.headers.get('Location', '')}")
        text = self._mask(text, tokens)
        headers: dict[str, Any] = {name: True for name in FLAGS if name in response.headers}
        for name in HEADERS:
            if name in response.headers:
                lines = [self._mask(line, tokens) for line in response.headers.get_all(name, [])]
                headers[name] = (
                    sorted(re.split(", *", ",".join(lines))) if name in ("allow", "vary") else lines
                )
        try:
            body = _mask_random(json.loads(text))
        except ValueError:
            body = text
        return Answer(response.status, headers, body)

    def _mask(self, text: str, tokens: dict[str, str]) -> str:
        """Replace URLs, tokens, request ids and times of the run by stand-ins."""
        for name, url in sorted(self.urls.items(), key=lambda item: -len(item[1])):
            text = re.sub(rf"{re.escape(url)}(?![\w-])", f"{{{name}}}", text)
        for name, token in tokens.items():
            text = text.replace(token, f"{{token:{name}}}")
        for task_id in self._task_ids:
            text = text.replace(task_id, "{task}")
        text = _STORE_FOLDER.sub("{folder}", text)
        return _TIME.sub(_mask_time, _REQUEST_ID.sub("{request-id}", text))


def _mask_time(match: re.Match[str]) -> str:
    try:
        moment = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return match[0]
    if abs(moment - datetime.now(UTC)) > _NEAR:
        return match[0]
    return "{now}" + ("" if match[2] is None else "." + "0" * (len(match[2]) - 1))


def _mask_random(document: Any, key: str = "") -> Any:
    """Replace ids that Keystone draws, and sort what it lists in any order."""
    if isinstance(document, dict):
        return {name: _mask_random(value, name) for name, value in document.items()}
    if isinstance(document, list):
        items = [_mask_random(item, key) for item in document]
        if key in UNORDERED_LISTS:
            items.sort(key=lambda item: json.dumps(item, sort_keys=True))
        return items
    if isinstance(document, str) and key in ("id", "audit_ids") and _RANDOM_ID.fullmatch(document):
        return document if document in _known_ids() else "{id}"
    return document


def _known_ids() -> set[str]:
    return {*values.projects(), *(user["id"] for user in values.users().values())}
