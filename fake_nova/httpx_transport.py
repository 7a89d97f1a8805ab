"""Clients of httpx that reach a cloud in this process; see `fake_nova.clients.httpx`."""

from fake_nova.clients.httpx import InProcessTransport, client

__all__ = ["InProcessTransport", "client"]
