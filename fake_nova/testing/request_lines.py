"""The requests in the report of a failed test: identical ones folded, each as a curl command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote

from fake_nova.control.types import JournalEntry
from fake_nova.support.messages import count_of
from fake_nova.testing.command_line import join_command

#: The maximum number of requests that repeat in turn, such as a list and a show in a loop.
_MAX_PERIOD: Final = 4

#: The milliseconds from which a duration is worth a remark.
_SLOW_MILLISECONDS: Final = 1000

#: The number of characters of a body in the journal that is only the beginning of the one that was sent.
_MAX_BODY: Final = 2000

#: The text in the journal in the place of a secret.
_MASK: Final = "***"

#: The media type of a PATCH of the image service. All other bodies are JSON.
_PATCH_TYPE: Final = "application/openstack-images-v2.1-json-patch"

#: The fields in which identical requests agree.
_IDENTITY: Final = (
    *("method", "path", "query", "project", "body", "body_bytes"),
    *("status", "image_status", "listed", "fault", "hint"),
)

#: The part of a path before the images or the servers.
_BEFORE_COLLECTION: Final = re.compile("^.*?(?=/(?:images|servers)(?:/|$))")


class Repetition(NamedTuple):
    """A request, or some requests in turn, and how often they came in a row.

    Attributes:
        requests: the requests of the last round.
        rounds: the number of rounds.
    """

    requests: Sequence[JournalEntry]
    rounds: int


def fold(requests: Sequence[JournalEntry]) -> Iterator[Repetition]:
    """Yield the repetitions in a journal, oldest first; up to `_MAX_PERIOD` requests may repeat in turn."""
    keys = [[request[name] for name in _IDENTITY] for request in requests]
    start = 0
    while start < len(keys):
        period = _period_at(start, keys)
        end = start + period
        while keys[end : end + period] == keys[start : start + period]:
            end += period
        yield Repetition(requests[end - period : end], (end - start) // period)
        start = end


def _period_at(start: int, keys: Sequence[object]) -> int:
    """Return how many requests, from *start* on, come a second time right after; 1 if none do."""
    for period in range(1, _MAX_PERIOD + 1):
        middle = start + period
        if keys[start:middle] == keys[middle : middle + period]:
            return period
    return 1


def lines_of(repetition: Repetition, url: str, needs_token: bool) -> list[str]:
    """Return the lines of a repetition: for each request a curl command and its response.

    Args:
        repetition: the repetition.
        url: the URL of the server that the commands address.
        needs_token: whether that server takes only requests with a token.
    """
    requests, rounds = repetition
    lines = []
    times = ""
    if len(requests) > 1:
        lines.append(f"  {rounds} times in turn:")
    elif rounds > 1:
        times = f" × {rounds}"  # noqa: RUF001  # times
    for request in requests:
        lines.append(f"  {curl_command(request, url, needs_token)}")
        result = ", ".join([f"{outcome(request)}{times}", *_remarks(request)])
        lines.append(f"      -> {result}")
    return lines


def _remarks(request: JournalEntry) -> Iterator[str]:
    """Yield what is known about a response, and about the request that its curl command cannot repeat."""
    if (request["milliseconds"] or 0) >= _SLOW_MILLISECONDS:
        yield f"{request['milliseconds']:.0f} ms"
    if request["fault"]:
        yield request["fault"]
    if request["listed"] is not None and not request["image_status"]:
        is_of_servers = (request["operation"] or "").startswith("servers.")
        noun = "server" if is_of_servers else "image"
        yield count_of(request["listed"], noun)
    if request["hint"]:
        yield f"hint: {request['hint']}"
    if len(request["body"]) >= _MAX_BODY:
        yield f"the journal has only the first {_MAX_BODY} characters of the body"
    elif not request["body"] and request["body_bytes"] != 0:
        size = "" if request["body_bytes"] is None else f" of {count_of(request['body_bytes'], 'byte')}"
        yield f"sent with a body{size}, which the journal does not have"
    has_secret = _MASK in f"{request['path']}{request['query']}{request['body']}"
    if has_secret or _had_refused_token(request):
        yield f"{_MASK} stands for a secret"


def _had_refused_token(request: JournalEntry) -> bool:
    return request["hint_code"] == "refused_token"


def outcome(request: JournalEntry) -> str:
    """Return the outcome of a request: its status and the status of its image, such as ``200 SAVING``."""
    words = {None: "no response yet", 0: "connection reset"}
    status = words.get(request["status"], request["status"])
    return f"{status} {request['image_status']}" if request["image_status"] else str(status)


def short_request(request: JournalEntry) -> str:
    """Return a request in short: method, path and query; with a route, without version and project."""
    path = _BEFORE_COLLECTION.sub("…", request["path"]) if request["operation"] else request["path"]
    return f"{request['method']} {path}{_query(request)}"


def query_parameters(request: JournalEntry) -> dict[str, str]:
    """Return the parameters of a request's query by name, each with its last value."""
    return dict(parse_qsl(request["query"].replace(";", "&"), keep_blank_values=True))


def _query(request: JournalEntry) -> str:
    return f"?{request['query']}" if request["query"] else ""


def curl_command(request: JournalEntry, url: str, needs_token: bool) -> str:
    """Return a curl command that sends a request again, and prints status and headers too.

    Args:
        request: an entry of the journal.
        url: the URL of the server.
        needs_token: whether the server requires a token; that of the shell variable ``TOKEN`` is sent, or, if
            the token was refused, a text that the server refuses too.
    """
    method = request["method"]
    body = request["body"]
    path = quote(request["path"].encode("latin-1", "replace"), safe="/:,;=@!~*()$&+")
    arguments = ["curl", "-gsi"]
    if method == "HEAD":
        arguments.append("-I")
    elif method != "GET":
        arguments += ["-X", method]
    if body:
        media_type = _PATCH_TYPE if method == "PATCH" else "application/json"
        arguments += ["-H", f"Content-Type: {media_type}", "-d", body]
    if _had_refused_token(request):
        arguments += ["-H", f"X-Auth-Token: {_MASK}"]
    command = join_command([*arguments, f"{url}{path}{_query(request)}"])
    if needs_token and request["project"]:
        return f'{command} -H "X-Auth-Token: $TOKEN"'
    return command
