"""Coverage: which outcomes of the operations of a cloud its clients have met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.cloud import Cloud
from fake_nova.dialects import Dialect
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

if TYPE_CHECKING:
    from fake_nova.apis.admin.outcomes import Outcome

#: Service -> the number of items in a page without a limit.
_PAGE_SIZES: Final[Mapping[str, int]] = {"image": 25}
_PAGE_SIZE: Final = 1000


class Coverage:
    """Counts which outcomes the responses of a cloud have; it outlives the cloud's resets.

    Args:
        dialect: the dialect of the cloud; outcomes that are not possible in it are not counted.
    """

    def __init__(self, dialect: Dialect) -> None:
        outcomes = import_module("fake_nova.apis.admin.outcomes")
        tables = import_module("fake_nova.apis.admin.outcome_tables")
        self._new_exchange: Final = outcomes.Exchange
        self._memory: Final = outcomes.Memory()
        self._outcomes: Final[Mapping[str, tuple[Outcome, ...]]] = {
            operation: tuple(outcome for outcome in row if outcome.is_possible(dialect))
            for operation, row in tables.OUTCOMES.items()
        }
        self._lock: Final = Lock()
        self._counts: Final[dict[str, Counter[str]]] = {}
        self._request_counts: Final[Counter[str]] = Counter()
        self._page_sizes: Final[dict[str, int]] = {}

    def record(self, context: Context, response: Response) -> None:
        """Count the outcomes of one response."""
        operation = _operation_of(context)
        outcomes = self._outcomes.get(operation)
        if outcomes is None:
            return
        with self._lock:
            exchange = self._new_exchange(context, operation, response, self._memory)
            self._request_counts[operation] += 1
            self._page_sizes[operation] = _page_size(context)
            names = (outcome.name for outcome in outcomes if outcome.is_met(exchange))
            self._counts.setdefault(operation, Counter()).update(names)
            self._memory.add(exchange)

    def report(self) -> dict[str, Any]:
        """Return the outcomes of each operation that was called, and the names of the others."""
        with self._lock:
            operations = {
                operation: {
                    "requests": self._request_counts[operation],
                    "outcomes": [
                        {
                            "outcome": outcome.name,
                            "count": self._counts[operation][outcome.name],
                            "line": outcome.line_for(operation, self._page_sizes[operation]),
                        }
                        for outcome in self._outcomes[operation]
                    ],
                }
                for operation in sorted(self._request_counts)
            }
        return {"operations": operations, "never_called": sorted(set(self._outcomes) - set(operations))}


def _operation_of(context: Context) -> str:
    """Return the operation of a request, also of one that an early check refused; "" if it has none."""
    route = context.route
    if route is None:
        route = context.router.match(context.request.method, context.request.path).route
    return "" if route is None else route.operation


def _page_size(context: Context) -> int:
    """Return the number of items in a page of the requested list."""
    default = _PAGE_SIZES.get(context.service.name, _PAGE_SIZE)
    limit = context.query_params.get("limit", [""])[-1]
    is_limit = limit.isascii() and limit.isdecimal() and limit.strip("0") != ""
    return min(int(limit), _PAGE_SIZE) if is_limit and len(limit) < 10 else default


def _coverage_of(cloud: Cloud) -> Coverage:
    """Return the coverage of a cloud.

    Raises:
        Refusal: 409 if it is not counted.
    """
    if not isinstance(cloud.coverage, Coverage):
        raise Refusal(409, "coverage: not counted; expected PUT /_admin/coverage before the requests")
    return cloud.coverage


def show(context: Context) -> Response:
    """Show which outcomes of each operation were met, and the line that meets each of the others."""
    return json_response(_coverage_of(context.cloud).report())


def start(context: Context) -> Response:
    """Start to count, from zero."""
    context.cloud.coverage = coverage = Coverage(context.cloud.dialect)
    return json_response(coverage.report())


def stop(context: Context) -> Response:
    """Stop counting, and drop the counts."""
    context.cloud.coverage = None
    return Response(204)
