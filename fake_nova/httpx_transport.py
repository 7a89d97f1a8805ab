"""The public names of `fake_nova.clients.httpx`: httpx clients that call a cloud in the same process."""

from fake_nova.clients.httpx import InProcessTransport, client

__all__ = ["InProcessTransport", "client"]
