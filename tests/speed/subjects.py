"""What is measured, and what it is compared with: WSGI applications, called without a socket."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from flask import Flask, Response

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]

PROJECT = "9c53a566cb3443ab910cf0daebca90c4"
SERVER = "7f4e1c8a-6f0e-4f0c-9d0c-5b6f3f1f7a11"


def fixture(count: int) -> bytes:
    """Return a fixture of so many generated images: one in a thousand (25 at the least) asks for RAM of its
    own, one is the snapshot of a server."""
    project_count = max(count // 1000, 25)
    rare = {"min_ram": 777, "properties": {"instance_uuid": SERVER, "rare": "yes"}}
    groups: list[dict[str, Any]] = [
        {"count": count - project_count - 1, "seed": 1},
        {"count": project_count, "seed": 2, "template": {"min_ram": 777}},
        {"count": 1, "seed": 3, "template": rare},
    ]
    return json.dumps({"generate": [group for group in groups if group["count"]]}).encode()


def constant(body: bytes) -> Flask:
    """Return a Flask application whose view returns these bytes: the limit of what a Flask view can do."""
    app = Flask("constant")

    def view(**_: str) -> Response:
        return Response(body, content_type="application/json")

    for path in ("/images", "/images/detail", "/images/<image_id>"):
        app.add_url_rule(f"/v2.1/<project_id>{path}", path, view)
    app.add_url_rule("/v2.1/images/detail", "short", view)
    return app


def constant_callable(headers: list[tuple[str, str]], body: bytes) -> Wsgi:
    """Return a WSGI callable that returns these headers and bytes: the limit of what a server can do."""

    def application(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [*headers])
        return [body]

    return application


def environment(url: str) -> dict[str, Any]:
    """Return the WSGI environment of a GET as gunicorn gives it."""
    path, _, query = url.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": url,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8774",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "gunicorn",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "40123",
        "HTTP_HOST": "127.0.0.1:8774",
        "HTTP_USER_AGENT": "python-requests/2.32",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate",
        "HTTP_ACCEPT": "*/*",
        "HTTP_CONNECTION": "keep-alive",
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def get_body(app: Wsgi, url: str) -> bytes:
    """GET from an application, and return the body; its status must be 200."""
    statuses = []
    body = b"".join(app(environment(url), lambda status, headers, error=None: statuses.append(status)))
    if not statuses[0].startswith("200"):
        raise RuntimeError(f"{url}: {statuses[0]}: {body.decode()}")
    return body


def getter(app: Wsgi, url: str) -> Callable[[], object]:
    """Return a function that sends the request once, as cheaply as can be."""
    template = environment(url)

    def start_response(status: str, headers: list[tuple[str, str]], error: object = None) -> None:
        pass

    def get() -> object:
        answer = app(template.copy(), start_response)
        body = b"".join(answer)
        if (close := getattr(answer, "close", None)) is not None:
            close()
        return body

    return get
