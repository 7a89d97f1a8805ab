"""Hints: explanations of a response that the response itself does not give.

A hint is one line in the log and in the header ``X-Fake-Nova-Hint``. Status and body do not change.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from fake_nova.wire import redaction
from fake_nova.wire.context import FAULT, VIEW, Context
from fake_nova.wire.response import Headers, Response
from fake_nova.wire.service import Hint

HEADER: Final = "X-Fake-Nova-Hint"

NO_TOKEN_HINT: Final = "No token was sent; get one from POST /identity/v3/auth/tokens"  # noqa: S105  # a sentence
ACCESS_RULES_HINT: Final = (
    "The access rules of the token's application credential do not permit this request."
)
BAD_TOKEN_HINT: Final = (
    "The token was not issued here, or it has expired, was revoked, or was forgotten by a reset."  # noqa: S105  # a sentence
)
BAD_SERVICE_TOKEN_HINT: Final = (
    "The token in X-Service-Token was not issued here, or it has expired, was revoked, or was forgotten "  # noqa: S105  # a sentence
    "by a reset; or its user lacks the role service."
)

_log = logging.getLogger("fake_nova.hints")
_MAX_HINT_CHARS: Final = 1000


def record_hint(context: Context, response: Response) -> Headers:
    """Explain a response by its trace and by the hint rules of its service and route.

    The rules guess a cause from the response. So they do not apply to the response of a fault, and those of
    the route only to a response of its view.

    The explanation also goes to the trace, and to the log unless it was logged within a minute.

    Returns:
        The header with the hint; empty if there is no explanation.
    """
    hints = list(_iterate_hints(context, response))
    if not hints:
        return ()
    text = printable_hint(" ".join(hint.text for hint in hints))
    context.trace.hint = text
    context.trace.hint_code = next((hint.code for hint in hints if hint.code is not None), None)
    if not context.is_dry_run and context.cloud.hint_log.record(text):
        request = context.request
        path = redaction.escape_unprintable(redaction.redact_path(request.client_path[:_MAX_HINT_CHARS]))
        method = redaction.escape_unprintable(request.method[:_MAX_HINT_CHARS])
        _log.info("%s %s: %s", method, path, text)
    return ((HEADER, text),)


def _iterate_hints(context: Context, response: Response) -> Iterator[Hint]:
    """Yield the sentences of a hint."""
    trace = context.trace
    yield from (Hint(text) for text in (trace.strict_violation, trace.reason) if text)
    if trace.triggered_fault is not None:
        owner = trace.triggered_fault.fault.owner
        owner_part = f" of {owner}" if owner else ""
        yield Hint(f"The request triggered {trace.triggered_fault.id}{owner_part}.")
    if response.status < 400 or trace.decided_by == FAULT:
        return
    rules = context.service.error_hints
    if context.route is not None and trace.decided_by == VIEW:
        rules += context.route.error_hints
    rule_hints = (rule(context, response) for rule in rules)
    yield from (hint for hint in rule_hints if hint is not None)


def printable_hint(text: str) -> str:
    """Return a text in printable ASCII and at most 1,000 characters, as a header needs it."""
    return redaction.escape_unprintable(text)[:_MAX_HINT_CHARS]


def explain_token(context: Context, response: Response) -> Hint | None:
    """Explain what is wrong with the token, for a 401."""
    if response.status != 401:
        return None
    if not context.request.token:
        return Hint(f"{NO_TOKEN_HINT}, or serve with noauth.")
    if context.token is not None:
        return Hint(BAD_SERVICE_TOKEN_HINT)
    if context.emulator.find_token(context.request.token) is not None:
        return Hint(ACCESS_RULES_HINT)
    return Hint(BAD_TOKEN_HINT, "refused_token")
