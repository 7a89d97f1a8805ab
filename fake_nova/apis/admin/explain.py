"""Views that explain why a list lacks an image, and why a strict test would fail."""

from __future__ import annotations

from typing import Any

from fake_nova.images.explain import exclusion_reason, paging_reason
from fake_nova.images.model import Image
from fake_nova.wire import query_string
from fake_nova.wire.nova_errors import NovaError
from fake_nova.wire.pipeline import dry_run
from fake_nova.wire.response import Response, json_response
from fake_nova.wire.service import Context


def explain(context: Context) -> Response:
    """Show for each image why it is not in the list at ``path``. The token of this request applies."""
    target = dict(query_string.parse(context.request.query_string)).get("path", "")
    if not target.startswith("/"):
        raise NovaError(400, f'path: invalid value (got "{target}"); expected the path and query of a list')
    path, _, query = target.partition("?")
    list_request, response = dry_run(context, path, query)
    route = list_request.route
    if route is None or route.build_query is None:
        raise NovaError(
            400,
            f'path: not a list of images (got "{target}"); expected one such as '
            f"/v2.1/images/detail?status=ACTIVE",
        )
    document: dict[str, Any] = {"path": target, "status": response.status, "hint": list_request.trace.hint}
    if response.status != 200:
        return json_response({**document, "answer": response.body.decode("utf-8", "replace")})
    image_query = route.build_query(list_request)
    images = list_request.cloud.images
    page_ids = {image.id for image in images.find(image_query)}
    marker = images.get(image_query.marker) if image_query.marker is not None else None

    def reason_for(image: Image) -> str | None:
        if image.id in page_ids:
            return None
        return exclusion_reason(image_query, image) or paging_reason(image_query, image, marker)

    rows = [{"id": image.id, "name": image.name, "dropped": reason_for(image)} for image in images.all()]
    return json_response({**document, "listed": len(page_ids), "images": rows})


def strict_violations(context: Context) -> Response:
    """List the reasons why a strict test would fail: unused faults and plans, and requests without effect."""
    lifecycle = context.cloud.lifecycle
    faults = [
        active_fault for active_fault in context.cloud.faults.all_faults if not active_fault.trigger_count
    ]
    plans = sorted(lifecycle.assigned_plans - lifecycle.observed_plans)
    entries = [entry for entry in context.cloud.journal.entries() if entry.strict_violation]
    violations = [
        *(
            f"{entry.id}{' of ' + entry.fault.owner if entry.fault.owner else ''} was never met"
            for entry in faults
        ),
        *(f'no image that goes by the plan "{name}" was looked at' for name in plans),
        *(
            f"{entry.method} {entry.path}{'?' + entry.query if entry.query else ''}: {entry.strict_violation}"
            for entry in entries
        ),
    ]
    return json_response({"complaints": violations})
