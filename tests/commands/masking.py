"""Makes the output of two clouds comparable: replaces what each of them draws by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_HEX: Final = "[0-9a-f]"
_ID: Final = re.compile(
    rf"(?<![\w-]){_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?![\w-])|(?<![\w-]){_HEX}{{32}}(?![\w-])"
)
_REQUEST_ID: Final = re.compile(rf"req-{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}")
_SECRET: Final = re.compile(r"(?<![\w-])[\w-]{86}(?![\w-])")
_TOKEN: Final = re.compile(r"gAAAAA[\w-]{50,}=*")
_TIME: Final = re.compile(r"\b(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d+)?")
#: Rows of tables, and JSON, alone or after a heading of Ansible's.
_SETS: Final = re.compile(r"(?im)^(\| (?:tags|roles) +\| )(.*?)( +\|)$")
_JSON: Final = re.compile(r"(?s)([\w ]+\| \w+!? => )?([{\[].*)")

#: Lists that the services read from sets, so that they have no order.
_UNORDERED: Final = ("roles", "tags")
#: Tasks expire after two days.
_DAYS: Final = timedelta(days=3)


def find_ids(text: str) -> list[str]:
    """Return the ids in a text, in order, without those of requests."""
    return _ID.findall(_REQUEST_ID.sub("", text))


class Masks:
    """What stands for the ids of one sequence: the first new one is number 1, and so on.

    Attributes:
        known: the ids and hashes that both clouds have, which stay as they are.
    """

    def __init__(self, urls: Mapping[str, str], folder: str, known: frozenset[str]) -> None:
        """Use the URLs of a cloud, by service, and the folder that the commands run in."""
        self.known: Final = known
        self._ids: Final[dict[str, str]] = {}
        texts = {url: f"{{{name}}}" for name, url in urls.items()} | {folder: "{folder}"}
        self._texts: Final = sorted(texts.items(), key=lambda item: -len(item[0]))

    def mask(self, text: str) -> str:
        """Return a text with stand-ins. A stand-in is as long as what it stands for, so that tables keep their form."""
        for url, stand_in in self._texts:
            text = re.sub(rf"{re.escape(url)}(?![\w-])", stand_in, text)
        text = _TOKEN.sub("{token}", _REQUEST_ID.sub("req-{id}", text))
        text = _ID.sub(self._mask_id, text)
        text = _SECRET.sub(lambda match: "s" * len(match[0]), text)
        return _sort_json(_SETS.sub(_sort_row, _TIME.sub(_mask_time, text)))

    def _mask_id(self, match: re.Match[str]) -> str:
        if match[0] in self.known:
            return match[0]
        number = len(self._ids) + 1
        stand_in = re.sub("[^-]", "x", match[0])
        return self._ids.setdefault(match[0], f"{stand_in[:-3]}{number:03}")


def _sort_row(match: re.Match[str]) -> str:
    """Sort the words of a row."""
    separator = ", " if ", " in match[2] else " "
    return match[1] + separator.join(sorted(match[2].split(separator))) + match[3]


def _sort_json(text: str) -> str:
    """Sort the lists of a JSON document that have no order; return other text as it is."""
    match = _JSON.fullmatch(text)
    try:
        document = json.loads(match[2]) if match else None
    except ValueError:
        return text
    if match is None:
        return text
    return (match[1] or "") + json.dumps(_sort_lists(document), indent=2, ensure_ascii=False) + "\n"


def _sort_lists(document: Any, key: str = "") -> Any:
    if isinstance(document, dict):
        return {name: _sort_lists(value, name) for name, value in document.items()}
    if isinstance(document, list):
        items = [_sort_lists(item) for item in document]
        return sorted(items, key=json.dumps) if key.lower() in _UNORDERED else items
    return document


def _mask_time(match: re.Match[str]) -> str:
    """Replace the time of a run by zeros."""
    try:
        moment = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return match[0]
    if abs(moment - datetime.now(UTC)) > _DAYS:
        return match[0]
    return re.sub(r"\d", "0", match[0])
