"""Clients of httpx that reach a cloud in this process; see `fake_nova.clients.httpx`."""

from fake_nova.clients.httpx import DirectTransport, client

__all__ = ["DirectTransport", "client"]
