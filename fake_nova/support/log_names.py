"""The values of ``--access-log``, and the name of the access log's logger."""

from __future__ import annotations

from typing import Final

OFF: Final = "off"
TEXT: Final = "text"
JSON: Final = "json"

ACCESS_LOGGER: Final = "fake_nova.access"
