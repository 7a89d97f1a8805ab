"""Views that open, list and close scopes. With scopes, many test runs can share one server."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.apis.admin.schemas import ScopeSchema
from fake_nova.cloud.scopes import Scope
from fake_nova.settings import Settings
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def _serialize_scope(scope: Scope, settings: Settings) -> dict[str, Any]:
    return {
        "project": {"id": scope.project.id, "name": scope.project.name},
        "user": {"name": scope.user.name},
        "dialect": settings.dialect,
        "database": settings.database,
        "auth_strategy": settings.auth_strategy,
    }


def index(context: Context) -> Response:
    """List the scopes."""
    emulator = context.emulator
    scopes = [
        _serialize_scope(scope, emulator.cloud_for_project(scope.project.id).settings)
        for scope in emulator.scopes()
    ]
    return json_response({"scopes": scopes})


def create(context: Context) -> Response:
    """Open a scope. Only this response contains the password of its user."""
    values = body.load(ScopeSchema(), body.parse_json_or_form(context))
    scope = context.emulator.open_scope(values.pop("project", None), **values)
    settings = context.emulator.cloud_for_project(scope.project.id).settings
    result = _serialize_scope(scope, settings)
    result["user"]["password"] = scope.user.password
    return json_response(result, 201)


def close(context: Context) -> Response:
    """Close a scope, and drop its cloud."""
    context.emulator.close_scope(context.path_params["project_id"])
    return Response(204)
