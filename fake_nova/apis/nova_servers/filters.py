"""The filters of a list of servers, as predicates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Final

from fake_nova.apis.nova_common.client_patterns import ClientPattern, required_text
from fake_nova.apis.nova_servers.columns import COLUMNS, column_text
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.server_texts import Search
from fake_nova.cloud.servers import Server
from fake_nova.images.database import Database

Predicate = Callable[[Server], bool]

#: Parameter -> the column that it filters, if it has another name.
_ALIASES: Final[Mapping[str, str]] = {"image": "image_ref", "name": "display_name", "tenant_id": "project_id"}

#: Columns that must equal the value. The others are searched with a pattern.
_EXACT: Final = (
    *("project_id", "user_id", "image_ref", "vm_state", "uuid", "host", "task_state"),
    "instance_type_id",
)

#: Parameters that select servers in a way of their own.
OWN_WAYS: Final = (
    *("status", "flavor", "deleted", "soft_deleted", "changes-since", "changes-before", "all_tenants"),
    *("tags", "tags-any", "not-tags", "not-tags-any", "locked", "ip", "ip6"),
)


class Filters:
    """Builds the predicates of one request.

    Args:
        cloud: the cloud.
        lookups: what the predicates look up.
    """

    def __init__(self, cloud: Cloud, lookups: Lookups) -> None:
        self._database: Final[Database] = cloud.database
        self._lookups: Final = lookups

    def by_columns(self, options: Mapping[str, str]) -> list[Predicate]:
        """Return the predicates for the parameters that filter by a column; the rest is ignored."""
        return [self._by_column(column, value) for column, value in _column_values(options).items()]

    def by_flavor(self, flavor_id: str) -> Predicate:
        """Return the predicate for the id of a flavor."""
        equal = self._equality(flavor_id)
        return lambda server: equal(server.flavor.id)

    def _equality(self, value: str) -> Callable[[str | None], bool]:
        """Return what compares a text with *value*, as the database does; few texts differ."""
        equality_key = self._database.equality_key
        key = equality_key(value)
        return cache(lambda text: text is not None and equality_key(text) == key)

    def _by_column(self, column: str, value: str) -> Predicate:
        lookups = self._lookups
        read = COLUMNS[column]
        if column in _EXACT:
            equal = self._equality(value)
            return lambda server: equal(column_text(read(server, lookups)))
        pattern = ClientPattern(value, is_of_mariadb=not self._database.compares_exactly)

        def matches(server: Server) -> bool:
            text = column_text(read(server, lookups))
            return text is not None and pattern.is_in(text)

        return matches

    def searches(self, options: Mapping[str, str]) -> Iterator[Search]:
        """Iterate over searches that find every server that the predicates let pass, and few others."""
        values = _column_values(options)
        if name_part := required_text(values.get("display_name", "")):
            yield Search("name", name_part.casefold())
        if "image_ref" in values:
            yield Search.of_whole("image", self._database.equality_key(values["image_ref"]))
        if "flavor" in options:
            yield Search.of_whole("flavor", self._database.equality_key(options["flavor"]))
        address_parts = [options[name] for name in ("ip", "ip6") if options.get(name)]
        if len(address_parts) == 1:
            yield Search("address", address_parts[0])

    def by_tags(self, options: Mapping[str, list[str]]) -> list[Predicate]:
        """Return the predicates for the parameters about tags, whose values are lists."""
        return [self._by_tag(_TAG_TESTS[name], options[name]) for name in _TAG_TESTS if name in options]

    def _by_tag(self, test: Callable[[set[str], set[str]], bool], values: list[str]) -> Predicate:
        equality_key = self._database.equality_key
        targets = set(map(equality_key, values))
        return lambda server: test(targets, set(map(equality_key, server.tags)))

    def by_states(self, vm_states: Collection[str], task_states: Collection[str] | None) -> Predicate:
        """Return the predicate for states; None stands for all task_states."""
        return lambda server: (
            server.vm_state in vm_states and (task_states is None or server.task_state in task_states)
        )


def _column_values(options: Mapping[str, str]) -> Mapping[str, str]:
    """Return column -> what it is compared with: of two parameters for one column, the last one counts."""
    others = {name: value for name, value in options.items() if name not in OWN_WAYS}
    values = {_ALIASES.get(name, name): value for name, value in others.items()}
    return {column: value for column, value in values.items() if column in COLUMNS}


_TAG_TESTS: Final[Mapping[str, Callable[[set[str], set[str]], bool]]] = {
    "tags": lambda targets, tags: targets <= tags,
    "tags-any": lambda targets, tags: bool(targets & tags),
    "not-tags": lambda targets, tags: not targets <= tags,
    "not-tags-any": lambda targets, tags: not targets & tags,
}


def by_addresses(texts: Collection[str]) -> Predicate:
    """Return the predicate for servers with a fixed address that contains one of *texts*."""
    return lambda server: any(text in address for address in server.fixed_addresses for text in texts)
