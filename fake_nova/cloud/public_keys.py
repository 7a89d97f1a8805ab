"""Public keys and certificates as Nova reads them, with the library cryptography (Nova 34.0.0, measured)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from hashlib import md5, sha1
from typing import Final

_WORDS: Final = re.compile(r"(\S+)[ \t]+(\S+)")
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\n(.*?)-----END CERTIFICATE-----", re.DOTALL)

_NO_PEM: Final = (
    "Unable to load PEM file. See https://cryptography.io/en/latest/faq/#why-can-t-i-import-my-pem-file "
    "for more details. MalformedFraming"
)
_NO_ASN1: Final = "error parsing asn1 value: ParseError { kind: ShortData { needed: 1 } }"

_ED25519: Final = 32
_P256: Final = 65
_MIN_RSA_BITS: Final = 1024

#: Type of a key -> the lengths of what follows the type in it; None for any length.
_PARTS: Final[Mapping[str, tuple[int | None, ...]]] = {
    "ssh-rsa": (None, None),
    "ssh-dss": (None, None, None, None),
    "ssh-ed25519": (_ED25519,),
    "ecdsa-sha2-nistp256": (8, _P256),
    "ecdsa-sha2-nistp384": (8, 97),
    "ecdsa-sha2-nistp521": (8, 133),
    "sk-ssh-ed25519@openssh.com": (_ED25519, None),
    "sk-ecdsa-sha2-nistp256@openssh.com": (8, _P256, None),
}


def public_key_fingerprint_of(public_key: str) -> str:
    """Return the fingerprint of a public key of OpenSSH: the MD5 of what follows the first blank.

    Raises:
        ValueError: if it has none, or one that is not in Base64.
    """
    try:
        blob = b64decode(public_key.split(" ")[1])
    except (IndexError, ValueError):
        raise ValueError("not a public key in the format of OpenSSH") from None
    return _with_colons(md5(blob, usedforsecurity=False).hexdigest())


def _with_colons(digest: str) -> str:
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2))


def check_public_key(public_key: str) -> None:
    """Check a public key in the format of OpenSSH, but not whether a point is on its curve.

    Raises:
        ValueError: if it is invalid.
    """
    words = _WORDS.match(public_key)
    if words is None or words[1] not in _PARTS:
        raise ValueError("no type of a key that Nova knows")
    name, *parts = _split(binascii.a2b_base64(words[2]))
    lengths = _PARTS[words[1]]
    if name != words[1].encode() or len(parts) != len(lengths):
        raise ValueError("not a key of the type that it names")
    if any(length not in {None, len(part)} for part, length in zip(parts, lengths, strict=True)):
        raise ValueError("a part of the key has another length")
    if words[1] == "ssh-rsa":
        exponent, modulus = (int.from_bytes(part) for part in parts)
        if exponent % 2 == 0 or exponent == 1 or modulus.bit_length() < _MIN_RSA_BITS:
            raise ValueError("the numbers are not those of a key")


def _split(blob: bytes) -> list[bytes]:
    """Split a key into its parts, each of which follows its length."""
    parts = []
    while blob:
        length = int.from_bytes(blob[:4])
        if len(blob) < 4 + length:
            raise ValueError("the key ends within a part")
        parts.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    if not parts:
        raise ValueError("the key is empty")
    return parts


def is_certificate(text: str) -> bool:
    """Return whether a text has the frame of a certificate in PEM."""
    return _PEM.search(text) is not None


def certificate_fingerprint_of(certificate: str) -> str:
    """Return the fingerprint of an X.509 certificate in PEM: the SHA-1 of it.

    Raises:
        ValueError: with the message of the library, if it is no certificate.
    """
    pem = _PEM.search(certificate)
    if pem is None:
        raise ValueError(_NO_PEM)
    try:
        blob = b64decode("".join(pem[1].split()), validate=True)
    except ValueError:
        raise ValueError(_NO_PEM) from None
    if not _is_sequence(blob):
        raise ValueError(_NO_ASN1)
    return _with_colons(sha1(blob, usedforsecurity=False).hexdigest())


def _is_sequence(blob: bytes) -> bool:
    """Return whether bytes are one whole sequence in DER."""
    if len(blob) < 2 or blob[0] != 0x30:
        return False
    length, start = blob[1], 2
    if length > 0x80:
        start += length - 0x80
        length = int.from_bytes(blob[2:start])
    return len(blob) == start + length
