"""The context of a request, which checks and views get, and the record of the exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import InstalledFault
from fake_nova.cloud.journal import Entry, HintCode
from fake_nova.cloud.tokens import Token
from fake_nova.images.model import Caller, Image
from fake_nova.images.spelling import TextPair
from fake_nova.images.status import ImageStatus
from fake_nova.wire import query_string
from fake_nova.wire.request import Request
from fake_nova.wire.service import Route, RouteMatch, Service

#: What can decide on a response: the view, a check before it, or a fault in place of both.
VIEW: Final = "view"
CHECK: Final = "check"
FAULT: Final = "fault"

#: A caller without a project and without roles.
ANONYMOUS: Final = Caller(None, frozenset())


class Microversion(NamedTuple):
    """A version such as 2.35."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class RouteFinder(Protocol):
    """The part of the router that a context needs."""

    @property
    def operations(self) -> frozenset[str]:
        """The short names of all routes that faults can match."""

    def services(self) -> list[Service[Context]]:
        """Return all services, each once."""

    def routes_of(self, service: Service[Context]) -> list[Route[Context]]:
        """Return the routes of *service*."""

    def match(self, method: str, path: str) -> RouteMatch[Context]:
        """Return the service and the route for *method* and *path*."""


@dataclass(slots=True, eq=False)
class Trace:
    """The record of one exchange: what the journal, the logs and the hint show of it.

    Attributes:
        journal_entry: the entry in the journal; None before it is recorded, and without a journal.
        triggered_fault: the fault that the request triggered, or None.
        image_count: the number of images or servers in the response; None if the route shows none.
        decided_by: what decided on the response: `VIEW`, `CHECK` or `FAULT`. The view also means no route.
        reason: an explanation for the hint; "" if the response is enough.
        strict_violation: the reason why the request fails a strict test, or None.
        hint: the hint in the header of the response, or None.
        hint_code: the code of the hint, or None if it has no code.
        json_body: the parsed JSON body that the journal shows, or None.
    """

    journal_entry: Entry | None = None
    triggered_fault: InstalledFault | None = None
    image_count: int | None = None
    decided_by: str = VIEW
    reason: str = ""
    strict_violation: str | None = None
    hint: str | None = None
    hint_code: HintCode | None = None
    json_body: Any = None


@dataclass(slots=True, eq=False)
class Context:
    """The findings of the pipeline about a request. Only the pipeline and its checks set them.

    Views read them. They add only to the trace.

    Attributes:
        emulator: the emulator with all clouds.
        request: the request as it came over the wire.
        service: the service of the path.
        router: the router, to find the routes of other methods and paths.
        cloud: the generation of the cloud in which the request works from start to end.
        token: the token of the request if it is valid in any cloud of the emulator, or None.
        caller: the project and the roles of the caller.
        is_dry_run: whether the request must leave no trace.
        route: the route, or None; also None while the service's `early_checks` run.
        path_params: name in braces -> segment, as bytes in Latin-1; for the admin API as text, after the
            check `wire.checks.decode_path_params`.
        project_in_url: the project id in the path, or "".
        microversion: the requested version; None before it is read.
        json_body: the parsed JSON body; None before it is read.
        sensitive_body: the parsed JSON body if it may contain secrets. The journal does not show it.
        trace: the record of the exchange.
    """

    emulator: Emulator
    request: Request
    service: Service[Context]
    router: RouteFinder
    cloud: Cloud
    path_params: Mapping[str, str]
    token: Token | None = None
    caller: Caller = ANONYMOUS
    is_dry_run: bool = False
    route: Route[Context] | None = None
    project_in_url: str = ""
    microversion: Microversion | None = None
    json_body: Any = None
    sensitive_body: dict[str, Any] | None = None
    trace: Trace = field(default_factory=Trace)

    @property
    def operation(self) -> str:
        """The short name of the route, or "" if none matched."""
        return self.route.operation if self.route is not None else ""

    @property
    def query_params(self) -> dict[str, list[str]]:
        """The parameters of the query as the service splits it, each with its values in order."""
        return query_string.parse_leniently(self.request.query_string, self.service.splits_query_at_semicolon)

    @property
    def project(self) -> str:
        """The project of the URL, or of the token, or, under noauth, the first one of the directory."""
        project = self.project_in_url or self.caller.project_id
        if project or self.cloud.settings.auth_strategy != "noauth":
            return project or ""
        return self.cloud.directory.first_project.id

    def explain_spelling(self, image_id: str) -> None:
        """Explain that the path names an image in another spelling than its id's, if it does."""
        segment = self.path_params["image_id"]
        if segment != image_id:
            self.trace.reason = f"{TextPair('id', image_id, segment)}."

    def record_polls(self, images: Sequence[Image]) -> None:
        """Count a poll of each of *images*, and record their number."""
        self.trace.image_count = len(images)
        if not self.is_dry_run:
            self.cloud.lifecycle.record_polls(images)

    def record_shown_image(self, image: Image, words: Mapping[ImageStatus, str] | None = None) -> None:
        """Count a poll of the only image in the response, and record its status.

        Args:
            image: the image, which may follow a plan.
            words: the API's words for statuses; None for Glance's own.
        """
        trace = self.trace
        trace.image_count = 1
        if (entry := trace.journal_entry) is not None:
            entry.shown_status = image.status
            entry.status_words = words
        if not self.is_dry_run:
            self.cloud.lifecycle.record_polls((image,))
