"""Hints: why a real answer is what it is, where the emulator knows and the answer does not say.

A hint is one line in the log and in the header ``X-Fake-Nova-Hint``. Status and body stay the real ones.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from fake_nova.cloud.faults import Rule
from fake_nova.wire import redaction
from fake_nova.wire.call import Answer, Call

if TYPE_CHECKING:
    from fake_nova.wire.routing import HintRule

HEADER: Final = "X-Fake-Nova-Hint"

MISSING: Final = "No token was sent; get one from POST /identity/v3/auth/tokens"
UNKNOWN: Final = "The token was not issued here, or it has expired, was revoked, or was forgotten by a reset."

_log = logging.getLogger("fake_nova.hints")
_LONGEST: Final = 1000


def look(call: Call, answer: Answer) -> None:
    """Find out what the rules of the service and the route know of an answer; log it, and let *call* know.

    `complain` comes before.
    """
    route = call.route
    rules: tuple[HintRule, ...]
    if answer.status >= 400:
        rules = call.service.hints if route is None else call.service.hints + route.hints
    else:
        rules = () if route is None else route.remarks
    if not (rules or call.why or call.met or call.complaint):
        return
    said = [text for text in (call.why, call.complaint) if text]
    if call.met is not None:
        said.append(_on_fault(call.met))
    for rule in rules:
        text = rule(call, answer)
        if text:
            said.append(text)
    if said:
        line = call.hint = redaction.printable(" ".join(said))[:_LONGEST]
        path = redaction.printable(redaction.without_secrets_in_path(call.path[:_LONGEST]))
        _log.info("%s %s: %s", redaction.printable(call.method[:_LONGEST]), path, line)


def complain(call: Call, answer: Answer) -> None:
    """Find out what of a request, which has a route, a strict test does not put up with; let *call* know."""
    rules = () if call.route is None else call.route.complaints
    said = " ".join([text for rule in rules if (text := rule(call, answer))])
    call.complaint = redaction.printable(said)[:_LONGEST] if said else None


def _on_fault(met: Rule) -> str:
    owner = met.fault.owner
    return f"The request met {met.id}{' of ' + owner if owner else ''}."


def on_token(call: Call, answer: Answer) -> str | None:
    """Say what is wrong with the token of a 401."""
    if answer.status != 401:
        return None
    if not (call.header("X-Auth-Token") or call.header("X-Storage-Token") or "").strip():
        return f"{MISSING}, or serve with noauth."
    return UNKNOWN


def on_project(call: Call, answer: Answer) -> str | None:
    """Say whose token it is where the URL names another project."""
    mine = call.caller.project_id
    if answer.status != 400 or not call.url_project or call.url_project == mine:
        return None
    if mine is None:
        return "The token is scoped to no project, so the URL must name none."
    return f"The token is scoped to project {mine}; the URL must name that one, or none."


def on_version(call: Call, answer: Answer) -> str | None:
    """Say which microversion is the last that has the route."""
    version, route = call.microversion, call.route
    if answer.status != 404 or version is None or route is None or route.last_microversion is None:
        return None
    if version.minor <= route.last_microversion:
        return None
    last = route.last_microversion
    return f"{route.operation} ends with microversion 2.{last}; the request asks for {version}."


def on_route(call: Call, answer: Answer) -> str | None:
    """Say why a path that looks right has no route."""
    if answer.status != 404 or call.route is not None:
        return None
    if call.path.endswith("/"):
        return "There is no route with a slash at its end."
    if call.method == "HEAD":
        return "HEAD is no route here; it is not taken for GET."
    return "No route has this method and path; a project id is made of 0-9, a-f and hyphens."


def on_media_type(_: Call, answer: Answer) -> str | None:
    """Say what a Content-Type may be."""
    if answer.status != 415:
        return None
    return "A Content-Type is taken in lower case only, and only as JSON; it may be left out."
