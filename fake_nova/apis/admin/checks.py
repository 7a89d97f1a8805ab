"""The cloud of a request, and the check of its query."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from fake_nova import errors
from fake_nova.apis.admin import body, flavors, images, keypairs, requests, servers
from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.support.messages import quote_python, suggest
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.request import Request

#: Operation -> its query parameters besides `scope`. An operation that is missing takes only `scope`.
QUERY_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "admin.fixtures": ("replace",),
    "admin.explain": ("path", "project"),
    "admin.changes": ("since",),
    "admin.export": ("format",),
    "admin.snapshots.changes": ("to",),
    "admin.faults.clear": ("owner",),
    "admin.images.list": (*images.MATCHERS, "limit", "marker"),
    "admin.servers.changes": ("since",),
    "admin.flavors.list": (*flavors.MATCHERS, "limit", "marker"),
    "admin.keypairs.list": (*keypairs.MATCHERS, "user"),
    **dict.fromkeys(("admin.keypairs.show", "admin.keypairs.change", "admin.keypairs.forget"), ("user",)),
    "admin.servers.list": (*servers.MATCHERS, "limit", "marker"),
    "admin.requests.list": (*requests.MATCHERS, *requests.LIST_PARAMETERS),
    "admin.requests.count": (*requests.MATCHERS, "expect"),
    "admin.requests.wait": (*requests.MATCHERS, "timeout"),
}


def resolve_cloud(emulator: Emulator, request: Request, _: str) -> tuple[Cloud, None]:
    """Return the cloud of the scope in the query, or the shared cloud.

    An unknown scope gets the shared cloud here. `check_query` rejects it later.
    """
    with suppress(errors.FakeNovaError):
        scope = body.query_params(request).get("scope")
        if scope is not None:
            return emulator.cloud_for_scope(scope), None
    return emulator.cloud, None


def requested_scope(context: Context) -> str | None:
    """Return the scope in the query, or None for the shared cloud."""
    return body.query_params(context.request).get("scope")


def check_query(context: Context) -> None:
    """Check the query parameters.

    Raises:
        ScopeNotFound: if ``scope`` names an unknown scope.
        Refusal: 400 if a parameter is unknown to the operation, or repeated.
    """
    operation = context.route.operation if context.route is not None else ""
    valid_names = ("scope", *QUERY_PARAMETERS.get(operation, ()))
    used_names: set[str] = set()
    for name, _ in query_string.parse(context.request.query_string):
        if name not in valid_names:
            choices = ", ".join(valid_names) + suggest(name, valid_names)
            raise Refusal(
                400, f"query: unknown parameter (got {quote_python(name)}); expected one of: {choices}"
            )
        if name in used_names:
            raise Refusal(
                400, f"query: repeated parameter (got {quote_python(name)} twice); expected it once"
            )
        used_names.add(name)
    context.emulator.require_scope(requested_scope(context))
