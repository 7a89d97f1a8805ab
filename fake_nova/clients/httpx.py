"""A transport that hands a client of `httpx` to an emulated cloud in this process, without a socket.

The package does not depend on httpx; who imports this module has it.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import unquote

import httpx

from fake_nova.clients.in_process import Application


class InProcessTransport(httpx.WSGITransport):
    """Sends every request to an application, whatever host the request names.

    httpx 0.28.1 by itself decodes paths as UTF-8, keeps only the last of repeated headers, and marks no end
    of a body in chunks. The corrections give the application what a server gives it.

    Args:
        app: what `fake_nova.create_app` returned.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ReadError: if a fault breaks the connection.
        """
        path = unquote(request.url.raw_path.decode().partition("?")[0], "latin-1")
        corrections: dict[str, Any] = {"PATH_INFO": path, "wsgi.input_terminated": True}
        for name, value in request.headers.items():
            corrections[f"HTTP_{name.upper().replace('-', '_')}"] = value
        transport = httpx.WSGITransport(lambda environ, start: self.app(environ | corrections, start))
        try:
            with closing(transport.handle_request(request)) as response:
                response.read()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise httpx.ReadError(str(error), request=request) from error
        return response


def client(app: Application, url: str) -> httpx.Client:
    """Return a client whose requests all go to *app* directly.

    Args:
        app: what `fake_nova.create_app` returned.
        url: the address that relative URLs are below.
    """
    return httpx.Client(transport=InProcessTransport(app), base_url=url, trust_env=False)
