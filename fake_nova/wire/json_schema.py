"""The part of JSON Schema that Nova's images API and Keystone's tokens are validated with, in their words.

Both check with the jsonschema library and show its first error. Which one is first, and how it is worded, is
what clients see, so the few keywords that these schemas have are worked through here in the same order and
with the same messages (jsonschema 4, Draft 2020-12; Nova 34.0.0's nova.api.validation, Keystone 30.0.0's
keystone.common.validation).
"""

from __future__ import annotations

import pprint
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from fake_nova.wire.bodies import Refused

Schema = Mapping[str, Any]
Keyword = Callable[[Any, Any, "Schema", "_Checker"], Iterator["Error"]]


#: The most characters of a value that an error shows over several lines, as the library does.
_LONGEST_LAID_OUT = 10_000


class Error(NamedTuple):
    """The first thing that is wrong: where, what is there, and what is wrong with it."""

    path: tuple[str | int, ...]
    instance: Any
    message: str
    keyword: str = ""
    schema: Schema = MappingProxyType({})
    schema_path: tuple[str, ...] = ()

    def below(self, part: str | int) -> Error:
        """Return the same error, seen from one level higher."""
        return self._replace(path=(part, *self.path))

    def __str__(self) -> str:
        """Return the error as the jsonschema library prints it: with the schema and the instance."""
        schema = textwrap.indent(pprint.pformat(self.schema, width=72, sort_dicts=False), "    ")
        instance = repr(self.instance)  # a large one is not laid out, which takes 10 µs for each value
        if len(instance) <= _LONGEST_LAID_OUT:
            instance = pprint.pformat(self.instance, width=72, sort_dicts=False)
        instance = textwrap.indent(instance, "    ")
        where = _indexed("schema", self.schema_path)
        return (
            f"{self.message}\n\nFailed validating {self.keyword!r} in {where}:\n{schema}\n\n"
            f"On {_indexed('instance', self.path)}:\n{instance}"
        )


def _indexed(name: str, path: tuple[str | int, ...]) -> str:
    return name + "".join(f"[{part!r}]" for part in path)


class _Checker(NamedTuple):
    keywords: Mapping[str, Keyword]

    def errors(self, instance: Any, schema: Schema) -> Iterator[Error]:
        for name, value in schema.items():
            for error in self.keywords[name](value, instance, schema, self):
                yield error._replace(keyword=name, schema=schema) if not error.keyword else error


_TYPES: Mapping[str, type] = MappingProxyType(
    {"object": dict, "string": str, "array": list, "boolean": bool, "integer": int, "null": type(None)}
)


def _type(value: str | list[str], instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    types = [value] if isinstance(value, str) else value
    if not any(_is(instance, name) for name in types):
        yield Error((), instance, f"{instance!r} is not of type {', '.join(map(repr, types))}")


def _is(instance: Any, name: str) -> bool:
    """Whether *instance* is of a JSON type: 1.0 is an integer, and a boolean is not, though Python's is."""
    if name == "integer" and isinstance(instance, float):
        return instance.is_integer()
    return isinstance(instance, _TYPES[name]) and not (name == "integer" and isinstance(instance, bool))


def _enum(value: list[Any], instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    if not any(type(instance) is type(allowed) and instance == allowed for allowed in value):
        yield Error((), instance, f"{instance!r} is not one of {value!r}")


def _properties(value: Schema, instance: Any, _: Schema, checker: _Checker) -> Iterator[Error]:
    if isinstance(instance, dict):
        for name, schema in value.items():
            if name in instance:
                for error in checker.errors(instance[name], schema):
                    yield error.below(name)._replace(schema_path=("properties", name, *error.schema_path))


def _pattern_properties(value: Schema, instance: Any, _: Schema, checker: _Checker) -> Iterator[Error]:
    if isinstance(instance, dict):
        for pattern, schema in value.items():
            for name, inner in instance.items():
                if re.search(pattern, name):
                    for error in checker.errors(inner, schema):
                        yield error.below(name)


def _items(value: Schema, instance: Any, _: Schema, checker: _Checker) -> Iterator[Error]:
    for index, inner in enumerate(instance if isinstance(instance, list) else ()):
        for error in checker.errors(inner, value):
            yield error.below(index)._replace(schema_path=("items", *error.schema_path))


def _required(value: list[str], instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    if isinstance(instance, dict):
        for name in value:
            if name not in instance:
                yield Error((), instance, f"{name!r} is a required property")


def _extras(instance: dict[str, Any], schema: Schema) -> list[str]:
    patterns = schema.get("patternProperties", {})
    return [
        name
        for name in instance
        if name not in schema.get("properties", {})
        and not any(re.search(pattern, name) for pattern in patterns)
    ]


def _unexpected(extras: list[str]) -> str:
    names = ", ".join(map(repr, extras))
    return (
        f"Additional properties are not allowed ({names} {'was' if len(extras) == 1 else 'were'} unexpected)"
    )


def _no_extras(value: bool | Schema, instance: Any, schema: Schema, checker: _Checker) -> Iterator[Error]:
    if not isinstance(instance, dict) or not (extras := _extras(instance, schema)):
        return
    if isinstance(value, Mapping):
        for name in extras:
            for error in checker.errors(instance[name], value):
                yield error.below(name)._replace(schema_path=("additionalProperties", *error.schema_path))
        return
    if "patternProperties" not in schema:
        yield Error((), instance, _unexpected(sorted(extras)))
        return
    names = ", ".join(map(repr, sorted(extras)))
    patterns = ", ".join(map(repr, sorted(schema["patternProperties"])))
    verb = "does" if len(extras) == 1 else "do"
    yield Error((), instance, f"{names} {verb} not match any of the regexes: {patterns}")


def _note(_: Any, __: Any, ___: Schema, ____: _Checker) -> Iterator[Error]:
    """Take anything: the keyword is for people."""
    yield from ()


def _extras_tolerated(_: bool, instance: Any, schema: Schema, __: _Checker) -> Iterator[Error]:
    """How /v2 takes what the schema does not name: dropped, or kept where nothing else is there."""
    if not isinstance(instance, dict) or not (extras := _extras(instance, schema)):
        return
    if len(extras) == len(instance):
        return
    if "patternProperties" in schema:
        yield Error((), instance, _unexpected(extras))
        return
    for name in extras:
        del instance[name]


def _min_properties(value: int, instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    if isinstance(instance, dict) and len(instance) < value:
        wrong = "should be non-empty" if value == 1 else "does not have enough properties"
        yield Error((), instance, f"{instance!r} {wrong}")


def _max_properties(value: int, instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    if isinstance(instance, dict) and len(instance) > value:
        yield Error((), instance, f"{instance!r} has too many properties")


def _max_length(value: int, instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    if isinstance(instance, str) and len(instance) > value:
        yield Error((), instance, f"{instance!r} is too long")


def _min_length(value: int, instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    if isinstance(instance, str) and len(instance) < value:
        wrong = "should be non-empty" if value == 1 else "is too short"
        yield Error((), instance, f"{instance!r} {wrong}")


def _pattern(value: str, instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    if isinstance(instance, str) and not re.search(value, instance):
        yield Error((), instance, f"{instance!r} does not match {value!r}")


def _minimum(value: int, instance: Any, _: Schema, __: _Checker) -> Iterator[Error]:
    """A text that is a number counts as that number: Nova's own change to the keyword."""
    try:
        number = int(instance)
    except (ValueError, TypeError):  # no number, or one of more digits than Python reads
        return
    if number < value:
        yield Error((), instance, f"{number!r} is less than the minimum of {value!r}")


#: Keyword -> its check; a schema with another keyword is a mistake of ours and a KeyError.
_STRICT: Mapping[str, Keyword] = MappingProxyType(
    {
        "type": _type,
        "properties": _properties,
        "patternProperties": _pattern_properties,
        "items": _items,
        "enum": _enum,
        "required": _required,
        "additionalProperties": _no_extras,
        "minProperties": _min_properties,
        "maxProperties": _max_properties,
        "maxLength": _max_length,
        "minLength": _min_length,
        "pattern": _pattern,
        "minimum": _minimum,
        **dict.fromkeys(("name", "description", "readOnly", "writeOnly", "links"), _note),
    }
)

#: The same for bodies sent to /v2.
_RELAXED: Mapping[str, Keyword] = MappingProxyType({**_STRICT, "additionalProperties": _extras_tolerated})


def check_body(body: Any, schema: Schema, relaxed: bool) -> None:
    """Check the body of a request.

    Args:
        body: parsed JSON; where *relaxed*, what the schema does not know is dropped from it.
        schema: what it must be.
        relaxed: whether it was sent to /v2.

    Raises:
        Refused: 400 with the first error.
    """
    error = next(_Checker(_RELAXED if relaxed else _STRICT).errors(body, schema), None)
    if error is None:
        return
    if not error.path:
        raise Refused(400, error.message)
    raise Refused(
        400,
        f"Invalid input for field/attribute {error.path[-1]}. Value: {error.instance}. {error.message}",
    )


def check_query(parameters: Mapping[str, list[str]], schema: Schema) -> None:
    """Check the parameters of a query, each a list of all its values.

    Raises:
        Refused: 400 with the first error.
    """
    error = next(_Checker(_STRICT).errors(parameters, schema), None)
    if error is not None:
        raise Refused(
            400,
            f"Invalid input for query parameters {error.path[0]}. Value: {error.instance}. {error.message}",
        )


def first_error(instance: Any, schema: Schema) -> Error | None:
    """Return the first thing that is wrong with *instance*, or None."""
    return next(_Checker(_STRICT).errors(instance, schema), None)


def best_error(instance: Any, schema: Schema) -> Error | None:
    """Return what the jsonschema library thinks says most about what is wrong with *instance*, or None.

    It is one of those at the highest level; of several there the one whose place sorts last, and of several
    at one place one of the wrong type (jsonschema 4.26's best_match).
    """

    def relevance(error: Error) -> tuple[int, tuple[str | int, ...], bool]:
        named = error.schema.get("type", ())
        types = [named] if isinstance(named, str) else named
        return -len(error.path), error.path, not any(_is(error.instance, name) for name in types)

    return max(_Checker(_STRICT).errors(instance, schema), key=relevance, default=None)
