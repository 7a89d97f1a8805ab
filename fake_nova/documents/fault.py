"""Documents of faults: which requests they match, and what they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from marshmallow import ValidationError, fields

from fake_nova.cloud import glob
from fake_nova.cloud.faults import BODIES, CONNECTIONS, Effect, Fault
from fake_nova.documents.fields import (
    NO_MAPPING,
    Document,
    Exactly,
    are_texts,
    list_of,
    mapping,
    non_defaults,
    number,
    positive_seconds_field,
    text_field,
    word,
)

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


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
    stale = positive_seconds_field()


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
    seconds = positive_seconds_field()
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
    values = non_defaults(fault)
    return {
        "match": {**fault.match, **_only(values, _IN_MATCH)},
        "effect": non_defaults(fault.effect) or {"delay": 0},
        **_only(values, _BESIDE_MATCH),
    }


def _only(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
