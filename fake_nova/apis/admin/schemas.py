"""What the admin API takes, beside the image documents that fixtures are made of too."""

from __future__ import annotations

import re

from fake_nova.dialects import DIALECTS
from fake_nova.documents.fields import Document, Exactly, list_of, status_field
from fake_nova.documents.image import ImageDocument
from fake_nova.documents.plan import plan_name_field
from fake_nova.settings import AUTH_STRATEGIES


def _is_name(text: str) -> bool:
    return 1 <= len(text) <= 255 and "/" not in text


class NewImageDocument(ImageDocument):
    """An image to add, and the plan that it goes by."""

    plan = plan_name_field()


class NewImagesDocument(Document):
    """Several images to add."""

    images = list_of(NewImageDocument, "images", required=True)


class StatusDocument(Document):
    """A new status."""

    status = status_field(required=True)


class ResetDocument(Document):
    """What to go back to."""

    to = Exactly((str,), "seed, empty", lambda word: word in ("seed", "empty"))


class SnapshotDocument(Document):
    """A name for the present state."""

    name = Exactly((str,), "text of 1 to 255 characters, without /", _is_name, required=True)


class ScopeDocument(Document):
    """A scope to open."""

    project = Exactly(
        (str,), "a project's id: digits, a to f and hyphens", re.compile(r"[0-9a-f-]{1,64}").fullmatch
    )
    dialect = Exactly((str,), " or ".join(DIALECTS), lambda name: name in DIALECTS)
    auth_strategy = Exactly((str,), " or ".join(AUTH_STRATEGIES), lambda name: name in AUTH_STRATEGIES)


class PlanNameDocument(Document):
    """The plan that an image is to go by."""

    plan = plan_name_field(required=True)
