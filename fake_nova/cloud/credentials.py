"""Application credentials: secrets with which a program logs in as a user, with some of the user's roles."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class AccessRule(NamedTuple):
    """A request that a program may send. `fake_nova.wire.access_rules` applies it.

    Attributes:
        id: its id.
        user_id: the id of the user whose credentials may have it.
        service: the type of the service, such as ``compute``.
        path: the path of the request, which may have wildcards.
        method: the HTTP method.
    """

    id: str
    user_id: str
    service: str
    path: str
    method: str


class ApplicationCredential(NamedTuple):
    """A secret with which a program logs in as a user.

    Attributes:
        id: its id.
        name: its name; a user has no two credentials with names that the database takes for equal.
        secret: the secret.
        user_id: the id of the user.
        project_id: the id of the project that it gives a token for; None for a token without a scope.
        roles: the names of the roles that the token grants, with those that they imply.
        description: a description, or None.
        expires_at: the time after which it is refused, aware; None if it never is.
        unrestricted: whether its tokens may create and delete application credentials; None means no.
        access_rules: the requests that it is for; None if it names none.
        system: a text that is stored and shown only, or None.
    """

    id: str
    name: str
    secret: str
    user_id: str
    project_id: str | None
    roles: tuple[str, ...]
    description: str | None = None
    expires_at: datetime | None = None
    unrestricted: bool | None = None
    access_rules: tuple[AccessRule, ...] | None = None
    system: str | None = None

    def __repr__(self) -> str:
        return f"ApplicationCredential(id={self.id!r}, name={self.name!r})"  # without the secret
