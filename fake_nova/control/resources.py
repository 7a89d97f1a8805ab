"""The parts of a cloud under test: images, clock, plans, faults, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fake_nova.control.transport import AdminClient, AdminError, Document, quote_segment


class _Resource:
    """A part of a cloud that the admin API has under one path."""

    def __init__(self, asker: AdminClient) -> None:
        self._asker: Final = asker


class Images(_Resource):
    """The images of the cloud, as documents in Glance's words, the same as in fixture files."""

    def add(self, **fields: Any) -> Document:
        """Add one image; what is left out has the same defaults as in fixtures. Return it as stored.

        ``plan="slow"`` lets it go by a plan.
        """
        return self._request("POST", "", fields)

    def add_all(self, images: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Add several images, all or none, and return them as stored."""
        return self._request_list("POST", "", {"images": list(images)})

    def generate(self, count: int, seed: int = 0, **template: Any) -> list[Document]:
        """Add *count* images made up by Faker; the same *seed* gives the same ones."""
        return self._request_list("POST", "/generate", {"count": count, "seed": seed, "template": template})

    def all(self) -> list[Document]:
        """Return every image as stored, deleted ones too, newest first."""
        return self._request_list("GET", "")

    def get(self, image_id: str) -> Document:
        """Return one image as stored."""
        return self._request("GET", f"/{quote_segment(image_id)}")

    def change(self, image_id: str, **fields: Any) -> Document:
        """Change fields of an image; ``updated_at`` is now unless given. Return it as stored."""
        return self._request("PATCH", f"/{quote_segment(image_id)}", fields)

    def set_status(self, image_id: str, status: str) -> Document:
        """Set an image's status in Glance's words, any to any. Return it as stored."""
        return self._request("PUT", f"/{quote_segment(image_id)}/status", {"status": status})

    def begin(self, image_id: str, plan: str) -> Document:
        """Let an image go by a plan, from its first step. Return it as stored."""
        return self._request("PUT", f"/{quote_segment(image_id)}/plan", {"plan": plan})

    def history(self, image_id: str) -> list[Document]:
        """Return each version of an image: ``image``, ``at`` and ``by`` which call or plan it came about."""
        return list(self._request("GET", f"/{quote_segment(image_id)}/history")["versions"])

    def forget(self, image_id: str) -> None:
        """Drop every trace of an image."""
        self._request("DELETE", f"/{quote_segment(image_id)}")

    def _request(self, method: str, path: str, body: object = None) -> Document:
        return self._asker.request_json(method, f"/images{path}", body)

    def _request_list(self, method: str, path: str, body: object = None) -> list[Document]:
        return list(self._request(method, path, body)["images"])


class Clock(_Resource):
    """The cloud's clock."""

    def now(self) -> datetime:
        """Return what it shows."""
        return datetime.fromisoformat(self._asker.request_json("GET", "/clock")["now"])

    def mode(self) -> str:
        """Return how it goes: ``real``, ``frozen`` or ``auto``."""
        return str(self._asker.request_json("GET", "/clock")["mode"])

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop it, at a time or where it is."""
        self._set(mode="frozen", now=at)

    def advance(self, seconds: float) -> None:
        """Move it ahead by seconds, however it goes."""
        self._set(advance=seconds)

    def auto(self) -> None:
        """Let looking at an image that is under way move it to the end of the image's present step."""
        self._set(mode="auto")

    def real(self) -> None:
        """Go back to the machine's own time."""
        self._set(mode="real")

    def _set(self, **fields: Any) -> None:
        self._asker.request_json(
            "PUT", "/clock", {name: value for name, value in fields.items() if value is not None}
        )


class Plans(_Resource):
    """What images go by from status to status."""

    def all(self) -> Document:
        """Return the ``plans``, the ``default``, and what is ``assign``-ed by match."""
        return self._asker.request_json("GET", "/plans")

    def define(self, name: str, steps: Sequence[Mapping[str, Any]]) -> None:
        """Make a plan: steps with a ``status``, and ``seconds`` or ``looks`` that end each but the last."""
        self._asker.request_json("PUT", f"/plans/{quote_segment(name)}", {"steps": list(steps)})

    def use(self, default: str | None) -> None:
        """Let new images go by a plan, or by none, unless they name another or a status."""
        self._asker.request_json("PUT", "/plans", {"default": default})

    def assign(self, plan: str, **match: Any) -> None:
        """Let new images that *match* (fields of an image; texts with ``*`` and ``?``) go by a plan."""
        assignments = self.all()["assign"]
        self._asker.request_json("PUT", "/plans", {"assign": [{"match": match, "plan": plan}, *assignments]})


#: What a fault matches by; its other words are bounds, or say what it does.
_MATCH_KEYS: Final = (
    *("operation", "method", "path", "project", "header", "query"),
    *("nth", "probability", "seed"),
)
_BOUND_KEYS: Final = ("times", "seconds", "owner")


class Faults(_Resource):
    """Failures that clients meet."""

    def add(self, **options: Any) -> Document:
        """Put a fault in force, and return it with its id.

        Args:
            options: which requests it is for (``operation``, ``method``, ``path``, ``project``, ``header``,
                ``query``, ``nth``, ``probability``, ``seed``), what it does (``status`` with ``message`` and
                ``retry_after``, ``token``, ``connection``, ``body``, ``stale``; ``delay``), and its bounds
                (``times``, ``seconds``, ``owner``); as README's tables say.
        """
        body = {
            "match": {name: value for name, value in options.items() if name in _MATCH_KEYS},
            "effect": {
                name: value for name, value in options.items() if name not in (*_MATCH_KEYS, *_BOUND_KEYS)
            },
            **{name: value for name, value in options.items() if name in _BOUND_KEYS},
        }
        return self._asker.request_json("POST", "/faults", body)

    def all(self) -> list[Document]:
        """Return every fault, those that are over too, with how many requests it ``matched`` and ``met``."""
        return list(self._asker.request_json("GET", "/faults")["faults"])

    def remove(self, fault_id: str) -> None:
        """Take one away."""
        self._asker.request_json("DELETE", f"/faults/{quote_segment(fault_id)}")

    def clear(self, owner: str | None = None) -> None:
        """Take all away, or all of one owner."""
        self._asker.request_json("DELETE", "/faults", owner=owner)


class Requests(_Resource):
    """What clients asked.

    A match is by ``operation``, ``method``, ``path``, ``query``, ``project``, ``status``, ``body``,
    ``user_agent`` and ``global_request_id``, with ``*`` and ``?`` for what may be anything.
    """

    def all(self, **match: Any) -> list[Document]:
        """Return the requests that match, oldest first."""
        return list(self._asker.request_json("GET", "/requests", **match)["requests"])

    def count(self, **match: Any) -> int:
        """Return how many requests match."""
        return int(self._asker.request_json("GET", "/requests/count", **match)["count"])

    def expect(self, number: int, **match: Any) -> None:
        """Check that just so many requests match.

        Raises:
            AssertionError: others do; it says which came nearest, and in what they differ.
        """
        result = self._asker.request_json("GET", "/requests/count", expect=number, **match)
        if result["met"]:
            return
        criteria = " ".join(f"{name}={value}" for name, value in match.items()) or "any request"
        lines = [f"requests: wrong count for {criteria} (got {result['count']}); expected {number}"]
        for candidate in result["nearest"]:
            request = candidate["request"]
            differences = ", ".join(
                f"{name} is {actual!r}" for name, (_, actual) in candidate["differs"].items()
            )
            lines.append(
                f"  near: {request['method']} {_path_and_query(request)} -> {request['status']}: "
                f"{differences}"
            )
        raise AssertionError("\n".join(lines))

    def wait(self, timeout: float = 5, **match: Any) -> Document:
        """Return the first request that matches, as soon as it was answered.

        Args:
            timeout: seconds, up to 60.
            match: what it has to be.

        Raises:
            TimeoutError: none was in time.
        """
        try:
            return dict(
                self._asker.request_json("GET", "/requests/wait", timeout=timeout, **match)["request"]
            )
        except AdminError as error:
            if error.status != 408:
                raise
            raise TimeoutError(error.message) from error

    def clear(self) -> None:
        """Forget what was asked."""
        self._asker.request_json("DELETE", "/requests")


def _path_and_query(request: Document) -> str:
    return f"{request['path']}?{request['query']}" if request["query"] else str(request["path"])
