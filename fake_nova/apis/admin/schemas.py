"""What the admin API takes, beside the image documents that fixtures are made of too."""

from __future__ import annotations

import re
from http import HTTPStatus

from marshmallow import fields

from fake_nova.cloud.clock import ClockMode
from fake_nova.cloud.documents import Document, Exactly, ImageDocument, status_field, time_field
from fake_nova.dialect import DIALECTS
from fake_nova.settings import AUTH_STRATEGIES
from fake_nova.wire.call import CUT, RESET
from fake_nova.wire.injection import DAMAGE

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _is_path(text: str) -> bool:
    return text[:1] in ("/", "*") and not text.startswith("/_admin")


def _is_error(status: int) -> bool:
    return 400 <= status <= 599 and status in set(HTTPStatus)


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


def _pattern(what: str) -> Exactly:
    return Exactly((str,), f"{what}; * and ? stand for anything", lambda text: 1 <= len(text) <= 1000)


def _patterns(what: str) -> Exactly:
    return Exactly(
        (dict,),
        f"a mapping of {what} to texts; * and ? stand for anything",
        lambda value: all(isinstance(key, str) and isinstance(text, str) for key, text in value.items()),
    )


class MatchDocument(Document):
    """Which requests a fault is for."""

    operation = _pattern("an operation such as images.detail")
    method = Exactly((str,), ", ".join(_METHODS), lambda text: text in _METHODS)
    path = Exactly((str,), "a path that begins with / or *; * and ? stand for anything", _is_path)
    project = _pattern("a project's id")
    header = _patterns("headers")
    query = _patterns("parameters")
    nth = Exactly((int,), "the number of the request that matches, from 1", lambda nth: 1 <= nth <= 10**9)
    probability = Exactly((int, float), "a number from 0 to 1", lambda chance: 0 <= chance <= 1)
    seed = Exactly((int,), "a whole number")


class EffectDocument(Document):
    """What a fault does."""

    delay = Exactly((int, float), "seconds from 0 to 300", lambda seconds: 0 <= seconds <= 300)
    status = Exactly((int,), "an HTTP status from 400 to 599 that has a name", _is_error)
    message = Exactly((str,), "text of up to 1000 characters", lambda text: len(text) <= 1000)
    retry_after = Exactly((int,), "seconds, 0 or more", lambda seconds: 0 <= seconds <= 10**9)
    token = Exactly((str,), "expired", lambda word: word == "expired")
    connection = Exactly((str,), f"{RESET} or {CUT}", lambda word: word in (RESET, CUT))
    body = Exactly((str,), ", ".join(DAMAGE), lambda word: word in DAMAGE)
    stale = Exactly((int, float), "seconds, more than 0", lambda seconds: 0 < seconds <= 10**9)


class FaultDocument(Document):
    """A fault to put in force."""

    match = fields.Nested(MatchDocument)
    effect = fields.Nested(
        EffectDocument, required=True, error_messages={"required": "is missing; allowed: a mapping"}
    )
    times = Exactly((int,), "a whole number, 1 or more", lambda times: 1 <= times <= 10**9)
    seconds = Exactly((int, float), "seconds, more than 0", lambda seconds: 0 < seconds <= 10**9)
    owner = Exactly((str,), "text of up to 255 characters", lambda text: len(text) <= 255)


class FaultsDocument(Document):
    """Several faults to put in force."""

    faults = fields.List(
        fields.Nested(FaultDocument),
        required=True,
        error_messages={"invalid": "must be a list; allowed in it: faults"},
    )
