"""A strict reader of fixtures in YAML and JSON, which can find the line and column of each value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, partial
from typing import Any, Final

import yaml

from fake_nova.documents.validation import DocumentPath
from fake_nova.documents.yaml_structure import TOO_DEEP_MESSAGE, Loader, UnsupportedYaml, check_structure
from fake_nova.errors import FixtureError
from fake_nova.support import json_reader
from fake_nova.support.json_reader import (
    MAX_DEPTH,
    MAX_KEYS,
    parse_whole_number,
    reject_duplicate_keys,
    too_many_keys_message,
)
from fake_nova.support.messages import AmbiguousNumber, quote_json

_MERGE_TAG: Final = "tag:yaml.org,2002:merge"


class _FixtureLoader(Loader):  # type: ignore[misc]  # libyaml's loader or Python's
    """A YAML loader that keeps times as text and rejects duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping node as a dict.

        A merge key adds the keys of other mappings; the mapping's own keys win.

        Raises:
            UnsupportedYaml: if a key occurs twice or is not text, if a merge key names no mappings, or if
                there are too many keys.
        """
        seen_keys = set()
        for key_node, value_node in node.value:
            key = self._construct_key(key_node, value_node)
            if key in seen_keys:
                raise UnsupportedYaml(f"{key}: duplicate key; expected it once", key_node.start_mark)
            seen_keys.add(key)
        mapping = dict(super().construct_mapping(node, deep=deep))
        if len(node.value) > MAX_KEYS:
            raise UnsupportedYaml(too_many_keys_message(len(node.value)), node.start_mark)
        return mapping

    def _construct_key(self, key_node: yaml.Node, value_node: yaml.Node) -> str:
        """Return the text of a key; ``<<`` for a merge key."""
        if key_node.tag == _MERGE_TAG:
            if not _is_mergeable(value_node):
                problem = "<<: no mapping to merge; expected an alias of a mapping, or a list of them"
                raise UnsupportedYaml(problem, key_node.start_mark)
            return "<<"
        key = self.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            problem = f"invalid key (got {quote_json(key)}); expected text (put it in quotes)"
            raise UnsupportedYaml(problem, key_node.start_mark)
        return key


def _is_mergeable(node: yaml.Node) -> bool:
    """Return whether a node is a mapping, or a list of mappings."""
    return all(isinstance(each, yaml.MappingNode) for each in _merged_nodes(node))


def _merged_nodes(node: yaml.Node) -> list[yaml.Node]:
    """Return the nodes that the value of a merge key names."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_AMBIGUOUS_TAG: Final = "tag:fake_nova,2026:ambiguous-number"

#: Patterns of numbers that nobody misreads. YAML 1.1 reads 0100 as 64, 1:30 as 90 and 1_0 as 10.
_UNAMBIGUOUS_NUMBERS: Final = {
    _INT: re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})$"),
    _FLOAT: re.compile(r"[-+]?(?:(?:0|[1-9][0-9]{0,30})\.[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][-+][0-9]{1,3})?$"),
}


#: A tag, and the pattern of the plain scalars that have it.
_Resolver = tuple[str, re.Pattern[str]]


def _strict_resolvers(yaml_resolvers: Iterable[_Resolver]) -> list[_Resolver]:
    """Return the resolvers of plain scalars that start with one character; the first match wins.

    Times are not resolved, so they stay text. Ambiguous numbers get `_AMBIGUOUS_TAG`.
    """
    resolvers: list[_Resolver] = []
    for tag, pattern in yaml_resolvers:
        if tag in _UNAMBIGUOUS_NUMBERS:
            resolvers += [(tag, _UNAMBIGUOUS_NUMBERS[tag]), (_AMBIGUOUS_TAG, pattern)]
        elif tag != "tag:yaml.org,2002:timestamp":
            resolvers.append((tag, pattern))
    return resolvers


_FixtureLoader.yaml_implicit_resolvers = {
    first_character: _strict_resolvers(resolvers)
    for first_character, resolvers in Loader.yaml_implicit_resolvers.items()
}


_FixtureLoader.add_constructor("tag:yaml.org,2002:map", partial(_FixtureLoader.construct_mapping, deep=True))
_FixtureLoader.add_constructor(_AMBIGUOUS_TAG, lambda _, node: AmbiguousNumber(node.value))


def parse_document(name: str, text: str) -> Any:
    """Parse a fixture document in JSON or YAML.

    Args:
        name: the document's name in error messages.
        text: the content of the document, JSON or YAML.

    Raises:
        FixtureError: if it is neither JSON nor YAML, or uses YAML that fixtures must not use.
    """
    if text.lstrip()[:1] == "{":
        try:
            return json_reader.loads(text, pairs_hook=reject_duplicate_keys, parse_int=parse_whole_number)
        except ValueError:
            pass  # it may be YAML in braces, and the YAML parser reports the position
    try:
        check_structure(text)
        return yaml.load(text, _FixtureLoader)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FixtureError([_describe_error(name, text, error)]) from error


def _describe_error(name: str, text: str, error: Exception) -> str:
    """Return an error line for an error of PyYAML or of `check_structure`."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return f"{name}:{line}: invalid character; expected printable text"
    if isinstance(error, UnsupportedYaml):
        return f"{_format_location(name, error.mark)}: {error.message}"
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"{name}: not YAML ({error}); expected YAML or JSON"
    if (position := _find_too_deep(text)) is not None:
        return f"{name}:{position[0]}:{position[1]}: {TOO_DEEP_MESSAGE}"
    location = _format_location(name, error.problem_mark or error.context_mark)
    details = ", ".join(filter(None, (error.context, error.problem)))
    return f"{location}: not YAML{details and f' ({details})'}; expected YAML or JSON"


def _format_location(name: str, mark: Any) -> str:
    return name if mark is None else f"{name}:{mark.line + 1}:{mark.column + 1}"


#: Brackets and braces; a quoted text matches as a whole, so brackets inside it do not count.
_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def _find_too_deep(text: str) -> tuple[int, int] | None:
    """Return line and column of the first bracket that is nested too deep, or None.

    libyaml 0.2.5 reads ahead and fails at 1,000 levels before it yields an event for level 65.
    """
    depth = 0
    for token in _BRACKETS.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > MAX_DEPTH:
            offset = token.start()
            return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    return None


_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class SourcePositions:
    """Finds the positions of values in a text, which it parses on the first call.

    Args:
        text: YAML or JSON.
    """

    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._pairs_by_node: Final[dict[int, dict[str, tuple[Any, Any]]]] = {}

    @cached_property
    def _root(self) -> Any:
        try:  # without surrogates, which YAML rejects
            return yaml.compose(_SURROGATE_ESCAPE.sub("......", self._text), _FixtureLoader)
        except yaml.YAMLError:
            return None  # JSON that is not valid YAML

    def find(self, path: DocumentPath) -> tuple[int, int]:
        """Return line and column of *path*, both from 1, or those of its nearest existing parent."""
        node = self._root
        if node is None:
            return 1, 1
        mark = node.start_mark
        for part in path:
            pair = self._find_child(node, part)
            if pair is None:
                break
            position_node, node = pair
            mark = position_node.start_mark
        return mark.line + 1, mark.column + 1

    def _find_child(self, node: yaml.Node, part: str | int) -> tuple[Any, Any] | None:
        """Return the node at the position of a child, which is its key if it has one, and the child."""
        if isinstance(node, yaml.MappingNode):
            return self._pairs(node).get(str(part))
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            return node.value[part], node.value[part]
        return None

    def _pairs(self, node: yaml.Node) -> dict[str, tuple[Any, Any]]:
        """Return a mapping node's pairs of key and value nodes, also merged ones, by the text of the key."""
        if id(node) in self._pairs_by_node:
            return self._pairs_by_node[id(node)]
        pairs = {key.value: (key, value) for key, value in reversed(node.value)}
        merge_values = [value for key, value in node.value if key.tag == _MERGE_TAG]
        merged_nodes = _merged_nodes(merge_values[0]) if merge_values else []
        for merged_node in merged_nodes:
            for key, pair in self._pairs(merged_node).items():
                pairs.setdefault(key, pair)
        self._pairs_by_node[id(node)] = pairs
        return pairs
