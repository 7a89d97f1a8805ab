"""Views of key pairs: list, add, change and forget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fake_nova.apis.admin import body, list_query
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.schemas import KeyPairChangesSchema, NewKeyPairsSchema
from fake_nova.apis.admin.users import reference_to, user_named
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.keypairs import KeyPair
from fake_nova.documents.flavor import (
    KeyPairSchema,
    build_keypair,
    keypair_fields,
    public_key_problem,
    serialize_keypair,
)
from fake_nova.errors import Conflict
from fake_nova.support.messages import quote_json
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: Query parameters of the list that match the field of the same name. A value may contain ``*`` and ``?``.
MATCHERS: Final = ("name", "type")


def index(context: Context) -> Response:
    """List the key pairs that match, of all users or of ``user``, the first one added first."""
    patterns = list_query.read_patterns(context, MATCHERS, {"type": lambda _: ("ssh", "x509")})
    keypairs = [each for each in _keypairs_of_query(context) if not list_query.mismatches(each, patterns)]
    return _keypairs_response(context.cloud, keypairs, 200)


def show(context: Context) -> Response:
    """Show one key pair."""
    return json_response(_document(context.cloud, _keypair_in_path(context)))


def add(context: Context) -> Response:
    """Add one key pair or several. If one is invalid, add none."""
    documents, is_list = body.load_additions(context, KeyPairSchema(), NewKeyPairsSchema())
    cloud = context.cloud
    keypairs = [_new_keypair(cloud, values) for values in documents]
    with cloud.lifecycle.lock():
        if not cloud.keypairs.add(*keypairs):
            names = quote_json([keypair.name for keypair in keypairs])
            problem = f"keypairs: name already in use (got {names})"
            raise Conflict(f"{problem}; expected names that no other key pair of the user has")
        keypairs = [
            cloud.keypairs.get(each.user_id, each.name) or each for each in keypairs
        ]  # with stored times
    if is_list:
        return _keypairs_response(cloud, keypairs, 201)
    return json_response(_document(cloud, keypairs[0]), 201)


def update(context: Context) -> Response:
    """Change the fields in the body. A key pair keeps its name and its user."""
    values = body.load(KeyPairChangesSchema(), body.parse_json(context))
    cloud = context.cloud
    with cloud.lifecycle.lock():
        keypair = _keypair_in_path(context)
        changes = keypair_fields(values)
        _check_public_key(keypair._replace(**changes))
        changed_keypair = cloud.keypairs.replace(keypair, **changes)
    return json_response(_document(cloud, changed_keypair))


def forget(context: Context) -> Response:
    """Remove a key pair."""
    with context.cloud.lifecycle.lock():
        keypair = _keypair_in_path(context)
        context.cloud.keypairs.remove(keypair.user_id, keypair.name)
    return Response(204)


def _new_keypair(cloud: Cloud, values: Mapping[str, Any]) -> KeyPair:
    user = user_named(cloud, values["user"]) if "user" in values else cloud.default_user
    user_id = "" if user is None else user.id
    keypair = build_keypair(values, user_id, cloud.clock.now())
    _check_public_key(keypair)
    return keypair


def _check_public_key(keypair: KeyPair) -> None:
    """Check that a key pair has a fingerprint.

    Raises:
        Refusal: 400 if its public key has none, and nobody named one.
    """
    problem = public_key_problem(keypair)
    if problem is not None:
        raise Refusal(400, f"public_key: {problem}")


def _keypairs_of_query(context: Context) -> tuple[KeyPair, ...]:
    """Return the key pairs of the user in the query, or all of them without one."""
    keypairs = context.cloud.keypairs.all()
    name = body.query_params(context.request).get("user")
    if name is None:
        return keypairs
    user_id = user_named(context.cloud, name).id
    return tuple(keypair for keypair in keypairs if keypair.user_id == user_id)


def _keypair_in_path(context: Context) -> KeyPair:
    """Return the key pair whose name is in the path.

    Raises:
        Refusal: 404 if there is none.
        Conflict: if several users have one of this name, and the query names no user.
    """
    name = context.path_params["keypair_name"]
    matches = [keypair for keypair in _keypairs_of_query(context) if keypair.name == name]
    if not matches:
        raise Refusal(404, f"keypair: unknown name (got {quote_json(name)}); expected one of a key pair")
    if len(matches) > 1:
        names = ", ".join(str(_document(context.cloud, keypair)["user"]) for keypair in matches)
        problem = f"keypair: ambiguous name (got {quote_json(name)}, which several users have)"
        raise Conflict(f"{problem}; expected user in the query, one of: {names}")
    return matches[0]


def _document(cloud: Cloud, keypair: KeyPair) -> dict[str, Any]:
    return serialize_keypair(keypair, reference_to(cloud, keypair.user_id) or keypair.user_id)


def _keypairs_response(cloud: Cloud, keypairs: Iterable[KeyPair], status: int) -> Response:
    return json_response({"keypairs": [_document(cloud, keypair) for keypair in keypairs]}, status)
