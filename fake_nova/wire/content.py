"""The media type of a successful answer."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from fake_nova.wire import accept
from fake_nova.wire.call import Call

#: What Nova can send, the default first; anything else that is accepted gets JSON (Nova 34.0.0, measured).
OFFERS: Final = ("application/json", "application/vnd.openstack.compute+json")


def content_type(call: Call, *more: str) -> tuple[str, str]:
    """Return the Content-Type header of an answer to *call*.

    A path that ends in ``.json`` has chosen JSON (Nova 34.0.0's nova.api.openstack.urlmap).

    Args:
        call: the request.
        more: what else may be asked for; the body is JSON all the same.
    """
    accepted = call.environ.get("HTTP_ACCEPT") or ""
    choose = _remembered if len(accepted) <= accept.LONGEST_REMEMBERED else _content_type
    return choose(accepted, call.path[-5:] == ".json", more)


def _content_type(accepted: str, is_json: bool, more: tuple[str, ...]) -> tuple[str, str]:
    best = None if is_json else accept.best_of_nova(accepted, (*OFFERS, *more))
    return ("Content-Type", best or OFFERS[0])


_remembered: Final = lru_cache(maxsize=512)(_content_type)
