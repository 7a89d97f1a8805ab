"""Outcomes of operations: what a response can be, and the line of a test that makes it so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cached_property
from string import Template
from typing import Any, Final, NamedTuple

from fake_nova.cloud.faults import RESET, RESPONSE_LOST, Effect
from fake_nova.cloud.tokens import was_issued_here
from fake_nova.dialects import Dialect
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The maximum number of shown ids that a memory holds.
_MAX_SHOWN_IDS: Final = 10_000


class Memory:
    """What earlier responses of a cloud have shown, for outcomes that take several requests.

    Attributes:
        successes: the operations that have succeeded.
        shown_ids: ids that an operation has shown, as ``operation id``; the oldest are forgotten.
        page_states: operation -> the store's state at the time of its last page.
    """

    def __init__(self) -> None:
        self.successes: Final[set[str]] = set()
        self.shown_ids: Final[dict[str, None]] = {}
        self.page_states: Final[dict[str, object]] = {}

    def add(self, exchange: Exchange) -> None:
        """Remember an exchange, after its outcomes were looked for."""
        if not exchange.is_success:
            return
        self.successes.add(exchange.operation)
        self.page_states[exchange.operation] = exchange.store_state
        if exchange.item_key is not None:
            self.shown_ids[exchange.item_key] = None
        if len(self.shown_ids) > _MAX_SHOWN_IDS:
            del self.shown_ids[next(iter(self.shown_ids))]


class Exchange:
    """A request and its response, as outcomes see them.

    Args:
        context: the findings of the pipeline about the request.
        operation: the operation; of a request that an early check refused, the context has none.
        response: the response.
        memory: what earlier responses have shown.

    Attributes:
        status: the HTTP status; 0 if the client got no response.
        effect: the effect of the fault that the request triggered; one without any effect if it triggered
            none.
        is_success: whether the response is no error, and arrived whole.
    """

    def __init__(self, context: Context, operation: str, response: Response, memory: Memory) -> None:
        self._context: Final = context
        self.operation: Final = operation
        self.response: Final = response
        self.memory: Final = memory
        fault = context.trace.triggered_fault
        self.effect: Final = Effect() if fault is None else fault.fault.effect
        is_sent = response.connection_fault not in (RESET, RESPONSE_LOST)
        self.status: Final = response.status if is_sent else 0
        is_broken = response.connection_fault is not None or self.effect.body is not None
        self.is_success: Final = 200 <= self.status < 400 and not is_broken

    @cached_property
    def document(self) -> dict[str, Any]:
        """The body as a JSON object; empty if it is something else."""
        try:
            document = json.loads(self.response.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    @cached_property
    def objects(self) -> list[dict[str, Any]]:
        """The objects of a list, or the object that the response shows."""
        document = self.document
        if "id" in document:
            return [document]
        for key, value in document.items():
            if isinstance(value, list) and not key.endswith("links"):
                return value
        return [value for value in document.values() if isinstance(value, dict)]

    @cached_property
    def images(self) -> list[Image]:
        """The images in the response, as the cloud has them."""
        images = []
        for document in self.objects if self.is_success else ():
            try:
                images.append(self._context.cloud.images.get(str(document.get("id"))))
            except ImageNotFound:
                continue
        return images

    @property
    def store_state(self) -> object:
        """The present state of the cloud's images; another object after each change."""
        return self._context.cloud.images.state

    @property
    def item_key(self) -> str | None:
        """The operation with the id in the path; None if the path has none."""
        ids = [value for name, value in self._context.path_params.items() if name.endswith("_id")]
        return f"{self.operation} {' '.join(ids)}" if ids else None

    @property
    def is_later_page(self) -> bool:
        """Whether the request asks for a page after the first."""
        return bool(self._context.query_params.get("marker"))

    @property
    def has_next_page(self) -> bool:
        """Whether the response links to a next page."""
        links = (key == "next" or key.endswith("_links") for key in self.document)
        return any(links)

    @property
    def is_valid_token(self) -> bool:
        """Whether the token of the request was issued here, so it was valid once."""
        return was_issued_here(self._context.request.token or "")

    def is_foreign(self, image: Image) -> bool:
        """Return whether an image belongs to another project than the caller's."""
        return image.owner != self._context.caller.project_id

    def image_in_path(self) -> Image | None:
        """Return the image that the path names; None if there is none."""
        try:
            return self._context.cloud.images.get(self._context.path_params.get("image_id", ""))
        except ImageNotFound:
            return None


class Outcome(NamedTuple):
    """One way in which an operation can turn out.

    Attributes:
        name: a few words; unique for its operation.
        is_met: tells whether an exchange has this outcome.
        line: the line that makes a test meet it, with ``$operation``, ``$page_size`` and ``$more``, which is
            one more than the size of a page. A line that begins with ``@`` is a marker of the test.
        is_possible: tells whether it can happen in a dialect.
    """

    name: str
    is_met: Callable[[Exchange], bool]
    line: str
    is_possible: Callable[[Dialect], bool] = lambda _: True

    def line_for(self, operation: str, page_size: int) -> str:
        """Return the line for an operation, whose pages hold *page_size* items."""
        return Template(self.line).substitute(operation=operation, page_size=page_size, more=page_size + 1)


#: The line after which a plain request succeeds.
PLAIN_CLOUD: Final = '@pytest.mark.fake_nova(fixtures=["default"], auth_strategy="noauth")'


def success(name: str) -> Outcome:
    """Return the outcome that an operation succeeds."""
    return Outcome(name, lambda exchange: exchange.is_success, PLAIN_CLOUD)


def fault_line(arguments: str) -> str:
    """Return the line with a fault, whose effect and bounds are *arguments*."""
    return f'fake_nova.faults.add(operation="$operation", {arguments})'


def error(status: int, name: str) -> Outcome:
    """Return the outcome that an operation responds with an error."""
    return Outcome(name, lambda exchange: exchange.status == status, fault_line(f"status={status}, times=1"))


#: The words of errors about a quota.
_QUOTA: Final = re.compile(
    rb"(?i)quota exceeded|limit\b.*\bexceeded|maximum number of|limit has been|is full"
)


def quota(status: int, message: str) -> Outcome:
    """Return the outcome that a quota is exceeded.

    Args:
        status: the status of the service's error.
        message: its message, for the line.
    """
    return Outcome(
        f"{status}, a quota is exceeded",
        lambda exchange: exchange.status == status and bool(_QUOTA.search(exchange.response.body)),
        fault_line(f'status={status}, message="{message}", times=1'),
    )


def with_retry_after(status: int) -> Outcome:
    """Return the outcome that an error says when to try again."""
    return Outcome(
        f"{status} with Retry-After",
        lambda exchange: (
            exchange.status == status and any(name == "Retry-After" for name, _ in exchange.response.headers)
        ),
        fault_line(f"status={status}, retry_after=1, times=1"),
    )


def image_with(name: str, has: Callable[[Exchange, Image], bool], fields: str) -> Outcome:
    """Return the outcome that a response contains an image of some kind.

    Args:
        name: the name.
        has: tells whether an image is of that kind.
        fields: the fields that all images get for it, as keywords.
    """
    return Outcome(
        name,
        lambda exchange: any(has(exchange, image) for image in exchange.images),
        f"fake_nova.images.change_all({fields})",
    )


def image_status(status: ImageStatus) -> Outcome:
    """Return the outcome that a response contains an image with a status."""
    return image_with(f"a {status} image", lambda _, image: image.status is status, f'status="{status}"')


def server_status(status: str) -> Outcome:
    """Return the outcome that a response contains a server with a status."""
    return Outcome(
        f"a server in {status}",
        lambda exchange: (
            exchange.is_success and any(server.get("status") == status for server in exchange.objects)
        ),
        f'fake_nova.servers.change_all(status="{status}")',
    )


def conflict(name: str, words: bytes, fields: str) -> Outcome:
    """Return the outcome that Nova refuses to change a server because of what it is at the moment.

    Args:
        name: the reason.
        words: words of Nova's message.
        fields: the fields that all servers get for it, as keywords.
    """
    return Outcome(
        f"409, {name}",
        lambda exchange: exchange.status == 409 and words in exchange.response.body,
        f"fake_nova.servers.change_all({fields})",
    )


def later_page(more_items: str) -> Outcome:
    """Return the outcome that a list has several pages; *more_items* is the line that adds items."""
    return Outcome(
        "several pages",
        lambda exchange: exchange.is_success and exchange.is_later_page and bool(exchange.objects),
        more_items,
    )


def full_last_page(exact_items: str) -> Outcome:
    """Return the outcome that a list ends with a full page, so that the next one is empty.

    Args:
        exact_items: the line after which the list has as many items as a page.
    """
    return Outcome(
        "a full last page, then an empty one",
        lambda exchange: exchange.is_success and exchange.is_later_page and not exchange.objects,
        exact_items,
    )
