"""Schemas and serialization of plans: steps, progress, and assignments to new images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from marshmallow import ValidationError, fields

from fake_nova.cloud.clock import MAX_DURATION
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.plans import Assignment, Plan, PlanProgress, PlanState, Step
from fake_nova.cloud.server_lifecycle import WorkProgress
from fake_nova.cloud.server_works import WORKS
from fake_nova.documents.capture import CaptureSchema, serialize_capture
from fake_nova.documents.fields import (
    MAPPING_EXPECTED,
    StrictField,
    StrictList,
    count_field,
    enum_field,
    nested_field,
    nested_list_field,
    seconds_field,
    status_field,
)
from fake_nova.documents.image import ImageSchema, tags_field
from fake_nova.documents.schema import StrictSchema
from fake_nova.images import timestamps
from fake_nova.support.messages import quote_json


class StepSchema(StrictSchema):
    """The schema of a step: a status, and the number of seconds or polls (``looks``) that end it."""

    status = status_field(required=True)
    seconds = seconds_field()
    looks = count_field(attribute="polls")


#: Error messages for a step before the last, and for the last.
_NOT_ONE_END: Final = "has no end, or two; expected either seconds or looks, because another step follows"
_LAST_STEP_ENDS: Final = "has an end; expected neither seconds nor looks, because it is the last step"


class PlanField(StrictList):
    """The field of a plan: a list of steps, each of which ends, except the last."""

    def __init__(self, *, required: bool = False) -> None:
        items = "mappings of status, and seconds or looks"
        super().__init__(nested_field(StepSchema), items, required=required)
        self.error_messages["required"] = "missing; expected a list of status, and seconds or looks"

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        steps: list[Any] = super()._deserialize(value, *args, **options)
        if not steps:
            raise ValidationError("invalid value (got []); expected one step or more")
        *counts, last_count = [("seconds" in step) + ("polls" in step) for step in steps]
        problems = {index: [_NOT_ONE_END] for index, count in enumerate(counts) if count != 1}
        if last_count:
            problems[len(counts)] = [_LAST_STEP_ENDS]
        if problems:
            raise ValidationError(problems)
        return tuple(Step(**step) for step in steps)


class PlansField(fields.Dict):
    """The field of a mapping of names to plans."""

    def __init__(self) -> None:
        not_a_mapping = "not a mapping; expected a mapping of names to lists of steps"
        messages: dict[str, Any] = {"invalid": not_a_mapping, "null": not_a_mapping}
        super().__init__(keys=plan_name_field(), values=PlanField(), error_messages=messages)

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        try:
            return super()._deserialize(value, *args, **options)  # type: ignore[no-untyped-call]  # marshmallow's
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # marshmallow adds a level "key" or "value" to each entry, which the file does not have
            problems = {name: parts.get("value", parts.get("key")) for name, parts in error.messages.items()}
            raise ValidationError(problems) from error


def plan_name_field(required: bool = False) -> StrictField:
    """Return a field for the name of a plan."""
    expectation = "the name of a plan, of 1 to 255 characters"
    keywords = {"minLength": 1, "maxLength": 255}
    return StrictField(
        (str,), expectation, lambda name: 1 <= len(name) <= 255, required=required, keywords=keywords
    )


class PlanSchema(StrictSchema):
    """The schema of a plan."""

    steps = PlanField(required=True)


class PlanProgressSchema(StrictSchema):
    """The schema of the progress of an image or server through its plan."""

    name = plan_name_field(required=True)
    steps = PlanField()
    elapsed = StrictField(  # negative if the clock was set back
        (int, float),
        f"seconds from -{MAX_DURATION} to {MAX_DURATION}",
        lambda seconds: abs(seconds) <= MAX_DURATION,
        attribute="elapsed_seconds",
        keywords={"minimum": -MAX_DURATION, "maximum": MAX_DURATION},
    )
    looks = count_field(minimum=0, attribute="poll_count")


class ImageProgressSchema(PlanProgressSchema):
    """The schema of an image's progress through its plan."""

    capture = nested_field(CaptureSchema)


class ServerProgressSchema(PlanProgressSchema):
    """The schema of the progress of the work on a server."""

    work = enum_field(WORKS)


class PlanProgressField(fields.Nested):
    """The field of an image's or server's plan: the name of a plan to start, or the progress through one."""

    def __init__(self, schema: type[PlanProgressSchema]) -> None:
        super().__init__(schema, error_messages={"null": MAPPING_EXPECTED})
        self._keys: Final = tuple(schema().fields)

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        progress = {"name": value} if isinstance(value, str) else value
        if not isinstance(progress, dict):
            raise ValidationError(
                f"invalid value (got {quote_json(value)}); expected the name of a plan, or a mapping of "
                f"{', '.join(self._keys[:-1])} and {self._keys[-1]}"
            )
        return super()._deserialize(progress, *args, **options)


class FixtureImageSchema(ImageSchema):
    """The schema of an image in a fixture file, with its plan."""

    plan = PlanProgressField(ImageProgressSchema)


class ImageMatchSchema(ImageSchema):
    """The schema of the fields that select a plan for a new image; new images have no members."""

    tags = tags_field(max_items=128)

    class Meta:
        """marshmallow's options: leave out the members."""

        exclude = ("members",)


class AssignmentSchema(StrictSchema):
    """The schema of an assignment: the new images that match start the plan."""

    match = nested_field(ImageMatchSchema)
    plan = plan_name_field(required=True)


class AssignmentsSchema(StrictSchema):
    """The schema of a request that sets the plans of new images, and of the work on servers."""

    default = StrictField((str,), "the name of a plan", null=True)
    servers = StrictField((str,), "the name of a plan", null=True, attribute="default_server_plan")
    assign = nested_list_field(AssignmentSchema, "mappings of match and plan")


def serialize_plan(plan: Plan) -> list[dict[str, Any]]:
    """Return a plan as a list of steps, from which the same plan can be loaded again."""
    return list(map(_serialize_step, plan))


def _serialize_step(step: Step) -> dict[str, Any]:
    ends = {"seconds": step.seconds, "looks": step.polls}
    return {"status": str(step.status), **{name: end for name, end in ends.items() if end is not None}}


def serialize_progress(progress: PlanProgress) -> dict[str, Any]:
    """Return an image's progress through its plan as a document of `ImageProgressSchema`."""
    document = {
        "name": progress.name,
        "steps": serialize_plan(progress.steps),
        "elapsed": progress.elapsed_seconds,
        "looks": progress.poll_count,
    }
    if progress.capture is not None:
        document["capture"] = serialize_capture(progress.capture)
    return document


def serialize_work(progress: WorkProgress) -> dict[str, Any]:
    """Return the progress of the work on a server as a document of `ServerProgressSchema`."""
    return {**serialize_progress(progress.plan), "work": progress.work}


def build_assignments(documents: Iterable[Mapping[str, Any]], directory: Directory) -> tuple[Assignment, ...]:
    """Return the assignments that loaded documents describe.

    Args:
        documents: loaded documents of `AssignmentSchema`; an owner may be a project's id or name.
        directory: the projects that may be owners.
    """
    resolve_owner = directory.resolve_owner
    return tuple(
        Assignment(resolve_owner(document.get("match", {})), document["plan"]) for document in documents
    )


def serialize_plans(plan_state: PlanState) -> dict[str, Any]:
    """Return the plans of a cloud, its default plan and its assignments as a document."""
    return {
        "plans": {name: serialize_plan(plan) for name, plan in plan_state.plans.items()},
        "default": plan_state.default_plan,
        "servers": plan_state.default_server_plan,
        "assign": list(map(_serialize_assignment, plan_state.assignments)),
    }


def _serialize_assignment(assignment: Assignment) -> dict[str, Any]:
    match = {name: _serialize_value(value) for name, value in assignment.match.items()}
    return {"match": match, "plan": assignment.plan}


def _serialize_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return timestamps.isoformat_exact(value)
    return str(value) if isinstance(value, StrEnum) else value
