"""Hints: why a real answer is what it is, where the emulator knows and the answer does not say.

A hint is one line in the log and in the header ``X-Fake-Nova-Hint``. Status and body stay the real ones.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from fake_nova.cloud.faults import ActiveFault
from fake_nova.wire import redaction
from fake_nova.wire.call import Context, Response

if TYPE_CHECKING:
    from fake_nova.wire.routing import HintRule

HEADER: Final = "X-Fake-Nova-Hint"

NO_TOKEN_HINT: Final = "No token was sent; get one from POST /identity/v3/auth/tokens"  # noqa: S105  # a sentence
BAD_TOKEN_HINT: Final = (
    "The token was not issued here, or it has expired, was revoked, or was forgotten by a reset."  # noqa: S105  # a sentence
)

_log = logging.getLogger("fake_nova.hints")
_MAX_HINT_CHARS: Final = 1000


def record_hint(context: Context, response: Response) -> None:
    """Find out what the rules of the service and the route know of an answer; log it, and let *context* know.

    `record_strict_violation` comes before.
    """
    route = context.route
    rules: tuple[HintRule, ...]
    if response.status >= 400:
        rules = (
            context.service.error_hints if route is None else context.service.error_hints + route.error_hints
        )
    else:
        rules = () if route is None else route.success_hints
    if not (rules or context.reason or context.active_fault or context.strict_violation):
        return
    sentences = [sentence for sentence in (context.reason, context.strict_violation) if sentence]
    if context.active_fault is not None:
        sentences.append(_explain_fault(context.active_fault))
    for rule in rules:
        sentence = rule(context, response)
        if sentence:
            sentences.append(sentence)
    if sentences:
        hint = context.hint = redaction.escape_unprintable(" ".join(sentences))[:_MAX_HINT_CHARS]
        path = redaction.escape_unprintable(redaction.redact_path(context.path[:_MAX_HINT_CHARS]))
        _log.info("%s %s: %s", redaction.escape_unprintable(context.method[:_MAX_HINT_CHARS]), path, hint)


def record_strict_violation(context: Context, response: Response) -> None:
    """Find out what of a request, which has a route, a strict test does not put up with; "
    "let *context* know."""
    rules = () if context.route is None else context.route.strict_rules
    violation = " ".join([sentence for rule in rules if (sentence := rule(context, response))])
    context.strict_violation = (
        redaction.escape_unprintable(violation)[:_MAX_HINT_CHARS] if violation else None
    )


def _explain_fault(active_fault: ActiveFault) -> str:
    owner = active_fault.fault.owner
    return f"The request met {active_fault.id}{' of ' + owner if owner else ''}."


def explain_token(context: Context, response: Response) -> str | None:
    """Say what is wrong with the token of a 401."""
    if response.status != 401:
        return None
    if not (context.header("X-Auth-Token") or context.header("X-Storage-Token") or "").strip():
        return f"{NO_TOKEN_HINT}, or serve with noauth."
    return BAD_TOKEN_HINT


def explain_project(context: Context, response: Response) -> str | None:
    """Say whose token it is where the URL names another project."""
    token_project = context.caller.project_id
    if response.status != 400 or not context.project_in_url or context.project_in_url == token_project:
        return None
    if token_project is None:
        return "The token is scoped to no project, so the URL must name none."
    return f"The token is scoped to project {token_project}; the URL must name that one, or none."


def explain_microversion(context: Context, response: Response) -> str | None:
    """Say which microversion is the last that has the route."""
    version, route = context.microversion, context.route
    if response.status != 404 or version is None or route is None or route.last_microversion is None:
        return None
    if version.minor <= route.last_microversion:
        return None
    last_minor = route.last_microversion
    return f"{route.operation} ends with microversion 2.{last_minor}; the request asks for {version}."


def explain_route(context: Context, response: Response) -> str | None:
    """Say why a path that looks right has no route."""
    if response.status != 404 or context.route is not None:
        return None
    if context.path.endswith("/"):
        return "There is no route with a slash at its end."
    if context.method == "HEAD":
        return "HEAD is no route here; it is not taken for GET."
    return "No route has this method and path; a project id is made of 0-9, a-f and hyphens."


def explain_media_type(_: Context, response: Response) -> str | None:
    """Say what a Content-Type may be."""
    if response.status != 415:
        return None
    return "A Content-Type is taken in lower case only, and only as JSON; it may be left out."
