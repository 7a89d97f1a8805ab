"""Views that add, list and remove faults."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.cloud.faults import ActiveFault, Fault, operation_problem
from fake_nova.documents.fault import FaultSchema, FaultsSchema, build_fault, serialize_fault
from fake_nova.images import timestamps
from fake_nova.wire import query_string
from fake_nova.wire.nova_errors import NovaError
from fake_nova.wire.response import Response, json_response
from fake_nova.wire.service import Context


def _serialize_active_fault(context: Context, active_fault: ActiveFault) -> dict[str, Any]:
    return {
        "id": active_fault.id,
        **serialize_fault(active_fault.fault),
        "until": timestamps.isoformat_exact(active_fault.expires_at)
        if active_fault.expires_at is not None
        else None,
        "matched": active_fault.match_count,
        "met": active_fault.trigger_count,
        "in_force": active_fault.is_active(context.cloud.clock.now()),
    }


def index(context: Context) -> Response:
    """List the faults, including expired ones, and how often each triggered."""
    return json_response(
        {
            "faults": [
                _serialize_active_fault(context, active_fault)
                for active_fault in context.cloud.faults.all_faults
            ]
        }
    )


def add(context: Context) -> Response:
    """Add one fault or several. If one is invalid, add none."""
    payload = body.parse_json(context)
    if isinstance(payload, dict) and "faults" in payload:
        fault_dicts = body.load(FaultsSchema(), payload)["faults"]
        faults = [
            _require_known_operation(context, build_fault(values), f"faults[{number}].")
            for number, values in enumerate(fault_dicts)
        ]
        result: Any = {
            "faults": [
                _serialize_active_fault(context, active_fault)
                for active_fault in context.cloud.faults.add(*faults)
            ]
        }
    else:
        fault = _require_known_operation(context, build_fault(body.load(FaultSchema(), payload)), "")
        result = _serialize_active_fault(context, *context.cloud.faults.add(fault))
    return json_response(result, 201)


def remove(context: Context) -> Response:
    """Remove one fault."""
    context.cloud.faults.remove(context.path_params["fault_id"])
    return Response(204)


def clear(context: Context) -> Response:
    """Remove all faults, or all faults of one owner."""
    context.cloud.faults.clear(dict(query_string.parse(context.request.query_string)).get("owner"))
    return Response(204)


def _require_known_operation(context: Context, fault: Fault, prefix: str) -> Fault:
    """Return *fault* if its pattern matches an operation.

    Raises:
        NovaError: 400 if it matches none.
    """
    problem = operation_problem(fault.match, context.router.operations)
    if problem is not None:
        raise NovaError(400, f"{prefix}match.operation: {problem}")
    return fault
