"""The public names of `fake_nova.clients.requests`: sessions that call a cloud in the same process."""

from fake_nova.clients.requests import InProcessAdapter, session

__all__ = ["InProcessAdapter", "session"]
