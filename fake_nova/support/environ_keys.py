"""Keys of a WSGI environment by which a client in this process and the emulator communicate."""

from __future__ import annotations

from typing import Final

#: The key of the client's `fake_nova.clients.in_process.ClientTimeout`.
CLIENT_TIMEOUT: Final = "fake_nova.client_timeout"
