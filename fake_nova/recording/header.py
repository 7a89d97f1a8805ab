"""The header of a record: where, when, and with which versions."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fake_nova._version import __version__
from fake_nova.images import timestamps

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud
    from fake_nova.recording.options import RecordOptions


def header_lines(cloud: Cloud, options: RecordOptions) -> list[str]:
    """Return the lines of a record's header.

    Args:
        cloud: the cloud.
        options: what was recorded; if it is anonymized, the header does not say where.
    """
    moment = timestamps.isoformat_seconds(datetime.now(UTC))
    where = "an anonymized cloud"
    if not options.anonymize:
        host = urlsplit(cloud.auth_url).hostname or "unknown host"
        where = f"the cloud {cloud.name} at {host}"
    versions = (f"{name} {metadata.version(name)}" for name in ("openstacksdk", "keystoneauth1"))
    tools = ", ".join((f"fake_nova {__version__}", *versions))
    return [f"Record of {where}, by fake-nova record.", f"Taken at {moment} with {tools}."]
