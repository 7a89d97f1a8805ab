"""Login: check a client's credentials and issue a token, in the order of the real service's checks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from fake_nova.apis.keystone.errors import (
    DELEGATED_TOKEN,
    RESCOPING_SYSTEM_TOKEN,
    KeystoneError,
    forbidden,
    lost_credential,
    missing_attribute,
    token_not_found,
    unauthorized,
)
from fake_nova.apis.keystone.tables import AUTH_METHODS, AUTH_SCHEMA, ID_OR_NAME_PATHS
from fake_nova.apis.keystone.token_scopes import (
    TokenScope,
    find_domain,
    not_found_reason,
    parse_scope,
    require_role,
)
from fake_nova.cloud.credentials import ApplicationCredential
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.people import User
from fake_nova.cloud.tokens import Token
from fake_nova.wire.json_schema import first_error

JsonMapping = Mapping[str, Any]


class AuthResult(NamedTuple):
    """The user whom an authentication method proved, the method, and the proof: a token or a credential."""

    user: User
    method: str
    parent: Token | None = None
    credential: ApplicationCredential | None = None


class IdentityClaim(NamedTuple):
    """The user name, user id, token or credential's id that a client logs in with, before any check."""

    name: str | None = None
    user_id: str | None = None
    token: str | None = None
    credential_id: str | None = None


def parse_claim(auth: Any, *, v2: bool) -> IdentityClaim:
    """Return the identity that a client claims. A malformed part claims nothing.

    Args:
        auth: the value of ``auth`` in the request's body.
        v2: whether it has the format of v2.0.
    """
    fields: tuple[Any, ...]
    if v2:
        user = _value_at(auth, "passwordCredentials")
        fields = _value_at(user, "username"), _value_at(user, "userId"), _value_at(auth, "token", "id")
    else:
        methods = _value_at(auth, "identity", "methods")
        names = methods if isinstance(methods, list) else []
        payloads = {name: _value_at(auth, "identity", name) for name in _AUTHENTICATORS if name in names}
        user = _value_at(payloads.get("password") or payloads.get("application_credential"), "user")
        fields = (
            _value_at(user, "name"),
            _value_at(user, "id"),
            _value_at(payloads.get("token"), "id"),
            _value_at(payloads.get("application_credential"), "id"),
        )
    return IdentityClaim(*(text if isinstance(text, str) else None for text in fields))


def _value_at(value: Any, *path: str) -> Any:
    """Return the item of *value* at a path of keys, or None."""
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def log_in(emulator: Emulator, auth: Any, origin: str) -> tuple[str, Token]:
    """Issue a token.

    Args:
        emulator: the emulator, which knows the users and tokens.
        auth: the value of ``auth`` in the request's body.
        origin: what the URLs in the catalog of the token begin with.

    Returns:
        The id of the token, and the token.

    Raises:
        KeystoneError: 400 if *auth* is malformed; 401 if it proves no user, or the user has no role in the
            scope; 403 for the token of the system with another scope; 404 for an unknown token.
    """
    if auth is not None:
        _check_auth(auth)
    if not auth:
        raise missing_attribute("auth", "request body")
    identity: JsonMapping = auth["identity"]
    methods = _methods(identity)
    if "application_credential" in methods and "scope" in auth:
        detail = "Application credentials cannot request a scope."
        message = f"Error authenticating with application credential: {detail}"
        raise KeystoneError(401, message, identity={})
    scope = parse_scope(emulator, auth["scope"]) if "scope" in auth else TokenScope()
    results = [_authenticate(emulator, method, identity[method], scope) for method in methods]
    if not results:
        raise unauthorized("The request names no authentication method.")
    proof = next((result for result in results if result.parent is not None), results[-1])
    user = proof.user
    if any(result.user != user for result in results):
        raise unauthorized("The authentication methods name different users.")
    require_role(user, scope)
    credential = next((result.credential for result in results if result.credential is not None), None)
    return _issue(emulator, proof._replace(credential=credential), scope, origin)


def _issue(emulator: Emulator, proof: AuthResult, scope: TokenScope, origin: str) -> tuple[str, Token]:
    """Issue a token in the cloud of its project, or else of the user's first project."""
    project = scope.project
    if proof.credential is not None:
        project = emulator.cloud.directory.project_by_id(proof.credential.project_id or "")
    home = project or proof.user.project
    cloud = emulator.cloud if home is None else emulator.cloud_for_project(home.id)
    return cloud.tokens.issue(
        proof.user,
        project,
        system=scope.system,
        domain=scope.domain,
        method=proof.method,
        parent=proof.parent,
        credential=proof.credential,
        origin=origin,
    )


def _methods(identity: JsonMapping) -> list[str]:
    """Return the methods of *identity*, each once; raise if one has no payload or is unsupported."""
    methods: list[str] = list(dict.fromkeys(identity["methods"]))
    for method in methods:
        if method not in identity:
            raise missing_attribute(method, "identity")
    if any(method not in _AUTHENTICATORS for method in methods):
        message = "Attempted to authenticate with an unsupported method."
        reason = "Supported methods: password, token and application_credential."
        raise KeystoneError(401, message, reason, {"methods": list(AUTH_METHODS)})
    return methods


def _check_auth(auth: Any) -> None:
    """Raise a 400 if *auth* violates its schema."""
    error = first_error(_without_passwords(auth), AUTH_SCHEMA)
    if error is not None:
        location = "/".join(map(str, error.path))
        raise KeystoneError(400, f"Invalid input for field '{location}': {error}" if location else str(error))
    for path in ID_OR_NAME_PATHS:
        value = _value_at(auth, *path)
        if value is not None and "id" not in value and "name" not in value:
            raise KeystoneError(400, f"Invalid input for field {'/'.join(path)}: id or name must be present.")


def _without_passwords(value: Any, key: str = "") -> Any:
    """Return *value* for error messages, with masked passwords; the real service shows them.

    Args:
        value: a part of ``auth``.
        key: the key of *value*. An object at ``password`` that has a user is the payload of that method, and
            true and false are no passwords.
    """
    if isinstance(value, bool):
        return value
    if key == "password" and not (isinstance(value, Mapping) and "user" in value):
        return "***" if isinstance(value, str) else type(value)()
    if isinstance(value, Mapping):
        return {name: _without_passwords(item, name) for name, item in value.items()}
    return [_without_passwords(item) for item in value] if isinstance(value, list) else value


def _user_by_name(emulator: Emulator, reference: JsonMapping) -> User | None:
    """Return the user with a name in a domain, or None; KeystoneError if the domain is missing or unknown."""
    if "domain" not in reference:
        raise missing_attribute("domain", "user")
    if not reference["domain"].get("id") and not reference["domain"].get("name"):
        raise missing_attribute("id or name", "domain")
    domain = find_domain(emulator, reference["domain"], "user")
    return emulator.cloud.directory.find_user("name", reference.get("name", ""), emulator.database, domain)


def _authenticate(emulator: Emulator, method: str, payload: JsonMapping, scope: TokenScope) -> AuthResult:
    """Return the user whom *method* proves; raise a 403 for a token of the system and another scope."""
    result = _AUTHENTICATORS[method](emulator, payload)
    if not (result.user.enabled and result.user.domain.enabled):
        raise unauthorized(f"User {result.user.name} or its domain is disabled.")
    if result.parent is not None and result.parent.credential is not None:
        raise forbidden(DELEGATED_TOKEN)
    has_system_token = result.parent is not None and result.parent.system
    if has_system_token and (scope.project is not None or scope.domain is not None):
        raise forbidden(RESCOPING_SYSTEM_TOKEN)
    return result


def _authenticate_by_password(emulator: Emulator, payload: JsonMapping) -> AuthResult:
    if "user" not in payload:
        raise missing_attribute("user", "None")  # the real service does not know the method's name yet
    reference: JsonMapping = payload["user"]
    if not reference.get("id") and not reference.get("name"):
        raise missing_attribute("id or name", "user")
    directory = emulator.cloud.directory
    key = "name" if reference.get("name") else "id"
    if key == "name":
        user = _user_by_name(emulator, reference)
    else:
        user = directory.find_user("id", reference["id"], emulator.database)
    if user is None:
        raise unauthorized(not_found_reason("user", key, reference[key], directory.users))
    password = user.password
    if password is None or not secrets.compare_digest(
        _encode(password), _encode(str(reference.get("password", "")))
    ):
        raise unauthorized(f"The password of user {user.name} is wrong.")
    return AuthResult(user, "password")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _authenticate_by_token(emulator: Emulator, payload: JsonMapping) -> AuthResult:
    match = emulator.find_token(payload["id"])
    if match is None:
        raise lost_credential(emulator, payload["id"]) or token_not_found(payload["id"])
    return AuthResult(match.token.user, "token", match.token)


def _authenticate_by_credential(emulator: Emulator, payload: JsonMapping) -> AuthResult:
    """Return the user of the application credential with an id, or with a name and a user.

    The checks are Keystone 30.0.0's, in its order (measured): an unknown id, or an unknown user's name, is a
    404; all else that does not fit is a 401.
    """
    directory, database = emulator.cloud.directory, emulator.database
    if not isinstance(payload, Mapping):
        payload = {}
    if payload.get("id"):
        credential = directory.find_credential(str(payload["id"]), database)
        if credential is None:
            raise KeystoneError(404, f"Could not find Application Credential: {payload['id']}.")
        user = directory.find_user("id", credential.user_id, database)
    else:
        user = _user_of_credential(emulator, payload)
        credentials = [] if user is None else directory.credentials_of(user.id)
        name = payload["name"]
        credential = next((each for each in credentials if database.are_equal(each.name, name)), None)
    if user is None or credential is None:
        raise unauthorized("No application credential of this user has this name.")
    if not secrets.compare_digest(_encode(credential.secret), _encode(str(payload.get("secret", "")))):
        raise unauthorized(f"The secret of application credential {credential.name} is wrong.")
    if credential.expires_at is not None and credential.expires_at <= emulator.cloud.clock.now():
        raise unauthorized(f"Application credential {credential.name} has expired.")
    return AuthResult(user, "application_credential", credential=credential)


def _user_of_credential(emulator: Emulator, payload: JsonMapping) -> User | None:
    """Return the user that an application credential is named with; None for an unknown id."""
    for key, attribute in (("name", "name or ID"), ("user", "user")):
        if not payload.get(key) or (key == "name" and not isinstance(payload[key], str)):
            raise missing_attribute(attribute, "application credential")
    reference: JsonMapping = payload["user"] if isinstance(payload["user"], Mapping) else {}
    if reference.get("id"):
        return emulator.cloud.directory.find_user("id", str(reference["id"]), emulator.database)
    if not isinstance(reference.get("domain", {}), Mapping) or not isinstance(reference.get("name", ""), str):
        raise missing_attribute("id or name", "user")
    user = _user_by_name(emulator, reference)
    if user is None:
        raise KeystoneError(404, f"Could not find user: {reference.get('name')}.")
    return user


def _reject_external(_: Emulator, __: JsonMapping) -> NoReturn:
    raise unauthorized("External authentication is not supported.")


def _reject_ec2_credential(_: Emulator, __: JsonMapping) -> NoReturn:
    raise unauthorized("EC2 credentials are not supported.")


def _reject_mapped(_: Emulator, payload: Any) -> NoReturn:
    if isinstance(payload, Mapping) and "id" in payload:
        raise token_not_found(str(payload["id"]))  # the id of a federated token; the emulator has none
    raise missing_attribute("identity_provider", "mapped")


#: Authentication method -> its check.
_AUTHENTICATORS: Mapping[str, Callable[[Emulator, JsonMapping], AuthResult]] = {
    "password": _authenticate_by_password,
    "application_credential": _authenticate_by_credential,
    "token": _authenticate_by_token,
    "external": _reject_external,
    "ec2credential": _reject_ec2_credential,
    "mapped": _reject_mapped,
}
