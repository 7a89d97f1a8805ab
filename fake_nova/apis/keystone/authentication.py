"""From what a client says of itself to a token, in the order of the real service's checks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from fake_nova.apis.keystone.errors import KeystoneError, expecting, no_token, unauthorized
from fake_nova.apis.keystone.tables import AUTH_SCHEMA, DOMAIN, ID_OR_NAME, METHODS, SCOPES
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.tokens import Token
from fake_nova.documents.validation import shown
from fake_nova.wire.json_schema import first_error

Json = Mapping[str, Any]


class Scope(NamedTuple):
    """What a token is to be scoped to: a project, the system, the domain, or nothing."""

    project: Project | None = None
    system: bool = False
    domain: bool = False


class Proof(NamedTuple):
    """Who a client has proved to be, and how."""

    user: User
    method: str
    parent: Token | None = None


class Claim(NamedTuple):
    """Who a client says that it is, before that is proved."""

    name: str | None = None
    user_id: str | None = None
    token: str | None = None


def claimed(auth: Any, *, v2: bool) -> Claim:
    """Read who says to log in; what is not in the form of its version says nothing.

    Args:
        auth: the value of ``auth`` in the request's body.
        v2: it is in the form of v2.0.
    """
    if v2:
        user = _at(auth, "passwordCredentials")
        texts = _at(user, "username"), _at(user, "userId"), _at(auth, "token", "id")
    else:
        methods = _at(auth, "identity", "methods")
        named = [name for name in _METHODS if name in methods] if isinstance(methods, list) else []
        proofs = {name: _at(auth, "identity", name) for name in named}
        user = _at(proofs.get("password"), "user")
        texts = _at(user, "name"), _at(user, "id"), _at(proofs.get("token"), "id")
    return Claim(*(text if isinstance(text, str) else None for text in texts))


def _at(value: Any, *path: str) -> Any:
    """Return what *value* has at a path of keys, or None."""
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def log_in(emulator: Emulator, auth: Any) -> tuple[str, Token]:
    """Issue a token, and return its text and what it stands for.

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
    methods = _methods(identity)
    if "application_credential" in methods:
        _no_application_credential(emulator, identity["application_credential"], "scope" in auth)
    scope = _scope(emulator.cloud.directory, auth["scope"]) if "scope" in auth else Scope()
    proofs = [_METHODS[method](emulator, identity[method]) for method in methods]
    if not proofs:
        raise unauthorized("No method was named that could prove who logs in.")
    user, method, parent = proofs[-1]
    if any(proof.user != user for proof in proofs):
        raise unauthorized("The methods prove different users.")
    _require_role(user, scope)
    tokens = emulator.cloud_of(user.project.id).tokens
    return tokens.issue(user, scope.project, system=scope.system, method=method, parent=parent)


def _methods(identity: Json) -> list[str]:
    """Return the methods of authentication that *identity* names, each once, with a proof and supported."""
    methods: list[str] = list(dict.fromkeys(identity["methods"]))
    for method in methods:
        if method not in identity:
            raise expecting(method, "identity")
    if any(method not in (*_METHODS, "application_credential") for method in methods):
        raise KeystoneError(
            401,
            "Attempted to authenticate with an unsupported method.",
            f"The methods that there are here: {', '.join(_METHODS)}.",
            {"methods": list(METHODS)},
        )
    return methods


def _require_role(user: User, scope: Scope) -> None:
    """Raise a 401 if *user* has no role in *scope*."""
    if scope.domain:
        raise unauthorized(f"User {user.name} has no role in the domain, only in {user.project.name}.")
    if scope.project is not None and user.project != scope.project:
        raise unauthorized(
            f"User {user.name} has no role in project {scope.project.name}, only in {user.project.name}."
        )
    if scope.system and "admin" not in user.roles:
        raise unauthorized(f"User {user.name} is no admin; only an admin's token may be for the system.")


def _check(auth: Any) -> None:
    """Raise a 400 where *auth* is not of the form that it must have."""
    error = first_error(_without_passwords(auth), AUTH_SCHEMA)
    if error is not None:
        where = "/".join(map(str, error.path))
        raise KeystoneError(400, f"Invalid input for field '{where}': {error}" if where else str(error))
    for path in ID_OR_NAME:
        found = _at(auth, *path)
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
    if "domain" in scope:
        _known_domain(scope["domain"], "scope")
        return Scope(domain=True)
    if "project" not in scope:
        if not scope["OS-TRUST:trust"].get("id"):
            raise expecting("trust_id", "trust")
        raise unauthorized("There are no trusts here.")
    asked: Json = scope["project"]
    key = "name" if asked.get("name") else "id"
    if key == "name":
        if "domain" not in asked:
            raise expecting("domain", "project")
        _known_domain(asked["domain"], "project")
    found = next((one for one in directory.projects if getattr(one, key) == asked.get(key)), None)
    if found is None:
        raise unauthorized(_nobody("project", key, asked.get(key), directory.projects))
    return Scope(project=found)


def _nobody(what: str, key: str, asked: object, there: Sequence[Project | User]) -> str:
    first = ", ".join(shown(getattr(one, key)) for one in there[:10]) or "none"
    more = f" and {len(there) - 10} more" if len(there) > 10 else ""
    return f"No {what} has the {key} {shown(asked)}; there are: {first}{more}."


def _known_domain(domain: Json, what: str) -> None:
    """Raise where *domain* is not the one that there is."""
    key = "name" if domain.get("name") else "id"
    if domain.get(key) != DOMAIN[key]:
        raise unauthorized(
            f"The {what}'s domain has the {key} {shown(domain.get(key))}; the only one has the {key} "
            f"{shown(DOMAIN[key])}."
        )


def _named_user(directory: Directory, asked: Json) -> User | None:
    """Return the user of a name and a domain, if there is one."""
    if "domain" not in asked:
        raise expecting("domain", "user")
    if not asked["domain"].get("id") and not asked["domain"].get("name"):
        raise expecting("id or name", "domain")
    _known_domain(asked["domain"], "user")
    return directory.user(asked.get("name", ""))


def _by_password(emulator: Emulator, payload: Json) -> Proof:
    if "user" not in payload:
        raise expecting("user", "None")  # the real service has not yet noted the method's name
    asked: Json = payload["user"]
    if not asked.get("id") and not asked.get("name"):
        raise expecting("id or name", "user")
    directory = emulator.cloud.directory
    key = "name" if asked.get("name") else "id"
    user = _named_user(directory, asked) if key == "name" else directory.user_of_id(asked["id"])
    if user is None:
        raise unauthorized(_nobody("user", key, asked[key], directory.users))
    if not secrets.compare_digest(_bytes(user.password), _bytes(str(asked.get("password", "")))):
        raise unauthorized(f"The password of user {user.name} is wrong.")
    return Proof(user, "password")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _by_token(emulator: Emulator, payload: Json) -> Proof:
    found = emulator.find_token(payload["id"])
    if found is None:
        raise no_token(payload["id"])
    _, token = found
    return Proof(token.user, "token", token)


def _no_application_credential(emulator: Emulator, payload: Any, is_scoped: bool) -> NoReturn:
    """Raise what is said of an application credential, of which there is none."""
    why = "There are no application credentials here."
    if is_scoped:
        detail = "Application credentials cannot request a scope."
        message = f"Error authenticating with application credential: {detail}"
        raise KeystoneError(401, message, why, identity={})
    asked: Json = payload if isinstance(payload, Mapping) else {}
    if asked.get("id"):
        raise KeystoneError(404, f"Could not find Application Credential: {asked['id']}.", why)
    for key, what in (("name", "name or ID"), ("user", "user")):
        if not asked.get(key):
            raise expecting(what, "application credential")
    user: Json = asked["user"] if isinstance(asked["user"], Mapping) else {}
    if not user.get("id"):
        if not isinstance(user.get("domain", {}), Mapping) or not isinstance(user.get("name", ""), str):
            raise expecting("id or name", "user")
        if _named_user(emulator.cloud.directory, user) is None:
            raise KeystoneError(404, f"Could not find user: {user.get('name')}.", why)
    raise unauthorized(why)


def _by_the_web_server(_: Emulator, __: Json) -> NoReturn:
    raise unauthorized("No web server has authenticated anybody here.")


def _by_mapping(_: Emulator, payload: Any) -> NoReturn:
    if isinstance(payload, Mapping) and "id" in payload:
        raise no_token(str(payload["id"]))  # that of a federated login, of which there is none
    raise expecting("identity_provider", "mapped")


#: Method of authentication -> its check; application credentials are looked at before.
_METHODS: Mapping[str, Callable[[Emulator, Json], Proof]] = {
    "password": _by_password,
    "token": _by_token,
    "external": _by_the_web_server,
    "ec2credential": _by_the_web_server,
    "mapped": _by_mapping,
}
