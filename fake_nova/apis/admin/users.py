"""The users that bodies and queries of the admin API name."""

from __future__ import annotations

from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.people import User
from fake_nova.documents.validation import join_names
from fake_nova.support.messages import quote_json


def user_named(cloud: Cloud, name_or_id: str) -> User:
    """Return the user with a name or an id.

    Raises:
        Refusal: 400 if there is none.
    """
    user = cloud.directory.user(name_or_id)
    if user is None:
        names = join_names([each.name for each in cloud.directory.users])
        problem = f"unknown user (got {quote_json(name_or_id)})"
        raise Refusal(400, f"user: {problem}; expected one of: {names}")
    return user


def reference_to(cloud: Cloud, user_id: str) -> str | None:
    """Return the text by which `user_named` finds a user: a name or an id; None for an unknown user."""
    user = next((user for user in cloud.directory.users if user.id == user_id), None)
    return None if user is None else cloud.directory.reference_to(user)
