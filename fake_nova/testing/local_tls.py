"""TLS of the clouds in this process, and the file with their CA certificate."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Final
from weakref import finalize

from fake_nova.errors import ConfigurationError
from fake_nova.serving.certificates import check_overwritable
from fake_nova.serving.tls import ServerTls
from fake_nova.settings import Settings
from fake_nova.support.messages import quote_path


class LocalTls:
    """The TLS of clouds in this process.

    Args:
        settings: settings with which the clouds speak TLS.

    Attributes:
        server: the TLS of their servers.
        ca_file: the absolute path of the file with the CA certificate; None if the settings name none. That
            of a new CA is in a folder that is removed with this object, if the settings name no other file.

    Raises:
        ConfigurationError: if the certificate or its key is missing or invalid, or a file cannot be written.
    """

    def __init__(self, settings: Settings) -> None:
        self.server: Final = ServerTls(settings)
        self.ca_file: Final = self._ca_file(settings.tls_ca_file, self.server.ca)

    def _ca_file(self, path: str | None, ca: bytes | None) -> str | None:
        """Write the certificate of a new CA, and return the path of the file with the CA certificate."""
        if ca is None:
            return None if path is None else str(Path(path).absolute())
        if path is not None:
            check_overwritable(path)
        try:
            file = Path(path).absolute() if path is not None else self._new_folder() / "fake-nova-ca.pem"
            file.write_bytes(ca)
        except OSError as error:
            target = quote_path(path or error.filename)
            raise ConfigurationError(
                f"tls_ca_file: cannot be written: {error.strerror} (got {target}); "
                "expected a file in a folder that exists and is writable"
            ) from error
        return str(file)

    def _new_folder(self) -> Path:
        """Return a new folder for temporary files."""
        folder = tempfile.mkdtemp(prefix="fake-nova-")
        finalize(self, partial(shutil.rmtree, folder, ignore_errors=True))
        return Path(folder)
