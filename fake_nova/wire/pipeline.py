"""All steps of one request, in their order."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from time import perf_counter
from typing import Any

from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import RESET
from fake_nova.cloud.history import recording_author
from fake_nova.cloud.journal import Entry
from fake_nova.errors import BodyTimeout, FakeNovaError
from fake_nova.support import log_names
from fake_nova.wire import (
    access_log,
    cors,
    endpoints,
    error_responses,
    exchanges,
    fault_injection,
    hints,
    json_body,
    redaction,
    request_body,
)
from fake_nova.wire.access_rules import permit
from fake_nova.wire.context import ANONYMOUS, CHECK, FAULT, Context, RouteFinder
from fake_nova.wire.request import PREFIX_KEY, new_request
from fake_nova.wire.response import Response
from fake_nova.wire.routing import Router
from fake_nova.wire.service import RouteMatch

_log = logging.getLogger("fake_nova")

#: The maximum number of characters of a path and its query, as in the buffer of uWSGI in front of the real
#: services.
MAX_URL_CHARS = 65_535

#: The maximum number of characters of each text of a request in the journal, so that it is bounded in bytes.
_MAX_JOURNALED_CHARS = 2000
_MAX_METHOD_CHARS = 50

#: The maximum size of a body that is read only for the journal, because a fault responded before the view.
_MAX_UNREAD_BYTES = 65_536

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

_MULTIPROCESS_MESSAGE = (
    "server: it runs several processes; expected one. The cloud lives in the memory of one process; "
    "several would each have a cloud of their own. Use threads instead: gunicorn --workers 1 --threads 8"
)


def handle(emulator: Emulator, router: Router, environ: dict[str, Any]) -> Response:
    """Return the response to one request.

    Args:
        emulator: the emulator with the clouds.
        router: the routes of all APIs.
        environ: the WSGI environment of the request.
    """
    raw_path = environ.get("PATH_INFO") or ""
    if len(raw_path) + len(environ.get("QUERY_STRING") or "") > MAX_URL_CHARS:
        return error_responses.url_too_long_response()
    if environ.get("wsgi.multiprocess"):
        return error_responses.json_error_response(500, _MULTIPROCESS_MESSAGE)
    start_time = perf_counter()
    match = router.match(environ["REQUEST_METHOD"], raw_path)
    context = _build_context(emulator, router, environ, match)
    try:
        response = _respond(context, match)
        if context.trace.triggered_fault is not None:
            response = fault_injection.damage(context, response, context.trace.triggered_fault)
    except Exception:
        request = context.request
        _log.exception("%s %s failed", request.method, redaction.redact_path(request.client_path))
        response = error_responses.json_error_response(500, error_responses.UNEXPECTED_ERROR_MESSAGE)
        response = response.with_headers(*match.service.response_headers(context, response))
    if match.service.ends_json_with_newline and response.body[-1:] == b"}":
        body = response.body + b"\n"
        response = Response(response.status, response.headers, body, response.connection_fault)
    _record_response(context, response, perf_counter() - start_time)
    if response.status == 413:
        request_body.discard(environ)
    return response


def handle_with_cors(emulator: Emulator, router: Router, environ: dict[str, Any]) -> Response:
    """Return the response of `handle`, with the headers for web pages that the setting ``cors`` allows.

    Args:
        emulator: the emulator with the clouds.
        router: the routes of all APIs.
        environ: the WSGI environment of the request.
    """
    response = handle(emulator, router, environ)
    defaults = router.match(environ["REQUEST_METHOD"], environ.get("PATH_INFO") or "").service.cors
    if defaults is None or response.status in cors.FOREIGN_STATUSES:
        return response
    headers = cors.add_cors_headers(response.headers, environ, emulator.settings.cors, defaults)
    return Response(response.status, headers, response.body, response.connection_fault)


def dry_run(context: Context, path: str, query: str, token: str | None = None) -> tuple[Context, Response]:
    """Compute the response to a GET of *path*, without a trace in the journal, the faults or the plans.

    Args:
        context: the context whose cloud, token and headers to use.
        path: the path, with the version and without the query, such as ``/v2.1/images``.
        query: the query string; "" for none.
        token: the token to use in place of that of *context*; None for the latter.

    Returns:
        The context of that request, with its route even if a check refused it, and its response.
    """
    get = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
    environ = {**context.request.environ, **get, "CONTENT_LENGTH": "", "CONTENT_TYPE": ""}
    if token is not None:
        environ["HTTP_X_AUTH_TOKEN"] = token
    if prefixes := context.emulator.settings.prefix:
        environ = endpoints.strip_prefix(environ, prefixes)
    match = context.router.match("GET", environ["PATH_INFO"])
    dry_context = _build_context(context.emulator, context.router, environ, match)
    dry_context.cloud = context.cloud
    dry_context.is_dry_run = True
    response = _respond(dry_context, match)
    dry_context.route = match.route
    return dry_context, response


def _build_context(
    emulator: Emulator, router: RouteFinder, environ: dict[str, Any], match: RouteMatch[Context]
) -> Context:
    """Return the context of a request, with its cloud, its token and its caller."""
    service, path, project_in_url, _, path_params = match
    request = new_request(environ, path)
    cloud, token = service.resolve_cloud(emulator, request, project_in_url)
    if token is not None and token.credential is not None and not permit(token, request, service.name):
        token = None
    caller = ANONYMOUS if token is None else token.caller_of(cloud.database)
    return Context(emulator, request, service, router, cloud, path_params, token, caller)


def _respond(context: Context, match: RouteMatch[Context]) -> Response:
    """Return the response to a request, or to the error that it raises, with all headers."""
    service = context.service
    trace = context.trace
    try:
        response = _dispatch(context, match)
    except BodyTimeout:
        response = error_responses.body_timeout_response()
    except FakeNovaError as error:
        trace.reason = error.reason
        if (error_response := service.render_error(context, error)) is None:
            raise
        response = error_response
    headers = response.headers + service.response_headers(context, response)
    has_news = trace.reason or trace.strict_violation or trace.triggered_fault is not None
    if (has_news or response.status >= 400) and context.cloud.settings.hints:
        headers += hints.record_hint(context, response)
    return Response(response.status, headers, response.body, response.connection_fault)


def _dispatch(context: Context, match: RouteMatch[Context]) -> Response:
    """Run the service's checks, the faults and the view. Return the first response.

    Each service defines the order of its own checks.
    """
    service = context.service
    response = None
    for check in service.early_checks:
        if (response := check(context)) is not None:
            break
    if response is None:  # a request that an early check refuses has no route, as in the real service
        context.project_in_url = match.project_in_url
        context.route = match.route
    if service.is_journaled and not context.is_dry_run:
        context.trace.journal_entry = _record_arrival(context)
    if response is not None:
        context.trace.decided_by = CHECK
        return response
    if context.cloud.faults.candidates and not context.is_dry_run:
        response = fault_injection.intercept(context)
        if response is not None:
            context.trace.decided_by = FAULT
            return response
        context.cloud = fault_injection.cloud_of_view(context)
    if context.route is None:
        return service.no_route_view(context)
    for check in service.route_checks:
        if (response := check(context)) is not None:
            context.trace.decided_by = CHECK
            return response
    if context.request.method in _SAFE_METHODS:
        return context.route.view(context)
    entry = context.trace.journal_entry
    request_number = {} if entry is None else {"request": entry.number}
    with recording_author({"operation": context.operation, **request_number}):
        return context.route.view(context)


def _record_arrival(context: Context) -> Entry:
    """Record a request in the journal of its cloud, with its operation and project."""
    request = context.request
    route = context.route
    cloud = context.cloud
    limit = _MAX_JOURNALED_CHARS
    query = request.query_string
    if query:
        query = redaction.redact_query(query[:limit])
    environ = request.environ
    path = request.client_path if PREFIX_KEY in environ else request.path
    global_request_id = environ.get("HTTP_X_OPENSTACK_REQUEST_ID", "")
    user_agent = environ.get("HTTP_USER_AGENT", "")
    operation = "" if route is None else route.operation
    project = context.caller.project_id
    binds_project = route is not None and context.service.is_project_segment is not None
    if binds_project and cloud.settings.auth_strategy == "noauth":
        # Nova's check `bind_project` gives the caller a project, but only after the faults.
        project = context.project
    entry = Entry(
        cloud.clock.cheap_timestamp(),
        request.method[:_MAX_METHOD_CHARS],
        redaction.redact_path(path[:limit]),
        query,
        request.request_id,
        global_request_id[:limit] or None,
        user_agent[:limit] or None,
        operation=operation,
        project=(project or "")[:limit],
    )
    cloud.journal.record(entry)
    return entry


def _record_body(context: Context, entry: Entry) -> None:
    """Record the size of a request's body, and the beginning of its JSON.

    A fault may have responded before anything read the body.
    """
    request = context.request
    trace = context.trace
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.environ
    entry.body_bytes = None if is_chunked else request.content_length
    if trace.json_body is None and trace.triggered_fault is not None and entry.body_bytes:
        with suppress(ValueError, FakeNovaError):  # not JSON, incomplete, or large
            trace.json_body = json_body.parse(request.read_body(_MAX_UNREAD_BYTES))
    if trace.json_body is not None:
        entry.body = json.dumps(redaction.redact_json(trace.json_body))[:_MAX_JOURNALED_CHARS]


def _record_response(context: Context, response: Response, seconds: float) -> None:
    """Complete the journal entry, count the request, and write the access log."""
    emulator = context.emulator
    request = context.request
    trace = context.trace
    entry = trace.journal_entry
    operation = context.operation if entry is None else entry.operation
    if entry is not None:
        entry.seconds = seconds
        entry.image_count = trace.image_count
        entry.hint = trace.hint
        entry.hint_code = trace.hint_code
        entry.strict_violation = trace.strict_violation
        if request.method not in _SAFE_METHODS:
            _record_body(context, entry)
        status = 0 if response.connection_fault == RESET else response.status
        watched_exchanges = context.cloud.journal.exchanges
        if watched_exchanges.is_watched and watched_exchanges.has_room():
            exchanges.record(context, response, entry.number)
        context.cloud.journal.complete(entry, status)
    emulator.metrics.observe(operation, request.method, response.status, seconds)
    if context.cloud.coverage is not None:
        context.cloud.coverage.record(context, response)
    log_format = emulator.settings.access_log
    if log_format != log_names.OFF:
        access_log.write(context, response, seconds, log_format)
