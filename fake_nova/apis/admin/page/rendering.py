"""Renders the page and its files. The page fetches nothing from other hosts and has no code in its markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from fake_nova._version import __version__
from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.server_states import STATES_BY_STATUS
from fake_nova.cloud.server_works import WORKS
from fake_nova.images.status import NOVA_PROGRESS, NOVA_STATUS, ImageStatus
from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context
from fake_nova.wire.request import MAX_ACCEPT_CHARS
from fake_nova.wire.response import Headers, Response, json_response

_FOLDER: Final = Path(__file__).with_name("files")

_JAVASCRIPT: Final = "text/javascript; charset=utf-8"

#: The names of the scripts, without ``.js``.
_MODULES: Final = (
    *("api", "copy", "curl", "dom", "form", "history", "image_details", "image_forms", "live_list"),
    *("main", "plain_table", "poll", "request_details", "table", "text"),
    *("view_clock", "view_faults", "view_images", "view_requests", "view_scopes"),
    *("view_servers", "view_snapshots", "view_start"),
)

#: Name of a file of the page -> its media type.
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "page.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    **{f"{name}.js": _JAVASCRIPT for name in _MODULES},
}

#: The page may load its own files and ask its own server. Nothing in its markup runs.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_SECURITY_HEADERS: Final[Headers] = (
    ("Cache-Control", "no-cache"),
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
)


def respond(context: Context) -> Response:
    """Return the response of the route: the page, a file, or the redirect.

    Raises:
        Refusal: 404 if the page has no file of the name in the path.
    """
    return _VIEWS[context.operation](context)


def _show_index(context: Context) -> Response:
    """Redirect a browser to the page. List the routes of the admin API to other clients.

    The redirect is relative, so it works behind every proxy.
    """
    vary = ("Vary", "Accept")
    accept = parse_accept_header((context.request.header("Accept") or "*/*")[:MAX_ACCEPT_CHARS], MIMEAccept)
    if accept.best_match(("application/json", "text/html")) == "text/html":
        return Response(302, (("Location", "_admin/"), vary))
    routes = [
        {"method": route.method, "path": f"/_admin{route.path}", "summary": route.summary}
        for route in sorted(context.router.routes_of(context.service), key=lambda route: route.path)
    ]
    return json_response({"page": "/_admin/", "routes": routes}, 200, vary)


def _show_page(context: Context) -> Response:
    statuses = {status: (NOVA_STATUS[status], NOVA_PROGRESS.get(status, 0)) for status in ImageStatus}
    text = _TEMPLATES.get_template("page.html").render(
        version=__version__,
        statuses=statuses,
        server_statuses=list(STATES_BY_STATUS),
        server_works=list(WORKS),
    )
    return _send(context, text.encode(), "text/html; charset=utf-8")


def _show_file(context: Context) -> Response:
    name = context.path_params["name"]
    if name not in MEDIA_TYPES:
        raise Refusal(404, f"page: unknown file (got {quote_python(name)}); expected one that the page names")
    return _send(context, _FOLDER.joinpath(name).read_bytes(), MEDIA_TYPES[name])


def _send(context: Context, content: bytes, media_type: str) -> Response:
    """Return a response with *content*, or a 304 if the browser has the same."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = (*_SECURITY_HEADERS, ("ETag", tag))
    if tag in (context.request.header("If-None-Match") or ""):
        return Response(304, headers)
    return Response(200, (("Content-Type", media_type), *headers), content)


#: Operation -> the function that responds.
_VIEWS: Final[Mapping[str, Callable[[Context], Response]]] = {
    "admin.index": _show_index,
    "admin.page": _show_page,
    "admin.page.file": _show_file,
}
