"""Everything that happens to one request, in its order."""

from __future__ import annotations

import json
import logging
from time import perf_counter
from typing import Any

from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import RESET
from fake_nova.cloud.history import acting
from fake_nova.cloud.journal import Entry
from fake_nova.errors import BodyStalled, FakeNovaError
from fake_nova.wire import access_log, fault_injection, hints, nova_errors, redaction, request_body
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.routing import Match, Routes

_log = logging.getLogger("fake_nova")

#: Most characters of a path and its query; web servers before real services take as many (uWSGI's buffer).
LONGEST_URL = 65_535

#: Most characters that the journal keeps of each text of a request, so that it is bounded in bytes too.
_LONGEST = 2000
_LONGEST_METHOD = 50

_READS = ("GET", "HEAD", "OPTIONS")

_SEVERAL_PROCESSES = (
    "fake_nova keeps its cloud in the memory of one process, and this server runs several: each would have a "
    "cloud of its own. Run it with one worker process and several threads (gunicorn --workers 1 --threads 8)."
)


def answer(emulator: Emulator, routes: Routes, environ: dict[str, Any]) -> Answer:
    """Take one request from its WSGI environment to its answer.

    The order is Nova's: size and token before the route is looked for, then the microversion, the body, the
    project in the URL, and whether the version has the route at all; at last the view.
    """
    raw_path = environ.get("PATH_INFO") or ""
    if len(raw_path) + len(environ.get("QUERY_STRING") or "") > LONGEST_URL:
        return nova_errors.too_long()
    match = routes.match(environ["REQUEST_METHOD"], raw_path)
    service, path, project = match[:3]
    cloud = emulator.cloud_of(project) if project else emulator.cloud
    call = Call(emulator, cloud, environ, routes, service, path)
    if environ.get("wsgi.multiprocess"):
        return nova_errors.error(500, _SEVERAL_PROCESSES)
    began = perf_counter()
    try:
        made = _headed(call, _worded(call, match))
        if call.met is not None:
            made = fault_injection.after(made, call.met)
    except Exception:
        _log.exception("%s %s failed", call.method, redaction.without_secrets_in_path(call.path))
        made = nova_errors.error(500, nova_errors.UNEXPECTED)
        made = made.with_headers(*service.headers(call, made))
    seconds = perf_counter() - began
    operation = call.operation
    if call.entry is not None:
        _complete(call, call.entry, made, operation, seconds)
    emulator.metrics.observe(operation, call.method, made.status, seconds)
    form = emulator.settings.access_log
    if form != access_log.OFF:
        access_log.write(call, made, seconds, form)
    if made.status == 413:
        request_body.discard(call.environ)
    return made


def rehearsed(call: Call, path: str, query: str) -> tuple[Call, Answer]:
    """Return what a GET of *path* would be answered now, with the token of *call*; it leaves no trace.

    It is in the cloud of *call*. Neither journal nor faults nor plans count it.
    """
    no_body = {"CONTENT_LENGTH": "", "CONTENT_TYPE": ""}
    environ = {**call.environ, "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, **no_body}
    match = call.routes.match("GET", path)
    rehearsal = Call(call.emulator, call.cloud, environ, call.routes, match.service, match.path)
    rehearsal.rehearsal = True
    return rehearsal, _headed(rehearsal, _worded(rehearsal, match))


def _headed(call: Call, made: Answer) -> Answer:
    """Put on an answer the headers that those of its service have, and the hint."""
    headers = made.headers + call.service.headers(call, made)
    if call.route is not None and call.route.complaints:
        hints.complain(call, made)
    if call.cloud.settings.hints:
        hints.look(call, made)
        if call.hint is not None:
            headers += ((hints.HEADER, call.hint),)
    return Answer(made.status, headers, made.body, made.ending)


def _noted(call: Call) -> Entry:
    """Note a request in the journal of the cloud that it is in."""
    entry = Entry(
        call.cloud.clock.stamp(),
        call.method[:_LONGEST_METHOD],
        redaction.without_secrets_in_path(call.path[:_LONGEST]),
        redaction.without_secrets_in_query(call.query_string[:_LONGEST]) if call.query_string else "",
        call.request_id,
        (call.environ.get("HTTP_X_OPENSTACK_REQUEST_ID") or "")[:_LONGEST] or None,
        (call.environ.get("HTTP_USER_AGENT") or "")[:_LONGEST] or None,
    )
    call.cloud.journal.note(entry)
    return entry


def _author(call: Call) -> dict[str, Any]:
    """Say who writes, for the history of images."""
    number = {} if call.entry is None else {"request": call.entry.number}
    return {"operation": call.operation, **number}


def _complete(call: Call, entry: Entry, made: Answer, operation: str, seconds: float) -> None:
    entry.operation = operation
    entry.project = (call.caller.project_id or "")[:_LONGEST]
    entry.seconds = seconds
    entry.listed = call.listed
    entry.hint = call.hint
    entry.complaint = call.complaint
    if call.met is not None:
        entry.fault = call.met.id
    if call.body is not None:
        entry.body = json.dumps(redaction.without_secrets_in_body(call.body))[:_LONGEST]
    call.cloud.journal.complete(entry, 0 if made.ending == RESET else made.status)


def _worded(call: Call, match: Match) -> Answer:
    """Return the answer of a check or a view, or the error that one raised, in the service's words."""
    try:
        return _answered(call, match)
    except BodyStalled:
        return nova_errors.stalled()
    except FakeNovaError as error:
        call.why = getattr(error, "why", "")
        worded = call.service.error(call, error)
        if worded is None:
            raise
        return worded


def _answered(call: Call, match: Match) -> Answer:
    service = call.service
    early = None
    for check in service.before:
        if (early := check(call)) is not None:
            break
    if service.journaled and not call.rehearsal:
        call.entry = _noted(call)
    if early is not None:
        return early
    _, _, call.url_project, call.route, call.parts = match
    if (
        call.cloud.faults.in_force
        and not call.rehearsal
        and (early := fault_injection.before(call)) is not None
    ):
        return early
    if call.route is None:
        return service.no_route(call)
    for check in service.after:
        if (early := check(call)) is not None:
            return early
    if call.method in _READS:
        return call.route.view(call)
    with acting(_author(call)):
        return call.route.view(call)
