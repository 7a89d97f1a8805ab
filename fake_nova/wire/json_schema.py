"""Validation of bodies and queries with jsonschema, the library that the real services use.

Nova and Keystone report the first error, in the order of the schema's keywords. Glance reports the error that
the library ranks best (Draft 2020-12; Nova 34.0.0's nova.api.validation, Keystone 30.0.0's
keystone.common.validation, Glance 33.0.0's glance.schema). The first validation imports the library.

Most schemas are constants, so the validator of each schema and of each of its parts is built once and kept.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from fake_nova.images import timestamps
from fake_nova.support.printable_names import (
    PatternMismatch,
    check_description,
    check_lenient_name,
    check_lenient_zone_name,
    check_name,
    check_zone_name,
)
from fake_nova.support.regex_syntax import check_syntax

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

Schema = Mapping[str, Any]

#: The maximum number of characters of an instance that an error prints over several lines, which is slow.
_MAX_LAID_OUT_CHARS: Final = 10_000

#: The maximum number of validators that are kept; each takes a kilobyte.
_MAX_VALIDATORS: Final = 4096

#: Validator class and id of a schema -> the validator. It refers to the schema, so the id stays in use.
_VALIDATORS: Final[dict[tuple[object, int], Validator]] = {}


@cache
def _library() -> ModuleType:
    import jsonschema  # noqa: PLC0415  # slow to import; plain reads do not need it

    return jsonschema


@cache
def _validator_class(relaxed: bool) -> Any:
    """Return the library's validator class with Nova's own keywords.

    The class works for Keystone and Glance, too: their schemas have neither ``minimum`` nor ``maximum``.

    Args:
        relaxed: whether to drop unknown properties, as /v2 does.
    """
    keywords: dict[str, Any] = {"minimum": _minimum, "maximum": _maximum, "format": _format}
    if relaxed:
        keywords["additionalProperties"] = _drop_unknown
    validator_class = _library().validators.extend(_library().Draft202012Validator, keywords)
    validator_class.descend = _descend
    return validator_class


def _descend(
    validator: Validator, instance: Any, schema: Schema, path: Any = None, schema_path: Any = None
) -> Iterator[ValidationError]:
    """Validate a part of an instance with a cached validator.

    The library's own method builds a validator each time, which takes more than half of the time.
    """
    for error in _validator(type(validator), schema).iter_errors(instance):
        if path is not None:
            error.path.appendleft(path)
        if schema_path is not None:
            error.schema_path.appendleft(schema_path)
        yield error


def _validator(validator_class: Any, schema: Schema) -> Validator:
    key = (validator_class, id(schema))
    validator = _VALIDATORS.get(key)
    if validator is None:
        validator = validator_class(schema)
        if len(_VALIDATORS) >= _MAX_VALIDATORS:
            _VALIDATORS.clear()
        _VALIDATORS[key] = validator
    return validator


def _minimum(validator: Validator, minimum: int, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """Compare a string of digits as a number, as Nova does."""
    number = _number_from(instance)
    if number is not None:
        yield from _keyword("minimum")(validator, minimum, number, schema)


def _maximum(validator: Validator, maximum: int, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """Compare a string of digits as a number, as Nova does."""
    number = _number_from(instance)
    if number is not None:
        yield from _keyword("maximum")(validator, maximum, number, schema)


def _number_from(instance: Any) -> int | None:
    """Return the whole number that a value stands for, or None."""
    try:
        return int(instance)
    except (ValueError, TypeError):  # not a number, or too many digits for Python
        return None


def _parse_regex(text: str) -> None:
    """Compile a regular expression, as Nova does; an empty one is invalid."""
    if not text:
        raise ValueError("empty")
    check_syntax(text)


#: Format -> the function that raises an exception for a text in another format. A UUID may have any spelling
#: that Python reads, as for Keystone.
_FORMATS: Final[Mapping[str, Callable[[str], object]]] = {
    "uuid": UUID,
    "regex": _parse_regex,
    "date-time": timestamps.parse,
    "name": check_name,
    "name_with_leading_trailing_spaces": check_lenient_name,
    "description": check_description,
    "az_name": check_zone_name,
    "az_name_with_leading_trailing_spaces": check_lenient_zone_name,
    "ipv4": IPv4Address,
    "ipv6": IPv6Address,
    "base64": b64decode,
}


def _format(_: Validator, name: str, instance: Any, __: Schema) -> Iterator[ValidationError]:
    """Check a format of `_FORMATS`; any text has another format."""
    parse = _FORMATS.get(name)
    if parse is None or not isinstance(instance, str):
        return
    try:
        parse(instance)
    except PatternMismatch as error:
        yield _library().ValidationError(str(error))
    except ValueError:
        yield _library().ValidationError(f"{instance!r} is not a {name!r}")


def _drop_unknown(validator: Validator, _: bool, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """Drop unknown properties, unless there are no known ones, as Nova's /v2 does."""
    if not isinstance(instance, dict):
        return
    properties = schema.get("properties", ())
    patterns = schema.get("patternProperties", ())
    names = {name for name in instance if name in properties or any(re.search(key, name) for key in patterns)}
    if names and patterns:
        yield from _keyword("additionalProperties")(validator, False, instance, {"properties": names})
    elif names:
        for name in instance.keys() - names:
            del instance[name]


def _keyword(name: str) -> Any:
    return _library().Draft202012Validator.VALIDATORS[name]


def iterate_errors(instance: Any, schema: Schema, relaxed: bool = False) -> Iterator[ValidationError]:
    """Yield the errors of an instance. If *relaxed*, drop its unknown properties, as Nova's /v2 does."""
    return _validator(_validator_class(relaxed), schema).iter_errors(instance)


class _Verbatim(str):
    """A string that `repr` returns unchanged, on one line."""

    __slots__ = ()
    __repr__ = str.__str__


def first_error(instance: Any, schema: Schema) -> ValidationError | None:
    """Return the first error, or None.

    Its text contains the schema and the instance as the library prints them. A large instance is on one line.
    """
    return _bounded(next(iterate_errors(instance, schema), None))


def best_error(instance: Any, schema: Schema) -> ValidationError | None:
    """Return the error that the library ranks best, or None. Its text is like that of `first_error`."""
    return _bounded(_library().exceptions.best_match(iterate_errors(instance, schema)))


def best_error_with_references(instance: Any, schema: Schema) -> ValidationError | None:
    """Return the error that the library ranks best, or None, for a schema with ``$ref``.

    The cached validators of `best_error` know no other part of the schema than their own.
    """
    validator = _library().Draft202012Validator(schema)
    return _bounded(_library().exceptions.best_match(validator.iter_errors(instance)))


def _bounded(error: ValidationError | None) -> ValidationError | None:
    if error is not None and len(text := repr(error.instance)) > _MAX_LAID_OUT_CHARS:
        error.instance = _Verbatim(text)
    return error
