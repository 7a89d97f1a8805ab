"""Documents of plans: their steps, how far an image is, and which new images they are for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields

from fake_nova.cloud.clock import LONGEST
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.plans import Assignment, Plan, Progress, Schedule, Step
from fake_nova.documents.fields import (
    NO_MAPPING,
    Document,
    Entries,
    Exactly,
    list_of,
    mapping,
    non_defaults,
    seconds_field,
    status_field,
)
from fake_nova.documents.image import ImageDocument, tags_field
from fake_nova.documents.validation import shown
from fake_nova.images import timestamps


class StepDocument(Document):
    """One step of a plan: a status, and how many seconds or looks end it."""

    status = status_field(required=True)
    seconds = seconds_field()
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


def plan_document(plan: Plan) -> list[dict[str, Any]]:
    """Write a plan as the steps that it can be loaded from again."""
    return [{**non_defaults(step), "status": str(step.status)} for step in plan]


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
