"""Everything that happens to one request, in its order."""

from __future__ import annotations

import logging
import re
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from fake_nova.cloud.cloud import Emulator
from fake_nova.errors import FakeNovaError
from fake_nova.wire import faults, hints
from fake_nova.wire.api import Routes
from fake_nova.wire.call import Answer, Call

_log = logging.getLogger("fake_nova")

_SLASHES = re.compile("//+")

_SEVERAL_PROCESSES = (
    "fake_nova keeps its cloud in the memory of one process, and this server runs several: each would have a "
    "cloud of its own. Run it with one worker process and several threads (gunicorn --workers 1 --threads 8)."
)


def answer(emulator: Emulator, routes: Routes, environ: dict[str, Any]) -> Answer:
    """Take one request from its WSGI environment to its answer.

    The order is Nova's: size and token before the route is looked for, then the microversion, the body, the
    project in the URL, and whether the version has the route at all; at last the view.
    """
    path = environ.get("PATH_INFO", "")
    if "//" in path:
        path = _SLASHES.sub("/", path)
    service, parts = routes.service(path or "/")
    cloud = emulator.cloud
    if service.project_in_path is not None and parts and service.project_in_path(parts[0]):
        cloud = emulator.cloud_of(parts[0])
    call = Call(emulator, cloud, environ, service, path or "/")
    if environ.get("wsgi.multiprocess"):
        return faults.fault(500, _SEVERAL_PROCESSES)
    try:
        made = service.finish(call, _answered(call, routes, parts))
        return hints.hinted(call, made) if call.cloud.settings.hints else made
    except Exception:
        _log.exception("%s %s failed", call.method, call.path)
        return service.finish(call, faults.fault(500, faults.UNEXPECTED))


def _answered(call: Call, routes: Routes, parts: list[str]) -> Answer:
    service = call.service
    try:
        for check in service.before:
            if (early := check(call)) is not None:
                return early
        found = routes.find(service, call.method, parts)
        if found is None:
            return service.no_route(call)
        call.route, call.parts, call.url_project = found
        for check in service.after:
            if (early := check(call)) is not None:
                return early
        return call.route.view(call)
    except (FakeNovaError, RequestEntityTooLarge) as error:
        worded = service.error(call, error)
        if worded is None:
            raise
        return worded
