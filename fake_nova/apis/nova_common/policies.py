"""Who may do what: the roles that the rules of Nova's policy ask for (Nova 34.0.0's nova.policies)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.wire.context import Context

ADMIN: Final = frozenset(("admin",))
MANAGER: Final = ADMIN | {"manager"}
MEMBER: Final = MANAGER | {"member"}
READER: Final = MEMBER | {"reader"}


def allows(context: Context, roles: Collection[str], project_id: str | None) -> bool:
    """Return whether the caller has one of *roles* in a project. An admin may act in every project."""
    caller = context.caller
    if caller.is_admin:
        return True
    is_own_project = project_id == caller.project_id
    return is_own_project and not caller.roles.isdisjoint(roles)


def require(context: Context, rule: str, roles: Collection[str], project_id: str | None) -> None:
    """Require that the caller has one of *roles* in a project.

    Raises:
        NovaError: 403 with the name of the rule, without its prefix ``os_compute_api:``.
    """
    if not allows(context, roles, project_id):
        raise forbidden_error(rule)


def forbidden_error(rule: str) -> NovaError:
    """Return the error for a caller whom a rule does not allow something."""
    return NovaError(403, f"Policy doesn't allow os_compute_api:{rule} to be performed.")
