"""Which server the commands address: the one that options, a file or variables name."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from fake_nova.cli.greeting import client_url
from fake_nova.cli.server_ca import ca_file_for
from fake_nova.cli.url_file import read_url
from fake_nova.errors import ConfigurationError
from fake_nova.settings import Settings, read_variables


class Server(NamedTuple):
    """The address of a server.

    Attributes:
        url: its URL.
        admin_token: its admin token, or None.
        ca_file: the file with its CA certificate; None for plain HTTP, and for a CA that the system knows.
    """

    url: str
    admin_token: str | None
    ca_file: str | None


def server_of(options: argparse.Namespace) -> Server | None:
    """Return the server that the options, a file or variables name.

    Returns:
        The server; None if none has written its URL to the file of ``--url-file``.

    Raises:
        ConfigurationError: if an option, the file or a variable is invalid.
    """
    url = options.url
    if options.url_file is not None:
        if url is not None:
            raise ConfigurationError(
                "--url: cannot be combined with --url-file; expected one of them: the file contains the URL"
            )
        url = read_url(options.url_file)
        if url is None:
            return None
    names = [] if url is not None else ["host", "port", "tls", "tls_cert", "tls_key"]
    names += [name for name in ("admin_token", "tls_ca_file") if getattr(options, name) is None]
    settings = Settings(**read_variables(None, names))
    url = url or _url_of(settings)
    ca_file = ca_file_for(url, options.tls_ca_file or settings.tls_ca_file)
    return Server(url, options.admin_token or settings.admin_token, ca_file)


def _url_of(settings: Settings) -> str:
    """Return the URL at which clients on this machine reach a server with these settings."""
    scheme = "https" if settings.speaks_tls else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return client_url(f"{scheme}://{host}:{settings.port}")
