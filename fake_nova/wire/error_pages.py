"""Error pages of the services and their middleware, by the library that writes them there (WebOb 1.8).

Importing it takes 50 ms, so `bodies.error_page` imports this module when the first page is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from warnings import catch_warnings, filterwarnings

from fake_nova.wire.negotiation import MAX_ACCEPT_CHARS
from fake_nova.wire.response import Response

with catch_warnings():  # Python 3.11 and 3.12 deprecate the module cgi, which WebOb imports
    filterwarnings("ignore", "'cgi' is deprecated", DeprecationWarning)
    from webob import Request, exc

#: What WebOb reads of a request: Accept chooses the kind of page, and a message may name each of them.
_KEYS: Final = ("REQUEST_METHOD", "CONTENT_TYPE", "HTTP_ACCEPT")

# WebOb's patterns: plain text has line breaks as characters, and neither marks of comments nor tags.
_LINE_BREAK: Final = re.compile("<br.*?>", re.IGNORECASE | re.DOTALL)
_COMMENT: Final = re.compile("<!--|-->")
_TAG: Final = re.compile("<.*?>", re.DOTALL)


class ErrorPage(exc.WSGIHTTPException):
    """An error as HTML, JSON or plain text.

    Args:
        status: the HTTP status.
        explanation: the sentence; "" for WebOb's own. WebOb ignores it for 405, 406, 415 and 501.
        detail: the text below it.
    """

    def __init__(self, status: int, explanation: str = "", detail: str = "") -> None:
        base = exc.status_map.get(status, exc.WSGIHTTPException)
        self.code = status
        self.title = base.title if base.code == status else HTTPStatus(status).phrase
        self.explanation = explanation or base.explanation or self.title
        self.body_template_obj = base.body_template_obj
        super().__init__(detail)

    def plain_body(self, environ: dict[str, Any]) -> str:
        """Return the page as text, as WebOb does, but in linear time and for lone surrogates too."""
        text = self._make_body(environ, str)  # type: ignore[attr-defined]  # the stubs leave it out
        text = _without(_LINE_BREAK, text.replace("\n", " ").replace("\r", ""), "\n")
        text = _without(_TAG, _COMMENT.sub("", text))
        body = text.encode("utf-8", "backslashreplace").decode()
        return self.plain_template_obj.substitute(status=self.status, body=body)

    def answer(self, environ: Mapping[str, Any]) -> Response:
        """Return the page in the form that a request accepts; a HEAD gets an empty HTML page.

        Args:
            environ: the request's WSGI environment.
        """
        request = Request({key: environ[key] for key in _KEYS if environ.get(key)})
        if len(environ.get("HTTP_ACCEPT", "")) > MAX_ACCEPT_CHARS:
            request.environ["HTTP_ACCEPT"] = "*/*"
        page = request.get_response(self)
        return Response(self.code, (("Content-Type", page.headers["Content-Type"]),), page.body)


def _without(pattern: re.Pattern[str], text: str, replacement: str = "") -> str:
    """Replace the matches of *pattern*, which end with ``>``; searching after the last ``>`` is quadratic."""
    end = text.rfind(">") + 1
    return pattern.sub(replacement, text[:end]) + text[end:]
