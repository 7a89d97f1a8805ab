"""The schemas of the admin API's bodies. Images, plans and faults have theirs in `fake_nova.documents`."""

from __future__ import annotations

import re

from fake_nova.cloud.server_works import WORKS
from fake_nova.documents.dialect import dialect_field
from fake_nova.documents.fields import StrictField, enum_field, nested_list_field, status_field
from fake_nova.documents.flavor import FlavorSchema, KeyPairSchema, QuotasSchema
from fake_nova.documents.image import ImageSchema
from fake_nova.documents.plan import plan_name_field
from fake_nova.documents.schema import StrictSchema
from fake_nova.documents.server import ServerSchema
from fake_nova.images.database import DATABASES
from fake_nova.settings import AUTH_STRATEGIES


def _is_snapshot_name(text: str) -> bool:
    return 1 <= len(text) <= 255 and "/" not in text


class NewImageSchema(ImageSchema):
    """An image to add, and the plan that it follows."""

    plan = plan_name_field()


class NewImagesSchema(StrictSchema):
    """Several images to add."""

    images = nested_list_field(NewImageSchema, "images", required=True)


class NewServerSchema(ServerSchema):
    """A server to add, and the plan by which it boots."""

    plan = plan_name_field()


class NewServersSchema(StrictSchema):
    """Several servers to add."""

    servers = nested_list_field(NewServerSchema, "servers", required=True)


class ServerPlanSchema(StrictSchema):
    """The name of the plan that a server will follow, and the work that it stands for."""

    plan = plan_name_field(required=True)
    work = enum_field(WORKS)


class NewFlavorsSchema(StrictSchema):
    """Several flavors to add."""

    flavors = nested_list_field(FlavorSchema, "flavors", required=True)


class NewKeyPairsSchema(StrictSchema):
    """Several key pairs to add."""

    keypairs = nested_list_field(KeyPairSchema, "mappings of name, user and public_key", required=True)


class KeyPairChangesSchema(KeyPairSchema):
    """Changes to a key pair, which keeps its name and its user."""

    class Meta:
        """The fields that cannot change."""

        exclude = ("name", "user")


class LimitsSchema(QuotasSchema):
    """Limits of a project; -1 is no limit."""

    class Meta:
        """The field that the path has."""

        exclude = ("project",)


class StatusSchema(StrictSchema):
    """A new status."""

    status = status_field(required=True)


class ResetSchema(StrictSchema):
    """The state that a reset returns to."""

    to = enum_field(("seed", "empty"), separator=" or ", suggest=lambda _: "")


class SnapshotSchema(StrictSchema):
    """The name of a snapshot."""

    name = StrictField(
        (str,),
        "text of 1 to 255 characters, without /",
        _is_snapshot_name,
        required=True,
        keywords={"minLength": 1, "maxLength": 255, "pattern": "^[^/]*$"},
    )


class ScopeSchema(StrictSchema):
    """The options of a new scope."""

    project = StrictField(
        (str,),
        "a project's id: digits, a to f and hyphens",
        re.compile(r"[0-9a-f-]{1,64}").fullmatch,
        keywords={"pattern": "^[0-9a-f-]+$", "maxLength": 64},
    )
    dialect = dialect_field()
    database = enum_field(DATABASES, separator=" or ", suggest=lambda _: "")
    auth_strategy = enum_field(AUTH_STRATEGIES, separator=" or ", suggest=lambda _: "")


class PlanNameSchema(StrictSchema):
    """The name of the plan that an image will follow."""

    plan = plan_name_field(required=True)
