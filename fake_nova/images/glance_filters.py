"""Glance's filters: parse the query parameters of a list into conditions.

Nova's images API passes its own filters to Glance under Glance's names, so both APIs parse them here. The
rules are those of Glance 33.0.0; the database says which texts are equal, and which number a text is.
Glance's filter `tag` and its repeated parameters are in `apis.glance_images.params`.

A new filter takes a parser and a row in `FILTER_PARSERS`. A new kind of test takes a class in
`images.conditions`, and a row in `images.explain.EXPLAINERS`; one that compares text also a row in
`images.spelling`. A field with an index stands in `conditions.INDEXED_FIELDS` and in
`query.image_index_keys`. A filter that is no condition is a field of `Filters` and of `ImageQuery`, with the
same name. The documentation takes its parameters from the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from fake_nova.errors import FailureKind, Invalid, ServiceFailure
from fake_nova.images import timestamps
from fake_nova.images.conditions import (
    COMPARISONS,
    Condition,
    FieldCompares,
    FieldIsOneOf,
    PropertyEquals,
    TextIsOneOf,
    TextNumberCompares,
)
from fake_nova.images.database import Database
from fake_nova.images.query import SortKey
from fake_nova.images.status import MemberStatus, Visibility
from fake_nova.support.messages import quote_python

#: The error message for a query that is not UTF-8.
GLANCE_NOT_UTF8_MESSAGE: Final = (
    "Error decoding your request. Either the URL or the request body contained characters that could not be "
    "decoded by Glance"
)

#: Name of a field of `Filters` -> its value.
FilterFields = dict[str, Any]


def marker_not_found_message(marker: str) -> str:
    """Return the message for a marker that is no image's id.

    The database checks the length first, and does not fill in that message (Glance 33.0.0, measured).
    """
    is_long = len(marker) > 36
    return (
        "Image with the given id %(image_id)s was not found"
        if is_long
        else f"No image found with ID {marker}"
    )


class Filters(NamedTuple):
    """The parsed parameters of a list, without page and caller.

    Attributes:
        conditions: conditions that must all hold.
        visibility: list only images of this visibility; "all" for any, None for Glance's default.
        member_status: the member status that puts a shared image into the list; "all" for any.
        os_hidden: whether to list the hidden images instead of the others.
        order: the fields to sort by, most important first; () for the default order.
    """

    conditions: tuple[Condition, ...] = ()
    visibility: str | None = None
    member_status: str = MemberStatus.ACCEPTED
    os_hidden: bool = False
    order: tuple[SortKey, ...] = ()


def split_operator(text: str) -> tuple[str, str]:
    """Split ``in:a,b`` into operator and operand. Without an operator the text means ``eq``.

    If the whole text is a time, its colons belong to the operand (Glance 33.0.0).

    Returns:
        The operator and the operand.
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
    """Split the operand of ``in:`` at its commas. A comma inside double quotes does not split.

    Returns:
        The values, without their quotes.

    Raises:
        Invalid: if a quotation mark is not closed, or stands inside a value.
    """
    is_opening = True
    for index, character in enumerate(text):
        if character != '"' or (index and text[index - 1] == "\\"):
            continue
        if is_opening and index and text[index - 1] != ",":
            raise Invalid(f"Invalid filter value {text}. There is no comma before opening quotation mark.")
        if not is_opening and index + 1 != len(text) and text[index + 1] != ",":
            raise Invalid(f"Invalid filter value {text}. There is no comma after closing quotation mark.")
        is_opening = not is_opening
    if not is_opening:
        raise Invalid(f"Invalid filter value {text}. The quote is not closed.")
    return [quoted_value or plain_value for quoted_value, plain_value in _VALUE.findall(text)]


def _in_filter(name: str, text: str, database: Database) -> Condition:
    operator, operand = split_operator(text)
    if operator not in ("in", "eq"):
        raise Invalid(f"Unable to filter by unknown operator '{operator}'.")
    return TextIsOneOf.of(name, split_values(operand) if operator == "in" else (operand,), database)


def _timestamp_filter(name: str, text: str, database: Database) -> Condition:
    operator, operand = split_operator(text)
    try:
        threshold: datetime = timestamps.parse(operand)
    except ValueError as error:
        raise Invalid(f'Bad "{name}" query filter format. Use ISO 8601 DateTime notation.') from error
    if operator not in COMPARISONS:
        raise Invalid("Unable to filter on a unknown operator.")
    if operator == "eq":  # MariaDB cuts the fraction off for this operator only (measured)
        threshold = database.stored_time(threshold)
    return FieldCompares(name, operator, threshold)


def _text_filter(name: str, text: str, database: Database) -> Condition:
    return TextIsOneOf.of(name, (text,), database)


def _number_filter(name: str, text: str, database: Database) -> Condition:
    value = database.parse_number(text)
    return FieldIsOneOf(name, frozenset() if value is None else frozenset((value,)))


#: The fields that a range can ask for. The real service fails at a range of any other field.
RANGE_FIELDS: Final[Mapping[str, type[str] | type[int]]] = {
    **dict.fromkeys(("name", "id", "status", "owner", "container_format", "disk_format"), str),
    **dict.fromkeys(("checksum", "os_hash_algo", "os_hash_value"), str),
    **dict.fromkeys(("size", "min_ram", "min_disk", "virtual_size", "protected", "os_hidden"), int),
}


def _range_filter(name: str, text: str, database: Database) -> Condition:
    field_name, _, suffix = name.rpartition("_")
    try:
        threshold = int(text)
    except ValueError as error:
        raise Invalid("Unable to filter on a range with a non-numeric value.") from error
    if field_name not in RANGE_FIELDS:
        raise ServiceFailure(
            FailureKind.NO_SUCH_RANGE, f"{name}: no column for a range (got {quote_python(field_name)})"
        )
    if abs(threshold) > database.max_range_limit:
        raise ServiceFailure(
            FailureKind.NUMBER_TOO_LARGE,
            f"{name}: number too large (got {quote_python(text)})",
            database.label,
        )
    comparison = "gte" if suffix == "min" else "lte"
    if RANGE_FIELDS[field_name] is str and database.text_as_number is not None:
        return TextNumberCompares(field_name, comparison, threshold, database.text_as_number)
    return FieldCompares(field_name, comparison, RANGE_FIELDS[field_name](threshold))


def _parse_boolean(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise Invalid(f"Invalid value '{text}' for '{name}' filter. Valid values are 'true' or 'false'.")
    return text == "true"


def _os_hidden_filter(name: str, text: str, _: Database) -> FilterFields:
    return {"os_hidden": _parse_boolean(name, text.lower())}


def _protected_filter(name: str, text: str, _: Database) -> Condition:
    return FieldIsOneOf(name, frozenset((_parse_boolean(name, text),)))


def _visibility_filter(_: str, text: str, __: Database) -> FilterFields:
    if text and text != "all" and text not in tuple(Visibility):
        raise Invalid(f"Invalid visibility value: {text}")
    return {"visibility": text}


def _member_status_filter(_: str, text: str, __: Database) -> FilterFields:
    if text != "all" and text not in tuple(MemberStatus):
        raise Invalid(f"Invalid status: {text}")
    return {"member_status": text}


def _changes_since_filter(name: str, text: str, database: Database) -> Condition:
    if text:
        raise Invalid('The "changes-since" filter is no longer available on v2.')
    return PropertyEquals.of(name, text, database)


def _failing_filter(name: str, text: str, _: Database) -> FilterFields:
    raise ServiceFailure(
        FailureKind.NO_SUCH_COLUMN, f"{name}: a table, not a column (got {quote_python(text)})"
    )


def _no_filter(_: str, __: str, ___: Database) -> FilterFields:
    return {}


#: Parse a parameter, given its name, its text and the database, into a condition or into other fields of
#: `Filters`.
FilterParser = Callable[[str, str, Database], Condition | FilterFields]

#: Glance's parameter -> its parser. Any other parameter that ends in ``_min`` or ``_max`` asks for a range.
#: The rest ask for a property of that name with that value (Glance 33.0.0, measured).
FILTER_PARSERS: Final[Mapping[str, FilterParser]] = {
    "visibility": _visibility_filter,
    "changes-since": _changes_since_filter,
    "member_status": _member_status_filter,
    "os_hidden": _os_hidden_filter,
    "protected": _protected_filter,
    **dict.fromkeys(("created_at", "updated_at"), _timestamp_filter),
    **dict.fromkeys(("name", "id", "status", "container_format", "disk_format"), _in_filter),
    **dict.fromkeys(("owner", "checksum", "os_hash_algo", "os_hash_value"), _text_filter),
    **dict.fromkeys(("virtual_size", "min_ram", "min_disk", "size"), _number_filter),
    "members": _failing_filter,
    **dict.fromkeys(("deleted", "sort", "sort_key", "sort_dir"), _no_filter),
}

#: Parameters that Glance checks before the sort order, and right after it, in this order. It then checks the
#: others in the order of the query. The first invalid parameter becomes the error.
CHECKED_BEFORE_SORT = ("visibility", "changes-since", "member_status")
_CHECKED_AFTER_SORT = ("os_hidden", "protected")

#: The fields that a list can be sorted by.
SORT_KEYS = ("name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at")


def _parse_sort_order(parameters: Mapping[str, str], database: Database) -> tuple[SortKey, ...]:
    """Parse the order of a list: ``sort=name:asc,size``, or ``sort_key`` and ``sort_dir``.

    Time of creation and then id order images that are otherwise equal. Both are descending, unless a single
    field is requested in ascending order.

    Returns:
        The fields, most important first; () for the default order.

    Raises:
        Invalid: if a sort key or a direction is unknown, or both syntaxes are used.
    """
    if not any(name in parameters for name in ("sort", "sort_key", "sort_dir")):
        return ()
    if "sort" not in parameters:
        requested_keys = [(parameters.get("sort_key", "created_at"), parameters.get("sort_dir", "desc"))]
    elif "sort_key" in parameters or "sort_dir" in parameters:
        raise Invalid("Old and new sorting syntax cannot be combined")
    else:
        parts = (part.partition(":") for part in parameters["sort"].strip().split(","))
        requested_keys = [(key, direction or "desc") for key, _, direction in parts]
    order: dict[str, bool] = {}
    for key, direction in ((key.strip(), direction.strip()) for key, direction in requested_keys):
        if key not in SORT_KEYS:
            keys = ", ".join(SORT_KEYS)
            raise Invalid(f"Invalid sort key: {key}. It must be one of the following: {keys}.")
        if direction not in ("asc", "desc"):
            raise Invalid(f"Invalid sort direction: {direction}")
        order.setdefault(key, direction == "desc")
    tie_break_descending = len(requested_keys) > 1 or order[requested_keys[0][0].strip()]
    for key in ("created_at", "id"):
        order.setdefault(key, tie_break_descending)
    return tuple(SortKey(key, descending, database) for key, descending in order.items())


def _parser_for(name: str) -> FilterParser:
    is_range = name.endswith(("_min", "_max"))
    return FILTER_PARSERS.get(name) or (_range_filter if is_range else PropertyEquals.of)


def parse_filters(parameters: Mapping[str, str], database: Database) -> Filters:
    """Parse Glance's list parameters, without those of the page.

    Args:
        parameters: parameter -> its text, in the order of the query.
        database: the database that compares and sorts.

    Raises:
        Invalid: if Glance rejects an operator, range, time, sort key or value; the message is Glance's.
    """
    conditions: list[Condition] = []
    fields: FilterFields = {}

    def apply(names: Iterable[str]) -> None:
        for name in names:
            if name in parameters:
                part = _parser_for(name)(name, parameters[name], database)
                if isinstance(part, dict):
                    fields.update(part)
                else:
                    conditions.append(part)

    apply(CHECKED_BEFORE_SORT)
    order = _parse_sort_order(parameters, database)
    apply(_CHECKED_AFTER_SORT)
    apply(name for name in parameters if name not in (*CHECKED_BEFORE_SORT, *_CHECKED_AFTER_SORT))
    return Filters(tuple(conditions), order=order, **fields)
