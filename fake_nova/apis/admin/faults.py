"""Faults: failures that requests are to meet."""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from fake_nova.apis.admin import body
from fake_nova.apis.admin.schemas import FaultDocument, FaultsDocument
from fake_nova.cloud.faults import Effect, Fault, Standing
from fake_nova.images import timestamps
from fake_nova.wire import faults, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.faults import Fault as Refused


def _shown(standing: Standing) -> dict[str, Any]:
    fault, effect = standing.fault, standing.fault.effect
    optional = {
        "nth": fault.nth,
        "times": fault.times,
        "until": timestamps.exact(fault.until) if fault.until is not None else None,
    }
    return {
        "id": fault.id,
        "owner": fault.owner,
        "match": {
            **fault.match,
            **({} if fault.probability == 1 else {"probability": fault.probability, "seed": fault.seed}),
        },
        "effect": {
            name: value for name in Effect.__slots__ if (value := getattr(effect, name)) not in (None, 0.0)
        },
        **{name: value for name, value in optional.items() if value is not None},
        "matched": standing.matched,
        "met": standing.met,
        "in_force": standing.in_force,
    }


def index(call: Call) -> Answer:
    """List the faults, those that are over too, with how many requests each met."""
    return faults.document({"faults": [_shown(one) for one in call.cloud.faults.all()]})


def add(call: Call) -> Answer:
    """Put one fault in force, or several: all or none."""
    given = body.json_of(call)
    if isinstance(given, dict) and "faults" in given:
        asked = body.loaded(FaultsDocument(), given)["faults"]
        made = [_fault(call, values, f"faults[{number}].") for number, values in enumerate(asked)]
        shown: Any = {"faults": [_shown(one) for one in call.cloud.faults.add(*made)]}
    else:
        shown = _shown(*call.cloud.faults.add(_fault(call, body.loaded(FaultDocument(), given), "")))
    return Answer(201, faults.JSON_HEADERS, faults.dumps(shown))


def remove(call: Call) -> Answer:
    """Take one fault away."""
    call.cloud.faults.remove(call.parts["fault_id"])
    return Answer(204)


def clear(call: Call) -> Answer:
    """Take all faults away, or all of one owner."""
    call.cloud.faults.clear(dict(query_string.read(call.query_string)).get("owner"))
    return Answer(204)


def _fault(call: Call, values: dict[str, Any], place: str) -> Fault:
    """Make a fault of its loaded document.

    Raises:
        Refused: 400, its parts do not go together.
    """
    match, effect = dict(values.get("match", {})), values["effect"]
    chance = {name: match.pop(name) for name in ("nth", "probability", "seed") if name in match}
    pattern = match.get("operation")
    if pattern is not None and not any(fnmatchcase(name, pattern) for name in call.routes.operations()):
        allowed = ", ".join(sorted(call.routes.operations()))
        raise Refused(400, f'{place}match.operation: "{pattern}" is no operation; allowed: {allowed}')
    kinds = [name for name in ("status", "token", "connection", "body", "stale") if name in effect]
    if len(kinds) > 1 or not effect:
        raise Refused(
            400,
            f"{place}effect: {' and '.join(kinds) or 'nothing'} is not allowed; allowed: one of status, "
            "token, connection, body and stale, and a delay",
        )
    for name in ("message", "retry_after"):
        if name in effect and "status" not in effect:
            raise Refused(400, f"{place}effect.{name}: allowed: only beside a status")
    now = call.cloud.clock.now()
    seconds = [number for number in (values.get("seconds"), effect.get("stale")) if number is not None]
    return Fault(
        match=match,
        effect=Effect(**effect),
        times=values.get("times"),
        until=now + timedelta(seconds=min(seconds)) if seconds else None,
        owner=values.get("owner", ""),
        seen=call.cloud.images.state() if "stale" in effect else None,
        **chance,
    )
