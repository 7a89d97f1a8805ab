"""The view of requests that the emulator refuses: Nova's checks in their order, and then an error."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from fake_nova.apis.nova_common.bodies import check_named_body
from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.policies import ADMIN, READER, allows
from fake_nova.apis.nova_common.requests import (
    STRICT_QUERIES_SINCE,
    check_no_query,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import LIMIT
from fake_nova.apis.nova_restricted.checks import last_id
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

#: The schema of the query of a list of volumes or snapshots, on /v2, too.
_PAGE: Final[Schema] = query_schema(1, STRICT_QUERIES_SINCE, {"limit": LIMIT, "offset": LIMIT})

#: Rules whose names have this prefix already; the others get that of the compute API.
_WHOLE_PREFIX: Final = "compute:"


class Refusal(NamedTuple):
    """A request that the emulator refuses.

    Attributes:
        operation: the operation of the route.
        method: the HTTP method.
        path: the path of the route.
        rule: the rule of Nova's policy, without the prefix ``os_compute_api:``; "" for none.
        message: what an allowed caller is told, with ``{}`` for the last id in the path; "" for what the
            others are told too.
        status: the HTTP status of *message*.
        roles: the roles that the rule allows.
        since: the first minor version with the route.
        until: the last one, or None.
        early_check: looks at the path before the rule, or None.
        late_check: looks at it after the rule, or None.
        summary: the effect in one line, for the documentation.
    """

    operation: str
    method: str
    path: str
    rule: str = ""
    message: str = ""
    status: int = 404
    roles: Collection[str] = ADMIN
    since: int = 1
    until: int | None = None
    early_check: Callable[[Context], None] | None = None
    late_check: Callable[[Context], None] | None = None
    summary: str = "refused in Nova's words"


def refuse(row: Refusal, context: Context) -> Response:
    """Refuse a request.

    Raises:
        NovaError: always.
    """
    check_version(context, row.since, row.until)
    _check_input(row, context)
    if row.early_check is not None:
        row.early_check(context)
    check_rule(context, row.rule, row.roles)
    if row.late_check is not None:
        row.late_check(context)
    if not row.message:
        raise nothing_to_change_error(row.rule)
    raise NovaError(row.status, row.message.format(last_id(context)))


def _check_input(row: Refusal, context: Context) -> None:
    """Check the body, or the query of a GET."""
    if row.method == "GET":
        check_no_query(context)
    elif row.method in ("POST", "PUT"):
        check_named_body(context, row.operation)


def check_version(context: Context, since: int, until: int | None) -> None:
    """Raise the 404 of a route that the microversion does not have."""
    minor = minor_version(context)
    if minor < since or (until is not None and until < minor):
        raise NovaError(404, NOT_FOUND_MESSAGE)


def empty_list(key: str, rule: str, context: Context) -> Response:
    """List nothing."""
    read_query(context, _PAGE, legacy_too=True)
    check_rule(context, rule, READER)
    return json_response(context, 200, {key: []})


def check_rule(context: Context, rule: str, roles: Collection[str] = ADMIN) -> None:
    """Raise a 403 if the caller has none of *roles*; "" is no rule."""
    if rule and not allows(context, roles, context.caller.project_id):
        raise NovaError(403, _policy_message(rule))


def nothing_to_change_error(rule: str) -> NovaError:
    """Return the error for a caller whom the real service would let do what *rule* names."""
    reason = "The real service lets this caller do it. The emulator has nothing of the kind to change."
    return NovaError(403, _policy_message(rule), reason=reason)


def _policy_message(rule: str) -> str:
    name = rule if rule.startswith(_WHOLE_PREFIX) else f"os_compute_api:{rule}"
    return f"Policy doesn't allow {name} to be performed."
