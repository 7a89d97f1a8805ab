"""Projects by their tags, with the oddities of Keystone 30.0.0 (`list_projects_by_tags`, source)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from fake_nova.images.database import Database

#: The query parameters about tags, in the order in which Keystone reads them.
TAG_FILTERS: Final = ("tags", "tags-any", "not-tags", "not-tags-any")

#: Project id -> tags.
TagsById = Mapping[str, Collection[str]]


def ids_by_tags(tags_by_id: TagsById, query: Mapping[str, str], database: Database) -> set[str]:
    """Return the ids of the projects that match a query.

    An earlier parameter that no project matches is forgotten by those that exclude; with both of these, the
    second adds projects.

    Args:
        tags_by_id: project id -> tags, of all projects and domains.
        query: a parameter of TAG_FILTERS -> its value; at least one.
        database: the database that compares tags.
    """

    def with_all(text: str) -> set[str]:
        names = set(text.split(","))
        return {each for each, tags in tags_by_id.items() if names <= set(tags)}

    def with_any(text: str) -> set[str]:
        names = text.split(",")
        return {
            each
            for each, tags in tags_by_id.items()
            if any(database.are_equal(tag, name) for tag in tags for name in names)
        }

    def without(others: set[str]) -> set[str]:
        remaining = set(tags_by_id) - others
        return remaining & ids if ids else remaining

    ids = with_all(query["tags"]) if "tags" in query else set()
    if "tags-any" in query:
        candidates = with_any(query["tags-any"])
        ids = candidates & ids if "tags" in query else candidates
    if "not-tags" in query:
        ids = without(with_all(query["not-tags"]))
    if "not-tags-any" in query:
        others = with_any(query["not-tags-any"])
        ids = ids | others if "not-tags" in query else without(others)
    return ids
