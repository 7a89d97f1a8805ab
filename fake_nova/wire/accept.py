"""What an Accept header asks for: read by the services' middleware in one way, by Nova itself in another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

# RFC 7231, section 5.3.2, by name: OWS, token, quoted-string, and from them an element of the header.
_OWS: Final = r"[ \t]*"
_WORD: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED: Final = r'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_WEIGHT: Final = r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?"
_ELEMENT: Final = (
    rf"({_WORD}/{_WORD})"
    rf"((?:{_OWS};{_OWS}(?!q=){_WORD}=(?:{_WORD}|{_QUOTED}))*)"
    rf"(?:{_OWS};{_OWS}q=({_WEIGHT})(?:{_OWS};{_OWS}{_WORD}(?:=(?:{_WORD}|{_QUOTED}))?)*)?"
)
_HEADER: Final = rf"(?:(?:,|{_ELEMENT})(?:{_OWS},(?:{_OWS}{_ELEMENT})?)*)?"


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern when it is first needed: few clients ask for anything, and it takes 3 ms."""
    return re.compile(text, re.IGNORECASE)


class _Range(NamedTuple):
    """One media range of a header that keeps to the standard."""

    media_type: str
    has_parameters: bool
    weight: float

    def specificity(self, offer: str) -> int:
        """How closely it fits an offer without parameters; 0 where it does not."""
        if self.media_type == offer:
            return 0 if self.has_parameters else 3
        if self.media_type == offer.partition("/")[0] + "/*":
            return 2
        return 1 if self.media_type == "*/*" else 0


#: A longer header is read anew each time, so that caches are bounded in bytes.
LONGEST_REMEMBERED: Final = 1_000

#: A longer header counts as one that breaks the grammar; gunicorn refuses it before.
LONGEST: Final = 16_384


def best(header: str, offers: tuple[str, ...]) -> str | None:
    """Return the offer that the header likes best, as the middleware reads it (WebOb 1.8).

    The closest range says how much an offer is liked, the first of several that are equally close; of offers
    that are liked equally, the first is best. A header that breaks the standard's grammar accepts everything.

    Args:
        header: the header's value; an empty one accepts nothing.
        offers: media types in lower case, without parameters.

    Returns:
        One of the offers, or None where none is accepted.
    """
    return (_best_remembered if len(header) <= LONGEST_REMEMBERED else _best_of_standard)(header, offers)


def _best_of_standard(header: str, offers: tuple[str, ...]) -> str | None:
    if len(header) > LONGEST or _pattern(_HEADER).fullmatch(header) is None:
        return offers[0]
    ranges = [
        _Range(found[1].lower(), bool(found[2]), float(found[3] or 1))
        for found in _pattern(_ELEMENT).finditer(header)
    ]
    liked: dict[str, float] = {}
    for offer in offers:
        closest = max(ranges, key=lambda one: one.specificity(offer), default=None)
        if closest is not None and closest.specificity(offer) and closest.weight:
            liked[offer] = closest.weight
    return max(liked, key=lambda offer: liked[offer], default=None)


_best_remembered: Final = lru_cache(maxsize=512)(_best_of_standard)


# Nova's own reading (nova.api.openstack.urlmap): options by semicolon, names and values bare or in quotes.
_NAME: Final = r'[^\s;=]+|"[^"\\]*(?:\\.[^"\\]*)*"'
_OPTION: Final = re.compile(rf';\s*({_NAME})\s*(?:=\s*([^;]+|"[^"\\]*(?:\\.[^"\\]*)*"))?\s*')


def best_of_nova(header: str, offers: tuple[str, ...]) -> str | None:
    """Return the offer that the header likes best, as Nova itself reads it (Nova 34.0.0's urlmap).

    It knows no grammar and no upper bound of a weight, compares with case, and takes a mask such as ``*`` for
    nothing at all. One search goes through all offers, so a later offer has to be liked more than the best
    one so far, or as much by a mask with fewer asterisks.

    Args:
        header: the header's value.
        offers: media types in lower case.

    Returns:
        One of the offers, or None where none is accepted.
    """
    return _best(header, offers)[0]


def version_of_nova(content_type: str, accepted: str, offers: tuple[str, ...]) -> str | None:
    """Return the version that a media type's parameter names, as Nova reads it (Nova 34.0.0's urlmap).

    Args:
        content_type: the media type of the body, whose parameter comes first.
        accepted: the header Accept, of which the range counts that the best offer is liked for.
        offers: media types in lower case.
    """
    for options in (_media_type(content_type)[1], _best(accepted, offers)[1]):
        if "version" in options:
            return options["version"]
    return None


def _best(header: str, offers: tuple[str, ...]) -> tuple[str | None, Mapping[str, str]]:
    """Return the offer that is liked best, and the options of the mask that it is liked for."""
    masks = list(_masks(header if len(header) <= LONGEST else ""))
    found: tuple[str | None, Mapping[str, str]] = None, {}
    highest, asterisks = -1.0, 2
    for offer in offers:
        for mask, weight, options in masks:
            fewer = mask.count("*") < asterisks
            if weight < highest or (weight == highest and not fewer) or not _fits(mask, offer):
                continue
            found, highest, asterisks = (offer, options), weight, mask.count("*")
    return found


def _masks(header: str) -> Iterator[tuple[str, float, Mapping[str, str]]]:
    """Give each mask of the header with weight and options; one whose weight is no number does not count."""
    for item in _items(header):
        mask, options = _media_type(_bare(item))
        if not mask:
            continue
        try:
            yield mask, float(options.get("q", "1")), options
        except ValueError:
            continue


def _media_type(text: str) -> tuple[str, Mapping[str, str]]:
    """Split a media type from its options; "" where it is none."""
    options = [(_bare(found[1]), _bare(found[2] or "")) for found in _OPTION.finditer(f";{_bare(text)}")]
    return (options[0][0], dict(options[1:])) if _bare(text) and options else ("", {})


def _items(header: str) -> list[str]:
    """Split a header at its commas, but for those between quotation marks."""
    if '"' not in header:
        return [item.strip() for item in header.split(",")]
    from urllib.request import parse_http_list  # noqa: PLC0415  # takes 6 ms to import, and few need it

    return parse_http_list(header)


def _bare(text: str) -> str:
    """Take one pair of quotation marks off."""
    return text[1:-1] if text[:1] == text[-1:] == '"' else text


def _fits(mask: str, offer: str) -> bool:
    if "*" not in mask:
        return mask == offer
    return mask == "*/*" or mask[:-2] == offer.partition("/")[0]
