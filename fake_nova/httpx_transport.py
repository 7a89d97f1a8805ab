"""A transport that hands a client of `httpx` to an emulated cloud in this process, without a socket.

The package does not depend on httpx; who imports this module has it.
"""

from __future__ import annotations

from typing import Final

import httpx

from fake_nova.direct import Application, ask


class DirectTransport(httpx.BaseTransport):
    """Answers whatever a client asks, whatever host it names.

    Args:
        app: what `fake_nova.create_app` returned.
    """

    def __init__(self, app: Application) -> None:
        self._app: Final = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ReadError: a fault breaks the connection.
        """
        try:
            reply = ask(
                self._app, request.method, str(request.url), request.headers.multi_items(), request.read()
            )
        except (BrokenPipeError, ConnectionResetError) as error:
            raise httpx.ReadError(str(error), request=request) from error
        return httpx.Response(reply.status, headers=reply.headers, content=reply.content, request=request)


def client(app: Application, url: str) -> httpx.Client:
    """Return a client whose requests all go to *app* directly.

    Args:
        app: what `fake_nova.create_app` returned.
        url: the address that relative URLs are below.
    """
    return httpx.Client(transport=DirectTransport(app), base_url=url, trust_env=False)
