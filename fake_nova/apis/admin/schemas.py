"""What the admin API takes, beside the image documents that fixtures are made of too."""

from __future__ import annotations

import re

from marshmallow import fields

from fake_nova.cloud.clock import ClockMode
from fake_nova.cloud.documents import Document, Exactly, ImageDocument, status_field, time_field
from fake_nova.dialect import DIALECTS
from fake_nova.settings import AUTH_STRATEGIES


def _plan(required: bool = False) -> Exactly:
    return Exactly((str,), "the name of a plan", lambda name: 1 <= len(name) <= 255, required=required)


class NewImageDocument(ImageDocument):
    """An image to add, and the plan that it goes by."""

    plan = _plan()


class NewImagesDocument(Document):
    """Several images to add."""

    images = fields.List(
        fields.Nested(NewImageDocument),
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


class StepDocument(Document):
    """One step of a plan: a status, and how many seconds or looks end it."""

    status = status_field(required=True)
    seconds = Exactly((int, float), "seconds, 0 or more", lambda seconds: 0 <= seconds <= 10**9)
    looks = Exactly((int,), "a number of looks, 1 or more", lambda looks: 1 <= looks <= 10**9)


class PlanDocument(Document):
    """A plan: its steps, of which only the last does not end."""

    steps = fields.List(
        fields.Nested(StepDocument),
        required=True,
        error_messages={"invalid": "must be a list; allowed in it: mappings of status, seconds and looks"},
    )


class PlanNameDocument(Document):
    """The plan that an image is to go by."""

    plan = _plan(required=True)


class AssignmentDocument(Document):
    """Which new images go by a plan."""

    match = fields.Nested(ImageDocument)
    plan = _plan(required=True)


class AssignmentsDocument(Document):
    """Which plans new images go by."""

    default = Exactly((str, type(None)), "the name of a plan or null")
    assign = fields.List(
        fields.Nested(AssignmentDocument),
        error_messages={"invalid": "must be a list; allowed in it: mappings of match and plan"},
    )
