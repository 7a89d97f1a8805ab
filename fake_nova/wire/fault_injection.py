"""Fault injection: the effect of a fault before the view, and on the response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.faults import RESET, Effect, Fault, InstalledFault
from fake_nova.support import environ_keys, glob
from fake_nova.wire.context import Context, Trace
from fake_nova.wire.error_responses import error_page
from fake_nova.wire.response import Response, Stall, reason_phrase
from fake_nova.wire.service import InjectedError

#: Status -> Nova's message. Other statuses have WebOb's explanation.
ERROR_MESSAGES: Final[Mapping[int, str]] = {
    429: "This request was rate-limited.",
    500: (
        "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API "
        "log if possible.\n<class 'oslo_db.exception.DBConnectionError'>"
    ),
    501: "The server does not support the requested functionality.",
}

#: A status that only a proxy sends -> headline and sentence of its error page (HAProxy).
PROXY_PAGES: Final[Mapping[int, tuple[str, str]]] = {
    502: ("502 Bad Gateway", "The server returned an invalid or incomplete response."),
    504: ("504 Gateway Time-out", "The server didn't respond in time."),
}

_READ_METHODS: Final = ("GET", "HEAD")


def intercept(context: Context) -> Response | None:
    """Let a request trigger a fault, and wait out its delay.

    Returns:
        The response of the fault, or None to go on to the view with `cloud_of_view`.
    """
    render_error = context.service.render_injected_error
    if render_error is None:
        return None
    if context.request.method not in _READ_METHODS:
        context.cloud.faults.note_write()
    triggered_fault = context.cloud.faults.find_triggered(lambda fault: _matches(context, fault))
    if triggered_fault is None:
        return None
    _record_fault(context.trace, triggered_fault)
    effect = triggered_fault.fault.effect
    if effect.delay:
        _wait_out_delay(context, effect.delay)
    interceptors = [act for name, act in INTERCEPTORS.items() if getattr(effect, name) is not None]
    responses = (act(context, effect, render_error) for act in interceptors)
    return next((response for response in responses if response is not None), None)


def cloud_of_view(context: Context) -> Cloud:
    """Return the cloud for the view. A fault may let a read see the images of an earlier state."""
    triggered_fault = context.trace.triggered_fault
    if triggered_fault is None or context.request.method not in _READ_METHODS:
        return context.cloud
    stale_state = triggered_fault.stale_state_at(context.cloud.images.state)
    return context.cloud if stale_state is None else context.cloud.with_images_of(stale_state)


def _record_fault(trace: Trace, triggered_fault: InstalledFault) -> None:
    """Record the fault before its delay, so that the journal shows it for requests in flight."""
    trace.triggered_fault = triggered_fault
    if trace.journal_entry is not None:
        trace.journal_entry.fault = triggered_fault.id


def _wait_out_delay(context: Context, seconds: float) -> None:
    """Wait out a delay. If the client is in this process, end the delay when the client gives up."""
    is_cancelled = context.cloud.faults.delays_cancelled
    client_timeout = context.request.environ.get(environ_keys.CLIENT_TIMEOUT)
    if client_timeout is None:
        is_cancelled.wait(seconds)
    elif client_timeout.wait_out(is_cancelled, seconds):
        context.trace.reason = (
            f"The client gave up during the delay of {seconds:g} s; it did not get this response."
        )


def _matches(context: Context, fault: Fault) -> bool:
    return all(MATCHERS[key](context, pattern) for key, pattern in fault.match.items())


def _matches_text(text: str | None, pattern: str) -> bool:
    return text is not None and glob.matches(text, pattern)


#: Key of a fault's match -> whether a request matches the value. Texts may contain ``*`` and ``?``.
MATCHERS: Final[Mapping[str, Callable[[Context, Any], bool]]] = {
    "operation": lambda context, pattern: _matches_text(context.operation, pattern),
    "method": lambda context, pattern: _matches_text(context.request.method, pattern),
    "path": lambda context, pattern: any(
        _matches_text(path, pattern) for path in (context.request.path, context.request.client_path)
    ),
    "project": lambda context, pattern: _matches_text(context.project, pattern),
    "header": lambda context, patterns: all(
        _matches_text(context.request.header(name), pattern) for name, pattern in patterns.items()
    ),
    "query": lambda context, patterns: all(
        any(_matches_text(value, pattern) for value in context.query_params.get(name, ()))
        for name, pattern in patterns.items()
    ),
}


ErrorRenderer = Callable[[Context, InjectedError], Response]
Interceptor = Callable[[Context, Effect, ErrorRenderer], Response | None]


def _error_response(context: Context, effect: Effect, render_error: ErrorRenderer) -> Response:
    status = effect.status or 0
    message = effect.message or ERROR_MESSAGES.get(status) or error_page(status).explanation
    response = render_error(context, InjectedError(status, message, effect.retry_after))
    if effect.retry_after is None:
        return response
    return response.with_headers(("Retry-After", str(effect.retry_after)))


def _revoke_token(context: Context, _: Effect, render_error: ErrorRenderer) -> Response:
    text = context.request.token or ""
    if (match := context.emulator.find_token(text)) is not None:
        match.cloud.tokens.revoke(text)
    return render_error(context, InjectedError(401, reason_phrase(401)))


#: Field of an effect -> the function that applies it before the view.
INTERCEPTORS: Final[Mapping[str, Interceptor]] = {
    "status": _error_response,
    "token": _revoke_token,
    "connection": lambda _, effect, __: Response(200) if effect.connection == RESET else None,
}


def _break_json(body: bytes) -> bytes:
    """Remove the first quotation mark, so that the body is almost JSON."""
    return body.replace(b'"', b"", 1) if b'"' in body else body + b"}"


#: Kind of damage -> the function that damages a body.
BODY_DAMAGE: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "empty": lambda _: b"",
    "truncated": lambda body: body[: len(body) // 2],
    "malformed": _break_json,
}


def damage(context: Context, response: Response, triggered_fault: InstalledFault) -> Response:
    """Damage a response as the fault that its request triggered demands."""
    effect = triggered_fault.fault.effect
    if effect.stall is not None:
        stall = Stall(effect.stall, context.cloud.faults.delays_cancelled)
        return Response(response.status, response.headers, response.body, connection_fault=stall)
    page = PROXY_PAGES.get(effect.status or 0)
    if page is not None:
        return _proxy_error_page(response, *page)
    body = BODY_DAMAGE[effect.body](response.body) if effect.body is not None else response.body
    return Response(response.status, response.headers, body, connection_fault=effect.connection)


def _proxy_error_page(response: Response, headline: str, sentence: str) -> Response:
    """Return a proxy's error page. It keeps the hint and Retry-After, and no other header of the service."""
    headers = [header for header in response.headers if header[0] in ("Retry-After", "X-Fake-Nova-Hint")]
    html = f"<html><body><h1>{headline}</h1>\n{sentence}\n</body></html>\n"
    return Response(response.status, (("Content-Type", "text/html"), *headers), html.encode())
