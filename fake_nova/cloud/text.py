"""Text: YAML and JSON of fixtures, read strictly, with the place of each thing in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

import yaml

from fake_nova.cloud.problems import DocumentPath, once, shown
from fake_nova.errors import FakeNovaError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast, where it is


class FixtureError(FakeNovaError):
    """Fixtures are wrong; *lines* says where and how, one problem a line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(lines)
        self.lines: Final = lines

    def __str__(self) -> str:
        return "\n".join(self.lines)


class _FixtureLoader(_Loader):  # type: ignore[misc]  # libyaml's loader or Python's
    """YAML with times left as text, so that they are read in one place, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Make a dict; a key that comes twice is an error, not lost."""
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise yaml.MarkedYAMLError(
                    problem="<<: merging is not read; allowed: every key written out",
                    problem_mark=key_node.start_mark,
                )
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem=f"{shown(key)} is not a key; allowed: text (put it in quotes)",
                    problem_mark=key_node.start_mark,
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key}: the key comes twice; allowed: once", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return dict(super().construct_mapping(node, deep=deep))


_FixtureLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def _construct_map(loader: _FixtureLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


_FixtureLoader.add_constructor("tag:yaml.org,2002:map", _construct_map)


def parsed(name: str, text: str) -> Any:
    """Parse JSON or YAML.

    Raises:
        FixtureError: it is neither; with the place.
    """
    if text.lstrip()[:1] == "{":
        try:
            return json.loads(text, object_pairs_hook=once)
        except (ValueError, RecursionError):
            pass  # YAML may begin so too, and says more of what is wrong
    try:
        _check_form(text)
        return yaml.load(text, _FixtureLoader)  # noqa: S506  # a safe loader
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FixtureError(
            [f"{name}:{line}: a character here is not allowed in YAML; allowed: printable text"]
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise FixtureError(
            [f"{where}: {', '.join(filter(None, (error.context, error.problem))) or 'not YAML'}"]
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FixtureError([f"{name}: not YAML: {error}"]) from error


#: Lists and mappings of a fixture are never nested deeper; libyaml itself falls over some ten thousand.
_DEEPEST: Final = 50


def _check_form(text: str) -> None:
    """Refuse what would take the parser down, or is no data: depth, aliases within anchors, tags."""
    depth = 0
    anchored: list[int] = []
    events: Iterable[Any] = yaml.parse(text, _Loader)
    for event in events:
        opens = isinstance(event, yaml.CollectionStartEvent)
        mark: Any = event.start_mark
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            while anchored and anchored[-1] > depth:
                anchored.pop()
        if opens:
            depth += 1
        if depth > _DEEPEST:
            raise yaml.MarkedYAMLError(
                problem=f"nested too deep; allowed: {_DEEPEST} levels",
                problem_mark=mark,
            )
        if isinstance(event, yaml.AliasEvent) and anchored:
            raise yaml.MarkedYAMLError(
                problem=f"*{event.anchor}: an alias within an anchor; allowed: aliases outside of anchors",
                problem_mark=mark,
            )
        if opens and event.anchor is not None:
            anchored.append(depth)
        if getattr(event, "tag", None) not in (None, "!"):
            raise yaml.MarkedYAMLError(
                problem=f"{event.tag}: tags are not read; allowed: plain values",
                problem_mark=mark,
            )


_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def position(text: str, path: DocumentPath) -> tuple[int, int]:
    """Return line and column of what *path* leads to, or of the nearest place above it that is there."""
    try:
        node = yaml.compose(_SURROGATE.sub("......", text), _FixtureLoader)  # JSON has these, YAML has not
    except yaml.YAMLError:
        node = None  # JSON that YAML does not take
    if node is None:
        return 1, 1
    mark = node.start_mark
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                break
            mark, node = pair[0].start_mark, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return mark.line + 1, mark.column + 1
