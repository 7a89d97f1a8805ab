"""Faults: failures that requests are to meet."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.cloud.faults import Fault, Rule, unknown_operation
from fake_nova.documents.fault import FaultDocument, FaultsDocument, fault_document, made_fault
from fake_nova.images import timestamps
from fake_nova.wire import nova_errors, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.nova_errors import Refused


def _shown(call: Call, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        **fault_document(rule.fault),
        "until": timestamps.exact(rule.until) if rule.until is not None else None,
        "matched": rule.matched,
        "met": rule.met,
        "in_force": rule.in_force(call.cloud.clock.now()),
    }


def index(call: Call) -> Answer:
    """List the faults, those that are over too, with how many requests each met."""
    return nova_errors.document({"faults": [_shown(call, one) for one in call.cloud.faults.rules]})


def add(call: Call) -> Answer:
    """Put one fault in force, or several: all or none."""
    given = body.json_of(call)
    if isinstance(given, dict) and "faults" in given:
        asked = body.loaded(FaultsDocument(), given)["faults"]
        made = [_known(call, made_fault(values), f"faults[{number}].") for number, values in enumerate(asked)]
        shown: Any = {"faults": [_shown(call, one) for one in call.cloud.faults.add(*made)]}
    else:
        fault = _known(call, made_fault(body.loaded(FaultDocument(), given)), "")
        shown = _shown(call, *call.cloud.faults.add(fault))
    return nova_errors.document(shown, 201)


def remove(call: Call) -> Answer:
    """Take one fault away."""
    call.cloud.faults.remove(call.parts["fault_id"])
    return Answer(204)


def clear(call: Call) -> Answer:
    """Take all faults away, or all of one owner."""
    call.cloud.faults.clear(dict(query_string.read(call.query_string)).get("owner"))
    return Answer(204)


def _known(call: Call, fault: Fault, place: str) -> Fault:
    """Return the fault; 400 where no operation fits the one that it is for."""
    problem = unknown_operation(fault.match, call.routes.operations)
    if problem is not None:
        raise Refused(400, f"{place}match.operation: {problem}")
    return fault
