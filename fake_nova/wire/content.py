"""The media type of a successful answer."""

from __future__ import annotations

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
    if call.path.endswith(".json"):
        return ("Content-Type", OFFERS[0])
    return ("Content-Type", accept.best_of_nova(call.header("Accept") or "", (*OFFERS, *more)) or OFFERS[0])
