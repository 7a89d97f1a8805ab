"""Views that add, list and remove faults."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.faults import Fault, InstalledFault, operation_problem
from fake_nova.documents.fault import FaultSchema, FaultsSchema, build_fault, serialize_fault
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def _serialize_installed_fault(context: Context, installed_fault: InstalledFault) -> dict[str, Any]:
    expires_at = installed_fault.expires_at
    until = None if expires_at is None else timestamps.isoformat_exact(expires_at)
    return {
        "id": installed_fault.id,
        **serialize_fault(installed_fault.fault),
        "until": until,
        "matched": installed_fault.match_count,
        "met": installed_fault.trigger_count,
        "in_force": installed_fault.is_active(context.cloud.clock.now()),
    }


def index(context: Context) -> Response:
    """List the faults, including expired ones, and how often each triggered."""
    faults = [_serialize_installed_fault(context, each) for each in context.cloud.faults.all_faults]
    return json_response({"faults": faults})


def add(context: Context) -> Response:
    """Add one fault or several. If one is invalid, add none."""
    payload = body.parse_json(context)
    if not (isinstance(payload, list) or (isinstance(payload, dict) and "faults" in payload)):
        fault = _build_fault(context, body.load(FaultSchema(), payload), "")
        return json_response(_serialize_installed_fault(context, *context.cloud.faults.add(fault)), 201)
    documents = enumerate(body.load_wrapped(FaultsSchema(), payload))
    faults = [_build_fault(context, values, f"faults[{number}].") for number, values in documents]
    serialized = [_serialize_installed_fault(context, each) for each in context.cloud.faults.add(*faults)]
    return json_response({"faults": serialized}, 201)


def remove(context: Context) -> Response:
    """Remove one fault."""
    context.cloud.faults.remove(context.path_params["fault_id"])
    return Response(204)


def clear(context: Context) -> Response:
    """Remove all faults, or all faults of one owner."""
    context.cloud.faults.clear(body.query_params(context.request).get("owner"))
    return Response(204)


def _build_fault(context: Context, values: dict[str, Any], prefix: str) -> Fault:
    """Return the fault of a document, if its pattern matches an operation.

    Raises:
        Refusal: 400 if it matches none.
    """
    fault = build_fault(values)
    problem = operation_problem(fault.match, context.router.operations)
    if problem is not None:
        raise Refusal(400, f"{prefix}match.operation: {problem}")
    return fault
