"""The access log: one line per request, as text or as JSON."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from fake_nova.images import timestamps
from fake_nova.support.log_names import ACCESS_LOGGER, JSON
from fake_nova.wire import redaction
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The maximum number of characters that a line shows of each text of a request.
_MAX_CHARS: Final = 8_000

#: The header by which the page marks its own requests.
_PAGE_HEADER: Final = "X-Fake-Nova-Page"

_log = logging.getLogger(ACCESS_LOGGER)


def write(context: Context, response: Response, seconds: float, log_format: str) -> None:
    """Log a request and its response; not what an open page of the admin API reads each second.

    Args:
        context: the context of the request.
        response: the response as it was sent.
        seconds: how long the request took.
        log_format: `log_names.TEXT` or `log_names.JSON`.
    """
    if _is_read_by_page(context, response):
        return
    fields = _collect_fields(context, response, seconds)
    if log_format == JSON:
        _log.info("%s", json.dumps(fields))
        return
    query = f"?{fields['query']}" if fields["query"] else ""
    request_text = redaction.escape_unprintable("{remote} {method} {path}".format_map(fields) + query)
    response_text = "{status} {bytes}B {milliseconds}ms {operation}".format_map(fields)
    fault_suffix = f" {fields['fault']}" if fields["fault"] else ""
    _log.info("%s -> %s%s", request_text, response_text, fault_suffix)


def _is_read_by_page(context: Context, response: Response) -> bool:
    """Return whether the page, or a file of it, or data for it was read without an error."""
    if response.status >= 400 or not context.operation.startswith("admin."):
        return False
    is_read_by_script = context.request.header(_PAGE_HEADER) is not None and context.request.method == "GET"
    return is_read_by_script or context.operation.startswith("admin.page")


def _collect_fields(context: Context, response: Response, seconds: float) -> dict[str, Any]:
    request = context.request
    fault = context.trace.triggered_fault
    return {
        "at": timestamps.isoformat_exact(context.emulator.clock.now()),
        "remote": request.environ.get("REMOTE_ADDR", "-"),
        "method": request.method[:_MAX_CHARS],
        "path": redaction.redact_path(request.client_path[:_MAX_CHARS]),
        "query": redaction.redact_query(request.query_string[:_MAX_CHARS]),
        "status": response.status,
        "bytes": len(response.body),
        "milliseconds": round(seconds * 1000, 3),
        "operation": context.operation,
        "project": context.caller.project_id,
        "request_id": request.request_id,
        "fault": None if fault is None else fault.id,
        "hint": context.trace.hint,
    }
