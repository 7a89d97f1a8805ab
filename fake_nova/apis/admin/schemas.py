"""What the admin API takes, beside the image documents that fixtures are made of too."""

from __future__ import annotations

import re

from marshmallow import fields

from fake_nova.cloud.clock import ClockMode
from fake_nova.cloud.documents import Document, Exactly, ImageDocument, status_field, time_field
from fake_nova.dialect import DIALECTS
from fake_nova.settings import AUTH_STRATEGIES


class ImagesDocument(Document):
    """Several images to add."""

    images = fields.List(
        fields.Nested(ImageDocument),
        required=True,
        error_messages={"invalid": "must be a list; allowed in it: images"},
    )


class StatusDocument(Document):
    """A new status."""

    status = status_field(required=True)


class ResetDocument(Document):
    """What to go back to."""

    to = Exactly((str,), "seed, empty", lambda word: word in ("seed", "empty"))


class ClockDocument(Document):
    """How a clock is to go."""

    mode = Exactly((str,), ", ".join(ClockMode), lambda word: word in tuple(ClockMode), make=ClockMode)
    now = time_field()
    advance = Exactly((int, float), "seconds, 0 or more", lambda seconds: 0 <= seconds <= 10**9)


class ScopeDocument(Document):
    """A scope to open."""

    project = Exactly(
        (str,), "a project's id: digits, a to f and hyphens", re.compile(r"[0-9a-f-]{1,64}").fullmatch
    )
    dialect = Exactly((str,), " or ".join(DIALECTS), lambda name: name in DIALECTS)
    auth_strategy = Exactly((str,), " or ".join(AUTH_STRATEGIES), lambda name: name in AUTH_STRATEGIES)
