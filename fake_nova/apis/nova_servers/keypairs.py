"""The key pairs that requests about servers name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.wire.context import Context


def check_key(context: Context, params: Mapping[str, Any]) -> None:
    """Check that the caller has the key pair that a request names, if it does.

    Raises:
        NovaError: 400.
    """
    name = params.get("key_name")
    if name is not None and context.cloud.keypairs.get(caller_id(context), name) is None:
        raise NovaError(400, "Invalid key_name provided.")


def caller_id(context: Context) -> str:
    """Return the id of the user of a request; without a token that of the first user, or ""."""
    if context.token is not None:
        return context.token.user.id
    user = context.cloud.default_user
    return "" if user is None else user.id
