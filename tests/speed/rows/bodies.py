"""Bodies: JSON, JSON patches, forms, and those that are too large."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tests.speed.exchange import Request
from tests.speed.rows.row import Row
from tests.speed.subjects import PROJECT
from tests.speed.worlds import (
    IMAGE,
    IMAGES,
    JSON,
    NOVA,
    ONE_QUEUED,
    PATCH,
    QUEUED,
    SMALL,
    World,
    patch,
    post,
    properties,
)

#: Bytes of the largest body that Nova and the identity service take, and of the largest that is sent to others.
_LARGE = 8_000_000


def _wide(n: int, value: object = "v") -> dict[str, object]:
    return {f"key{i:06}": value for i in range(n)}


def _deep(n: int, opening: str, closing: str) -> bytes:
    return (opening * n + "1" + closing * n).encode()


#: A body as JSON -> the bytes that it has for each n, and itself at a size.
_BODIES: Mapping[str, tuple[int, Callable[[int], bytes]]] = {
    "n keys": (19, lambda n: json.dumps(_wide(n)).encode()),
    "n keys, numbers": (17, lambda n: json.dumps(_wide(n, 1)).encode()),
    "n numbers": (3, lambda n: json.dumps([1] * n).encode()),
    "n texts": (5, lambda n: json.dumps(["a"] * n).encode()),
    "n empty objects": (4, lambda n: json.dumps([{}] * n).encode()),
    "n levels of lists": (2, lambda n: _deep(n, "[", "]")),
    "n levels of objects": (6, lambda n: _deep(n, '{"a":', "}")),
    "n brackets that are not closed": (1, lambda n: b"[" * n),
    "n digits": (1, lambda n: b"9" * n),
    "n digits of a fraction": (1, lambda n: b"0." + b"9" * n),
    "1e and n digits": (1, lambda n: b"1e" + b"9" * n),
    "a text of n letters": (1, lambda n: json.dumps("x" * n).encode()),
    "a text of n escapes": (6, lambda n: b'"' + rb"\u0041" * n + b'"'),
    "a text of n halves of characters": (6, lambda n: b'"' + rb"\ud800" * n + b'"'),
    "n duplicate keys": (6, lambda n: b"{" + b",".join([b'"a":1'] * n) + b"}"),
    "n blanks": (1, lambda n: b" " * n + b"1"),
    "n nulls": (1, lambda n: b'"' + b"\0" * n + b'"'),
}


class _Place(NamedTuple):
    """Where a body goes to.

    Attributes:
        name: the request in words.
        send: makes it of the bytes that stand where ``@`` is in *around*.
        around: each a document with ``@`` in it.
        largest: bytes of the whole body at 4n.
    """

    name: str
    send: Callable[[bytes], Request]
    around: tuple[str, ...]
    largest: int


_PLACES = (
    _Place(
        "POST metadata",
        lambda body: post(f"{NOVA}/{IMAGE}/metadata", body),
        ("@", '{"metadata": @}', '{"metadata": {"a": @}}'),
        SMALL,
    ),
    _Place(
        "POST metadata, /v2",
        lambda body: post(f"/v2/{PROJECT}/images/{IMAGE}/metadata", body),
        ('{"metadata": @}',),
        SMALL,
    ),
    _Place(
        "PUT one key",
        lambda body: post(f"{NOVA}/{IMAGE}/metadata/a", body, method="PUT"),
        ('{"meta": @}', '{"meta": {"a": @}}'),
        SMALL,
    ),
    _Place(
        "server action",
        lambda body: post("/v2.1/servers/9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f/action", body),
        (
            "@",
            '{"createImage": @}',
            '{"createImage": {"name": "x", "metadata": @}}',
            '{"createImage": {"name": @}}',
            '{"createBackup": {"name": "x", "backup_type": "d", "rotation": @}}',
        ),
        SMALL,
    ),
    _Place(
        "POST image",
        lambda body: post(IMAGES, body, ("Accept", "text/plain")),
        ("@", '{"visibility": @}', '{"tags": @}', '{"min_ram": @}', '{"locations": @}', '{"a": @}', '{"id": @}'),
        _LARGE,
    ),
    _Place(
        "PATCH image",
        lambda body: post(f"{IMAGES}/{IMAGE}", body, PATCH, ("Accept", "text/plain"), method="PATCH"),
        (
            "@",
            '[{"op": "add", "path": "/a", "value": @}]',
            '[{"op": "replace", "path": "/tags", "value": @}]',
            '[{"op": @}]',
            '[{"op": "add", "path": @, "value": "a"}]',
        ),
        _LARGE,
    ),
    _Place(
        "POST member",
        lambda body: post(f"{IMAGES}/{IMAGE}/members", body),
        ("@", '{"member": @}'),
        _LARGE,
    ),
    _Place(
        "import",
        lambda body: post(f"{IMAGES}/{QUEUED}/import", body),
        ('{"method": @}', '{"method": {"name": @}}'),
        _LARGE,
    ),
    _Place(
        "login",
        lambda body: post("/identity/v3/auth/tokens", body),
        (
            "@",
            '{"auth": @}',
            '{"auth": {"identity": @}}',
            '{"auth": {"identity": {"methods": @}}}',
            '{"auth": {"identity": {"methods": ["password"], "password": {"user": @}}}}',
            '{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": @, "domain": {"id": "default"}, "password": "x"}}}}}',
            '{"auth": {"identity": {"methods": ["token"], "token": {"id": @}}}}',
            '{"auth": {"identity": {"methods": []}, "scope": @}}',
        ),
        SMALL,
    ),
    _Place(
        "login, v2.0",
        lambda body: post("/identity/v2.0/tokens", body),
        ('{"auth": {"passwordCredentials": @}}', '{"auth": {"passwordCredentials": {"username": @}}}'),
        SMALL,
    ),
    _Place("admin: POST image", lambda body: post("/_admin/images", body), ("@", '{"name": @}', '{"properties": @}', '{"tags": @}', '{"size": @}', '{"members": @}'), 1_000_000),
    _Place("admin: POST images", lambda body: post("/_admin/images", body), ('{"images": @}',), 1_000_000),
    _Place("admin: PATCH image", lambda body: post(f"/_admin/images/{IMAGE}", body, method="PATCH"), ("@",), 1_000_000),
    _Place("admin: POST fault", lambda body: post("/_admin/faults", body), ("@", '{"faults": @}', '{"match": @, "effect": {"status": 503}}', '{"match": {"header": @}, "effect": {"status": 503}}', '{"effect": {"status": @}}'), 1_000_000),
    _Place("admin: PUT plan", lambda body: post("/_admin/plans/x", body, method="PUT"), ('{"steps": @}',), 1_000_000),
    _Place("admin: PUT plans", lambda body: post("/_admin/plans", body, method="PUT"), ('{"default": @}', '{"assign": @}'), 1_000_000),
    _Place("admin: PUT status", lambda body: post(f"/_admin/images/{IMAGE}/status", body, method="PUT"), ("@", '{"status": @}'), 1_000_000),
    _Place("admin: PUT clock", lambda body: post("/_admin/clock", body, method="PUT"), ('{"advance": @}', '{"now": @}'), 1_000_000),
    _Place("admin: POST snapshot", lambda body: post("/_admin/snapshots", body), ('{"name": @}',), 1_000_000),
    _Place("admin: POST scope", lambda body: post("/_admin/scopes", body), ('{"project": @}',), 1_000_000),
    _Place("admin: generate", lambda body: post("/_admin/images/generate", body), ('{"count": @}', '{"count": 1, "template": @}'), 1_000_000),
    _Place("admin: reset", lambda body: post("/_admin/reset", body), ('{"to": @}',), 1_000_000),
)  # fmt: skip


def _documents() -> Iterator[Row]:
    for place in _PLACES:
        for around in place.around:
            before, _, after = around.partition("@")
            for title, (unit, content) in _BODIES.items():
                if "images" in around and title == "n empty objects":
                    continue  # these are images, so they ask for work

                def make(
                    _: World,
                    n: int,
                    place: _Place = place,
                    content: Callable[[int], bytes] = content,
                    before: bytes = before.encode(),
                    after: bytes = after.encode(),
                ) -> Request:
                    return place.send(before + content(n) + after)

                base = (place.largest - len(around)) // (4 * unit) - 2
                fixture = ONE_QUEUED if place.name == "import" else None
                yield Row(f"{place.name} {around}: {title}", base, make, fixture=fixture)


#: A JSON patch -> n, and itself at a size.
_PATCHES: Mapping[str, tuple[int, Callable[[int], object]]] = {
    "n new properties": (
        _LARGE // 4 // 52,
        lambda n: [{"op": "add", "path": f"/new{i:06}", "value": "v"} for i in range(n)],
    ),
    "n times the same property": (
        _LARGE // 4 // 46,
        lambda n: [{"op": "add", "path": "/same", "value": "v"}] * n,
    ),
    "n times added and removed": (
        _LARGE // 4 // 80,
        lambda n: [{"op": "add", "path": "/same", "value": "v"}, {"op": "remove", "path": "/same"}] * n,
    ),
    "n times the name": (_LARGE // 4 // 50, lambda n: [{"op": "replace", "path": "/name", "value": "v"}] * n),
    "n times 128 tags": (
        _LARGE // 4 // 1000,
        lambda n: [{"op": "replace", "path": "/tags", "value": [f"{i:03}" for i in range(128)]}] * n,
    ),
    "a pointer of n slashes": (_LARGE // 4, lambda n: [{"op": "add", "path": "/" * n, "value": "v"}]),
    "a pointer of n slashes and letters": (
        _LARGE // 8,
        lambda n: [{"op": "add", "path": "/a" * n, "value": "v"}],
    ),
    "a pointer of n blanks": (
        _LARGE // 4,
        lambda n: [{"op": "add", "path": "/a/" + " " * n + "b", "value": "v"}],
    ),
    "a pointer of n slashes with blanks": (
        _LARGE // 40,
        lambda n: [{"op": "add", "path": "/a" + "/         b"[:10] * n, "value": "v"}],
    ),
    "a pointer of n tildes": (_LARGE // 4, lambda n: [{"op": "add", "path": "/" + "~" * n, "value": "v"}]),
    "a pointer of n escapes": (_LARGE // 8, lambda n: [{"op": "add", "path": "/" + "~0" * n, "value": "v"}]),
    "a pointer of n letters": (_LARGE // 4, lambda n: [{"op": "add", "path": "/" + "a" * n, "value": "v"}]),
}


def _patches() -> Iterator[Row]:
    fixture = {
        "projects": [{"id": PROJECT, "name": "demo"}],
        "images": [{"id": IMAGE, "properties": properties(127)}],
    }
    for title, (base, operations) in _PATCHES.items():
        yield Row(
            f"PATCH of an image with 127 properties: {title}",
            base,
            lambda _, n, operations=operations: patch(operations(n), ("Accept", "text/plain")),  # type: ignore[misc]  # a default binds it
            fixture=fixture,
        )


def _forms() -> Iterator[Row]:
    """Forms, which curl sends."""
    texts: Mapping[str, tuple[int, Callable[[int], str]]] = {
        "n pairs": (60_000, lambda n: "a=b&" * n),
        "n pairs, all different": (20_000, lambda n: "&".join(f"k{i}=v" for i in range(n))),
        "a value of n letters": (250_000, lambda n: "status=" + "a" * n),
        "a name of n letters": (250_000, lambda n: "a" * n + "=b"),
        "n equals signs": (250_000, lambda n: "=" * n),
        "n percent signs": (250_000, lambda n: "status=" + "%" * n),
    }
    for title, (base, text) in texts.items():
        for path in (f"images/{IMAGE}/status", "clock"):
            yield Row(
                f"PUT {path.rpartition('/')[2]}, a form: {title}",
                base,
                lambda _, n, text=text, path=path: Request("PUT", f"/_admin/{path}", (), text(n).encode()),  # type: ignore[misc]  # a default binds it
            )
        yield Row(
            f"POST image, a form: {title}",
            base,
            lambda _, n, text=text: Request("POST", "/_admin/images", (), text(n).encode()),  # type: ignore[misc]  # a default binds it
        )


def _uploads() -> Iterator[Row]:
    for title, path, largest in (
        ("an upload", f"{IMAGES}/{QUEUED}/file", 10 * 2**20),
        ("a stage", f"{IMAGES}/{QUEUED}/stage", 10 * 2**20),
        ("a login", "/identity/v3/auth/tokens", SMALL),
        ("metadata", f"{NOVA}/{IMAGE}/metadata", SMALL),
        ("POST image", IMAGES, 10_000_000),
        ("a fixture", "/_admin/fixtures", 100_000_000),
    ):
        for chunked in (False, True):
            method = "PUT" if "queued" in path or path.endswith(("file", "stage")) else "POST"
            headers = (("Content-Type", "application/octet-stream"),) if method == "PUT" else (JSON,)
            yield Row(
                f"{title} of n bytes above the limit, {'chunked' if chunked else 'with its length'}",
                largest // 4 + 1,
                lambda _, n, path=path, method=method, headers=headers, chunked=chunked: Request(  # type: ignore[misc]  # a default binds it
                    method, path, headers, bytes(n), chunked
                ),
                fixture=ONE_QUEUED,
            )


def bodies() -> Iterator[Row]:
    """Give every row."""
    yield from _uploads()
    yield from _documents()
    yield from _patches()
    yield from _forms()
