"""Requests that a client may send, and how they reach an application or a socket."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from fake_nova.clients.in_process import InProcessResponse
from tests.speed.subjects import Wsgi

Headers = tuple[tuple[str, str], ...]

HOST = "127.0.0.1:8774"


def address_of(url: str) -> tuple[str, int]:
    """Return host and port of a URL."""
    parts = urlsplit(url)
    return str(parts.hostname), parts.port or 80


class Request(NamedTuple):
    """One request.

    Attributes:
        method: as it stands in the request line.
        target: path and query as they stand there, bytes as Latin-1.
        headers: name and value, in order; Host and the length of the body are added where they are missing.
        body: the bytes.
        chunked: the body goes in chunks, without a length.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    chunked: bool = False

    def has(self, name: str) -> bool:
        """Whether a header of this name is sent."""
        return any(header_name.lower() == name for header_name, _ in self.headers)

    @property
    def path(self) -> str:
        """The path with its escapes decoded, bytes as Latin-1."""
        return unquote_to_bytes(self.target.partition("?")[0].encode("latin-1")).decode("latin-1")

    def framing(self) -> Headers:
        """Return the headers that say where the body ends."""
        if self.chunked:
            return (("Transfer-Encoding", "chunked"),)
        if self.body and not self.has("content-length"):
            return (("Content-Length", str(len(self.body))),)
        return ()

    def raw(self) -> bytes:
        """Return the request as it goes over a socket."""
        host = () if self.has("host") else (("Host", HOST),)
        lines = [f"{name}: {value}" for name, value in (*host, *self.headers, *self.framing())]
        head = "\r\n".join((f"{self.method} {self.target} HTTP/1.1", *lines, "", ""))
        body = self.body
        if self.chunked:
            chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            body = chunk + b"0\r\n\r\n"
        return head.encode("latin-1", "replace") + body

    def curl(self, max_length: int = 300) -> str:
        """Return the request as people can send it again; texts longer than *max_length* are cut."""
        arguments = [f"curl -i -X {_quote(self.method, max_length)}"]
        arguments += [f"-H {_quote(f'{name}: {value}', max_length)}" for name, value in self.headers]
        if self.chunked:
            arguments.append("-H 'Transfer-Encoding: chunked'")
        if self.body:
            arguments.append(f"--data-binary {_quote(self.body.decode('latin-1'), max_length)}")
        arguments.append(_quote(f"http://{HOST}{self.target}", max_length))
        return " ".join(arguments)


def _quote(text: str, max_length: int) -> str:
    cut = f"{text[:max_length]}…({len(text)} characters)" if len(text) > max_length else text
    if cut.isprintable() and "'" not in cut:
        return f"'{cut}'"
    return "$'" + cut.encode("unicode_escape").decode("ascii").replace("'", "\\'") + "'"


def environment(request: Request) -> dict[str, Any]:
    """Return the WSGI environment of a request as a server gives it."""
    _, _, query = request.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": query,
        "RAW_URI": request.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8774",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    header_values: dict[str, str] = {}
    for name, value in (*request.headers, *request.framing()):
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        header_values[key] = (
            f"{header_values[key]},{value}" if key in header_values else value
        )  # of several that are alike servers make one
    return {**environ, **header_values}


def ask(app: Wsgi, environ: dict[str, Any]) -> InProcessResponse:
    """Let an application answer.

    Raises:
        ConnectionResetError: a fault resets the connection.
        BrokenPipeError: a fault cuts it.
    """
    calls: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, response_headers: list[tuple[str, str]], _: object = None) -> None:
        calls.append((status, response_headers))

    pieces: Iterable[bytes] = app(environ, start_response)
    try:
        content = b"".join(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    status, headers = calls[-1]
    code, _, phrase = status.partition(" ")
    return InProcessResponse(int(code), phrase, headers, content)
