"""Views of the whole cloud: its health, its login and its reset."""

from __future__ import annotations

from fake_nova._version import __version__
from fake_nova.apis.admin import body
from fake_nova.apis.admin.checks import requested_scope
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.schemas import ResetSchema
from fake_nova.cloud.directory import anonymous_client_variables
from fake_nova.images import timestamps
from fake_nova.support.endpoints import OWN_PATHS
from fake_nova.wire.context import Context
from fake_nova.wire.endpoints import service_url
from fake_nova.wire.response import Response, json_response


def health(context: Context) -> Response:
    """Show the status.

    ``loaded`` says how often fixtures were loaded since the start, and ``fixture_errors`` why they could not
    be loaded again.
    """
    cloud = context.cloud
    now = context.cloud.clock.now()
    return json_response(
        {
            "status": "ok",
            "images": len(cloud.images),
            "servers": len(cloud.servers),
            "loaded": context.emulator.load_count(requested_scope(context)),
            "fixtures": cloud.settings.fixtures,
            "fixture_errors": context.emulator.fixture_errors,
            "version": __version__,
            "since": timestamps.isoformat_seconds(context.emulator.started_at),
            "dialect": cloud.settings.dialect,
            "database": cloud.settings.database,
            "auth_strategy": cloud.settings.auth_strategy,
            "clock": str(cloud.clock.mode),
            "faults": [fault.id for fault in cloud.faults.candidates if fault.is_active(now)],
        }
    )


def environment(context: Context) -> Response:
    """Show a user with its password, the OS_* variables that a client needs to log in, and the endpoints.

    Without users, ``login`` is null, and the variables are those of a client without a token.
    """
    scope = requested_scope(context)
    directory = context.cloud.directory
    origin = context.request.origin
    settings = context.cloud.settings
    user = directory.first_user if scope is None else context.emulator.scope(scope).user
    if user is None:
        if settings.auth_strategy == "keystone":
            raise Refusal(404, "users: the fixtures have none; expected at least one")
        variables = anonymous_client_variables(directory.first_project.id, origin, settings)
        return json_response({"login": None, "environment": variables, "endpoints": _endpoints(context)})
    project = user.project or directory.first_project
    login = {
        "username": user.name,
        "password": user.password,
        "project_id": project.id,
        "project_name": project.name,
        "user_domain_id": user.domain.id,
        "project_domain_id": project.domain.id,
    }
    variables = user.client_variables(origin, settings)
    return json_response({"login": login, "environment": variables, "endpoints": _endpoints(context)})


def _endpoints(context: Context) -> dict[str, str]:
    """Return service -> the URL at which clients reach it."""
    return {service: service_url(context, service) for service in OWN_PATHS}


def reset(context: Context) -> Response:
    """Reset the cloud to its initial state, or to no images."""
    target = body.load_wrapped(ResetSchema(), body.parse_json_or_form(context)) or "seed"
    cloud = context.emulator.reset(requested_scope(context), empty=target == "empty")
    return json_response({"to": target, "images": len(cloud.images)})
