"""Glance's filters: the query parameters of its list, turned into conditions.

Nova's images API hands its own filters to Glance under Glance's names, so both facades read them here. The
rules are those of Glance 33.0.0 over SQLite: text is compared exactly, numbers as SQLite compares a number
with a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from fake_nova.errors import Invalid
from fake_nova.images import timestamps
from fake_nova.images.query import COMPARISONS, Condition, FieldCompares, FieldIsOneOf, PropertyIs, SortKey
from fake_nova.images.status import MemberStatus, Visibility


class Filters(NamedTuple):
    """What Glance makes of a list's parameters, page and caller aside."""

    conditions: tuple[Condition, ...] = ()
    visibility: str | None = None
    member_status: str = MemberStatus.ACCEPTED
    hidden: bool = False
    order: tuple[SortKey, ...] = ()


def split_operator(text: str) -> tuple[str, str]:
    """Split ``in:a,b`` into its operator and operand; without one the operator is ``eq``.

    A whole text that is a time keeps its colons (Glance 33.0.0).
    """
    operator, colon, operand = text.partition(":")
    if not colon:
        return "eq", text
    try:
        timestamps.parse(text)
    except ValueError:
        return operator, operand
    return "eq", text


_VALUE = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)",?|([^,]+),?|,')


def split_values(text: str) -> list[str]:
    """Split the operand of ``in:`` at its commas; a value in double quotes keeps its own.

    Raises:
        Invalid: a quotation mark is not closed, or stands inside a value.
    """
    opening = True
    for at, character in enumerate(text):
        if character != '"' or (at and text[at - 1] == "\\"):
            continue
        if opening and at and text[at - 1] != ",":
            raise Invalid(f"Invalid filter value {text}. There is no comma before opening quotation mark.")
        if not opening and at + 1 != len(text) and text[at + 1] != ",":
            raise Invalid(f"Invalid filter value {text}. There is no comma after closing quotation mark.")
        opening = not opening
    if not opening:
        raise Invalid(f"Invalid filter value {text}. The quote is not closed.")
    return [quoted or plain for quoted, plain in _VALUE.findall(text)]


_BLANKS = r"[ \t\n\v\f\r]*"
_NUMBER = re.compile(rf"{_BLANKS}([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?){_BLANKS}")


def number(text: str) -> int | float | None:
    """Read a text as SQLite does when it compares it with a number, or None where it is none.

    Blanks around it, a plus sign, leading zeros and ``512.0`` are fine; ``abc`` and ``0x10`` are not.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    try:
        return int(match[1])
    except ValueError:
        value = float(match[1])
        return int(value) if value.is_integer() else value


def _one_of(name: str, text: str) -> Condition:
    operator, operand = split_operator(text)
    if operator not in ("in", "eq"):
        raise Invalid(f"Unable to filter by unknown operator '{operator}'.")
    return FieldIsOneOf(name, frozenset(split_values(operand) if operator == "in" else (operand,)))


def _moment(name: str, text: str) -> Condition:
    operator, operand = split_operator(text)
    try:
        threshold: datetime = timestamps.parse(operand)
    except ValueError as error:
        raise Invalid(f'Bad "{name}" query filter format. Use ISO 8601 DateTime notation.') from error
    if operator not in COMPARISONS:
        raise Invalid("Unable to filter on a unknown operator.")
    return FieldCompares(name, operator, threshold)


def _equal_text(name: str, text: str) -> Condition:
    return FieldIsOneOf(name, frozenset((text,)))


def _equal_number(name: str, text: str) -> Condition:
    value = number(text)
    return FieldIsOneOf(name, frozenset() if value is None else frozenset((value,)))


#: Field -> what SQLite compares it as with a range's number. A range of one that is missing makes the real
#: service fail with a 500; here nothing is in it.
RANGED: Final[Mapping[str, type[str] | type[int]]] = {
    **dict.fromkeys(("name", "id", "status", "owner", "container_format", "disk_format"), str),
    **dict.fromkeys(("checksum", "os_hash_algo", "os_hash_value"), str),
    **dict.fromkeys(("size", "min_ram", "min_disk", "virtual_size", "protected", "os_hidden"), int),
}


def _range(name: str, text: str) -> Condition:
    field_name, _, end = name.rpartition("_")
    try:
        threshold = int(text)
    except ValueError as error:
        raise Invalid("Unable to filter on a range with a non-numeric value.") from error
    if field_name not in RANGED:
        return FieldIsOneOf(field_name, frozenset())
    return FieldCompares(field_name, "gte" if end == "min" else "lte", RANGED[field_name](threshold))


def _true_or_false(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise Invalid(f"Invalid value '{text}' for '{name}' filter. Valid values are 'true' or 'false'.")
    return text == "true"


def _hidden(name: str, text: str) -> FilterFields:
    return {"hidden": _true_or_false(name, text.lower())}


def _protected(name: str, text: str) -> Condition:
    return FieldIsOneOf(name, frozenset((_true_or_false(name, text),)))


def _visibility(_: str, text: str) -> FilterFields:
    if text and text != "all" and text not in tuple(Visibility):
        raise Invalid(f"Invalid visibility value: {text}")
    return {"visibility": text}


def _member_status(_: str, text: str) -> FilterFields:
    if text != "all" and text not in tuple(MemberStatus):
        raise Invalid(f"Invalid status: {text}")
    return {"member_status": text}


def _changes_since(name: str, text: str) -> Condition:
    if text:
        raise Invalid('The "changes-since" filter is no longer available on v2.')
    return PropertyIs(name, text)


def _no_filter(_: str, __: str) -> FilterFields:
    return {}


#: Fields of `Filters`, by name.
FilterFields = dict[str, Any]

#: Reads the text of a named parameter into a condition, or into other fields of `Filters`.
Reader = Callable[[str, str], Condition | FilterFields]

#: Glance's parameter -> how it is read. Of one that is not here, ``_min`` and ``_max`` at the end ask for a
#: range; any other asks for a property of that name and exactly that value (Glance 33.0.0, measured).
FILTERS: Final[Mapping[str, Reader]] = {
    "visibility": _visibility,
    "changes-since": _changes_since,
    "member_status": _member_status,
    "os_hidden": _hidden,
    "protected": _protected,
    **dict.fromkeys(("created_at", "updated_at"), _moment),
    **dict.fromkeys(("name", "id", "status", "container_format", "disk_format"), _one_of),
    **dict.fromkeys(("owner", "checksum", "os_hash_algo", "os_hash_value"), _equal_text),
    **dict.fromkeys(("virtual_size", "min_ram", "min_disk", "size"), _equal_number),
    **dict.fromkeys(("deleted", "sort", "sort_key", "sort_dir"), _no_filter),
}

#: What Glance looks at before the order of the list, and right behind it, each in this order; the others come
#: as they are asked. Of several that are wrong, the first is the error.
_BEFORE_ORDER = ("visibility", "changes-since", "member_status")
_BEHIND_ORDER = ("os_hidden", "protected")

#: What a list may be sorted by.
SORT_KEYS = ("name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at")


def _order(parameters: Mapping[str, str]) -> tuple[SortKey, ...]:
    """Read the order of a list: ``sort=name:asc,size``, or ``sort_key`` and ``sort_dir``; () for the default.

    Time of creation and id decide between equals, in the one direction that was asked for, else downwards.
    """
    if not any(name in parameters for name in ("sort", "sort_key", "sort_dir")):
        return ()
    if "sort" not in parameters:
        asked = [(parameters.get("sort_key", "created_at"), parameters.get("sort_dir", "desc"))]
    elif "sort_key" in parameters or "sort_dir" in parameters:
        raise Invalid("Old and new sorting syntax cannot be combined")
    else:
        parts = (part.partition(":") for part in parameters["sort"].strip().split(","))
        asked = [(key, direction or "desc") for key, _, direction in parts]
    order: dict[str, bool] = {}
    for key, direction in ((key.strip(), direction.strip()) for key, direction in asked):
        if key not in SORT_KEYS:
            raise Invalid(
                f"Invalid sort key: {key}. It must be one of the following: {', '.join(SORT_KEYS)}."
            )
        if direction not in ("asc", "desc"):
            raise Invalid(f"Invalid sort direction: {direction}")
        order.setdefault(key, direction == "desc")
    downwards = len(asked) > 1 or order[asked[0][0].strip()]
    for key in ("created_at", "id"):
        order.setdefault(key, downwards)
    return tuple(SortKey(key, descending) for key, descending in order.items())


def _reader(name: str) -> Reader:
    return FILTERS.get(name) or (_range if name.endswith(("_min", "_max")) else PropertyIs)


def read(parameters: Mapping[str, str]) -> Filters:
    """Turn Glance's list parameters, the page aside, into conditions and an order.

    Raises:
        Invalid: an operator, range, time, sort key or fixed word is none that Glance takes, in its words.
    """
    conditions: list[Condition] = []
    fields: FilterFields = {}

    def take(names: Iterable[str]) -> None:
        for name in names:
            if name in parameters:
                part = _reader(name)(name, parameters[name])
                if isinstance(part, dict):
                    fields.update(part)
                else:
                    conditions.append(part)

    take(_BEFORE_ORDER)
    order = _order(parameters)
    take(_BEHIND_ORDER)
    take(name for name in parameters if name not in (*_BEFORE_ORDER, *_BEHIND_ORDER))
    return Filters(tuple(conditions), order=order, **fields)
