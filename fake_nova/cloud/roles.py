"""Roles, the roles that they imply, and ids that stay the same for the same names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("b1c66f0c-9f5c-5d2e-8f0a-5c2b8f7e6d41")


def stable_id(*parts: str) -> str:
    """Return an id of 32 hexadecimal digits; the same *parts* always give the same id."""
    return uuid5(_NAMESPACE, "/".join(parts)).hex


class Role(NamedTuple):
    """A role that users can have.

    Attributes:
        name: its name.
        implies: the names of the roles that it implies directly.
        description: a description, or None.
        own_id: its id; "" for one that is derived from the name.
    """

    name: str
    implies: tuple[str, ...] = ()
    description: str | None = None
    own_id: str = ""

    @property
    def id(self) -> str:
        """Its id."""
        return self.own_id or stable_id("role", self.name)


#: The roles of ``keystone-manage bootstrap`` (Keystone 30.0.0).
BUILT_IN_ROLES: Final = (
    Role("admin", ("manager",)),
    Role("manager", ("member",)),
    Role("member", ("reader",)),
    Role("reader"),
    Role("service"),
)


class ImpliedRole(NamedTuple):
    """A role that another one implies.

    Attributes:
        name: its name.
        prior_name: the name of the role that implies it directly.
    """

    name: str
    prior_name: str


def implied_by(name: str, roles: Mapping[str, Role]) -> list[ImpliedRole]:
    """Return the roles that a role implies, directly and through others, each once.

    Args:
        name: the name of the role.
        roles: name -> role.
    """
    implied: dict[str, ImpliedRole] = {}
    names = [name]
    for prior_name in names:
        prior_role = roles.get(prior_name)
        for each in () if prior_role is None else prior_role.implies:
            if each not in names:
                names.append(each)
                implied[each] = ImpliedRole(each, prior_name)
    return list(implied.values())


def with_implied(names: Iterable[str], roles: Iterable[Role] = BUILT_IN_ROLES) -> frozenset[str]:
    """Return the names of some roles, and of those that they imply.

    Args:
        names: the names of roles.
        roles: all roles.
    """
    roles_by_name = {role.name: role for role in roles}
    names = tuple(names)
    implied = (each.name for name in names for each in implied_by(name, roles_by_name))
    return frozenset((*names, *implied))
