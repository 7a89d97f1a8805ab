"""The response to an admin request without a route: the methods of its path, or the most similar requests."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context
from fake_nova.wire.error_responses import json_error_response
from fake_nova.wire.response import Response
from fake_nova.wire.service import Route

#: The methods that the routes of the admin API have.
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

#: The maximum number of characters of an unknown request to compare with routes, which takes quadratic time.
_MAX_COMPARED_CHARS: Final = 200

#: The number of similar requests in a message.
_MAX_SUGGESTIONS: Final = 3


def no_route(context: Context) -> Response:
    """Return 405 if the path has routes of other methods, and else 404 with the most similar requests."""
    path = context.request.path
    methods = [method for method in _METHODS if context.router.match(method, path).route is not None]
    if methods:
        method = context.request.method[:_MAX_COMPARED_CHARS]
        message = f"{path}: wrong method (got {quote_python(method)}); expected {' or '.join(methods)}"
        allowed = [*methods, "HEAD"] if "GET" in methods else methods
        return json_error_response(405, message).with_headers(("Allow", ", ".join(allowed)))
    request = f"{context.request.method} {path}"
    return json_error_response(404, f"{request}: unknown request; expected one such as {_similar(context)}")


def _fill_path(route: Route[Context], path: str) -> str:
    """Return the path of *route* with the segments of *path* in place of those in braces."""
    template = ("", "_admin", *route.segments)
    segments = zip_longest(template, path.split("/")[: len(template)])
    return "/".join(
        template_segment if segment is None or not template_segment.startswith("{") else segment
        for template_segment, segment in segments
    )


def _similar(context: Context) -> str:
    """Return the routes that are most similar to the request, as ``PUT /_admin/plans/{name}``."""
    request = context.request
    method = request.method
    path = request.path[:_MAX_COMPARED_CHARS]

    def similarity(route: Route[Context]) -> tuple[float, bool]:
        return SequenceMatcher(None, _fill_path(route, path), path).ratio(), route.method == method

    routes = sorted(context.router.routes_of(context.service), key=similarity, reverse=True)
    return ", ".join(f"{route.method} /_admin{route.path}" for route in routes[:_MAX_SUGGESTIONS])
