"""Pseudonyms: the same text gets the same pseudonym in every record of one user, and nobody else can tell."""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address
from typing import Final

#: The first address of the network for benchmarks (RFC 2544), and the number of its addresses.
_IPV4_BASE: Final = int(IPv4Address("198.18.0.0"))
_IPV4_COUNT: Final = 2**17

#: The first address of the network for documentation (RFC 3849).
_IPV6_BASE: Final = int(IPv6Address("2001:db8::"))

_HEX_DIGITS: Final = re.compile("[0-9a-fA-F]")

#: An id of hexadecimal digits, with or without hyphens.
HEX_ID: Final = re.compile(
    r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12})(?![0-9a-fA-F])"
)


class Pseudonyms:
    """A table of pseudonyms, which grows as texts are replaced.

    Args:
        key: what the pseudonyms depend on besides the text. Whoever does not know it cannot try out names.

    Attributes:
        by_text: text -> its pseudonym.
        counts: kind -> the number of texts that have a pseudonym.
    """

    def __init__(self, key: bytes) -> None:
        self._key: Final = key
        self.by_text: Final[dict[str, str]] = {}
        self.counts: Final[Counter[str]] = Counter()
        self._pseudonyms: Final[set[str]] = set()

    def add(self, kind: str, text: str) -> str:
        """Return the pseudonym of a text; the first kind in which the text occurs decides its form.

        Args:
            kind: a key of `_FORMS`.
            text: the text.
        """
        if text not in self.by_text:
            attempt = 0
            while True:  # only few addresses of IPv4 are free for pseudonyms
                pseudonym = _FORMS[kind](text, self._digits(f"{text}#{attempt}" if attempt else text))
                if pseudonym not in self._pseudonyms:
                    break
                attempt += 1
            self.by_text[text] = pseudonym
            self._pseudonyms.add(pseudonym)
            self.counts[kind] += 1
        return self.by_text[text]

    def is_pseudonym(self, text: str) -> bool:
        """Return whether a text is one of the pseudonyms."""
        return text in self._pseudonyms

    def _digits(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _id(text: str, digits: str) -> str:
    """Return an id of the same form: a UUID with or without hyphens, or 64 digits; otherwise 32 digits."""
    return digits[:32] if HEX_ID.fullmatch(text) is None else with_digits(text, digits)


def with_digits(text: str, digits: str) -> str:
    """Return a text with its hexadecimal digits replaced by *digits*, in order."""
    rest = iter(digits)
    return _HEX_DIGITS.sub(lambda _: next(rest), text)


def _name(word: str) -> Callable[[str, str], str]:
    return lambda _, digits: f"{word}-{digits[:10]}"


def _host(_: str, digits: str) -> str:
    return f"host-{digits[:10]}.example"


def _mail(_: str, digits: str) -> str:
    return f"mail-{digits[:10]}@example.com"


def _ipv4(_: str, digits: str) -> str:
    return str(IPv4Address(_IPV4_BASE + int(digits, 16) % _IPV4_COUNT))


def _ipv6(_: str, digits: str) -> str:
    return str(IPv6Address(_IPV6_BASE + int(digits[:24], 16)))


def _mac(text: str, digits: str) -> str:
    """Return a locally administered address with the same separators."""
    return with_digits(text, f"02{digits}")


#: Kind of a text -> the function that returns its pseudonym from the text and 64 hexadecimal digits.
_FORMS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "ids of projects": _id,
    "ids of users": _id,
    "ids of domains": _id,
    "names of projects": _name("project"),
    "names of users": _name("user"),
    "names of domains": _name("domain"),
    "names of key pairs": _name("key"),
    "hosts": _host,
    "e-mail addresses": _mail,
    "IPv4 addresses": _ipv4,
    "IPv6 addresses": _ipv6,
    "MAC addresses": _mac,
}
