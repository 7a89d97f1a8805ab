"""What to say of a cloud when a test that used it has failed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from fake_nova.control import Control, Document

#: Requests, images and lines of each kind that a report shows at the most.
MOST: Final = 30

#: Operations whose answer may be an empty list.
_LISTS: Final = ("images.list", "images.detail", "glance.images.list")


def lines(nova: Control) -> list[str]:
    """Return a report: what was asked, why lists were empty, what changed, the clock and the faults."""
    return [
        *_requests(nova),
        *_changes(nova),
        f"clock: {nova.clock.mode()}, at {nova.clock.now().isoformat()}",
        *_faults(nova),
        *(f"strict: {complaint}" for complaint in nova.complaints()),
    ]


def _requests(nova: Control) -> Iterator[str]:
    requests = nova.requests.all()
    yield f"{len(requests)} requests" + (f", the last {MOST}:" if len(requests) > MOST else ":")
    for request in requests[-MOST:]:
        status = "reset" if request["status"] == 0 else request["status"]
        yield f"  {curl(nova.url, request)}"
        hint = request["hint"] and f"hint: {request['hint']}"
        notes = (f"-> {status}", f"{request['milliseconds']} ms", request["fault"], hint)
        yield f"      {', '.join(filter(None, notes))}"
        if request["operation"] in _LISTS and request["listed"] == 0:
            yield from _why(nova, request)


def curl(url: str, request: Document) -> str:
    """Return a line for a shell that asks the same again; a token, which is not kept, is named only."""
    parts = ["curl", "-s"]
    if request["method"] != "GET":
        parts += ["-X", request["method"]]
    if request["body"]:
        parts += ["-H", "Content-Type: application/json", "-d", request["body"]]
    query = f"?{request['query']}" if request["query"] else ""
    parts.append(f"{url}{request['path']}{query}")
    return shlex.join(parts)


def _why(nova: Control, request: Document) -> Iterator[str]:
    """Say why a list was empty, as far as the cloud is still what it was then."""
    told = nova.explain(f"{request['path']}?{request['query']}")
    images = told.get("images", [])
    yield f"      the list was empty; of {len(images)} images"
    for image in images[:MOST]:
        yield f"        {image['name'] or image['id']}: {image['dropped'] or 'would be listed now'}"


def _changes(nova: Control) -> Iterator[str]:
    told = nova.changes()
    if not any(told.values()):
        yield "images: as seeded"
        return
    yield "images, against the seed:"
    for word in ("added", "removed"):
        for image in told[word][:MOST]:
            yield f"  {word} {_named(image)}, {image['status']}"
    for image in told["changed"][:MOST]:
        fields = "; ".join(f"{name}: {old!r} -> {new!r}" for name, (old, new) in image["fields"].items())
        yield f"  changed {_named(image)}: {fields}"


def _named(image: dict[str, Any]) -> str:
    return f"{image['id']} ({image['name']})"


def _faults(nova: Control) -> Iterator[str]:
    for fault in nova.faults.all():
        effect = ", ".join(f"{name} {value}" for name, value in fault["effect"].items())
        match = urlencode(fault["match"]) or "every request"
        state = "in force" if fault["in_force"] else "over"
        yield f"{fault['id']}: {effect} for {match}; met {fault['met']} of {fault['matched']}, {state}"
