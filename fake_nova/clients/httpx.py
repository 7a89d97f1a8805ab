"""An httpx transport that calls an emulated cloud in the same process, without a socket.

The package does not depend on httpx; install it to import this module.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import unquote

import httpx

from fake_nova.clients.in_process import Application


class InProcessTransport(httpx.WSGITransport):
    """An httpx transport that sends all requests to one WSGI application, whatever their host.

    It corrects three faults of `httpx.WSGITransport` (httpx 0.28.1), so that the application sees what a
    server would pass on. That class decodes paths as UTF-8, keeps only the last of repeated headers, and does
    not mark the end of chunked bodies.

    Args:
        app: the result of `fake_nova.create_app`.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, and return the response, read to its end.

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
    """Return an httpx client whose requests all go to *app* directly.

    Args:
        app: the result of `fake_nova.create_app`.
        url: the base URL of the client.
    """
    return httpx.Client(transport=InProcessTransport(app), base_url=url, trust_env=False)
