"""Real requests with something changed, as a hostile or unlucky client might send them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any, Final
from urllib.parse import quote

from fake_nova.apis import router
from tests.speed.corpus import METHODS, requests
from tests.speed.exchange import Request
from tests.speed.odd_values import (
    HEADER_VALUES,
    HEADERS,
    PARAMETERS,
    PATH_PARTS,
    PIECES,
    PLAIN,
    RAW,
    TEXTS,
    VALUES,
)
from tests.speed.worlds import JSON

#: Most characters of a text that is put in.
_LONGEST: Final = 20_000

#: Characters of a body in which a list is repeated.
_LARGEST_LIST: Final = 1_000_000

#: Most bytes of a body that is changed.
_LARGEST: Final = 200_000

#: Kinds of pages that errors come in.
_PAGES: Final = ("text/plain", "text/html", "application/json")


class Mutator:
    """Makes requests: the same random numbers make the same requests.

    Args:
        random: where all chance comes from.
    """

    def __init__(self, random: Random) -> None:
        self._random: Final = random
        by_operation: dict[str, list[Request]] = {}
        for request in requests():
            match = router().match(request.method, request.path)
            name = match.service.name if match.route is None else match.route.operation
            by_operation.setdefault(name, []).append(request)
        self._operations: Final = list(by_operation.values())
        self._changes: Final[tuple[Callable[[Request], Request], ...]] = (
            *[self._body] * 6,
            *[self._query] * 5,
            *[self._path] * 3,
            *[self._header] * 4,
            *[self._bytes] * 2,
            self._method,
            self._swap_body,
            self._framing,
        )

    def request(self) -> Request:
        """Return a real request, mostly with something changed, and tame."""
        random = self._random
        request = self._pick()
        for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            change = self._body if request.body and random.random() < 0.5 else random.choice(self._changes)
            request = change(request)
        if random.random() < 0.1:
            request = request._replace(headers=(*request.headers, ("Accept", random.choice(_PAGES))))
        return tame(_sendable(request))

    def noise(self) -> bytes:
        """Return bytes for a socket that are no request, or nearly one."""
        random = self._random
        if random.random() < 0.4:
            return random.randbytes(random.choice((1, 10, 100, 2000)))
        content = bytearray(self._pick().raw())
        for _ in range(random.choice((1, 2, 5, 20))):
            at = random.randrange(len(content) + 1)
            kind = random.randrange(4)
            if kind == 0:
                content[at:at] = random.choice(
                    (b"\r\n", b"\n", b"\0", b" ", b":", b"\xff", b"%", b"\r\n\r\n", b"\t")
                )
            elif kind == 1:
                del content[at : at + random.choice((1, 3, 20, 500))]
            elif kind == 2 and at < len(content):
                content[at] = random.randrange(256)
            else:
                content[at:at] = content[at : at + random.choice((5, 50, 500))]
        return bytes(content).replace(b"/wait", b"/wail")  # that one waits for half a minute

    def _pick(self) -> Request:
        """Return a real request; of each operation equally many."""
        return self._random.choice(self._random.choice(self._operations))

    def _text(self) -> str:
        random = self._random
        text = random.choice(TEXTS)
        kind = random.random()
        if kind < 0.1:
            text = random.choice(PIECES) * random.choice((100, 3000, _LONGEST))
        elif kind < 0.2:
            text = (text + random.choice(TEXTS)) * random.choice((1, 2, 30))
        return text[:_LONGEST]

    def _escape(self, text: str) -> str:
        safe = "" if self._random.random() < 0.8 else "%&=;+/"
        return quote(text.encode("utf-8", "surrogatepass"), safe=safe)

    def _method(self, request: Request) -> Request:
        odd_methods = ("PUT", "TRACE", "FOO", "CONNECT", "PROPFIND", "GETGET", "M-SEARCH", "X" * 20)
        return request._replace(method=self._random.choice((*METHODS, *odd_methods)))

    def _swap_body(self, request: Request) -> Request:
        """Take the body and its type from another request."""
        other = self._pick()
        headers = tuple(header for header in request.headers if header[0].lower() != "content-type")
        types = tuple(header for header in other.headers if header[0].lower() == "content-type")
        return request._replace(body=other.body, headers=(*headers, *types))

    def _framing(self, request: Request) -> Request:
        random = self._random
        if random.random() < 0.6:
            return request._replace(chunked=not request.chunked and bool(request.body))
        if random.random() < 0.5:
            return request._replace(body=b"", chunked=False)
        return request._replace(body=request.body or b"{}")

    def _path(self, request: Request) -> Request:
        random = self._random
        path, mark, query = request.target.partition("?")
        parts = path.split("/")
        at = random.randrange(len(parts))
        kind = random.randrange(6)
        if kind == 0:
            del parts[at]
        elif kind == 1:
            parts.insert(at, random.choice(PATH_PARTS))
        elif kind == 2:
            parts[at] = self._escape(self._text())
        elif kind == 3:
            parts[at] = random.choice(PATH_PARTS)
        elif kind == 4:
            parts[at] = "".join(f"%{ord(char):02x}" if random.random() < 0.3 else char for char in parts[at])
        else:
            donor_parts = self._pick().target.partition("?")[0].split("/")
            parts = parts[:at] + donor_parts[at:]
        return request._replace(target="/".join(parts) + mark + query)

    def _query(self, request: Request) -> Request:
        random = self._random
        path, _, query = request.target.partition("?")
        pairs = query.split("&") if query else []
        kind = random.randrange(5)
        if kind == 0 and pairs:
            del pairs[random.randrange(len(pairs))]
        elif kind == 1 and pairs:
            pairs.append(random.choice(pairs))
        elif kind == 2 and pairs:
            at = random.randrange(len(pairs))
            pairs[at] = f"{pairs[at].partition('=')[0]}={self._escape(self._text())}"
        elif kind == 3:
            pairs.append(self._escape(self._text()))
        else:
            name = random.choice(PARAMETERS)
            pairs.insert(random.randrange(len(pairs) + 1), f"{name}={self._escape(self._text())}")
        return request._replace(target=f"{path}?{random.choice(('&', '&', '&', ';')).join(pairs)}")

    def _header(self, request: Request) -> Request:
        random = self._random
        headers = list(request.headers)
        kind = random.randrange(5)
        if kind == 0 and headers:
            del headers[random.randrange(len(headers))]
        elif kind == 1 and headers:
            headers.append(random.choice(headers))
        else:
            value = random.choice(HEADER_VALUES) if random.random() < 0.6 else self._text()
            name = random.choice(HEADERS)
            if kind == 2:
                headers = [header for header in headers if header[0].lower() != name.lower()]
            headers.append((name, value))
        return request._replace(headers=tuple(headers))

    def _body(self, request: Request) -> Request:
        """Change one thing in a JSON body."""
        try:
            document = json.loads(request.body) if request.body else {}
        except (ValueError, RecursionError):
            return self._bytes(request)
        text = json.dumps(self._change(document))
        for placeholder, raw in RAW.items():
            text = text.replace(json.dumps(placeholder), raw)
        if len(text) > _LARGEST:
            return request
        headers = request.headers if request.has("content-type") else (*request.headers, JSON)
        return request._replace(body=text.encode(), headers=headers)

    def _value(self) -> Any:
        random = self._random
        kind = random.random()
        if kind < 0.4:
            return random.choice(PLAIN)
        if kind < 0.65:
            return random.choice(VALUES)
        if kind < 0.95:
            return self._text()
        return [self._text() for _ in range(random.randrange(4))]

    def _change(self, document: Any) -> Any:
        """Return a document with one of its values changed; each is as likely as any other."""
        places: list[tuple[Any, Any]] = [(None, None)]
        waiting = [document]
        while waiting and len(places) < 500:
            inner = waiting.pop()
            keys: list[Any] = []
            if isinstance(inner, (dict, list)):
                keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            for key in keys:
                places.append((inner, key))
                waiting.append(inner[key])
        parent, key = self._random.choice(places)
        if parent is None:
            return self._value()
        if isinstance(parent, dict):
            self._change_mapping(parent, key)
        else:
            self._change_list(parent, key)
        return document

    def _change_mapping(self, parent: dict[str, Any], key: str) -> None:
        random = self._random
        kind = random.randrange(10)
        if kind == 0:
            del parent[key]
        elif kind == 1:
            parent[self._text()] = parent.pop(key)
        elif kind == 2:
            parent[random.choice((*PARAMETERS, self._text()))] = self._value()
        elif kind == 3:
            other_key = random.choice(list(parent))
            parent[key], parent[other_key] = parent[other_key], parent[key]
        else:
            parent[key] = self._value()

    def _change_list(self, parent: list[Any], at: int) -> None:
        random = self._random
        kind = random.randrange(6)
        if kind == 0:
            del parent[at]
        elif kind == 1:
            parent *= min(random.choice((2, 2, 20, 200)), max(1, _LARGEST_LIST // len(json.dumps(parent))))
        elif kind == 2:
            parent.insert(at, self._value())
        else:
            parent[at] = self._value()

    def _bytes(self, request: Request) -> Request:
        """Change bytes of a body, whatever they mean."""
        random = self._random
        content = bytearray(request.body or b"{}")
        at = random.randrange(len(content))
        kind = random.randrange(5)
        if kind == 0:
            del content[at:]
        elif kind == 1:
            del content[at : at + random.choice((1, 2, 10))]
        elif kind == 2:
            content[at] = random.randrange(256)
        elif kind == 3:
            content[at:at] = random.choice(
                (b"\0", b"\xff", b"\xef\xbb\xbf", b"\n", b"[" * 200, b"9" * 500, b'"', b"{", b"\\")
            )
        else:
            content[at:at] = content * random.choice((1, 5))
        return request._replace(body=bytes(content[:_LARGEST]))


_NO_TOKEN: Final = re.compile("[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_CONTROL: Final = re.compile("[\0-\x08\x0a-\x1f\x7f]")


def _sendable(request: Request) -> Request:
    """Return *request* as a server would let it through: only it keeps such things from an application."""
    target = "".join(char if "!" <= char <= "~" and char != "#" else quote(char) for char in request.target)
    if target[:1] not in ("/", "*"):
        target = f"/{target}"
    headers = []
    for name, value in request.headers:
        text = value.encode("utf-8", "surrogatepass").decode("latin-1")
        headers.append((_NO_TOKEN.sub("", name) or "X", _CONTROL.sub("", text).strip(" \t")))
    return request._replace(
        method=_NO_TOKEN.sub("", request.method) or "GET", target=target, headers=tuple(headers)
    )


_COUNT: Final = re.compile(rb'("?count"?\s*:\s*)[0-9]{3,}')
_DELAY: Final = re.compile(rb'("?delay"?\s*:\s*)[0-9.e+-]+')


def tame(request: Request) -> Request:
    """Bound what a request asks for: images to be made up, and seconds to wait."""
    body = _DELAY.sub(rb"\g<1>0.001", _COUNT.sub(rb"\g<1>99", request.body))
    if "wait" not in request.path:
        return request._replace(body=body)
    target = re.sub("timeout=[^&;]*", "timeout=0", request.target)
    if "timeout=" not in target:
        target += "&timeout=0" if "?" in target else "?timeout=0"
    return request._replace(body=body, target=target)
