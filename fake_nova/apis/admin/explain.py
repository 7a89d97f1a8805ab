"""Why: the first rule that leaves an image out of a list; and what was in vain."""

from __future__ import annotations

from typing import Any

from fake_nova.images.explain import dropped, off_page
from fake_nova.images.model import Image
from fake_nova.wire import nova_errors, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.nova_errors import Refused
from fake_nova.wire.pipeline import rehearsed


def explain(call: Call) -> Answer:
    """Say of each image why it is not in the list that ``path`` asks for; the token is the request's own."""
    asked = dict(query_string.read(call.query_string)).get("path", "")
    if not asked.startswith("/"):
        raise Refused(400, f'query: path="{asked}" is not allowed; allowed: the path and query of a list')
    path, _, query = asked.partition("?")
    rehearsal, answer = rehearsed(call, path, query)
    route = rehearsal.route
    if route is None or route.query is None:
        raise Refused(
            400, f'query: path="{asked}" is no list; allowed: such as /v2.1/images/detail?status=ACTIVE'
        )
    document: dict[str, Any] = {"path": asked, "status": answer.status, "hint": rehearsal.hint}
    if answer.status != 200:
        return nova_errors.document({**document, "answer": answer.body.decode("utf-8", "replace")})
    asked_for = route.query(rehearsal)
    images = rehearsal.cloud.images
    page = {image.id for image in images.find(asked_for)}
    marker = images.get(asked_for.marker) if asked_for.marker is not None else None

    def why(image: Image) -> str | None:
        if image.id in page:
            return None
        return dropped(asked_for, image) or off_page(asked_for, image, marker)

    rows = [{"id": image.id, "name": image.name, "dropped": why(image)} for image in images.all()]
    return nova_errors.document({**document, "listed": len(page), "images": rows})


def complaints(call: Call) -> Answer:
    """Say what a strict test does not put up with, a line each: what was prepared or asked in vain."""
    lifecycle = call.cloud.lifecycle
    faults = [rule for rule in call.cloud.faults.rules if not rule.met]
    plans = sorted(lifecycle.given - lifecycle.met)
    entries = [entry for entry in call.cloud.journal.entries() if entry.complaint]
    lines = [
        *(f"{one.id}{' of ' + one.fault.owner if one.fault.owner else ''} was never met" for one in faults),
        *(f'no image that goes by the plan "{name}" was looked at' for name in plans),
        *(
            f"{one.method} {one.path}{'?' + one.query if one.query else ''}: {one.complaint}"
            for one in entries
        ),
    ]
    return nova_errors.document({"complaints": lines})
