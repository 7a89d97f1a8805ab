"""Hints that explain a response of Nova."""

from __future__ import annotations

from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def explain_project(token_project: str | None) -> str:
    """Explain which project the token is scoped to, because the URL names another one."""
    if token_project is None:
        return "The token is scoped to no project, so the URL must name none."
    return f"The token is scoped to project {token_project}; the URL must name that one, or none."


def explain_microversion(context: Context, response: Response) -> str | None:
    """Explain which microversion is the last one with the route."""
    version, route = context.microversion, context.route
    last_minor = route.last_microversion if route is not None else None
    if response.status != 404 or version is None or last_minor is None or version.minor <= last_minor:
        return None
    return f"{context.operation} ends with microversion 2.{last_minor}; the request asks for {version}."


def explain_route(context: Context, response: Response) -> str | None:
    """Explain why a path that looks right has no route."""
    if response.status != 404 or context.route is not None:
        return None
    method, path, match = context.request.method, context.request.path, context.router.match
    if path.endswith("/") and match(method, path.rstrip("/")).route is not None:
        return "No route ends with a slash; remove it."
    if method == "HEAD" and match("GET", path).route is not None:
        return "Nova does not respond to HEAD with the GET route; send GET."
    return "No route has this method and path. A project id consists of 0-9, a-f and hyphens."


def explain_media_type(_: Context, response: Response) -> str | None:
    """Explain which Content-Type Nova reads, for a 415."""
    if response.status != 415:
        return None
    return "Nova reads only JSON. Send a Content-Type such as application/json in lower case, or none."
