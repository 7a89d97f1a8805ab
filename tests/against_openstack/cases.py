"""Requests that both sides are asked, and cases of several of them.

Texts hold stand-ins, because the sides differ in tokens, and ids are used once only:
``{token:alice}`` is that user's token, ``{token:t1}`` the token that an earlier step saved, ``{new:0}`` the id of an
image that the case makes, ``{task}`` that of the last task in the answers before, ``{next}`` the path of the next link
of the answer before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

#: The groups that are counted, in the order of their cases' numbers.
GROUPS: Final = ("nova", "glance", "keystone")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Step:
    """One request.

    Attributes:
        service: a name of GROUPS.
        method: the HTTP method.
        path: the path, percent-encoded, without the query.
        query: the parts of the query with the separator before each, such as ``("?", "name=x")``.
        headers: the headers, in order.
        body: the body, or None.
        saves: the name under which the token of the answer is saved, or "".
        settles: whether both sides work on after the answer, so that the next step waits for them.
    """

    service: str
    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: str | None = None
    saves: str = ""
    settles: bool = False

    @property
    def target(self) -> str:
        """The path with the query."""
        return self.path + "".join(separator + part for separator, part in self.query)

    def simpler(self) -> Iterator[Step]:
        """Yield the same request without one of its parts."""
        for index in range(len(self.query)):
            rest = (*self.query[:index], *self.query[index + 1 :])
            if rest:
                rest = (("?", rest[0][1]), *rest[1:])
            yield replace(self, query=rest)
        for index in range(len(self.headers)):
            yield replace(self, headers=(*self.headers[:index], *self.headers[index + 1 :]))


class Case(NamedTuple):
    """Requests that are asked one after another.

    Attributes:
        steps: the requests.
        rows: the rows of fake_nova's tables that they were drawn from.
    """

    steps: tuple[Step, ...]
    rows: frozenset[str] = frozenset()

    def simpler(self) -> Iterator[Case]:
        """Yield the same case without one of its parts, the largest first."""
        for index in range(len(self.steps)):
            yield Case((*self.steps[:index], *self.steps[index + 1 :]))
        for index, step in enumerate(self.steps):
            for simpler in step.simpler():
                yield Case((*self.steps[:index], simpler, *self.steps[index + 1 :]))

    def document(self) -> list[dict[str, Any]]:
        """Return the case as a list of accepted differences has it."""
        return [
            {
                "ask": f"{step.service} {step.method} {step.target}",
                **({"headers": dict(step.headers)} if step.headers else {}),
                **({} if step.body is None else {"body": step.body}),
                **({"saves": step.saves} if step.saves else {}),
                **({"settles": True} if step.settles else {}),
            }
            for step in self.steps
        ]


def parse_case(document: list[dict[str, Any]]) -> Case:
    """Return the case of a document that `Case.document` made."""
    steps = []
    for row in document:
        service, method, target = row["ask"].split(" ", 2)
        path, mark, query = target.partition("?")
        query_parts: Pairs = (("?", query),) if mark else ()
        steps.append(
            Step(
                service,
                method,
                path,
                query_parts,
                tuple(row.get("headers", {}).items()),
                row.get("body"),
                row.get("saves", ""),
                row.get("settles", False),
            )
        )
    return Case(tuple(steps))
