"""The query of a list of servers: what it selects, in Nova's order of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.paging import MAX_PAGE_SIZE, TRUE_WORDS, parse_limit, parse_word
from fake_nova.apis.nova_common.policies import forbidden_error
from fake_nova.apis.nova_common.requests import NovaQuery
from fake_nova.apis.nova_servers import list_schemas
from fake_nova.apis.nova_servers.filters import Filters, Predicate, by_addresses
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.apis.nova_servers.sorting import Sorting, parse_sorting
from fake_nova.cloud import server_states
from fake_nova.cloud.server_store import ListKey
from fake_nova.cloud.server_texts import Search
from fake_nova.images import timestamps
from fake_nova.wire.context import Context

#: The first minor version that refuses a status that does not exist.
_BAD_STATUS_REFUSED_SINCE: Final = 38
_TAGS_SINCE: Final = 26

_PAGE_PARAMETERS: Final = ("sort_key", "sort_dir", "limit", "marker")


class ServerQuery(NamedTuple):
    """What a list selects.

    Attributes:
        keys: the indexes to read.
        predicates: a server must satisfy all of them.
        sorting: the order; None for the default one, that of the index.
        limit: the maximum number of servers.
        marker: the id of the server before the page, or "".
        is_empty: whether no server can match.
        searches: searches that find every matching server.
    """

    keys: tuple[ListKey, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    sorting: Sorting | None = None
    limit: int = MAX_PAGE_SIZE
    marker: str = ""
    is_empty: bool = False
    searches: tuple[Search, ...] = ()


class _Parser:
    """Parses the query of one request."""

    def __init__(self, context: Context, query: NovaQuery, lookups: Lookups, rule: str) -> None:
        self._caller: Final = context.caller
        self._query: Final = query
        self._rule: Final = rule
        self._lookups: Final = lookups
        self._cloud: Final = context.cloud
        self._filters: Final = Filters(context.cloud, lookups)
        self._options: Final = self._permitted_options()
        self._predicates: Final[list[Predicate]] = []
        self._states: Iterable[str | None] = (None,)

    def _permitted_options(self) -> dict[str, str]:
        """Return the filters; those of admins are dropped for others."""
        options = self._query.last
        if self._caller.is_admin:
            return {name: value for name, value in options.items() if name not in _PAGE_PARAMETERS}
        known_names = list_schemas.common_filters(self._query.minor)
        return {name: value for name, value in options.items() if name in known_names}

    def parse(self) -> ServerQuery:
        """Return the query.

        Raises:
            NovaError: 400 or 403.
        """
        options = self._options
        for name in options:
            if name in list_schemas.JOINED_PARAMETERS or name.startswith("_"):
                raise NovaError(400, f"Invalid filter field: {name}.")
        if not self._add_status():
            return ServerQuery(is_empty=True)
        self._add_changes()
        has_deleted = self._add_deleted()
        self._add_tags()
        has_all = self._has_all_projects()
        if "locked" in options:
            is_locked = parse_word(options["locked"])
            self._predicates.append(lambda server: (server.locked_by is not None) == is_locked)
        project_id = self._project(has_all)
        limit, marker = parse_limit(self._query), self._query.last.get("marker", "")
        checks_directions = limit > 0 and not self._skips_build_requests(marker)
        sorting, is_valid = parse_sorting(
            self._query, self._caller.is_admin, self._lookups, checks_directions
        )
        is_empty = not (is_valid and limit)
        self._add_others()
        states = (None,) if has_deleted else self._states
        keys = tuple(ListKey(project_id, has_deleted, state) for state in states)
        searches = tuple(self._filters.searches(options))
        return ServerQuery(keys, tuple(self._predicates), sorting, limit, marker, is_empty, searches)

    def _add_status(self) -> bool:
        """Add the filter by status, and return whether a server can match."""
        words = self._query.values.get("status")
        if words is None:
            return True
        status = server_states.filter_by_status(words)
        if not status.vm_states:
            if self._query.minor >= _BAD_STATUS_REFUSED_SINCE:
                raise NovaError(400, "Invalid status value")
            return False
        if status.vm_states == {server_states.VM_DELETED}:
            if not self._caller.is_admin:
                raise NovaError(403, "Only administrators may list deleted instances")
            self._options["deleted"] = "true"
        self._options.pop("vm_state", None)
        if status.task_states is not None:
            self._options.pop("task_state", None)
        self._states = status.vm_states if status.task_states is None else status.task_states
        self._predicates.append(self._filters.by_states(status.vm_states, status.task_states))
        return True

    def _time(self, name: str) -> datetime | None:
        text = self._options.get(name)
        if text is None:
            return None
        try:
            return timestamps.parse(text)
        except ValueError:
            raise NovaError(400, f"Invalid filter field: {name}.") from None

    def _add_changes(self) -> None:
        since, before = self._time("changes-since"), self._time("changes-before")
        if since is not None and before is not None and before < since:
            problem = "The value of changes-since must be less than or equal to changes-before."
            raise NovaError(400, problem)
        if since is not None:
            self._predicates.append(lambda server: server.updated_at >= since)
        if before is not None:
            self._predicates.append(lambda server: server.updated_at <= before)

    def _add_deleted(self) -> bool:
        """Add the filter by deletion, and return whether deleted servers can match."""
        options = self._options
        if "deleted" not in options:
            has_changes = "changes-since" in options or "changes-before" in options
            return has_changes or self._add_soft_deleted(options)
        if not self._wants_deleted():
            return self._add_soft_deleted(options)
        has_soft_deleted = options.get("soft_deleted", "true") != ""
        soft_deleted = server_states.VM_SOFT_DELETED
        self._predicates.append(
            lambda server: server.is_deleted or (has_soft_deleted and server.vm_state == soft_deleted)
        )
        return True

    def _wants_deleted(self) -> bool:
        return self._options.get("deleted", "").strip().lower() in TRUE_WORDS

    def _skips_build_requests(self, marker: str) -> bool:
        """Return whether Nova looks only into its cells, whose errors make an empty list."""
        is_by_address = "ip" in self._options or "ip6" in self._options
        return self._wants_deleted() or (is_by_address and not marker)

    def _add_soft_deleted(self, options: Mapping[str, str]) -> bool:
        if not options.get("soft_deleted"):
            return False
        self._predicates.append(lambda server: not server.is_deleted)
        return True

    def _add_tags(self) -> None:
        lists = {name: value.split(",") for name, value in self._options.items()}
        if self._query.minor >= _TAGS_SINCE:
            self._predicates.extend(self._filters.by_tags(lists))
        elif not lists.keys().isdisjoint(list_schemas.TAG_PARAMETERS):  # an admin's on /v2
            self._predicates.append(lambda _: False)

    def _has_all_projects(self) -> bool:
        text = self._options.get("all_tenants")
        return parse_word(text) if text else text is not None

    def _project(self, has_all: bool) -> str | None:
        """Return the project whose servers are listed; None for all projects."""
        if has_all and not self._caller.is_admin:
            raise forbidden_error(f"servers:{self._rule}:get_all_tenants")
        if has_all:
            return None
        self._options.pop("tenant_id", None)
        self._options.pop("project_id", None)
        return self._caller.project_id or ""

    def _add_others(self) -> None:
        options = self._options
        flavor_id = options.get("flavor")
        if flavor_id is not None:
            self._predicates.append(self._filters.by_flavor(flavor_id))
        texts = [options[name] for name in ("ip", "ip6") if name in options]
        if texts:
            self._predicates.append(by_addresses(list(filter(None, texts))))
        self._predicates.extend(self._filters.by_columns(options))


def parse(context: Context, query: NovaQuery, lookups: Lookups, rule: str) -> ServerQuery:
    """Parse the query of a list.

    Args:
        context: the context of the request.
        query: the query, checked against its schema.
        lookups: what filters look up.
        rule: ``index`` or ``detail``, for the name of a policy.

    Raises:
        NovaError: 400 for an invalid filter, 403 for one that the caller may not use.
    """
    return _Parser(context, query, lookups, rule).parse()
