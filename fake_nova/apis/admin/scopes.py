"""Scopes: projects with a cloud of their own, so that many test runs share one server."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.apis.admin.schemas import ScopeDocument
from fake_nova.cloud.emulator import Scope
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call


def _shown(scope: Scope) -> dict[str, Any]:
    return {
        "project": {"id": scope.project.id, "name": scope.project.name},
        "user": {"name": scope.user.name},
        "dialect": scope.settings.dialect,
        "auth_strategy": scope.settings.auth_strategy,
    }


def index(call: Call) -> Answer:
    """List the scopes."""
    return nova_errors.document({"scopes": [_shown(scope) for scope in call.emulator.scopes()]})


def open_one(call: Call) -> Answer:
    """Open a scope; the answer has the password of its user, this once."""
    asked = body.loaded(ScopeDocument(), body.json_or_form(call))
    scope = call.emulator.open_scope(asked.pop("project", None), **asked)
    shown = _shown(scope)
    shown["user"]["password"] = scope.user.password
    return nova_errors.document(shown, 201)


def close(call: Call) -> Answer:
    """Close a scope, with all that is in it."""
    call.emulator.close_scope(call.parts["project_id"])
    return Answer(204)
