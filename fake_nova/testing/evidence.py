"""What a cloud remembers of a test that failed."""

from __future__ import annotations

from math import ceil
from typing import Final, NamedTuple

import yaml

from fake_nova.control import AdminError, Control, Document
from fake_nova.control.explanations import ExplainedImage, ExplainedServer, Explanation
from fake_nova.control.types import JournalEntry
from fake_nova.testing.request_lines import fold

#: The operations that list images.
LIST_OPERATIONS: Final = ("images.list", "images.detail", "glance.images.list")

#: The operations that list servers.
SERVER_LIST_OPERATIONS: Final = ("servers.list", "servers.detail")

#: The number of identical requests in a row that is a wait loop.
LOOP_LENGTH: Final = 3


class Finding(NamedTuple):
    """One thing that stands out.

    Attributes:
        number: the number of the request that it is about; 0 if there is none.
        fact: what happened, in one line.
        next_step: what to do: an option, a call or a command.
        details: more lines about the fact.
    """

    number: int
    fact: str
    next_step: str
    details: tuple[str, ...] = ()


def round_up(seconds: float) -> str:
    """Return seconds with one decimal, rounded up, so that advancing the clock by them is enough."""
    return f"{ceil(max(0.0, seconds) * 10) / 10:g}"


class Evidence:
    """What a cloud remembers of a test.

    Args:
        nova: the cloud.
        expects_requests: whether to report it if no client sent a request.

    Attributes:
        nova: the cloud.
        expects_requests: whether to report it if no client sent a request.
        requests: the journal.
        repetitions: the journal with identical requests folded.
        faults: the faults by id.
        export: the cloud as a fixture file.
        state: the content of that file.
    """

    def __init__(self, nova: Control, *, expects_requests: bool = True) -> None:
        self.nova: Final = nova
        self.expects_requests: Final = expects_requests
        self.requests: Final = nova.requests.all()
        self.repetitions: Final = tuple(fold(self.requests))
        self.faults: Final = {fault["id"]: fault for fault in nova.faults.all()}
        self.export: Final = nova.export()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.state: Final[Document] = yaml.load(self.export, Loader=loader)  # noqa: S506  # a safe loader, in C where there is one

    @property
    def clock_mode(self) -> str:
        """The mode of the clock."""
        return str(self.state["clock"]["mode"])

    def image(self, image_id: str) -> Document | None:
        """Return an image with its ``plan`` if it follows one; None if the cloud has no such image."""
        return next((image for image in self.state["images"] if image["id"] == image_id), None)

    def explain(self, request: JournalEntry) -> list[ExplainedImage] | None:
        """Return for each image why it is not in the list of a request; None if that list is an error."""
        return self._explanation(request).get("images")

    def explain_servers(self, request: JournalEntry) -> list[ExplainedServer] | None:
        """Return for each server why it is not in the list of a request; None if that list is an error."""
        return self._explanation(request).get("servers")

    def _explanation(self, request: JournalEntry) -> Explanation:
        path = f"{request['path']}?{request['query']}"
        try:
            return self.nova.explain(path)
        except AdminError:  # such as a query that is too long
            return {"path": path, "status": 0, "hint": None}

    def servers(self) -> list[Document]:
        """Return the servers; one with unfinished work has its ``plan``."""
        return list(self.state.get("servers", []))

    def followers(self) -> list[Document]:
        """Return the images that follow a plan."""
        return [image for image in self.state["images"] if "plan" in image]
