"""Texts of one image that are equal on the database, which then cannot store the image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fake_nova.documents.validation import DocumentPath, Problem
from fake_nova.images.database import Database
from fake_nova.support.messages import quote_json

_EXPECTATION = "expected texts that differ in more than case, accents and trailing blanks"


def equal_texts(values: Mapping[str, Any], database: Database) -> Iterator[Problem]:
    """Yield a problem for each key of a property, and each member, that equals an earlier one.

    The path of a problem begins within the image.

    Args:
        values: the loaded document of the image.
        database: the database that compares.
    """
    if database.compares_exactly:
        return
    keys = ((("properties", key), key) for key in values.get("properties", ()))
    members = enumerate(values.get("members", ()))
    member_texts = ((("members", index, "member"), member["project_id"]) for index, member in members)
    yield from _problems(keys, database)
    yield from _problems(member_texts, database)


def _problems(texts: Iterable[tuple[DocumentPath, str]], database: Database) -> Iterator[Problem]:
    first_texts: dict[str, str] = {}
    for path, text in texts:
        first = first_texts.setdefault(database.equality_key(text), text)
        if first != text:
            problem = f"equals another one on {database.label}"
            texts_in_question = f"got {quote_json(text)} beside {quote_json(first)}"
            yield Problem(path, f"{problem} ({texts_in_question}); {_EXPECTATION}")
