"""An adapter for requests that calls an emulated cloud in the same process, without a socket.

openstacksdk, keystoneauth and python-novaclient can use such a session too. The package does not depend on
requests; install it to import this module.
"""

from __future__ import annotations

import io
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse, Timeout

from fake_nova.clients.in_process import WSGIApp, send_request


class InProcessAdapter(HTTPAdapter):
    """A requests adapter that sends all requests to one WSGI application.

    Args:
        app: the result of `fake_nova.create_app`.
    """

    def __init__(self, app: WSGIApp) -> None:
        super().__init__()
        self._app: Final = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  # the signature is that of HTTPAdapter
        timeout: Any = None,
        *_: Any,
        **__: Any,
    ) -> requests.Response:
        """Send one request, and return the response.

        Args:
            request: the request that a session prepared.
            stream: has no effect; the response is read to its end.
            timeout: seconds to wait for the response, as a number, a pair (connect, read) or an
                `urllib3.Timeout`; None for no limit.

        Raises:
            requests.ConnectionError: if a fault breaks the connection.
            requests.ReadTimeout: if there is no response within *timeout*.
            ValueError: if *timeout* is invalid.
        """
        method = request.method or "GET"
        url = request.url or ""
        headers = [(str(name), str(value)) for name, value in request.headers.items()]
        body = _body_of(request)
        seconds = _read_timeout(timeout)
        try:
            reply = send_request(self._app, method, url, headers, body, timeout=seconds)
        except TimeoutError as error:
            raise requests.ReadTimeout(error, request=request) from error
        except (BrokenPipeError, ConnectionResetError) as error:
            raise requests.ConnectionError(error, request=request) from error
        raw = HTTPResponse(
            body=io.BytesIO(reply.content),
            headers=reply.headers,  # type: ignore[arg-type]  # it accepts pairs too
            status=reply.status,
            version=11,
            reason=reply.reason,
            preload_content=False,
            request_method=method,  # the response to HEAD has a Content-Length, but no body
        )
        return self.build_response(request, raw)


def _body_of(request: requests.PreparedRequest) -> bytes:
    """Return the body of a request, which may be a text or pieces that are still to be read."""
    body = request.body or b""
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body)


def _read_timeout(timeout: Any) -> float | None:
    """Return how many seconds a response may take, as `HTTPAdapter` understands a timeout."""
    if timeout is None:
        return None
    if not isinstance(timeout, Timeout):
        connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        timeout = Timeout(connect=connect, read=read)
    clock = timeout.clone()
    clock.start_connect()  # connecting takes no time; a total is the limit for the response
    read_timeout: float | None = clock.read_timeout
    return read_timeout


def session(app: WSGIApp, url: str) -> requests.Session:
    """Return a session whose requests below *url* go to *app* directly.

    Args:
        app: the result of `fake_nova.create_app`.
        url: the URL that clients use; no server needs to listen there.
    """
    http_session = requests.Session()
    http_session.trust_env = False  # ignores proxies
    base = url.rstrip("/") + "/"  # the slash keeps :87 from matching :8774
    http_session.mount(base, InProcessAdapter(app))
    return http_session
