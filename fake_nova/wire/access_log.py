"""The access log: a line a request, for people or as JSON."""

from __future__ import annotations

import json
import logging
from typing import Final

from fake_nova.images import timestamps
from fake_nova.wire import redaction
from fake_nova.wire.call import Answer, Call

OFF: Final = "off"
TEXT: Final = "text"
JSON: Final = "json"

#: The most characters of each text of a request.
_LONGEST: Final = 8_000

_log = logging.getLogger("fake_nova.access")


def write(call: Call, answer: Answer, seconds: float, form: str) -> None:
    """Log a request and its answer.

    Args:
        call: the request.
        answer: its answer.
        seconds: how long that took.
        form: `TEXT` or `JSON`.
    """
    remote = call.environ.get("REMOTE_ADDR", "-")
    path = redaction.without_secrets_in_path(call.path[:_LONGEST])
    query = redaction.without_secrets_in_query(call.query_string[:_LONGEST])
    method = call.method[:_LONGEST]
    milliseconds = round(seconds * 1000, 3)
    if form == JSON:
        facts = {
            "at": timestamps.exact(call.emulator.clock.now()),
            "remote": remote,
            "method": method,
            "path": path,
            "query": query,
            "status": answer.status,
            "bytes": len(answer.body),
            "milliseconds": milliseconds,
            "operation": call.operation,
            "project": call.caller.project_id,
            "request_id": call.request_id,
            "fault": call.met.id if call.met is not None else None,
            "hint": call.hint,
        }
        _log.info("%s", json.dumps(facts))
        return
    line = f"{remote} {method} {path}?{query}" if query else f"{remote} {method} {path}"
    met = f" {call.met.id}" if call.met is not None else ""
    _log.info(
        "%s -> %s %sB %sms %s%s",
        redaction.printable(line),
        answer.status,
        len(answer.body),
        milliseconds,
        call.operation,
        met,
    )
