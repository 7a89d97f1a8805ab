"""Who may do what: Keystone 30.0.0's default policies (`keystone.common.policies`), as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from fake_nova.apis.keystone.errors import forbidden
from fake_nova.cloud.tokens import Token


class Target(NamedTuple):
    """The object of an action, as far as a policy reads it.

    Attributes:
        user_id: the id of the user, or of the user that the object belongs to.
        project_id: the id of the project.
        domain_id: the id of the domain, or of the domain that the object belongs to.
    """

    user_id: str | None = None
    project_id: str | None = None
    domain_id: str | None = None


#: Returns whether a caller meets one condition of a policy.
Condition = Callable[[Token, Target], bool]


def _is_admin(caller: Token, _: Target) -> bool:
    return "admin" in caller.roles


def _is_system_reader(caller: Token, _: Target) -> bool:
    return caller.system and "reader" in caller.roles


def _is_system_admin(caller: Token, target: Target) -> bool:
    return caller.system and _is_admin(caller, target)


def _is_same_user(caller: Token, target: Target) -> bool:
    return caller.user.id == target.user_id


def _is_same_project(caller: Token, target: Target) -> bool:
    return caller.project is not None and caller.project.id == target.project_id


def _is_in_domain(caller: Token, target: Target) -> bool:
    domain = caller.domain if caller.project is None else caller.project.domain
    return domain is not None and domain.id == target.domain_id


def _is_domain_reader(caller: Token, target: Target) -> bool:
    """Whether the caller's token is for the domain of the object; lists have no other objects."""
    return caller.domain is not None and caller.domain.id == target.domain_id and "reader" in caller.roles


def _is_domain_manager(caller: Token, _: Target) -> bool:
    return caller.domain is not None and "manager" in caller.roles


def _is_manager_of_domain(caller: Token, target: Target) -> bool:
    return caller.domain is not None and caller.domain.id == target.domain_id and "manager" in caller.roles


def _is_anyone(_: Token, __: Target) -> bool:
    return True


_READERS: Final = (_is_admin, _is_system_reader)

#: Action -> the conditions of its policy; one is enough.
POLICIES: Final[Mapping[str, tuple[Condition, ...]]] = {
    **dict.fromkeys(
        (
            "identity:list_domain_roles",
            *("identity:list_services", "identity:get_service"),
            *("identity:list_endpoints", "identity:get_endpoint"),
        ),
        _READERS,
    ),
    **dict.fromkeys(
        (
            *("identity:list_users", "identity:list_domains", "identity:list_projects"),
            *("identity:list_role_assignments", "identity:list_role_assignments_for_tree"),
            *("identity:list_groups", "identity:get_group"),
        ),
        (*_READERS, _is_domain_reader),
    ),
    **dict.fromkeys(("identity:list_roles", "identity:get_role"), (*_READERS, _is_domain_manager)),
    **dict.fromkeys(
        ("identity:get_user", "identity:list_user_projects"), (*_READERS, _is_domain_reader, _is_same_user)
    ),
    **dict.fromkeys(
        ("identity:list_application_credentials", "identity:get_application_credential"),
        (*_READERS, _is_same_user),
    ),
    **dict.fromkeys(
        (
            *("identity:create_user", "identity:delete_user"),
            *("identity:create_project", "identity:delete_project"),
            *("identity:update_user", "identity:update_project"),
        ),
        (_is_admin, _is_manager_of_domain),
    ),
    **dict.fromkeys(
        (
            *("identity:create_role", "identity:update_role", "identity:delete_role"),
            *("identity:create_domain", "identity:update_domain", "identity:delete_domain"),
            *("identity:create_grant", "identity:revoke_grant"),
            *("identity:create_system_grant_for_user", "identity:revoke_system_grant_for_user"),
        ),
        (_is_admin,),
    ),
    **dict.fromkeys(("identity:check_grant", "identity:list_grants"), (*_READERS, _is_domain_reader)),
    **dict.fromkeys(
        ("identity:check_system_grant_for_user", "identity:list_system_grants_for_user"), _READERS
    ),
    "identity:create_application_credential": (_is_same_user,),
    "identity:delete_application_credential": (_is_admin, _is_same_user),
    **dict.fromkeys(
        ("identity:list_access_rules", "identity:get_access_rule"), (_is_system_reader, _is_same_user)
    ),
    "identity:delete_access_rule": (_is_system_admin, _is_same_user),
    "identity:get_domain": (*_READERS, _is_in_domain),
    **dict.fromkeys(
        ("identity:get_project", "identity:list_project_tags", "identity:get_project_tag"),
        (*_READERS, _is_domain_reader, _is_same_project),
    ),
    **dict.fromkeys(("identity:list_regions", "identity:get_region"), (_is_anyone,)),
}


#: The actions that a token for a domain never permits, whatever its roles.
_NOT_FOR_DOMAINS: Final = frozenset(
    (
        *(
            "identity:list_services",
            "identity:get_service",
            "identity:list_endpoints",
            "identity:get_endpoint",
        ),
        *("identity:list_domain_roles", "identity:create_application_credential"),
        *("identity:create_role", "identity:update_role", "identity:delete_role"),
        *("identity:create_domain", "identity:update_domain", "identity:delete_domain"),
        *("identity:create_system_grant_for_user", "identity:revoke_system_grant_for_user"),
        *("identity:check_system_grant_for_user", "identity:list_system_grants_for_user"),
        *("identity:list_application_credentials", "identity:get_application_credential"),
        *("identity:delete_application_credential", "identity:list_access_rules"),
        *("identity:get_access_rule", "identity:delete_access_rule"),
    )
)


def require(action: str, caller: Token, target: Target | None = None) -> None:
    """Check that a caller may do something.

    Args:
        action: the name of the policy.
        caller: the caller's token.
        target: the object of the action; None if there is none, or none was found.

    Raises:
        KeystoneError: 403 if the caller meets no condition of the policy.
    """
    if caller.domain is not None and action in _NOT_FOR_DOMAINS:
        raise forbidden(action)
    if not any(is_met(caller, target or Target()) for is_met in POLICIES[action]):
        raise forbidden(action)
