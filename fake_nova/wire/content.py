"""The media type of a successful answer."""

from __future__ import annotations

import re
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from fake_nova.wire.call import Call

#: What Nova can send, the default first; anything else that is accepted gets JSON (Nova 34.0.0, measured).
OFFERS = ("application/json", "application/vnd.openstack.compute+json")

#: A parameter of an accepted media type other than its weight; it does not count.
_PARAMETER = re.compile(r";\s*(?!q\s*=)[^;,]*")


def content_type(call: Call) -> tuple[str, str]:
    """Return the Content-Type header of an answer to *call*."""
    return ("Content-Type", _best(call.header("Accept") or ""))


@lru_cache(maxsize=1024)
def _best(accept: str) -> str:
    return parse_accept_header(_PARAMETER.sub("", accept), MIMEAccept).best_match(OFFERS, OFFERS[0])
