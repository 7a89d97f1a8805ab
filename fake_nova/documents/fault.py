"""Schemas and serialization of faults: the requests that they match, and their effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from marshmallow import ValidationError, fields

from fake_nova.cloud.faults import BODY_EFFECTS, CONNECTION_EFFECTS, SINCE_WRITE, Effect, Fault
from fake_nova.documents.fields import (
    MAPPING_EXPECTED,
    NAMED_TEXTS_KEYWORDS,
    StrictField,
    count_field,
    enum_field,
    integer_field,
    is_string_mapping,
    nested_field,
    nested_list_field,
    positive_seconds_field,
    seconds_field,
    text_field,
)
from fake_nova.documents.schema import StrictSchema
from fake_nova.support import glob
from fake_nova.support.messages import suggest

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _is_path_pattern(text: str) -> bool:
    return text[:1] in ("/", "*") and not text.startswith("/_admin") and _is_pattern(text)


#: The HTTP statuses that a fault can respond with.
_ERRORS: Final = frozenset(status for status in HTTPStatus if status >= 400)


#: The form of a pattern; JSON Schema cannot say how long a part between two ``*`` may be.
_PATTERN_KEYWORDS: Final = {"minLength": 1, "maxLength": glob.MAX_PATTERN_LENGTH}


def _pattern_field(subject: str) -> StrictField:
    expectation = f"{subject}; * and ? stand for anything"
    return StrictField((str,), expectation, _is_pattern, keywords=_PATTERN_KEYWORDS)


def _is_pattern(text: str) -> bool:
    return text != "" and not glob.is_too_long(text)


def _patterns_field(subject: str) -> StrictField:
    return StrictField(
        (dict,),
        f"a mapping of {subject} to texts; * and ? stand for anything",
        lambda patterns: is_string_mapping(patterns, 1, 255) and all(map(_is_pattern, patterns.values())),
        keywords={**NAMED_TEXTS_KEYWORDS, "additionalProperties": {"type": "string", **_PATTERN_KEYWORDS}},
    )


#: Fields of `Fault` that a document has inside `match`, and those that it has beside `match`.
_SELECTION_FIELDS: Final = ("nth", "probability", "seed")
_LIMIT_FIELDS: Final = ("times", "seconds", "owner")


class MatchSchema(StrictSchema):
    """The schema of a fault's match: the requests that the fault is for."""

    operation = _pattern_field("an operation such as images.detail")
    method = enum_field(METHODS)
    path = StrictField(
        (str,),
        "a path that begins with / or *; * and ? stand for anything",
        _is_path_pattern,
        keywords={**_PATTERN_KEYWORDS, "pattern": "^([*]|/(?!_admin))"},
    )
    project = _pattern_field("a project's id")
    header = _patterns_field("headers")
    query = _patterns_field("parameters")
    nth = count_field()
    probability = StrictField(
        (int, float),
        "a number from 0 to 1",
        lambda chance: 0 <= chance <= 1,
        keywords={"minimum": 0, "maximum": 1},
    )
    seed = integer_field(-(2**63), 2**63 - 1)


class EffectSchema(StrictSchema):
    """The schema of a fault's effect."""

    delay = seconds_field(300)
    status = StrictField(
        (int,),
        "an HTTP status from 400 to 599 that has a name",
        _ERRORS.__contains__,
        keywords={"enum": sorted(map(int, _ERRORS))},
    )
    message = text_field(1000)
    retry_after = count_field(minimum=0)
    token = enum_field(("expired",))
    connection = enum_field(CONNECTION_EFFECTS)
    body = enum_field(BODY_EFFECTS)
    stale = positive_seconds_field()
    since = enum_field((SINCE_WRITE,))
    stall = seconds_field(300)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        beside = ", ".join(_LIMIT_FIELDS)
        match = ", ".join(MatchSchema().fields)
        others = f"; the fault has {beside}, and its match has {match}"
        self.error_messages["unknown"] += others

    def suggest_key(self, key: str) -> str:
        """Return the key of the fault, its match or its effect that is most similar."""
        return suggest(key, (*self.fields, *_LIMIT_FIELDS, *MatchSchema().fields))


#: Effects that cannot be combined: a fault has at most one of them.
EXCLUSIVE_EFFECTS: Final = ("status", "token", "connection", "body", "stale", "stall")

#: A detail of an effect -> the effect that it requires.
DETAILS: Final = {"message": "status", "retry_after": "status", "since": "stale"}


class EffectField(fields.Nested):
    """The field of a fault's effect: at most one of `EXCLUSIVE_EFFECTS`, and a delay."""

    def __init__(self) -> None:
        messages: dict[str, Any] = {"required": "missing; expected a mapping", "null": MAPPING_EXPECTED}
        super().__init__(EffectSchema, required=True, error_messages=messages)

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        effect: dict[str, Any] = super()._deserialize(value, *args, **options)
        kinds = [name for name in EXCLUSIVE_EFFECTS if name in effect]
        if len(kinds) > 1 or not effect:
            raise ValidationError(
                f"invalid value (got {' and '.join(kinds) or 'nothing'}); expected one of status, token, "
                "connection, body, stale and stall, or a delay, or both"
            )
        problems = {
            name: [f"requires {required}"]
            for name, required in DETAILS.items()
            if name in effect and required not in effect
        }
        if problems:
            raise ValidationError(problems)
        return Effect(**effect)


class FaultSchema(StrictSchema):
    """The schema of a fault."""

    match = nested_field(MatchSchema)
    effect = EffectField()
    times = count_field()
    seconds = positive_seconds_field()
    owner = text_field(255)


class FaultsSchema(StrictSchema):
    """The schema of a request that adds several faults."""

    faults = nested_list_field(FaultSchema, "faults", required=True)  # `Faults.add` limits their number


def build_fault(values: Mapping[str, Any]) -> Fault:
    """Return the fault that a loaded `FaultSchema` document describes."""
    match = dict(values.get("match", {}))
    selection = {name: match.pop(name) for name in _SELECTION_FIELDS if name in match}
    return Fault(match=match, effect=values["effect"], **selection, **_only(values, _LIMIT_FIELDS))


def serialize_fault(fault: Fault) -> dict[str, Any]:
    """Return the document of *fault*, from which the same fault can be loaded again."""
    values = _non_defaults(fault)
    return {
        "match": {**fault.match, **_only(values, _SELECTION_FIELDS)},
        "effect": _non_defaults(fault.effect) or {"delay": 0},
        **_only(values, _LIMIT_FIELDS),
    }


def _only(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _non_defaults(record: NamedTuple) -> dict[str, Any]:
    """Return the fields of a record whose values differ from their defaults."""
    defaults = record._field_defaults
    return {name: value for name, value in record._asdict().items() if value != defaults.get(name)}
