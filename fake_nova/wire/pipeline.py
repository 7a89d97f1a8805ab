"""Everything that happens to one request, in its order."""

from __future__ import annotations

import json
import logging
from time import perf_counter
from typing import Any

from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import RESET
from fake_nova.cloud.history import recording_author
from fake_nova.cloud.journal import Entry
from fake_nova.errors import BodyTimeout, FakeNovaError
from fake_nova.wire import access_log, fault_injection, hints, nova_errors, redaction, request_body
from fake_nova.wire.call import Context, Response
from fake_nova.wire.routing import RouteMatch, Router

_log = logging.getLogger("fake_nova")

#: Most characters of a path and its query; web servers before real services take as many (uWSGI's buffer).
MAX_URL_CHARS = 65_535

#: Most characters that the journal keeps of each text of a request, so that it is bounded in bytes too.
_MAX_JOURNALED_CHARS = 2000
_MAX_METHOD_CHARS = 50

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

_MULTIPROCESS_MESSAGE = (
    "server: it runs several processes; expected one. The cloud lives in the memory of one process; "
    "several would each have a cloud of their own. Use threads instead: gunicorn --workers 1 --threads 8"
)


def handle(emulator: Emulator, router: Router, environ: dict[str, Any]) -> Response:
    """Take one request from its WSGI environment to its answer.

    The order is Nova's: size and token before the route is looked for, then the microversion, the body, the
    project in the URL, and whether the version has the route at all; at last the view.
    """
    raw_path = environ.get("PATH_INFO") or ""
    if len(raw_path) + len(environ.get("QUERY_STRING") or "") > MAX_URL_CHARS:
        return nova_errors.url_too_long_response()
    match = router.match(environ["REQUEST_METHOD"], raw_path)
    service, path, project = match[:3]
    cloud = emulator.cloud_for_project(project) if project else emulator.cloud
    context = Context(emulator, cloud, environ, router, service, path)
    if environ.get("wsgi.multiprocess"):
        return nova_errors.nova_error_response(500, _MULTIPROCESS_MESSAGE)
    start_time = perf_counter()
    try:
        response = _add_headers(context, _handle_errors(context, match))
        if context.active_fault is not None:
            response = fault_injection.damage(response, context.active_fault)
    except Exception:
        _log.exception("%s %s failed", context.method, redaction.redact_path(context.path))
        response = nova_errors.nova_error_response(500, nova_errors.UNEXPECTED_ERROR_MESSAGE)
        response = response.with_headers(*service.response_headers(context, response))
    seconds = perf_counter() - start_time
    operation = context.operation
    if context.journal_entry is not None:
        _complete_entry(context, context.journal_entry, response, operation, seconds)
    emulator.metrics.observe(operation, context.method, response.status, seconds)
    log_format = emulator.settings.access_log
    if log_format != access_log.OFF:
        access_log.write(context, response, seconds, log_format)
    if response.status == 413:
        request_body.discard(context.environ)
    return response


def dry_run(context: Context, path: str, query: str) -> tuple[Context, Response]:
    """Return what a GET of *path* would be answered now, with the token of *context*; it leaves no trace.

    It is in the cloud of *context*. Neither journal nor faults nor plans count it.
    """
    no_body = {"CONTENT_LENGTH": "", "CONTENT_TYPE": ""}
    environ = {
        **context.environ,
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        **no_body,
    }
    match = context.router.match("GET", path)
    dry_request = Context(context.emulator, context.cloud, environ, context.router, match.service, match.path)
    dry_request.is_dry_run = True
    return dry_request, _add_headers(dry_request, _handle_errors(dry_request, match))


def _add_headers(context: Context, response: Response) -> Response:
    """Put on an answer the headers that those of its service have, and the hint."""
    headers = response.headers + context.service.response_headers(context, response)
    if context.route is not None and context.route.strict_rules:
        hints.record_strict_violation(context, response)
    if context.cloud.settings.hints:
        hints.record_hint(context, response)
        if context.hint is not None:
            headers += ((hints.HEADER, context.hint),)
    return Response(response.status, headers, response.body, response.connection_fault)


def _record_arrival(context: Context) -> Entry:
    """Note a request in the journal of the cloud that it is in."""
    entry = Entry(
        context.cloud.clock.cheap_timestamp(),
        context.method[:_MAX_METHOD_CHARS],
        redaction.redact_path(context.path[:_MAX_JOURNALED_CHARS]),
        redaction.redact_query(context.query_string[:_MAX_JOURNALED_CHARS]) if context.query_string else "",
        context.request_id,
        (context.environ.get("HTTP_X_OPENSTACK_REQUEST_ID") or "")[:_MAX_JOURNALED_CHARS] or None,
        (context.environ.get("HTTP_USER_AGENT") or "")[:_MAX_JOURNALED_CHARS] or None,
    )
    context.cloud.journal.record(entry)
    return entry


def _author(context: Context) -> dict[str, Any]:
    """Say who writes, for the history of images."""
    request_number = {} if context.journal_entry is None else {"request": context.journal_entry.number}
    return {"operation": context.operation, **request_number}


def _complete_entry(
    context: Context, entry: Entry, response: Response, operation: str, seconds: float
) -> None:
    entry.operation = operation
    entry.project = (context.caller.project_id or "")[:_MAX_JOURNALED_CHARS]
    entry.seconds = seconds
    entry.image_count = context.image_count
    entry.hint = context.hint
    entry.strict_violation = context.strict_violation
    if context.active_fault is not None:
        entry.fault = context.active_fault.id
    if context.body is not None:
        entry.body = json.dumps(redaction.redact_json(context.body))[:_MAX_JOURNALED_CHARS]
    context.cloud.journal.complete(entry, 0 if response.connection_fault == RESET else response.status)


def _handle_errors(context: Context, match: RouteMatch) -> Response:
    """Return the answer of a check or a view, or the error that one raised, in the service's words."""
    try:
        return _dispatch(context, match)
    except BodyTimeout:
        return nova_errors.body_timeout_response()
    except FakeNovaError as error:
        context.reason = getattr(error, "reason", "")
        response = context.service.render_error(context, error)
        if response is None:
            raise
        return response


def _dispatch(context: Context, match: RouteMatch) -> Response:
    service = context.service
    response = None
    for check in service.checks_before_routing:
        if (response := check(context)) is not None:
            break
    if service.is_journaled and not context.is_dry_run:
        context.journal_entry = _record_arrival(context)
    if response is not None:
        return response
    _, _, context.project_in_url, context.route, context.path_params = match
    if (
        context.cloud.faults.active_faults
        and not context.is_dry_run
        and (response := fault_injection.intercept(context)) is not None
    ):
        return response
    if context.route is None:
        return service.no_route_view(context)
    for check in service.checks_after_routing:
        if (response := check(context)) is not None:
            return response
    if context.method in _SAFE_METHODS:
        return context.route.view(context)
    with recording_author(_author(context)):
        return context.route.view(context)
