"""The schemas of projects and users in fixtures."""

from __future__ import annotations

from fake_nova.documents.fields import StrictList, enum_field, text_field
from fake_nova.documents.schema import StrictSchema


class ProjectSchema(StrictSchema):
    """The schema of an entry of ``projects``."""

    id = text_field(64, 1, required=True)
    name = text_field(64, 1, required=True)


class UserSchema(StrictSchema):
    """The schema of an entry of ``users``."""

    name = text_field(255, 1, required=True)
    password = text_field(255, 1, required=True, secret=True)
    project = text_field(64, 1, required=True)
    roles = StrictList(
        enum_field(("admin", "member", "reader", "service")), "roles: admin, member, reader, service"
    )
