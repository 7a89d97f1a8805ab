"""The section about the emulated cloud in the report of a failed test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from fake_nova.control import Control, Document
from fake_nova.errors import count_of
from fake_nova.testing.command_line import join_command

#: The maximum number of requests, of images and of other lines of each kind in a report.
MAX_ENTRIES: Final = 30

#: The operations that list images.
_LIST_OPERATIONS: Final = ("images.list", "images.detail", "glance.images.list")


def build_report(nova: Control) -> list[str]:
    """Return the lines of a report: requests, empty lists, changes of images, the clock and the faults."""
    return [
        *_request_lines(nova),
        *_change_lines(nova),
        f"clock: {nova.clock.mode()}, at {nova.clock.now().isoformat()}",
        *_fault_lines(nova),
        *(f"strict: {complaint}" for complaint in nova.complaints()),
    ]


def _request_lines(nova: Control) -> Iterator[str]:
    requests = nova.requests.all()
    yield count_of(len(requests), "request") + (
        f", the last {MAX_ENTRIES}:" if len(requests) > MAX_ENTRIES else ":"
    )
    for request in requests[-MAX_ENTRIES:]:
        status = {0: "reset", None: "no response yet"}.get(request["status"], request["status"])
        duration = "" if request["milliseconds"] is None else f"{request['milliseconds']} ms"
        yield f"  {curl_command(nova.url, request)}"
        hint = request["hint"] and f"hint: {request['hint']}"
        remarks = (f"-> {status}", duration, request["fault"], hint)
        yield f"      {', '.join(filter(None, remarks))}"
        if request["operation"] in _LIST_OPERATIONS and request["listed"] == 0:
            yield from _empty_list_lines(nova, request)


def curl_command(url: str, request: Document) -> str:
    """Return a curl command that repeats a request, without its token.

    Args:
        url: the URL of the emulator.
        request: an entry of the journal.
    """
    arguments = ["curl", "-s"]
    if request["method"] != "GET":
        arguments += ["-X", request["method"]]
    if request["body"]:
        arguments += ["-H", "Content-Type: application/json", "-d", request["body"]]
    query = f"?{request['query']}" if request["query"] else ""
    arguments.append(f"{url}{request['path']}{query}")
    return join_command(arguments)


def _empty_list_lines(nova: Control, request: Document) -> Iterator[str]:
    """Yield lines that explain why a list was empty; they use the cloud's present state."""
    explanation = nova.explain(f"{request['path']}?{request['query']}")
    images = explanation.get("images", [])
    yield f"      the list was empty; why it lacks {count_of(len(images), 'image')}:"
    for image in images[:MAX_ENTRIES]:
        yield f"        {image['name'] or image['id']}: {image['dropped'] or 'would be listed now'}"


def _change_lines(nova: Control) -> Iterator[str]:
    changes = nova.changes()
    if not any(changes.values()):
        yield "images: as seeded"
        return
    yield "images, compared with the seed:"
    for kind in ("added", "removed"):
        for image in changes[kind][:MAX_ENTRIES]:
            yield f"  {kind} {_image_label(image)}, {image['status']}"
    for image in changes["changed"][:MAX_ENTRIES]:
        fields = "; ".join(f"{name}: {old!r} -> {new!r}" for name, (old, new) in image["fields"].items())
        yield f"  changed {_image_label(image)}: {fields}"


def _image_label(image: dict[str, Any]) -> str:
    return f"{image['id']} ({image['name']})"


def _fault_lines(nova: Control) -> Iterator[str]:
    for fault in nova.faults.all():
        effect = ", ".join(f"{name} {value}" for name, value in fault["effect"].items())
        match = urlencode(fault["match"]) or "every request"
        counts = f"triggered on {fault['met']} of {count_of(fault['matched'], 'matching request')}"
        state = "active" if fault["in_force"] else "finished"
        yield f"{fault['id']}: {effect} for {match}; {counts}, {state}"
