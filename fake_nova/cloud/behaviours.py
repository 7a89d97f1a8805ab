"""Documents of how a cloud behaves, beside what it holds: its plans, its clock and its faults.

They are the same in fixture files and in the admin API, and can be written again as they were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from marshmallow import ValidationError, fields

from fake_nova.cloud import glob
from fake_nova.cloud.clock import EARLIEST, LATEST, LONGEST, ClockMode, ScopeClock
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.documents import ImageDocument, tags_field
from fake_nova.cloud.faults import BODIES, CONNECTIONS, Effect, Fault
from fake_nova.cloud.fields import (
    NO_MAPPING,
    Document,
    Entries,
    Exactly,
    are_texts,
    list_of,
    mapping,
    number,
    status_field,
    text_field,
    time_field,
    word,
)
from fake_nova.cloud.problems import shown
from fake_nova.cloud.schedule import Assignment, Plan, Progress, Schedule, Step
from fake_nova.images import timestamps

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _seconds() -> Exactly:
    return Exactly((int, float), f"seconds from 0 to {LONGEST}", lambda seconds: 0 <= seconds <= LONGEST)


def _some_seconds() -> Exactly:
    allowed = f"seconds, more than 0 and up to {LONGEST}"
    return Exactly((int, float), allowed, lambda seconds: 0 < seconds <= LONGEST)


class StepDocument(Document):
    """One step of a plan: a status, and how many seconds or looks end it."""

    status = status_field(required=True)
    seconds = _seconds()
    looks = Exactly((int,), "a number of looks, 1 or more", lambda looks: 1 <= looks <= 10**9)


class PlanField(Entries):
    """A plan: a list of steps, of which only the last does not end."""

    def __init__(self, *, required: bool = False) -> None:
        what = "mappings of status, and seconds or looks"
        super().__init__(mapping(StepDocument), what, required=required)
        self.error_messages["required"] = "is missing; allowed: a list of status, and seconds or looks"

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> Any:
        steps: list[Any] = super()._deserialize(value, *rest, **options)
        if not steps:
            raise ValidationError("[] is not allowed; allowed: one step or more")
        problems = {}
        for index, step in enumerate(steps):
            ends = ("seconds" in step) + ("looks" in step)
            if index < len(steps) - 1 and ends != 1:
                problems[index] = ["allowed: either seconds or looks, for another step follows"]
            if index == len(steps) - 1 and ends:
                problems[index] = ["allowed: neither seconds nor looks, for it is the last"]
        if problems:
            raise ValidationError(problems)
        return tuple(Step(**step) for step in steps)


class PlansField(fields.Dict):
    """Plans by their names."""

    def __init__(self) -> None:
        messages: dict[str, Any] = dict.fromkeys(
            ("invalid", "null"), "must be a mapping of names to lists of steps"
        )
        super().__init__(keys=plan_name_field(), values=PlanField(), error_messages=messages)

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> Any:
        try:
            return super()._deserialize(value, *rest, **options)  # type: ignore[no-untyped-call]  # marshmallow's
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # marshmallow says "key" or "value" within each entry, which is no place in the file
            wrong = {name: found.get("value", found.get("key")) for name, found in error.messages.items()}
            raise ValidationError(wrong) from error


def plan_name_field(required: bool = False) -> Exactly:
    """Return the field of a plan's name."""
    allowed = "the name of a plan, of 1 to 255 characters"
    return Exactly((str,), allowed, lambda name: 1 <= len(name) <= 255, required=required)


class PlanDocument(Document):
    """A plan."""

    steps = PlanField(required=True)


class ProgressDocument(Document):
    """How far an image is with its plan."""

    name = plan_name_field(required=True)
    steps = PlanField()
    elapsed = Exactly(  # less than 0 where the clock was set back
        (int, float), f"seconds from -{LONGEST} to {LONGEST}", lambda seconds: abs(seconds) <= LONGEST
    )
    looks = Exactly((int,), "a whole number, 0 or more", lambda looks: 0 <= looks <= 10**9)


class ProgressField(fields.Nested):
    """The name of a plan that an image begins with, or how far it is with it."""

    def __init__(self) -> None:
        super().__init__(ProgressDocument, error_messages={"null": NO_MAPPING})

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> Any:
        named = {"name": value} if isinstance(value, str) else value
        if not isinstance(named, dict):
            raise ValidationError(
                f"{shown(value)} is not allowed; allowed: the name of a plan, or a mapping of "
                "name, steps, elapsed and looks"
            )
        return super()._deserialize(named, *rest, **options)


class SeededImageDocument(ImageDocument):
    """An image of a fixture file, and the plan that it goes by."""

    plan = ProgressField()


class MatchedImageDocument(ImageDocument):
    """What of a new image makes it go by a plan; it has no members yet."""

    tags = tags_field(most=128)

    class Meta:
        """marshmallow's way to leave a field out."""

        exclude = ("members",)


class AssignmentDocument(Document):
    """Which new images go by a plan."""

    match = mapping(MatchedImageDocument)
    plan = plan_name_field(required=True)


class AssignmentsDocument(Document):
    """Which plans new images go by."""

    default = Exactly((str, type(None)), "the name of a plan or null")
    assign = list_of(AssignmentDocument, "mappings of match and plan")


class ClockStartDocument(Document):
    """How a clock goes at the start."""

    mode = word(ClockMode)
    now = time_field(
        f"an ISO 8601 time such as 2014-02-10T17:05:01Z, from the year {EARLIEST.year} to {LATEST.year}",
        lambda moment: EARLIEST <= moment <= LATEST,
    )


class ClockDocument(ClockStartDocument):
    """How a clock is to go."""

    advance = _seconds()


def _is_path(text: str) -> bool:
    return text[:1] in ("/", "*") and not text.startswith("/_admin") and _is_pattern(text)


#: The statuses of errors.
_ERRORS: Final = frozenset(status for status in HTTPStatus if status >= 400)


def _pattern(what: str) -> Exactly:
    return Exactly((str,), f"{what}; * and ? stand for anything", _is_pattern)


def _is_pattern(text: str) -> bool:
    return text != "" and not glob.is_too_long(text)


def _patterns(what: str) -> Exactly:
    return Exactly(
        (dict,),
        f"a mapping of {what} to texts; * and ? stand for anything",
        lambda patterns: are_texts(patterns, 1, 255) and all(map(_is_pattern, patterns.values())),
    )


class MatchDocument(Document):
    """Which requests a fault is for."""

    operation = _pattern("an operation such as images.detail")
    method = word(METHODS)
    path = Exactly((str,), "a path that begins with / or *; * and ? stand for anything", _is_path)
    project = _pattern("a project's id")
    header = _patterns("headers")
    query = _patterns("parameters")
    nth = Exactly((int,), "the number of the request that matches, from 1", lambda nth: 1 <= nth <= 10**9)
    probability = Exactly((int, float), "a number from 0 to 1", lambda chance: 0 <= chance <= 1)
    seed = number(-(2**63), 2**63 - 1)


class EffectDocument(Document):
    """What a fault does."""

    delay = Exactly((int, float), "seconds from 0 to 300", lambda seconds: 0 <= seconds <= 300)
    status = Exactly((int,), "an HTTP status from 400 to 599 that has a name", _ERRORS.__contains__)
    message = text_field(1000)
    retry_after = Exactly((int,), "seconds, 0 or more", lambda seconds: 0 <= seconds <= 10**9)
    token = word(("expired",))
    connection = word(CONNECTIONS, separator=" or ")
    body = word(BODIES)
    stale = _some_seconds()


#: What a fault can do, of which it does one.
_KINDS: Final = ("status", "token", "connection", "body", "stale")


class EffectField(fields.Nested):
    """What a fault does: one thing, and a delay."""

    def __init__(self) -> None:
        messages: dict[str, Any] = {"required": "is missing; allowed: a mapping", "null": NO_MAPPING}
        super().__init__(EffectDocument, required=True, error_messages=messages)

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> Any:
        effect: dict[str, Any] = super()._deserialize(value, *rest, **options)
        kinds = [name for name in _KINDS if name in effect]
        if len(kinds) > 1 or not effect:
            raise ValidationError(
                f"{' and '.join(kinds) or 'nothing'} is not allowed; allowed: one of status, token, "
                "connection, body and stale, and a delay"
            )
        lonely = [name for name in ("message", "retry_after") if name in effect and "status" not in effect]
        if lonely:
            raise ValidationError({name: ["allowed: only beside a status"] for name in lonely})
        return Effect(**effect)


class FaultDocument(Document):
    """A fault to put in force."""

    match = mapping(MatchDocument)
    effect = EffectField()
    times = Exactly((int,), "a whole number, 1 or more", lambda times: 1 <= times <= 10**9)
    seconds = _some_seconds()
    owner = text_field(255)


class FaultsDocument(Document):
    """Several faults to put in force."""

    faults = list_of(FaultDocument, "faults", required=True)  # `Faults.add` bounds how many are in force


#: Where a fault's fields are in its document, match and effect aside: in the match, or beside it.
_IN_MATCH: Final = ("nth", "probability", "seed")
_BESIDE_MATCH: Final = ("times", "seconds", "owner")


def made_fault(values: Mapping[str, Any]) -> Fault:
    """Make a fault of its loaded document."""
    match = dict(values.get("match", {}))
    chance = {name: match.pop(name) for name in _IN_MATCH if name in match}
    return Fault(match=match, effect=values["effect"], **chance, **_only(values, _BESIDE_MATCH))


def fault_document(fault: Fault) -> dict[str, Any]:
    """Write a fault as the document that it can be loaded from again."""
    values = _non_defaults(fault)
    return {
        "match": {**fault.match, **_only(values, _IN_MATCH)},
        "effect": _non_defaults(fault.effect) or {"delay": 0},
        **_only(values, _BESIDE_MATCH),
    }


def _only(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _non_defaults(record: Fault | Effect | Step) -> dict[str, Any]:
    """Return the fields of a record that do not have their defaults."""
    defaults = record._field_defaults
    return {name: value for name, value in record._asdict().items() if value != defaults.get(name)}


def plan_document(plan: Plan) -> list[dict[str, Any]]:
    """Write a plan as the steps that it can be loaded from again."""
    return [{**_non_defaults(step), "status": str(step.status)} for step in plan]


def progress_document(progress: Progress) -> dict[str, Any]:
    """Write how far an image is with its plan, as a fixture file has it."""
    return {**progress._asdict(), "steps": plan_document(progress.steps)}


def assignments(documents: Iterable[Mapping[str, Any]], people: Directory) -> tuple[Assignment, ...]:
    """Make assignments of their loaded documents; an owner may be a project's name."""
    return tuple(Assignment(people.with_owner(one.get("match", {})), one["plan"]) for one in documents)


def schedule_document(schedule: Schedule) -> dict[str, Any]:
    """Write the plans of a schedule, and what new images go by."""
    return {
        "plans": {name: plan_document(plan) for name, plan in schedule.plans.items()},
        "default": schedule.default,
        "assign": [
            {"match": {name: _plain(value) for name, value in one.match.items()}, "plan": one.plan}
            for one in schedule.assignments
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timestamps.exact(value)
    return str(value) if isinstance(value, StrEnum) else value


def clock_document(clock: ScopeClock) -> dict[str, Any]:
    """Write how a clock goes and what it shows."""
    return {"mode": str(clock.mode), "now": timestamps.exact(clock.now())}
