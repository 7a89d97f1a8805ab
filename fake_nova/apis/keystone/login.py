"""From what a client says of itself to a token, in the order of the real service's checks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from fake_nova.apis.keystone.errors import KeystoneError, expecting, unauthorized
from fake_nova.apis.keystone.tables import AUTH_SCHEMA, DOMAIN, ID_OR_NAME, SCOPES
from fake_nova.cloud.cloud import Emulator
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.tokens import Token
from fake_nova.wire.json_schema import first_error

Json = Mapping[str, Any]


class Scope(NamedTuple):
    """What a token is to be scoped to: a project, the system, or nothing."""

    project: Project | None = None
    system: bool = False


class Proof(NamedTuple):
    """Who a client has proved to be, and how."""

    user: User
    method: str
    parent: Token | None = None


def log_in(emulator: Emulator, auth: Any) -> str:
    """Issue a token and return its text.

    Args:
        emulator: whose users and tokens.
        auth: the value of ``auth`` in the request's body.

    Raises:
        KeystoneError: 400 where *auth* is not as it must be; 401 where it proves nothing, or the user has no
            role where the token is to be scoped; 404 for a token that is none.
    """
    if auth is not None:
        _check(auth)
    if not auth:
        raise expecting("auth", "request body")
    identity: Json = auth["identity"]
    methods: list[str] = list(dict.fromkeys(identity["methods"]))
    for method in methods:
        if method not in identity:
            raise expecting(method, "identity")
    if any(method not in _METHODS for method in methods):
        raise KeystoneError(401, "Attempted to authenticate with an unsupported method.")
    scope = _scope(emulator.cloud.directory, auth["scope"]) if "scope" in auth else Scope()
    proofs = [_METHODS[method](emulator, identity[method]) for method in methods]
    if not proofs:
        raise unauthorized()
    user, method, parent = proofs[-1]
    if (scope.project is not None and user.project != scope.project) or (
        scope.system and "admin" not in user.roles
    ):
        raise unauthorized()
    tokens = emulator.cloud_of(scope.project.id if scope.project is not None else None).tokens
    return tokens.issue(user, scope.project, system=scope.system, method=method, parent=parent)


def _check(auth: Any) -> None:
    """Raise a 400 where *auth* is not of the form that it must have."""
    error = first_error(_without_passwords(auth), AUTH_SCHEMA)
    if error is not None:
        where = "/".join(map(str, error.path))
        raise KeystoneError(400, f"Invalid input for field '{where}': {error}" if where else str(error))
    for path in ID_OR_NAME:
        found: Any = auth
        for part in path:
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is not None and "id" not in found and "name" not in found:
            raise KeystoneError(400, f"Invalid input for field {'/'.join(path)}: id or name must be present.")


def _without_passwords(value: Any) -> Any:
    """Return *value* for an error to show; where the real service shows a password, this one does not."""
    if isinstance(value, Mapping):
        return {
            key: _masked(inner) if key == "password" and not _is_payload(inner) else _without_passwords(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_passwords(inner) for inner in value]
    return value


def _is_payload(value: Any) -> bool:
    """Whether *value* is what the method ``password`` is given, rather than a password."""
    return isinstance(value, Mapping) and "user" in value


def _masked(value: Any) -> Any:
    return "***" if isinstance(value, str) else type(value)()


def _scope(directory: Directory, scope: Any) -> Scope:
    if isinstance(scope, str):
        scope = {scope: {}} if scope == "unscoped" else {}
    if sum(kind in scope for kind in SCOPES) != 1:
        raise expecting("system, project, domain, OS-TRUST:trust or unscoped", "scope")
    if "unscoped" in scope:
        return Scope()
    if "system" in scope:
        return Scope(system=True)
    if "project" not in scope:
        raise unauthorized()  # nobody has a role on a domain here, and there are no trusts
    asked: Json = scope["project"]
    if asked.get("name"):
        _domain(asked, "project")
        found = next((one for one in directory.projects if one.name == asked["name"]), None)
    else:
        found = next((one for one in directory.projects if one.id == asked.get("id")), None)
    if found is None:
        raise unauthorized()
    return Scope(project=found)


def _domain(owner: Json, what: str) -> None:
    """Raise where the domain of *owner* is missing, or is not the one that there is."""
    if "domain" not in owner:
        raise expecting("domain", what)
    domain: Json = owner["domain"]
    key = "name" if domain.get("name") else "id"
    if not domain.get(key):
        raise expecting("id or name", "domain")
    if domain[key] != DOMAIN[key]:
        raise unauthorized()


def _by_password(emulator: Emulator, payload: Json) -> Proof:
    if "user" not in payload:
        raise expecting("user", "None")  # the real service has not yet noted the method's name
    asked: Json = payload["user"]
    if not asked.get("id") and not asked.get("name"):
        raise expecting("id or name", "user")
    if asked.get("name"):
        _domain(asked, "user")
        user = emulator.cloud.directory.user(asked["name"])
    else:
        user = emulator.cloud.directory.user_of_id(asked["id"])
    password = str(asked.get("password", ""))
    if user is None or not secrets.compare_digest(_bytes(user.password), _bytes(password)):
        raise unauthorized()
    return Proof(user, "password")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _by_token(emulator: Emulator, payload: Json) -> Proof:
    found = emulator.find_token(payload["id"])
    if found is None:
        raise KeystoneError(404, "Failed to validate token")
    return Proof(found[1].user, "token", found[1])


#: Method of authentication -> its check.
_METHODS = {"password": _by_password, "token": _by_token}
