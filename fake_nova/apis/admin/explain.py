"""Views that explain why a list lacks an image or a server, and why a strict test would fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fake_nova.apis.admin import body, explain_servers
from fake_nova.apis.admin.errors import Refusal
from fake_nova.documents.validation import join_names
from fake_nova.images.explain import Exclusion, explain_exclusion, explain_paging
from fake_nova.images.model import Image
from fake_nova.images.query import ImageQuery
from fake_nova.images.spelling import explain_match
from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context
from fake_nova.wire.pipeline import dry_run
from fake_nova.wire.response import Response, json_response


def explain(context: Context) -> Response:
    """Show for each image or server why it is not in the list at ``path``.

    The token of this request applies, or one of a user of ``project``.
    """
    params = body.query_params(context.request)
    target = params.get("path", "")
    if not target.startswith("/"):
        raise Refusal(
            400, f"path: invalid value (got {quote_python(target)}); expected the path and query of a list"
        )
    path, _, query = target.partition("?")
    with _token_for(context, params.get("project")) as token:
        list_request, response = dry_run(context, path, query, token)
        route = list_request.route
        is_of_servers = route is not None and route.operation in explain_servers.OPERATIONS
        servers = {}
        if is_of_servers and response.status == 200:
            servers = explain_servers.explain_list(
                list_request, query, lambda other: dry_run(context, path, other, token)[1]
            )
    if route is None or (route.build_query is None and not is_of_servers):
        example = "one such as /v2.1/images/detail?status=ACTIVE"
        raise Refusal(
            400, f"path: not a list of images or servers (got {quote_python(target)}); expected {example}"
        )
    document: dict[str, Any] = {"path": target, "status": response.status, "hint": list_request.trace.hint}
    if response.status != 200:
        return json_response({**document, "answer": response.body.decode("utf-8", "replace")})
    if route.build_query is None:
        return json_response({**document, **servers})
    return json_response({**document, **_explain_images(list_request, route.build_query(list_request))})


def _explain_images(list_request: Context, image_query: ImageQuery) -> dict[str, Any]:
    """Return how many images are in a list, and for each image of the cloud why it is not."""
    images = list_request.cloud.images
    page_ids = {image.id for image in images.find(image_query)}
    marker = images.get(image_query.marker) if image_query.marker is not None else None

    rows = []
    for image in images.all():
        exclusion = None
        if image.id not in page_ids:
            exclusion = explain_exclusion(image_query, image) or explain_paging(image_query, image, marker)
        row = _serialize_row(image, exclusion)
        if exclusion is None:
            row["note"] = explain_match(image_query.conditions, (image,)) or None
        rows.append(row)
    return {"listed": len(page_ids), "images": rows}


@contextmanager
def _token_for(context: Context, project_id: str | None) -> Iterator[str | None]:
    """Issue a token of the first user of a project, and revoke it at the end; None without a project.

    Raises:
        Refusal: 400 if no user has a role in the project.
    """
    if project_id is None:
        yield None
        return
    cloud = context.cloud
    pairs = [(project, user) for user in cloud.directory.users for project in user.projects]
    pair = next((pair for pair in pairs if pair[0].id == project_id), None)
    if pair is None:
        choices = join_names(sorted({project.id for project, _ in pairs}))
        problem = f"project: no user has a role in it (got {quote_python(project_id)})"
        raise Refusal(400, f"{problem}; expected one of: {choices}")
    project, user = pair
    token, _ = cloud.tokens.issue(user, project)
    try:
        yield token
    finally:
        cloud.tokens.revoke(token)


def _serialize_row(image: Image, exclusion: Exclusion | None) -> dict[str, Any]:
    row = {"id": image.id, "name": image.name, "dropped": None, "rule": None, "note": None}
    if exclusion is not None:
        row |= {"dropped": exclusion.reason, "rule": exclusion.rule}
    return row


def strict_violations(context: Context) -> Response:
    """List the reasons why a strict test would fail: unused faults and plans, and requests without effect."""
    lifecycle = context.cloud.lifecycle
    violations = []
    for installed_fault in context.cloud.faults.all_faults:
        if not installed_fault.trigger_count:
            owner = installed_fault.fault.owner
            owner_part = f" of {owner}" if owner else ""
            violations.append(f"{installed_fault.id}{owner_part} never triggered")
    for name, followers in lifecycle.plan_use.unobserved():
        violations.append(f'no client polled {followers} that follows the plan "{name}"')
    for entry in context.cloud.journal.entries():
        if entry.strict_violation:
            query = f"?{entry.query}" if entry.query else ""
            violations.append(f"{entry.method} {entry.path}{query}: {entry.strict_violation}")
    return json_response({"complaints": violations})
