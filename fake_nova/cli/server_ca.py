"""The file with the CA certificate of a server: `serve` writes it, and the other commands trust it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fake_nova.cli.processes import is_loopback
from fake_nova.cli.server_files import ServerFile
from fake_nova.control.transport import ca_file_of_environment
from fake_nova.errors import ConfigurationError

if TYPE_CHECKING:
    from fake_nova.serving.tls import ServerTls
    from fake_nova.settings import Settings


def _default_file(port: int) -> Path:
    """Return the file for the server on a port of this machine, in the user's folder for caches.

    Raises:
        ConfigurationError: if the user has no home.
    """
    folder = os.environ.get("XDG_CACHE_HOME")
    try:
        cache = Path(folder) if folder else Path.home() / ".cache"
    except RuntimeError as error:
        raise ConfigurationError(
            "tls_ca_file: this user has no home folder for a default; expected the name of a file"
        ) from error
    return cache / "fake_nova" / f"ca-{port}.pem"


def _absolute(path: str | None) -> str | None:
    return None if path is None else str(Path(path).absolute())


@contextmanager
def published_ca(settings: Settings, tls: ServerTls | None, port: int) -> Iterator[str | None]:
    """Return a context manager that writes the CA certificate of a server, and removes the file at the end.

    It gives the absolute path of the file that clients need, or None if they need none.

    Args:
        settings: the settings of the server.
        tls: its TLS; None for plain HTTP.
        port: its port.

    Raises:
        ConfigurationError: if the file cannot be written, or another file has its name.
    """
    if tls is None:
        yield None
        return
    if tls.ca is None:
        with suppress(OSError, ConfigurationError):
            _default_file(port).unlink()  # of an earlier server that was killed
        yield _absolute(settings.tls_ca_file)
        return
    from fake_nova.serving.certificates import check_overwritable  # noqa: PLC0415  # needed only with TLS

    if settings.tls_ca_file is not None:
        check_overwritable(settings.tls_ca_file)
    file = ServerFile(settings.tls_ca_file or _new_default_file(port), "tls_ca_file")
    text = tls.ca.decode()
    file.write(text)
    try:
        yield file.path
    finally:
        file.remove(text)


def _new_default_file(port: int) -> Path:
    """Return the default file, in a folder that exists."""
    file = _default_file(port)
    with suppress(OSError):  # writing the file reports it
        file.parent.mkdir(parents=True, exist_ok=True)
    return file


def ca_file_for(url: str, path: str | None) -> str | None:
    """Return the CA file that the clients of a server need, or None for those of the system.

    Args:
        url: the URL of the server.
        path: the file of the option or setting; None for the default one of a server on this machine, or
            else the one of the variables of OpenStack clients.
    """
    if not url.startswith("https:"):
        return None
    if path is None:
        with suppress(ConfigurationError, ValueError):  # the transport reports an invalid URL
            address = urlsplit(url)
            file = _default_file(address.port or 443)
            if is_loopback(address.hostname or "") and file.exists():
                return str(file)
    return _absolute(path or ca_file_of_environment())
