"""The two sides: a cloud, and a fake in this process. Both are asked in the same way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from fake_nova.verification.questions import Answer, Order, Question, images_of, items_of, next_link

#: The headers that are compared; of those in `_FLAGS` only whether they are there.
_HEADERS: Final = (
    "content-type",
    "vary",
    "openstack-api-version",
    "x-openstack-nova-api-version",
    "www-authenticate",
    "location",
    "allow",
)
_FLAGS: Final = ("x-openstack-request-id", "x-compute-request-id")

#: Headers whose values are sets.
_SETS: Final = ("vary", "allow")

#: What proxies and servers in front of a service add to Vary.
_VARY_OF_PROXIES: Final = ("accept-encoding", "origin")

_REQUEST_ID: Final = re.compile(r"req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME: Final = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?")
_HOST: Final = re.compile(r"https?://[^/\s\"'<>\\&]+")
_DOUBLE_SLASH: Final = re.compile(r"\{host\}/+")
_MAXIMUM: Final = re.compile(r"maximum is \d+\.\d+")
_RANK: Final = re.compile(r"\{rank:(\d+)\}")
_COUNT: Final = re.compile(r"\{count([+-]\d+|/\d+)?\}")
_VERSION_PATH: Final = re.compile(r"/v2(?:\.\d+)?/.*")

#: The most pages of a hundred images that the side's own list has.
_MOST_PAGES: Final = 20

#: Times so near to the run are times of the run.
_NEAR: Final = timedelta(minutes=10)


class Reply(NamedTuple):
    """A response as a side sends it.

    Attributes:
        status: the HTTP status.
        headers: pairs of name and value.
        content: the body.
    """

    status: int
    headers: Sequence[tuple[str, str]]
    content: bytes


class Side(Protocol):
    """A side: a cloud or a fake, and a user who is logged in there."""

    @property
    def roots(self) -> Mapping[str, str]:
        """Service -> its URL, before the path of the version; without the services that the side lacks."""

    def token(self) -> str:
        """Return the user's token."""

    def send(self, service: str, question: Question) -> Reply:
        """Send a request to a service, and return the response, whatever its status."""


class Asker:
    """Asks one side, and takes away from its answers what it draws by itself.

    Args:
        side: the side.
        started_at: the start of the run.

    Attributes:
        orders: service, or "servers" -> the side's own list.
        newest_microversion: the newest microversion of the compute service; "" if it is unknown.
    """

    def __init__(self, side: Side, started_at: datetime) -> None:
        self.side: Final = side
        self.orders: Final = {name: Order() for name in ("compute", "image", "identity", "servers")}
        self.newest_microversion = ""
        self._started_at: Final = started_at
        self._roots: Final = [
            re.compile(rf"https?://{re.escape(root.partition('://')[2])}(?![\w.:-])")
            for root in sorted(side.roots.values(), key=len, reverse=True)
        ]

    def read_lists(self) -> None:
        """Read the side's own lists, which ranks of images, the order of times and servers refer to."""
        lists = (
            ("compute", "/v2.1/images/detail?limit=100", "created"),
            ("image", "/v2/images?limit=100", "created_at"),
        )
        for service, path, key in lists:
            if service in self.side.roots:
                answers = self.ask(service, Question(path, pages=_MOST_PAGES))
                images = [image for page in answers for image in images_of(page.body)]
                self.orders[service] = Order(
                    [image["id"] for image in images], {image["id"]: str(image.get(key)) for image in images}
                )
        if "compute" in self.side.roots:
            answers = self.ask("compute", Question("/v2.1/servers?limit=100", pages=_MOST_PAGES))
            servers = [server for page in answers for server in items_of(page.body, "servers")]
            self.orders["servers"] = Order([server["id"] for server in servers])
            body = self.ask("compute", Question("/v2.1/"))[0].body
            version = body.get("version", {}) if isinstance(body, dict) else {}
            self.newest_microversion = str(version.get("version", ""))

    def ask(self, service: str, question: Question) -> list[Answer]:
        """Ask a question, and the pages that follow, and return the answers."""
        answers: list[Answer] = []
        question = question._replace(path=self._fill(service, question.path))
        while len(answers) < question.pages:
            headers = tuple(
                (name, value.replace("{token}", self._own_token(value))) for name, value in question.headers
            )
            reply = self.side.send(service, question._replace(headers=headers))
            answer = self._comparable(reply)
            answers.append(answer)
            match = _VERSION_PATH.search(next_link(answer.body) or "")
            if match is None:
                break
            question = question._replace(path=match[0])
        return answers

    def _own_token(self, text: str) -> str:
        return self.side.token() if "{token}" in text else ""

    def _fill(self, service: str, path: str) -> str:
        """Replace ranks by ids of images in the side's own list, and counts by the number of its images."""
        ids = self.orders[service].ids

        def image_id(match: re.Match[str]) -> str:
            rank = int(match[1])
            return ids[rank] if rank < len(ids) else ""

        def number(match: re.Match[str]) -> str:
            operation = match[1] or "+0"
            if operation[0] == "/":
                return str(max(len(ids) // int(operation[1:]), 1))
            return str(len(ids) + int(operation))

        return _COUNT.sub(number, _RANK.sub(image_id, path))

    def _comparable(self, reply: Reply) -> Answer:
        headers: dict[str, str] = {}
        for name, value in reply.headers:
            key = name.lower()
            if key in _FLAGS:
                headers[key] = "{request id}"
            elif key in _HEADERS:
                headers[key] = f"{headers[key]}, {value}" if key in headers else value
        for key, value in headers.items():
            text = self._mask(value)
            headers[key] = _sorted_set(text) if key in _SETS else self._mask_microversion(text)
        if not headers.get("vary", "-"):
            del headers["vary"]
        text = self._mask(reply.content.decode("utf-8", "replace"))
        try:
            return Answer(reply.status, headers, json.loads(text))
        except ValueError:
            return Answer(reply.status, headers, text)

    def _mask_microversion(self, text: str) -> str:
        newest = self.newest_microversion
        return re.sub(rf"(?<![\d.]){re.escape(newest)}(?!\d)", "{newest}", text) if newest else text

    def _mask(self, text: str) -> str:
        """Replace hosts, request ids and times of the run by stand-ins."""
        for pattern in self._roots:
            text = pattern.sub("{host}", text)
        text = _DOUBLE_SLASH.sub("{host}/", _HOST.sub("{host}", text))
        text = _MAXIMUM.sub("maximum is {newest}", _REQUEST_ID.sub("{request id}", text))
        return _TIME.sub(self._mask_time, text)

    def _mask_time(self, match: re.Match[str]) -> str:
        try:
            moment = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
        except ValueError:
            return match[0]
        return "{now}" if self._started_at - _NEAR < moment < self._started_at + 6 * _NEAR else match[0]


def _sorted_set(text: str) -> str:
    values = sorted({value.strip() for value in text.split(",")}, key=str.lower)
    return ", ".join(value for value in values if value.lower() not in _VARY_OF_PROXIES)


def root_of(url: str) -> str:
    """Return the root of a service: its endpoint without the version and the project."""
    return re.sub(r"/v[23](\.\d+)?(/.*)?$", "", url.rstrip("/")).rstrip("/")


def as_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as the report writes it."""
    return {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
