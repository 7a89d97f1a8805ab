"""Views of quotas, the limits of projects: list, show, change and forget."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.schemas import LimitsSchema
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.compute import DEFAULT_QUOTAS
from fake_nova.documents.flavor import serialize_quotas
from fake_nova.documents.validation import join_names
from fake_nova.support.messages import quote_json
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def index(context: Context) -> Response:
    """List the quotas of the projects that have their own."""
    cloud = context.cloud
    return json_response({"quotas": [_document(cloud, project_id) for project_id in cloud.quotas]})


def show(context: Context) -> Response:
    """Show the quotas of a project, its own or the default ones."""
    return json_response(_document(context.cloud, _project_id(context)))


def update(context: Context) -> Response:
    """Change the limits in the body. The project keeps its other ones."""
    limits = body.load(LimitsSchema(), body.parse_json(context))
    cloud, project_id = context.cloud, _project_id(context)
    with cloud.lifecycle.lock():
        quotas = cloud.quotas.get(project_id, DEFAULT_QUOTAS)._replace(**limits)
        cloud.quotas = {**cloud.quotas, project_id: quotas}
    return json_response(_document(cloud, project_id))


def forget(context: Context) -> Response:
    """Give a project the default quotas again."""
    cloud, project_id = context.cloud, _project_id(context)
    with cloud.lifecycle.lock():
        cloud.quotas = {key: quotas for key, quotas in cloud.quotas.items() if key != project_id}
    return Response(204)


def _project_id(context: Context) -> str:
    """Return the id of the project whose id or name is in the path.

    Raises:
        Refusal: 404 if there is none.
    """
    directory = context.cloud.directory
    name = context.path_params["project"]
    project = directory.project(name)
    if project is None:
        labels = join_names([f"{each.id} ({each.name})" for each in directory.projects])
        problem = f"project: unknown id or name (got {quote_json(name)})"
        raise Refusal(404, f"{problem}; expected one of: {labels}")
    return project.id


def _document(cloud: Cloud, project_id: str) -> dict[str, Any]:
    return serialize_quotas(project_id, cloud.quotas_of(project_id))
