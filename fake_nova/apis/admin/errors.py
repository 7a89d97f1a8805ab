"""Errors of the admin API."""

from __future__ import annotations

from typing import Final

from fake_nova.errors import FakeNovaError


class Refusal(FakeNovaError):
    """The admin API refuses a request. The client raises an `AdminError` for it.

    Args:
        status: the HTTP status.
        message: the problem.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status: Final = status
        self.message: Final = message
