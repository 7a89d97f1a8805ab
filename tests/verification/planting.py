"""Small changes of a side's answers, for the requests that a regular expression finds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from fake_nova.verification.questions import Question, images_of, items_of
from fake_nova.verification.sides import Reply

#: A change of the path of a request, or of the response.
PathChange = Callable[[str], str]
ReplyChange = Callable[[Reply], Reply]


class Plant(NamedTuple):
    """A difference that one side has.

    Attributes:
        service: the service that answers otherwise.
        pattern: what it answers otherwise: a pattern for method, path, headers and token.
        path: what it takes the path for.
        response: what it makes of the response.
    """

    service: str
    pattern: str
    path: PathChange = lambda path: path
    response: ReplyChange = lambda reply: reply

    def touches(self, service: str, question: Question) -> bool:
        headers = " ".join(f"{name}={value}" for name, value in question.headers)
        text = f"{question.method} {question.path} {headers} {question.caller}"
        return service == self.service and re.search(self.pattern, text) is not None

    def question(self, service: str, question: Question) -> Question:
        if not self.touches(service, question):
            return question
        return question._replace(path=self.path(question.path))

    def reply(self, service: str, question: Question, reply: Reply) -> Reply:
        return self.response(reply) if self.touches(service, question) else reply


def drop(name: str) -> PathChange:
    """Ignore a parameter."""

    def change(path: str) -> str:
        base, _, query = path.partition("?")
        pairs = [pair for pair in query.split("&") if pair.partition("=")[0] != name]
        return f"{base}?{'&'.join(pairs)}"

    return change


def read(pattern: str, replacement: str) -> PathChange:
    """Read a part of the path as another one."""
    return lambda path: re.sub(pattern, replacement, path)


def body(change: Callable[[Any], Any]) -> ReplyChange:
    """Change the JSON of a response."""

    def changed(reply: Reply) -> Reply:
        content = json.loads(reply.content)
        return reply._replace(content=json.dumps(change(content)).encode())

    return changed


def images(change: Callable[[list[Any]], list[Any]]) -> ReplyChange:
    """Change the images of a list."""
    return body(lambda content: {**content, "images": change(content["images"])})


def key(name: str, value: Any) -> ReplyChange:
    """Change the value of a key, at whatever depth; null takes the key away."""

    def changed(content: Any) -> Any:
        if isinstance(content, dict):
            items = content.items()
            pairs = {each: value if each == name else changed(old) for each, old in items}
            return {each: new for each, new in pairs.items() if each != name or new is not None}
        return [changed(item) for item in content] if isinstance(content, list) else content

    def change(reply: Reply) -> Reply:
        return body(changed)(reply) if reply.content[:1] == b"{" else reply

    return change


def image_key(name: str, value: Any) -> ReplyChange:
    """Change the value of a key of each image in a list, or of the one image."""

    def change(reply: Reply) -> Reply:
        if reply.status != 200 or reply.content[:1] != b"{":
            return reply
        content = json.loads(reply.content)
        for image in images_of(content):
            image[name] = value
        return reply._replace(content=json.dumps(content).encode())

    return change


def things(key: str, change: Callable[[list[Any]], list[Any]]) -> ReplyChange:
    """Change the servers, flavors or key pairs of a list."""
    return body(lambda content: {**content, key: change(content[key])})


def thing_key(collection: str, name: str, value: Any) -> ReplyChange:
    """Change the value of a key of each server, flavor or key pair in a list, or of the one."""

    def change(reply: Reply) -> Reply:
        if reply.status != 200 or reply.content[:1] != b"{":
            return reply
        content = json.loads(reply.content)
        for thing in items_of(content, collection):
            thing[name] = value
        return reply._replace(content=json.dumps(content).encode())

    return change


def next_link_text(old: str, new: str) -> ReplyChange:
    """Change the link to the next page."""

    def changed(content: Any) -> Any:
        if "next" in content:
            content["next"] = content["next"].replace(old, new)
        for link in content.get("images_links", ()):
            link["href"] = link["href"].replace(old, new)
        return content

    return body(changed)


def text(old: str, new: str) -> ReplyChange:
    """Say something in other words."""
    return lambda reply: reply._replace(content=reply.content.replace(old.encode(), new.encode()))


def header(name: str, value: str | None) -> ReplyChange:
    """Send another value of a header; None sends none."""

    def change(reply: Reply) -> Reply:
        headers = [pair for pair in reply.headers if pair[0].lower() != name.lower()]
        present = len(headers) < len(reply.headers)
        return reply._replace(headers=[*headers, (name, value)] if present and value is not None else headers)

    return change


def status(number: int) -> ReplyChange:
    """Answer with another status, and an error."""
    return lambda reply: reply._replace(status=number, content=b'{"message": "no"}')


REFUSAL = status(400)
REVERSED = images(lambda listed: listed[::-1])
WITHOUT_FIRST = images(lambda listed: listed[1:])
EMPTY = images(lambda _: [])


def without_link(reply: Reply) -> Reply:
    """Leave the link to the next page out."""
    return key("next", None)(key("images_links", None)(reply))


def ties_reversed(reply: Reply) -> Reply:
    """List images that were created at one time the other way round."""

    def change(listed: list[Any]) -> list[Any]:
        twins = [image for image in listed if image["name"] == "twin"]
        rest = iter(twins[::-1])
        return [next(rest) if image in twins else image for image in listed]

    return images(change)(reply)


def with_first_link(reply: Reply, original: Reply) -> Reply:
    """Return *reply* with the link to the first page of *original*; that link contains the query."""
    contents = [json.loads(each.content) if each.content[:1] == b"{" else {} for each in (reply, original)]
    if "first" not in contents[0] or "first" not in contents[1]:
        return reply
    return body(lambda content: {**content, "first": contents[1]["first"]})(reply)
