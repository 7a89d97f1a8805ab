"""httpx transports that call an emulated cloud in the same process, without a socket.

The package does not depend on httpx; install it to import this module.
"""

from __future__ import annotations

from functools import partial
from typing import Final

try:
    import anyio.to_thread
    import httpx
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"fake_nova.clients.httpx: {error.name} is not installed; expected httpx: pip install httpx",
        name=error.name,
    ) from None

from fake_nova.clients.in_process import WSGIApp, send_request


class InProcessTransport(httpx.BaseTransport):
    """An httpx transport that sends all requests to one WSGI application, whatever their host.

    Args:
        app: the result of `fake_nova.create_app`.
    """

    def __init__(self, app: WSGIApp) -> None:
        self._app: Final = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, and return the response.

        Raises:
            httpx.ReadError: if a fault breaks the connection.
            httpx.ReadTimeout: if there is no response within the read timeout of the request.
        """
        headers = request.headers.multi_items()
        timeout = request.extensions.get("timeout", {}).get("read")
        try:
            reply = send_request(
                self._app, request.method, str(request.url), headers, request.read(), timeout=timeout
            )
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        except (BrokenPipeError, ConnectionResetError) as error:
            raise httpx.ReadError(str(error), request=request) from error
        return httpx.Response(
            reply.status,
            headers=reply.headers,
            stream=httpx.ByteStream(reply.content),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": reply.reason.encode("ascii", "ignore")},
        )


class AsyncInProcessTransport(httpx.AsyncBaseTransport):
    """The transport for `httpx.AsyncClient`, under asyncio and trio.

    Each request runs in a thread, so that no delay blocks the event loop. A cancelled request ends at once
    for the client; the emulated cloud finishes it, as a server would.

    Args:
        app: the result of `fake_nova.create_app`.
    """

    def __init__(self, app: WSGIApp) -> None:
        self._transport: Final = InProcessTransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, and return the response.

        Raises:
            httpx.ReadError: if a fault breaks the connection.
            httpx.ReadTimeout: if there is no response within the read timeout of the request.
        """
        await request.aread()
        return await anyio.to_thread.run_sync(
            partial(self._transport.handle_request, request),
            abandon_on_cancel=True,
            limiter=anyio.CapacityLimiter(1),  # one of its own: the default limits all requests to 40 at once
        )


def client(app: WSGIApp, url: str) -> httpx.Client:
    """Return an httpx client whose requests all go to *app* directly.

    Args:
        app: the result of `fake_nova.create_app`.
        url: the base URL of the client.
    """
    return httpx.Client(transport=InProcessTransport(app), base_url=url, trust_env=False)


def async_client(app: WSGIApp, url: str) -> httpx.AsyncClient:
    """Return an asynchronous httpx client whose requests all go to *app* directly.

    Args:
        app: the result of `fake_nova.create_app`.
        url: the base URL of the client.
    """
    return httpx.AsyncClient(transport=AsyncInProcessTransport(app), base_url=url, trust_env=False)
