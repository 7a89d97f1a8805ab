"""Resources that Nova no longer has, but still has routes for: each request is a 410."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.service import Api, Route

GONE_MESSAGE = "This resource is no longer available. No forwarding address is given."


def refuse(_: Context) -> Response:
    """Refuse a request.

    Raises:
        NovaError: 410, always.
    """
    raise NovaError(410, GONE_MESSAGE)


ROUTES = tuple(
    Route("GET", f"/os-{name}", refuse, f"{name}.list", "410: Nova has it no longer")
    for name in ("agents", "cells", "fping")
)

APIS = (Api("nova_removed", COMPUTE, ROUTES),)
