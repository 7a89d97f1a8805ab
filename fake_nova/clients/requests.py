"""An adapter for requests that calls an emulated cloud in the same process, without a socket.

openstacksdk, keystoneauth and python-novaclient can use such a session too. The package does not depend on
requests; install it to import this module.
"""

from __future__ import annotations

import io
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from fake_nova.clients.in_process import Application, send_request


class InProcessAdapter(HTTPAdapter):
    """A requests adapter that sends all requests to one WSGI application.

    Args:
        app: the result of `fake_nova.create_app`.
    """

    def __init__(self, app: Application) -> None:
        super().__init__()
        self._app: Final = app

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Send one request, and return the response.

        Raises:
            requests.ConnectionError: if a fault breaks the connection.
        """
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = b"".join(body)
        headers = [(str(name), str(value)) for name, value in request.headers.items()]
        try:
            reply = send_request(self._app, request.method or "GET", request.url or "", headers, body)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise requests.ConnectionError(error, request=request) from error
        raw = HTTPResponse(
            body=io.BytesIO(reply.content),
            headers=reply.headers,  # type: ignore[arg-type]  # it accepts pairs too
            status=reply.status,
            version=11,
            reason=reply.reason,
            preload_content=False,
        )
        return self.build_response(request, raw)


def session(app: Application, url: str) -> requests.Session:
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
