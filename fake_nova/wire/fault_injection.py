"""Faults on their way into an answer: what they do before a view, and what to its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from types import MappingProxyType
from typing import Final

from fake_nova.cloud.faults import RESET, Rule
from fake_nova.images.store import MemoryImageStore
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.nova_errors import error_page, phrase
from fake_nova.wire.routing import Refusal

#: Status -> Nova's message; other statuses have the explanation of WebOb.
MESSAGES: Mapping[int, str] = MappingProxyType(
    {
        429: "This request was rate-limited.",
        500: (
            "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova "
            "API log if possible.\n<class 'oslo_db.exception.DBConnectionError'>"
        ),
        501: "The server does not support the requested functionality.",
    }
)

#: Status that no service gives, but the proxy in front of it -> headline and sentence of its page (HAProxy).
PROXY_PAGES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        502: ("502 Bad Gateway", "The server returned an invalid or incomplete response."),
        504: ("504 Gateway Time-out", "The server didn't respond in time."),
    }
)


def before(call: Call) -> Answer | None:
    """Look whether the request meets a fault; answer if that is instead of the view."""
    faults, refuse = call.cloud.faults, call.service.refuse
    if refuse is None:
        return None
    met = call.met = faults.meeting(call)
    if met is None:
        return None
    effect = met.fault.effect
    if effect.delay:
        faults.over.wait(effect.delay)
    acts = [act for name, act in BEFORE.items() if getattr(effect, name) is not None]
    return next((answer for act in acts if (answer := act(call, met, refuse)) is not None), None)


Refuse = Callable[[Call, Refusal], Answer]


def _refused(call: Call, rule: Rule, refuse: Refuse) -> Answer:
    effect = rule.fault.effect
    status = effect.status or 0
    message = effect.message or MESSAGES.get(status) or error_page(status).explanation
    answer = refuse(call, Refusal(status, message, effect.retry_after))
    if effect.retry_after is None:
        return answer
    return answer.with_headers(("Retry-After", str(effect.retry_after)))


def _expired(call: Call, _: Rule, refuse: Refuse) -> Answer:
    text = call.token
    found = call.emulator.find_token(text) if text else None
    if found is not None and text is not None:
        found[0].tokens.revoke(text)
    return refuse(call, Refusal(401, phrase(401)))


def _not_carried_out(_: Call, rule: Rule, __: Refuse) -> Answer | None:
    return Answer(200) if rule.fault.effect.connection == RESET else None


def _stale(call: Call, rule: Rule, _: Refuse) -> None:
    """Let a reading request look at the images as they were; a writing one is not touched."""
    if call.method in ("GET", "HEAD") and rule.seen is not None:
        call.cloud = copy(call.cloud)
        call.cloud.images = MemoryImageStore(rule.seen)


#: Field of an effect -> what it does before the view.
BEFORE: Mapping[str, Callable[[Call, Rule, Refuse], Answer | None]] = MappingProxyType(
    {"status": _refused, "token": _expired, "connection": _not_carried_out, "stale": _stale}
)


def _truncated(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _malformed(body: bytes) -> bytes:
    """Lose the first quotation mark, so that it looks like JSON and is none."""
    return body.replace(b'"', b"", 1) if b'"' in body else body + b"}"


#: Word of a body's damage -> what becomes of the body.
DAMAGE: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {"empty": lambda _: b"", "truncated": _truncated, "malformed": _malformed}
)


def after(answer: Answer, met: Rule) -> Answer:
    """Damage an answer as the fault that its request met says."""
    effect = met.fault.effect
    page = PROXY_PAGES.get(effect.status or 0)
    if page is not None:
        return _proxy_page(answer, *page)
    body = DAMAGE[effect.body](answer.body) if effect.body is not None else answer.body
    return Answer(answer.status, answer.headers, body, ending=effect.connection)


def _proxy_page(answer: Answer, headline: str, sentence: str) -> Answer:
    """Put a proxy's page in the place of the answer; of its headers only Retry-After is left."""
    kept = [header for header in answer.headers if header[0] in ("Retry-After", "X-Fake-Nova-Hint")]
    page = f"<html><body><h1>{headline}</h1>\n{sentence}\n</body></html>\n"
    return Answer(answer.status, (("Content-Type", "text/html"), *kept), page.encode())
