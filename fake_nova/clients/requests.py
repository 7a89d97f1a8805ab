"""An adapter that hands a session of `requests` to an emulated cloud in this process, without a socket.

openstacksdk, keystoneauth and python-novaclient work over such a session, so it serves them as well. The
package does not depend on requests; who imports this module has it.
"""

from __future__ import annotations

import io
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from fake_nova.clients.in_process import Application, send_request


class InProcessAdapter(HTTPAdapter):
    """Answers what a session asks below the URL that it is mounted at.

    Args:
        app: what `fake_nova.create_app` returned.
    """

    def __init__(self, app: Application) -> None:
        super().__init__()
        self._app: Final = app

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer one request.

        Raises:
            requests.ConnectionError: a fault breaks the connection.
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
            headers=reply.headers,  # type: ignore[arg-type]  # it takes pairs
            status=reply.status,
            version=11,
            reason=reply.reason,
            preload_content=False,
        )
        return self.build_response(request, raw)


def session(app: Application, url: str) -> requests.Session:
    """Return a session whose requests below *url* go to *app* directly.

    Args:
        app: what `fake_nova.create_app` returned.
        url: the address that clients are told; nothing needs to listen there.
    """
    http_session = requests.Session()
    http_session.trust_env = False  # no proxy stands in between
    base = url.rstrip("/") + "/"  # with the slash, for port 87 is no part of port 8774
    http_session.mount(base, InProcessAdapter(app))
    return http_session
