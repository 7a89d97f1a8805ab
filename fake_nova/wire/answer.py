"""Everything that happens to one request, in its order."""

from __future__ import annotations

import json
import logging
from time import perf_counter
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from fake_nova.cloud.cloud import Emulator
from fake_nova.cloud.journal import Entry
from fake_nova.errors import FakeNovaError
from fake_nova.wire import faults, hints, injection
from fake_nova.wire.api import Match, Routes
from fake_nova.wire.call import RESET, Answer, Call

_log = logging.getLogger("fake_nova")

_LONGEST_BODY = 2000

_SEVERAL_PROCESSES = (
    "fake_nova keeps its cloud in the memory of one process, and this server runs several: each would have a "
    "cloud of its own. Run it with one worker process and several threads (gunicorn --workers 1 --threads 8)."
)


def answer(emulator: Emulator, routes: Routes, environ: dict[str, Any]) -> Answer:
    """Take one request from its WSGI environment to its answer.

    The order is Nova's: size and token before the route is looked for, then the microversion, the body, the
    project in the URL, and whether the version has the route at all; at last the view.
    """
    match = routes.match(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
    service = match.service
    cloud = emulator.cloud_of(match.scope) if match.scope else emulator.cloud
    call = Call(emulator, cloud, environ, routes, service, match.path)
    if environ.get("wsgi.multiprocess"):
        return faults.fault(500, _SEVERAL_PROCESSES)
    began = perf_counter()
    try:
        made = service.finish(call, _answered(call, match))
        if call.cloud.settings.hints:
            made = hints.hinted(call, made)
        made = injection.after(call, made)
    except Exception:
        _log.exception("%s %s failed", call.method, call.path)
        made = service.finish(call, faults.fault(500, faults.UNEXPECTED))
    if call.entry is not None:
        _complete(call, call.entry, made, perf_counter() - began)
    return made


def _noted(call: Call) -> Entry:
    """Note a request in the journal of the cloud that it is in."""
    entry = Entry(
        call.cloud.clock.now(),
        call.method,
        call.path,
        call.query_string,
        call.request_id,
        call.header("X-OpenStack-Request-ID"),
        call.header("User-Agent"),
    )
    call.cloud.journal.note(entry)
    return entry


def _complete(call: Call, entry: Entry, made: Answer, seconds: float) -> None:
    entry.operation = call.operation
    entry.project = call.caller.project_id or ""
    entry.seconds = seconds
    entry.hint = call.hint
    if call.fault is not None:
        entry.fault = call.fault.id
    if call.body is not None:
        entry.body = json.dumps(call.body)[:_LONGEST_BODY]
    call.cloud.journal.complete(entry, 0 if made.ending == RESET else made.status)


def _answered(call: Call, match: Match) -> Answer:
    service = call.service
    try:
        early = None
        for check in service.before:
            if (early := check(call)) is not None:
                break
        if service.journaled:
            call.entry = _noted(call)
        if early is not None:
            return early
        call.route, call.parts, call.url_project = match.route, match.parts, match.project
        if (early := injection.before(call)) is not None:
            return early
        if call.route is None:
            return service.no_route(call)
        for check in service.after:
            if (early := check(call)) is not None:
                return early
        return call.route.view(call)
    except (FakeNovaError, RequestEntityTooLarge) as error:
        worded = service.error(call, error)
        if worded is None:
            raise
        return worded
