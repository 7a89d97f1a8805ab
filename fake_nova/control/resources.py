"""The parts of a cloud that the admin API controls: images, clock, plans, faults and requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Unpack, cast

from fake_nova.control.transport import AdminClient, AdminError, Document, quote_segment
from fake_nova.control.types import (
    ClockMode,
    FaultFields,
    ImageFields,
    ImageMatch,
    ImageStatus,
    ImageTemplate,
    JournalEntry,
    NewImage,
    PlanStep,
    RequestMatch,
    StoredFault,
    StoredImage,
    StoredPlans,
)
from fake_nova.support.messages import quote_python

#: pytest shows the line of the caller instead of lines of this module.
__tracebackhide__ = True


class Resource:
    """A part of a cloud, under one path of the admin API."""

    def __init__(self, admin: AdminClient) -> None:
        self._admin: Final = admin


class Images(Resource):
    """The images of a cloud, as documents with Glance's own names, as in fixture files.

    Each *image_id* is the id of an image, or its name if that has no slash. If several images have the name,
    the error lists their ids; deleted images count only if no other has the name.
    """

    def add(self, **fields: Unpack[NewImage]) -> StoredImage:
        """Add one image, and return it as stored.

        Args:
            fields: the image's fields; defaults are those of fixture files. ``plan="slow"`` starts a plan.
        """
        return self._request("POST", "", fields)

    def add_all(self, images: Sequence[NewImage | StoredImage]) -> list[StoredImage]:
        """Add several images, all or none, and return them as stored."""
        return self._request_list("POST", "", {"images": list(images)})

    def generate(self, count: int, seed: int = 0, **template: Unpack[ImageTemplate]) -> list[StoredImage]:
        """Add images that Faker generates, and return them as stored.

        Args:
            count: the number of images.
            seed: the seed of the random values; the same seed gives the same images.
            template: fields that all images share.
        """
        return self._request_list("POST", "/generate", {"count": count, "seed": seed, "template": template})

    def all(self) -> list[StoredImage]:
        """Return all images as stored, including deleted ones, newest first."""
        return self._request_list("GET", "")

    def get(self, image_id: str) -> StoredImage:
        """Return one image as stored."""
        return self._request("GET", f"/{quote_segment(image_id)}")

    def change(self, image_id: str, **fields: Unpack[ImageFields]) -> StoredImage:
        """Change fields of an image, and return it as stored; ``updated_at`` is now by default."""
        return self._request("PATCH", f"/{quote_segment(image_id)}", fields)

    def change_all(self, **fields: Unpack[ImageFields]) -> list[StoredImage]:
        """Change fields of every image that is not deleted, and return these images as stored."""
        images = [image for image in self.all() if image["status"] != "deleted"]
        return [self.change(image["id"], **fields) for image in images]

    def set_status(self, image_id: str, status: ImageStatus) -> StoredImage:
        """Set an image's status to any of Glance's statuses, and return the image as stored."""
        return self._request("PUT", f"/{quote_segment(image_id)}/status", {"status": status})

    def begin(self, image_id: str, plan: str) -> StoredImage:
        """Start a plan for an image at the first step, and return the image as stored."""
        return self._request("PUT", f"/{quote_segment(image_id)}/plan", {"plan": plan})

    def history(self, image_id: str) -> list[Document]:
        """Return the versions of an image, oldest first.

        Each has ``image`` (None after `forget`), ``at`` (its time) and ``by`` (its request or plan).
        """
        return list(self._admin.request_json("GET", f"/images/{quote_segment(image_id)}/history")["versions"])

    def forget(self, image_id: str) -> None:
        """Remove an image completely; a client's DELETE keeps it with the status ``deleted``."""
        self._admin.request_json("DELETE", f"/images/{quote_segment(image_id)}")

    def _request(self, method: str, path: str, body: object = None) -> StoredImage:
        return cast(StoredImage, self._admin.request_json(method, f"/images{path}", body))

    def _request_list(self, method: str, path: str, body: object = None) -> list[StoredImage]:
        return list(self._admin.request_json(method, f"/images{path}", body)["images"])


class Clock(Resource):
    """The clock of a cloud."""

    def now(self) -> datetime:
        """Return the current time."""
        return datetime.fromisoformat(self._admin.request_json("GET", "/clock")["now"])

    def mode(self) -> ClockMode:
        """Return the mode: ``real``, ``frozen`` or ``auto``."""
        mode: ClockMode = self._admin.request_json("GET", "/clock")["mode"]
        return mode

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop the clock.

        Args:
            at: the time at which it stops, as an aware datetime or ISO 8601 text; None for the current time.
        """
        self._set(mode="frozen", now=at)

    def advance(self, seconds: float) -> None:
        """Move the clock ahead by *seconds*, in any mode."""
        self._set(advance=seconds)

    def auto(self) -> None:
        """Let each poll of an image move the clock to the end of the image's current step."""
        self._set(mode="auto")

    def real(self) -> None:
        """Return to the machine's time."""
        self._set(mode="real")

    def _set(self, **fields: object) -> None:
        body = {name: value for name, value in fields.items() if value is not None}
        self._admin.request_json("PUT", "/clock", body)


class Plans(Resource):
    """The plans of a cloud, and their assignment to new images and to servers."""

    def all(self) -> StoredPlans:
        """Return the ``plans`` by name, those of images (``default``, ``assign``) and of ``servers``."""
        return cast(StoredPlans, self._admin.request_json("GET", "/plans"))

    def define(self, name: str, steps: Sequence[PlanStep]) -> None:
        """Define a plan.

        Args:
            name: the plan's name; an existing plan of that name is replaced.
            steps: mappings of ``status``, and of ``seconds`` or ``looks`` (polls) in each but the last.
        """
        self._admin.request_json("PUT", f"/plans/{quote_segment(name)}", {"steps": list(steps)})

    def use(self, default: str | None) -> None:
        """Set the default plan of new images; None for no plan.

        Images that are added with a plan or a status of their own ignore it.
        """
        self._admin.request_json("PUT", "/plans", {"default": default})

    def use_for_servers(self, plan: str | None) -> None:
        """Set the plan of the work on servers; None for the default plan, and ``slow`` if there is none."""
        self._admin.request_json("PUT", "/plans", {"servers": plan})

    def assign(self, plan: str, **match: Unpack[ImageMatch]) -> None:
        """Start a plan for each new image that matches; this assignment precedes earlier ones.

        Args:
            plan: the name of the plan.
            match: fields that the image must have; texts may contain the wildcards ``*`` and ``?``.
        """
        assignments = self.all()["assign"]
        self._admin.request_json("PUT", "/plans", {"assign": [{"match": match, "plan": plan}, *assignments]})


#: Options of a fault that belong to its match, and those of the fault itself. Others belong to its effect.
_MATCH_OPTIONS: Final = (
    "operation",
    "method",
    "path",
    "project",
    "header",
    "query",
    "nth",
    "probability",
    "seed",
)
_FAULT_OPTIONS: Final = ("times", "seconds", "owner")


class Faults(Resource):
    """The faults of a cloud."""

    def add(self, **options: Unpack[FaultFields]) -> StoredFault:
        """Add a fault, and return it with its id.

        Args:
            options: the fields of a fault.
                Match: ``operation``, ``method``, ``path``, ``project``, ``header``, ``query``, ``nth``,
                ``probability``, ``seed``.
                Effect: one of ``status`` (with ``message`` and ``retry_after``), ``token``, ``connection``,
                ``body``, ``stale`` (with ``since``) and ``stall``; and ``delay``.
                Bounds: ``times`` and ``seconds``; ``owner`` is a label for `clear`.
        """
        match = {name: value for name, value in options.items() if name in _MATCH_OPTIONS}
        fault = {name: value for name, value in options.items() if name in _FAULT_OPTIONS}
        effect = {name: value for name, value in options.items() if name not in {**match, **fault}}
        document = {"match": match, "effect": effect, **fault}
        return cast(StoredFault, self._admin.request_json("POST", "/faults", document))

    def all(self) -> list[StoredFault]:
        """Return all faults, including finished ones.

        In each, ``met`` is the number of requests that it affected, and ``matched`` of those that it matched,
        without requests that an earlier fault affected.
        """
        return list(self._admin.request_json("GET", "/faults")["faults"])

    def remove(self, fault_id: str) -> None:
        """Remove one fault."""
        self._admin.request_json("DELETE", f"/faults/{quote_segment(fault_id)}")

    def clear(self, owner: str | None = None) -> None:
        """Remove all faults, or those of *owner*."""
        self._admin.request_json("DELETE", "/faults", owner=owner)


class Requests(Resource):
    """The journal of a cloud: the requests of its clients.

    A request matches if it fits every keyword: ``operation``, ``method``, ``path``, ``query``, ``project``,
    ``status``, ``body``, ``user_agent`` and ``global_request_id``, with the wildcards ``*`` and ``?``.

    A request counts from its arrival. Until its response, its ``status`` and ``milliseconds`` are None, and
    ``status=""`` matches it.
    """

    def all(self, **match: Unpack[RequestMatch]) -> list[JournalEntry]:
        """Return the matching requests, oldest first."""
        return list(self._admin.request_json("GET", "/requests", **match)["requests"])

    def count(self, **match: Unpack[RequestMatch]) -> int:
        """Return the number of matching requests."""
        return int(self._admin.request_json("GET", "/requests/count", **match)["count"])

    def expect(self, number: int, **match: Unpack[RequestMatch]) -> None:
        """Check that exactly *number* requests match.

        Raises:
            AssertionError: if another number matches; it lists the most similar requests.
        """
        result = self._admin.request_json("GET", "/requests/count", expect=number, **match)
        if result["met"]:
            return
        criteria = " ".join(f"{name}={value}" for name, value in match.items()) or "any request"
        problem = f"requests: wrong count for {criteria} (got {result['count']}); expected {number}"
        raise AssertionError("\n".join([problem, *map(_describe_near_miss, result["nearest"])]))

    def wait(self, timeout: float = 5, **match: Unpack[RequestMatch]) -> JournalEntry:
        """Return the first matching request, as soon as it has a response.

        Args:
            timeout: seconds to wait, up to 60.
            match: the keywords of the match.

        Raises:
            TimeoutError: if no request matches in time.
        """
        try:
            body = self._admin.request_json("GET", "/requests/wait", timeout=timeout, **match)
        except AdminError as error:
            if error.status != 408:
                raise
            raise TimeoutError(error.message) from None
        return cast(JournalEntry, body["request"])

    def clear(self) -> None:
        """Delete the journal's entries."""
        self._admin.request_json("DELETE", "/requests")

    def before_clear(self, action: Callable[[], object]) -> None:
        """Call *action* before this control empties the journal, by `clear`, a reset or a reload."""
        self._admin.before_clear = action


def _describe_near_miss(candidate: Document) -> str:
    """Return the line about a request that almost matches: the request, its status and the differences."""
    request = candidate["request"]
    target = f"{request['path']}?{request['query']}" if request["query"] else request["path"]
    status = "no response yet" if request["status"] is None else request["status"]
    differences = [f"{name} is {quote_python(actual)}" for name, (_, actual) in candidate["differs"].items()]
    return f"  near: {request['method']} {target} -> {status}: {', '.join(differences)}"
