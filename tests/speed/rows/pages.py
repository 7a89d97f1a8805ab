"""Pages of errors, which show what the client sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

from tests.speed.exchange import Request
from tests.speed.rows.row import LINE, Row
from tests.speed.worlds import IMAGE, IMAGES, NOVA, get, patch, post

_PAGES = ("text/plain", "text/html", "application/json")

#: Characters that a page of an error escapes, or strips.
_SIGNS = ("<", '"', "&", "<br", "\n", "é", "<b>")


def pages() -> Iterator[Row]:
    for kind in _PAGES:
        yield from _of_bodies(kind, ("Accept", kind))
        yield from _of_urls_and_headers(kind, ("Accept", kind))
    yield from _of_nova()


def _of_bodies(kind: str, accept: tuple[str, str]) -> Iterator[Row]:
    for sign in _SIGNS if kind == "text/plain" else _SIGNS[:3]:
        name_of_sign = json.dumps(sign)
        yield Row(
            f"POST image, visibility {name_of_sign} n times, {kind}",
            8000,
            lambda _, n, sign=sign: post(IMAGES, {"visibility": sign * n}, accept),  # type: ignore[misc]  # a default binds it
        )
        yield Row(
            f"POST image, a key of {name_of_sign} n times, {kind}",
            8000,
            lambda _, n, sign=sign: post(IMAGES, {sign * n: 5}, accept),  # type: ignore[misc]  # a default binds it
        )
    yield Row(
        f"POST image, name of `<` n times, {kind}", 8000, lambda _, n: post(IMAGES, {"name": "<" * n}, accept)
    )
    yield Row(
        f"PATCH image, a path of `<` n times, {kind}",
        8000,
        lambda _, n: patch([{"op": "add", "path": "<" * n, "value": 1}], accept),
    )
    yield Row(
        f"PATCH image, an op of `<` n times, {kind}",
        8000,
        lambda _, n: patch([{"op": "<" * n, "path": "/a"}], accept),
    )


def _of_urls_and_headers(kind: str, accept: tuple[str, str]) -> Iterator[Row]:
    for what, target in (
        ("an id", f"{IMAGES}/{{}}"),
        ("a member", f"{IMAGES}/{IMAGE}/members/{{}}"),
        ("a tag", f"{IMAGES}/{IMAGE}/tags/{{}}"),
        ("visibility", f"{IMAGES}?visibility={{}}"),
        ("an operator", f"{IMAGES}?status={{}}:a"),
        ("a sort key", f"{IMAGES}?sort_key={{}}"),
        ("a sort direction", f"{IMAGES}?sort=name:{{}}"),
        ("a marker", f"{IMAGES}?marker={{}}"),
        ("a store", f"{IMAGES}/{IMAGE}/file?prefer={{}}"),
        ("os_hidden", f"{IMAGES}?os_hidden={{}}"),
    ):
        method = "DELETE" if what == "a tag" else "GET"
        yield Row(
            f"{method} {what} of `<` n times, {kind}",
            LINE // 12,
            lambda _, n, target=target, method=method: Request(  # type: ignore[misc]  # a default binds it
                method, target.format("%3C" * n), (accept,)
            ),
        )
    yield Row(
        f"PUT file, a media type of `<` n times, {kind}",
        LINE // 4,
        lambda _, n: Request("PUT", f"{IMAGES}/{IMAGE}/file", (("Content-Type", "<" * n), accept), b"x"),
    )
    yield Row(
        f"image service, a method of n letters, {kind}",
        LINE // 4,
        lambda _, n: Request("M" * n, IMAGES, (accept,)),
    )


def _of_nova() -> Iterator[Row]:
    for sign in ("<", "\n", "&", "<br>"):
        for name in ("name=in:%22", "marker=", "visibility=", "status=x:", "property-status=x:"):
            yield Row(
                f"images list of Nova, {name}{json.dumps(sign)[1:-1]} n times",
                LINE // 4 // len(quote(sign)),
                lambda _, n, name=name, sign=sign: get(f"{NOVA}?{name}{quote(sign) * n}"),  # type: ignore[misc]  # a default binds it
                settings={"dialect": "nova"},
            )
