"""The access log: one line per request, as text or as JSON."""

from __future__ import annotations

import json
import logging
from typing import Final

from fake_nova.images import timestamps
from fake_nova.support.log_names import ACCESS_LOGGER, JSON
from fake_nova.wire import redaction
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The maximum number of characters that a line shows of each text of a request.
_MAX_CHARS: Final = 8_000

_log = logging.getLogger(ACCESS_LOGGER)


def write(context: Context, response: Response, seconds: float, log_format: str) -> None:
    """Log a request and its response.

    Args:
        context: the context of the request.
        response: the response.
        seconds: how long the request took.
        log_format: `log_names.TEXT` or `log_names.JSON`.
    """
    request = context.request
    fault = context.trace.triggered_fault
    fault_id = None if fault is None else fault.id
    remote_address = request.environ.get("REMOTE_ADDR", "-")
    path = redaction.redact_path(request.path[:_MAX_CHARS])
    query = redaction.redact_query(request.query_string[:_MAX_CHARS])
    method = request.method[:_MAX_CHARS]
    milliseconds = round(seconds * 1000, 3)
    if log_format == JSON:
        fields = {
            "at": timestamps.isoformat_exact(context.emulator.clock.now()),
            "remote": remote_address,
            "method": method,
            "path": path,
            "query": query,
            "status": response.status,
            "bytes": len(response.body),
            "milliseconds": milliseconds,
            "operation": context.operation,
            "project": context.caller.project_id,
            "request_id": request.request_id,
            "fault": fault_id,
            "hint": context.trace.hint,
        }
        _log.info("%s", json.dumps(fields))
        return
    target = f"{path}?{query}" if query else path
    line = redaction.escape_unprintable(f"{remote_address} {method} {target}")
    fault_suffix = f" {fault_id}" if fault_id else ""
    result = f"{response.status} {len(response.body)}B {milliseconds}ms {context.operation}{fault_suffix}"
    _log.info("%s -> %s", line, result)
