"""Hints that explain a response of Nova."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.service import Hint

#: The methods that the routes of Nova have.
_METHODS: Final = ("GET", "POST", "PUT", "DELETE")

#: The maximum number of characters of a path to compare with those of routes.
_MAX_COMPARED_CHARS: Final = 100


def explain_project(token_project: str | None) -> str:
    """Explain which project the token is scoped to, because the URL names another one."""
    if token_project is None:
        return "The token is scoped to no project, so the URL must name none."
    return f"The token is scoped to project {token_project}; the URL must name that one, or none."


def explain_microversion(context: Context, response: Response) -> Hint | None:
    """Explain which microversion is the last one with the route."""
    version = context.microversion
    route = context.route
    last_minor = route.last_microversion if route is not None else None
    if response.status != 404 or version is None or last_minor is None or version.minor <= last_minor:
        return None
    return Hint(f"{context.operation} ends with microversion 2.{last_minor}; the request asks for {version}.")


def explain_route(context: Context, response: Response) -> Hint | None:
    """Explain why a path that looks right has no route."""
    if response.status != 404 or context.route is not None:
        return None
    method = context.request.method
    path = context.request.path
    match = context.router.match
    if path.endswith("/") and match(method, path.rstrip("/")).route is not None:
        return Hint("No route ends with a slash; remove it.")
    if method == "HEAD" and match("GET", path).route is not None:
        return Hint("Nova does not respond to HEAD with the GET route; send GET.")
    return Hint(
        _explain_prefix(context)
        or _explain_method(context)
        or _suggest_path(context)
        or "No route has this method and path. A project id consists of 0-9, a-f and hyphens."
    )


def _explain_prefix(context: Context) -> str | None:
    """Explain that the beginning of a path stands in it twice, or belongs to another API."""
    version, *segments = context.request.path.strip("/").split("/")
    if version in segments[:2]:
        return f"/{version} comes twice in the path."
    if (
        segments[1:]
        and segments[0] == segments[1]
        and context.router.match("GET", f"/{version}/{segments[0]}/").project_in_url
    ):
        return "The project id comes twice in the path."
    if segments[:1] in (["admin"], ["_admin"]):
        return "The admin API is below /_admin, without a version."
    return None


def _explain_method(context: Context) -> str | None:
    """Explain which methods a path has; routes without path parameters come first."""
    matches = {method: context.router.match(method, context.request.path) for method in _METHODS}
    methods = [method for method, match in matches.items() if match.route is not None]
    literal_methods = [method for method in methods if not matches[method].path_params]
    if not methods or context.request.method == "HEAD":
        return None
    last_segment = context.request.path.rpartition("/")[2] if literal_methods else "The path"
    return f"{last_segment} takes {' or '.join(literal_methods or methods)}."


def _suggest_path(context: Context) -> str | None:
    """Return the path of a list that is almost the path of the request."""
    path = context.request.path
    if len(path) > _MAX_COMPARED_CHARS:
        return None
    project = context.router.match("GET", path).project_in_url
    prefix_length = 2 if project else 1  # the version, and the project
    tail = "/" + "/".join(path.strip("/").split("/")[prefix_length:])
    paths = {route.path for route in context.router.routes_of(context.service) if "{" not in route.path}
    similar_paths = get_close_matches(tail, sorted(paths - {"/"}), 1, cutoff=0.8)
    return f"No route has this path; is it {similar_paths[0]}?" if similar_paths else None


def explain_media_type(_: Context, response: Response) -> Hint | None:
    """Explain which Content-Type Nova reads, for a 415."""
    if response.status != 415:
        return None
    return Hint("Nova reads only JSON. Send a Content-Type such as application/json in lower case, or none.")
