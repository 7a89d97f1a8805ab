"""A check of YAML before it is loaded: its depth, tags and directives, and how far aliases expand it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import yaml

from fake_nova.support.json_reader import MAX_DEPTH

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast


class UnsupportedYaml(yaml.YAMLError):
    """YAML that fixtures must not use.

    Attributes:
        message: the problem.
        mark: its position, as PyYAML has it.
    """

    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(message)
        self.message: Final = message
        self.mark: Final = mark


TOO_DEEP_MESSAGE: Final = f"nested too deep; expected at most {MAX_DEPTH} levels"

#: A directive before the document, other than ``%YAML``.
_DIRECTIVE: Final = re.compile(
    r"\A\ufeff?(?:[ \t\r]*+(?:#[^\n]*+)?+\n|%YAML [^\n]*+\n)*+(?P<directive>%(?!YAML ))"
)

#: The maximum length of a document with its aliases and merge keys expanded, in multiples of its own length.
_MAX_EXPANSION: Final = 10

#: The characters that each value counts besides its own, for punctuation.
_VALUE_OVERHEAD: Final = 2


def check_structure(text: str) -> None:
    """Reject YAML that would exhaust the parser or is not plain data.

    Raises:
        UnsupportedYaml: for deep nesting, directives, tags, or aliases that expand too far.
    """
    directive = _DIRECTIVE.search(text)
    if directive is not None:
        line = text.count("\n", 0, directive.start("directive"))
        mark = yaml.Mark("", 0, line, 0, None, 0)
        raise UnsupportedYaml("%: directives are not supported; expected plain YAML", mark)
    depth = 0
    expansion = _Expansion(len(text))
    events: Iterable[Any] = yaml.parse(text, Loader)
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        expansion.add(event, depth)
        if depth > MAX_DEPTH:
            raise UnsupportedYaml(TOO_DEEP_MESSAGE, event.start_mark)
        if getattr(event, "tag", None) not in (None, "!"):
            problem = f"{event.tag}: tags are not supported; expected plain values"
            raise UnsupportedYaml(problem, event.start_mark)


class _OpenAnchor(NamedTuple):
    """An anchor whose value has begun, and has not ended.

    Attributes:
        name: the name of the anchor.
        depth: the depth of its value.
        size_before: the size of the expanded document before it.
    """

    name: str
    depth: int
    size_before: int


class _Expansion:
    """Measures a document as if its aliases and merge keys were written out.

    Args:
        text_length: the length of the document, in characters.
    """

    def __init__(self, text_length: int) -> None:
        self._max_size: Final = _MAX_EXPANSION * text_length
        self._size = 0
        self._open_anchors: Final[list[_OpenAnchor]] = []
        self._deepest: Final = [0]  # of the document, and of each open anchor
        self._anchors: Final[dict[str, tuple[int, int]]] = {}  # name -> size and number of levels

    def add(self, event: Any, depth: int) -> None:
        """Add one event of the parser.

        Args:
            event: the event of PyYAML.
            depth: the nesting depth after the event.

        Raises:
            UnsupportedYaml: if an alias is inside its own anchor, or if the document becomes too deep or too
                long.
        """
        if isinstance(event, yaml.AliasEvent):
            self._expand(event, depth)
        elif isinstance(event, yaml.NodeEvent):
            if event.anchor is not None:
                is_scalar = isinstance(event, yaml.ScalarEvent)
                self._open_anchors.append(_OpenAnchor(event.anchor, depth + is_scalar, self._size))
                self._deepest.append(depth)
            self._size += len(getattr(event, "value", "")) + _VALUE_OVERHEAD
            self._deepest[-1] = max(self._deepest[-1], depth)
        while self._open_anchors and self._open_anchors[-1].depth > depth:
            self._close_anchor()

    def _close_anchor(self) -> None:
        anchor = self._open_anchors.pop()
        deepest = self._deepest.pop()
        self._anchors[anchor.name] = self._size - anchor.size_before, deepest - anchor.depth + 1
        self._deepest[-1] = max(self._deepest[-1], deepest)

    def _expand(self, event: Any, depth: int) -> None:
        name = event.anchor
        if any(anchor.name == name for anchor in self._open_anchors):
            problem = f"*{name}: alias inside its own anchor; expected it after the anchor's value"
            raise UnsupportedYaml(problem, event.start_mark)
        size, levels = self._anchors.get(name, (0, 0))
        self._size += size
        self._deepest[-1] = max(self._deepest[-1], depth + levels)
        if depth + levels > MAX_DEPTH:
            raise UnsupportedYaml(f"*{name}: {TOO_DEEP_MESSAGE}", event.start_mark)
        if self._size > self._max_size:
            times = f"at most {_MAX_EXPANSION} times the length of the document"
            raise UnsupportedYaml(f"*{name}: aliases expand too far; expected {times}", event.start_mark)
