"""The health check of oslo.middleware 8.2, which Glance and Keystone have (measured)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from fake_nova.wire.request import MAX_ACCEPT_CHARS, Request
from fake_nova.wire.response import JSON_HEADERS, Headers, Response

_TEXT: Final = "text/plain"
_HTML: Final = "text/html"
_JSON: Final = "application/json"

#: The media types in the order in which the middleware prefers them.
_MEDIA_TYPES: Final = (_TEXT, _HTML, _JSON)

_HTML_PAGE: Final = """<HTML>
<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>
<BODY>

<H2>Result of {count} checks:</H2>
<TABLE bgcolor="#ffffff" border="1">
<TBODY>
<TR>

<TH>
Reason
</TH>
</TR>
{rows}
</TBODY>
</TABLE>
<HR></HR>

</BODY>
</HTML>"""


def health_response(request: Request, reasons: Sequence[str]) -> Response:
    """Respond that a service is healthy: 204 to HEAD, 200 to any other method.

    Args:
        request: the request, whose Accept selects plain text, HTML or JSON.
        reasons: the results of the service's checks.
    """
    if request.method == "HEAD":
        return Response(204)
    media_type = _accepted_media_type(request)
    if media_type == _JSON:
        document = {"detailed": False, "reasons": list(reasons)}
        return Response(200, JSON_HEADERS, json.dumps(document, indent=4).encode())
    text = "\n".join(reasons)
    if media_type == _HTML:
        rows = "".join(f"<TR>\n\n    <TD>{reason}</TD>\n\n</TR>" for reason in reasons)
        text = _HTML_PAGE.format(count=len(reasons), rows=rows)
    headers: Headers = (("Content-Type", f"{media_type}; charset=UTF-8"),)
    return Response(200, headers, text.encode())


def _accepted_media_type(request: Request) -> str:
    """Return the media type that the client accepts, plain text by default."""
    accept = request.header("Accept")
    if not accept or len(accept) > MAX_ACCEPT_CHARS:
        return _TEXT
    from fake_nova.wire.error_pages import best_media_type  # noqa: PLC0415  # importing WebOb takes 50 ms

    return best_media_type(accept, _MEDIA_TYPES) or _TEXT
