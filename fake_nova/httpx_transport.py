"""The public names of `fake_nova.clients.httpx`: httpx clients that call a cloud in the same process."""

from fake_nova.clients.httpx import AsyncInProcessTransport, InProcessTransport, async_client, client

__all__ = ["AsyncInProcessTransport", "InProcessTransport", "async_client", "client"]
