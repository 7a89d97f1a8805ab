"""The file of ``--url-file``, from which clients read the URL of a server."""

from __future__ import annotations

from pathlib import Path

from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import quote_path


def read_url(path: str) -> str | None:
    """Return the URL in a file of ``--url-file``, or None if no server has written it.

    Raises:
        ConfigurationError: if the file cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise ConfigurationError(
            f"--url-file: cannot be read: {reason} (got {quote_path(path)}); "
            "expected the file of fake-nova serve --url-file"
        ) from error
