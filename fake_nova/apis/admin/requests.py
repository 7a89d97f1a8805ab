"""The journal of a cloud: what its clients asked, and what they were answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fake_nova.cloud import glob
from fake_nova.cloud.journal import Entry
from fake_nova.documents.fault import METHODS
from fake_nova.images import timestamps
from fake_nova.wire import nova_errors, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.nova_errors import Refused

#: Parameters of a query, and attributes of an entry that must fit them; every value may have ``*`` and ``?``
#: in it.
MATCHED: Final = (
    *("operation", "method", "path", "query", "project", "status"),
    *("body", "user_agent", "global_request_id"),
)

#: Parameter -> all that a request can have there; what fits none of it is misspelt, and a count of 0 would
#: hide that.
KNOWN: Final[Mapping[str, Callable[[Call], Iterable[str]]]] = {
    "operation": lambda call: ("", *sorted(call.routes.operations)),
    "method": lambda _: METHODS,
    "status": lambda _: ("0", *(str(int(status)) for status in HTTPStatus)),
}

#: Most seconds that a request waits.
MAX_WAIT = 60.0

Wanted = Mapping[str, str]


def _asked(call: Call) -> dict[str, str]:
    return dict(query_string.read(call.query_string))


def _wanted(call: Call) -> Wanted:
    """Return what requests have to be like; Refused 400 where none can be."""
    wanted = {name: value for name, value in _asked(call).items() if name in MATCHED}
    for name, pattern in wanted.items():
        if glob.is_too_long(pattern):
            raise Refused(
                400,
                f"{name}: the pattern is too long (got {len(pattern)} characters); expected at most "
                f"{glob.LONGEST_PATTERN}, and {glob.LONGEST_LOOSE_PART} in a part with ? between two *",
            )
    for name, pattern in wanted.items():
        known = tuple(KNOWN[name](call)) if name in KNOWN else ()
        if known and not any(glob.fits(one, pattern) for one in known):
            allowed = ", ".join(filter(None, known))
            raise Refused(400, f'{name}: "{pattern}" fits nothing that there is; allowed: {allowed}')
    return wanted


def _differences(entry: Entry, wanted: Wanted) -> dict[str, str]:
    """Return what of a request does not fit, by parameter: what it has."""
    values = {name: _text(getattr(entry, name)) for name in wanted}
    return {name: values[name] for name, pattern in wanted.items() if not glob.fits(values[name], pattern)}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _number(call: Call, name: str, most: float, whole: bool = True) -> float | None:
    text = _asked(call).get(name)
    if text is None:
        return None
    try:
        value: float = int(text) if whole else float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= most:
        kind = "a whole number" if whole else "seconds"
        raise Refused(400, f'{name}: "{text}" is not allowed; allowed: {kind} from 0 to {most:g}')
    return value


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": timestamps.exact(entry.at),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "operation": entry.operation,
        "project": entry.project,
        "status": entry.status,
        "milliseconds": entry.milliseconds,
        "listed": entry.listed,
        "fault": entry.fault,
        "hint": entry.hint,
        "body": entry.body,
        "request_id": entry.request_id,
        "global_request_id": entry.global_request_id,
        "user_agent": entry.user_agent,
    }


def index(call: Call) -> Answer:
    """List the requests that fit, oldest first; ``marker`` is the number that a page starts behind."""
    wanted = _wanted(call)
    marker = _number(call, "marker", 10**12) or 0
    limit = _number(call, "limit", 10**6)
    later = [entry for entry in call.cloud.journal.entries() if entry.number > marker]
    fitting = [entry for entry in later if not _differences(entry, wanted)]
    page = fitting if limit is None else fitting[: int(limit)]
    return nova_errors.document({"requests": [_shown(entry) for entry in page]})


def count(call: Call) -> Answer:
    """Count the requests that fit; where another number was expected, say which came nearest."""
    wanted = _wanted(call)
    entries = call.cloud.journal.entries()
    missed = [(entry, differs) for entry in entries if (differs := _differences(entry, wanted))]
    counted: dict[str, Any] = {"count": len(entries) - len(missed)}
    expected = _number(call, "expect", 10**9)
    if expected is not None:
        counted["met"] = counted["count"] == expected
        if not counted["met"]:
            missed.sort(key=lambda pair: len(pair[1]))
            counted["nearest"] = [
                {
                    "request": _shown(entry),
                    "differs": {name: [wanted[name], had] for name, had in differs.items()},
                }
                for entry, differs in missed[:3]
            ]
    return nova_errors.document(counted)


def wait(call: Call) -> Answer:
    """Wait until a request that fits was answered, now or before; 408 where none was in time."""
    wanted = _wanted(call)
    timeout = _number(call, "timeout", MAX_WAIT, whole=False)
    seconds = MAX_WAIT / 2 if timeout is None else timeout
    found = call.cloud.journal.wait(lambda entry: not _differences(entry, wanted), seconds)
    if found is None:
        raise Refused(408, f"no request that fits came in {seconds:g} seconds")
    return nova_errors.document({"request": _shown(found)})


def clear(call: Call) -> Answer:
    """Forget what was asked."""
    call.cloud.journal.clear()
    return Answer(204)
