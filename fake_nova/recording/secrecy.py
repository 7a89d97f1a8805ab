"""Secrets in properties, metadata and faults, which no record holds, anonymized or not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

#: The value that stands for a secret.
REMOVED: Final = "removed"

#: Keys of properties whose values are secrets. Words are separated, so that ``cinder_encryption_key_id`` and
#: ``hw_tpm_version`` stay.
_SECRET_KEY: Final = re.compile(
    r"(?i)(?:^|[^a-z])(?:pass|passwd|password|passphrase|pwd|secret|secrets|token|tokens|credential|credentials|"
    r"(?:api|access|private|secret|auth)[_.:-]?key)(?:$|[^a-z])"
)

#: User and password before the host of a URL.
_USER_INFO: Final = re.compile(r"(?<=://)[^/\s\"'@]*@")

#: Parameters of a URL, such as a signature.
_SECRET_PARAMETER: Final = re.compile(
    r"(?i)([?&](?:[a-z0-9_-]*(?:sig|signature|token|key|keyid|secret|password|credential))=)[^&\s\"']+"
)

#: Tokens of Keystone: Fernet, or the JWS of a later one.
_TOKEN: Final = re.compile(r"\b(?:gAAAAA[\w-]{20,}=*|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})")

_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.S
)

#: Pattern -> its replacement.
_PATTERNS: Final = (
    (_PRIVATE_KEY, REMOVED),
    (_USER_INFO, ""),
    (_SECRET_PARAMETER, rf"\g<1>{REMOVED}"),
    (_TOKEN, REMOVED),
)


#: Key of an entry with a mapping of texts -> what they are called.
_MAPPINGS: Final = {
    "properties": "properties",
    "image_properties": "properties",
    "metadata": "metadata",
    "fault": "faults",
}


def remove_secrets(entries: Iterable[dict[str, Any]], counts: Counter[str]) -> None:
    """Remove secrets from the properties of images, and from the metadata and faults of servers.

    Args:
        entries: entries of a fixture, which are changed.
        counts: gets the number of the secrets that were removed.
    """
    for entry in entries:
        for name, noun in _MAPPINGS.items():
            texts = entry.get(name) or {}
            for key, value in texts.items():
                text = _without_secrets(key, value) if isinstance(value, str) else value
                if text != value:
                    texts[key] = text
                    counts[f"secrets in {noun}"] += 1


def _without_secrets(key: str, value: str) -> str:
    if value and _SECRET_KEY.search(key):
        return REMOVED
    for pattern, replacement in _PATTERNS:
        value = pattern.sub(replacement, value)
    return value
