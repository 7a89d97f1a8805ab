"""Fixtures: mistakes, numbers, and what YAML and JSON may look like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.speed.exchange import Request
from tests.speed.rows.row import Make, Row
from tests.speed.worlds import IMAGE


def _yaml(document: Mapping[str, list[Any]]) -> bytes:
    """Write lists of flow mappings, as people write fixtures."""
    lines = []
    for key, entries in document.items():
        lines.append(f"{key}:")
        lines += [f"- {json.dumps(entry)}" for entry in entries]
    return "\n".join(lines).encode()


_FORMS: Mapping[str, Callable[[Mapping[str, list[Any]]], bytes]] = {
    "YAML": _yaml,
    "JSON": lambda document: json.dumps(document).encode(),
}

#: What a fixture of n entries has wrong -> n, the document, and the same one without faults.
_MISTAKES: Mapping[
    str, tuple[int, Callable[[int], Mapping[str, list[Any]]], Callable[[int], Mapping[str, list[Any]]]]
] = {
    "n images, each with a mistake": (
        500,
        lambda n: {"images": [{"name": f"i{i:06}", "size": -1} for i in range(n)]},
        lambda n: {"images": [{"name": f"i{i:06}", "size": 10} for i in range(n)]},
    ),
    "n images, each with an unknown key": (
        500,
        lambda n: {"images": [{"name": f"i{i:06}", "sise": 10} for i in range(n)]},
        lambda n: {"images": [{"name": f"i{i:06}", "size": 10} for i in range(n)]},
    ),
    "n images with one id": (
        500,
        lambda n: {"images": [{"id": IMAGE} for _ in range(n)]},
        lambda n: {"images": [{"id": f"{i:08}{IMAGE[8:]}"} for i in range(n)]},
    ),
    "n unknown owners": (
        500,
        lambda n: {"images": [{"name": f"i{i:06}", "owner": "nobody"} for i in range(n)]},
        lambda n: {"images": [{"name": f"i{i:06}"} for i in range(n)]},
    ),
    "n unknown plans": (
        500,
        lambda n: {"images": [{"name": f"i{i:06}", "plan": "nope"} for i in range(n)]},
        lambda n: {"images": [{"name": f"i{i:06}", "plan": "slow"} for i in range(n)]},
    ),
    "n assignments of unknown plans": (
        500,
        lambda n: {"assign_plans": [{"match": {"name": f"i{i:06}"}, "plan": "nope"} for i in range(n)]},
        lambda n: {"assign_plans": [{"match": {"name": f"i{i:06}"}, "plan": "slow"} for i in range(n)]},
    ),
    "n faults with unknown operations": (
        500,
        lambda n: {"faults": [{"match": {"operation": f"no{i}"}, "effect": {"status": 503}} for i in range(n)]},
        lambda n: {
            "faults": [{"match": {"operation": "images.list"}, "effect": {"status": 503}} for i in range(n)]
        },
    ),
    "n servers with one id": (
        500,
        lambda n: {"servers": [{"id": IMAGE} for _ in range(n)]},
        lambda n: {"servers": [{"id": f"{i:08}{IMAGE[8:]}"} for i in range(n)]},
    ),
    "n projects with one name": (
        500,
        lambda n: {"projects": [{"id": f"{i:032x}", "name": "same"} for i in range(n)]},
        lambda n: {"images": [{"id": f"{i:08}{IMAGE[8:]}", "name": "i"} for i in range(n)]},
    ),
    "n projects, nothing wrong": (
        500,
        lambda n: {"projects": [{"id": f"{i:032x}", "name": f"p{i}"} for i in range(n)]},
        lambda n: {"images": [{"id": f"{i:08}{IMAGE[8:]}", "name": "i"} for i in range(n)]},
    ),
    "n users with one name": (
        500,
        lambda n: {
            "users": [{"name": "u", "password": f"{i}", "project": "demo"} for i in range(n)],
        },
        lambda n: {"users": [{"name": f"u{i}", "password": "x", "project": "demo"} for i in range(n)]},
    ),
    "n users of an unknown project": (
        500,
        lambda n: {"users": [{"name": f"u{i}", "password": "x", "project": "nope"} for i in range(n)]},
        lambda n: {"users": [{"name": f"u{i}", "password": "x", "project": "demo"} for i in range(n)]},
    ),
    "n projects and n users": (
        250,
        lambda n: {
            "projects": [{"id": f"{i:032x}", "name": f"p{i}"} for i in range(n)],
            "users": [{"name": f"u{i}", "password": "x", "project": f"p{i}"} for i in range(n)],
        },
        lambda n: {"users": [{"name": f"u{i}", "password": "x", "project": "demo"} for i in range(2 * n)]},
    ),
    "n images of n projects": (
        250,
        lambda n: {
            "projects": [{"id": f"{i:032x}", "name": f"p{i}"} for i in range(n)],
            "images": [{"name": f"i{i}", "owner": f"p{i}"} for i in range(n)],
        },
        lambda n: {"images": [{"name": f"i{i}", "size": 5} for i in range(2 * n)]},
    ),
    "n images that are equal": (
        500,
        lambda n: {"images": [{"name": "same"} for i in range(n)]},
        lambda n: {"images": [{"name": f"i{i:03}"} for i in range(n)]},
    ),
    "n generate groups of one": (
        250,
        lambda n: {"generate": [{"count": 1, "seed": i} for i in range(n)]},
        lambda n: {"generate": [{"count": n, "seed": 1}]},
    ),
    "n generate groups of one, the same seed": (
        250,
        lambda n: {"generate": [{"count": 1, "seed": 1} for i in range(n)]},
        lambda n: {"generate": [{"count": n, "seed": 1}]},
    ),
}  # fmt: skip


def documents() -> Iterator[Row]:
    for form, write in _FORMS.items():
        for title, (base, wrong, right) in _MISTAKES.items():
            yield Row(
                f"fixture in {form}: {title}",
                base,
                lambda _, n, write=write, wrong=wrong: _load_request(write(wrong(n))),  # type: ignore[misc]  # a default binds it
                reference=lambda _, n, write=write, right=right: _load_request(write(right(n))),  # type: ignore[misc]  # a default binds it
            )
    valid: Make = lambda _, n: _load_request(_yaml({"images": [{"name": "i" * 20}] * (n // 33)}))  # noqa: E731  # a row of the table is one line
    for title, (base, text) in _TEXTS.items():
        yield Row(
            f"fixture: {title}",
            base,
            lambda _, n, text=text: _load_request(text(n).encode()),  # type: ignore[misc]  # a default binds it
            reference=lambda world, n, title=title, text=text: (  # type: ignore[misc]  # a default binds it
                _load_request(_SAME[title](n).encode()) if title in _SAME else valid(world, len(text(n)))
            ),
        )


def _load_request(content: bytes) -> Request:
    return Request("POST", "/_admin/fixtures?replace=true", (("Content-Type", "application/yaml"),), content)


#: Fields that are whole numbers -> a document with ``@`` in its place.
_NUMBERS: Mapping[str, str] = {
    **{name: f"images: [{{{name}: @}}]" for name in ("size", "min_ram", "min_disk", "virtual_size")},
    "count": "generate: [{count: @}]",
    "seed": "generate: [{count: 1, seed: @}]",
    "ram": "servers: [{flavor: {ram: @}}]",
    "looks": "plans: {x: [{status: queued, looks: @}, {status: active}]}",
    "seconds": "plans: {x: [{status: queued, seconds: @}, {status: active}]}",
    "elapsed": "images: [{plan: {name: slow, elapsed: @}}]",
    "nth": "faults: [{match: {nth: @}, effect: {status: 503}}]",
    "times": "faults: [{effect: {status: 503}, times: @}]",
    "delay": "faults: [{effect: {delay: @}}]",
    "a name": "images: [{name: @}]",
    "a property": "images: [{properties: {a: @}}]",
    "a time": "images: [{created_at: @}]",
    "a key": "images: [{@: 1}]",
}

_DIGITS: Mapping[str, Callable[[int], str]] = {
    "decimal": lambda n: "9" * n,
    "hexadecimal": lambda n: "0x" + "f" * n,
    "octal": lambda n: "0" + "7" * n,
    "binary": lambda n: "0b" + "1" * n,
    "sexagesimal": lambda n: "1" + ":30" * (n // 3),
    "sexagesimal with a fraction": lambda n: "1" + ":30" * (n // 3) + ".5",
    "with underscores": lambda n: "1" + "_0" * (n // 2),
    "a fraction": lambda n: "0." + "9" * n,
    "an exponent": lambda n: "1.0e+" + "9" * n,
    "only underscores": lambda n: "1" + "_" * n,
}

#: A text that is no fixture, or an odd one -> n, and itself at a size. At 4n it has about 64 KB.
_TEXTS: Mapping[str, tuple[int, Callable[[int], str]]] = {
    **{
        f"{name} of n digits, {form}": (
            16_000,
            lambda n, around=around, digits=digits: around.replace("@", digits(n)),  # type: ignore[misc]  # a default binds it
        )
        for name, around in _NUMBERS.items()
        for form, digits in _DIGITS.items()
    },
    **{
        f"JSON, {name} of n digits": (
            16_000,
            lambda n, name=name: json.dumps({"images": [{name: "@"}]}).replace('"@"', "9" * n),  # type: ignore[misc]  # a default binds it
        )
        for name in ("size", "min_ram", "name")
    },
    "JSON, 0.9… of n digits": (16_000, lambda n: f'{{"images": [{{"size": 0.{"9" * n}}}]}}'),
    "JSON, 1e9… of n digits": (16_000, lambda n: f'{{"images": [{{"size": 1e{"9" * n}}}]}}'),
    "n levels of [": (16_000, lambda n: "images: " + "[" * n),
    "n levels of {": (16_000, lambda n: "images: " + "{" * n),
    "n levels of {a:": (5000, lambda n: "{a: " * n + "}" * n),
    "n levels of - ": (8000, lambda n: "images:\n" + "- " * n),
    "n levels of ? ": (8000, lambda n: "? " * n),
    "n levels by indentation": (90, lambda n: "".join(f"{' ' * i}a:\n" for i in range(n))),
    "JSON, n levels of [": (8000, lambda n: '{"images": ' + "[" * n + "]" * n + "}"),
    "JSON, n levels of {": (2500, lambda n: '{"images": ' * n + "1" + "}" * n),
    "n anchors": (4000, lambda n: "images:\n" + "".join(f"- &a{i} {{}}\n" for i in range(n // 2))),
    "n aliases of one": (8000, lambda n: "images: [&a {name: x}" + ", *a" * n + "]"),
    "n aliases of one with n properties": (
        1000,
        lambda n: "images: [&a {properties: {" + ", ".join(f"k{i:05}: v" for i in range(n)) + "}}" + ", *a" * n + "]",
    ),
    "n aliases of an unknown one": (4000, lambda n: "images: [" + ", ".join(["*a"] * n) + "]"),
    "n comments": (8000, lambda n: "#\n" * n + "images: []"),
    "a comment of n letters": (16_000, lambda n: "#" * n + "\nimages: []"),
    "a key of n letters": (16_000, lambda n: "a" * n + ": 1"),
    "n keys": (2000, lambda n: "".join(f"k{i:05}: 1\n" for i in range(n))),
    "n keys in one mapping of an image": (
        2000,
        lambda n: "images:\n- " + "\n  ".join(f"k{i:05}: 1" for i in range(n)),
    ),
    "n times the same key": (4000, lambda n: "a: 1\n" * n),
    "a block of n lines": (8000, lambda n: "images:\n- name: |\n" + "    a\n" * (n // 3)),
    "a folded block of n lines": (8000, lambda n: "images:\n- name: >\n" + "    a\n" * (n // 3)),
    "a plain text of n lines": (4000, lambda n: "images:\n- name: a\n" + "    a\n" * (n // 2)),
    "a quoted text of n letters": (16_000, lambda n: f'images: [{{name: "{"a" * n}"}}]'),
    "a quoted text of n escapes": (2600, lambda n: 'images: [{name: "' + r"\u0041" * n + '"}]'),
    "a quoted text of n lines": (8000, lambda n: 'images: [{name: "' + "a\n" * n + '"}]'),
    "a quoted text that does not end": (16_000, lambda n: 'images: [{name: "' + "a" * n),
    "n documents": (4000, lambda n: "---\n" * n),
    "n directives": (1600, lambda n: "%A b c d\n" * n + "---\n"),
    "n tags": (2500, lambda n: "images: [" + "!a 1, " * n + "]"),
    "a tag of n letters": (16_000, lambda n: "images: !" + "a" * n + " []"),
    "an anchor of n letters": (16_000, lambda n: "images: &" + "a" * n + " []"),
    "n merges": (2500, lambda n: "images: [&a {}, " + "{<<: *a}, " * (n // 2) + "]"),
    "n blanks": (16_000, lambda n: " " * n + "images: []"),
    "n tabs": (16_000, lambda n: "images:" + "\t" * n + "[]"),
    "n empty lines": (16_000, lambda n: "\n" * n + "images: []"),
    "n commas": (16_000, lambda n: "images: [" + "," * n + "]"),
    "n colons": (16_000, lambda n: ":" * n),
    "n colons and blanks": (8000, lambda n: ": " * n),
    "n question marks in flow": (8000, lambda n: "[" + "? " * n),
    "n control characters": (16_000, lambda n: "\x01" * n),
    "n lines, then a control character": (8000, lambda n: "#\n" * n + "\x01"),
    "n bytes that are no UTF-8": (16_000, lambda n: "é" * (n // 2)),
    "a time of n digits": (16_000, lambda n: f"images: [{{created_at: '2014-01-01T00:00:00.{'9' * n}Z'}}]"),
    "a time of n digits that is none": (16_000, lambda n: f"images: [{{created_at: '2014-01-01T00:00:00.{'9' * n}x'}}]"),
    "an id of n digits": (16_000, lambda n: f"images: [{{id: '{'9' * n}'}}]"),
    "an id of n braces": (16_000, lambda n: f"images: [{{id: '{'{' * n}'}}]"),
    "an image with n tags": (2500, lambda n: "images: [{tags: [" + ", ".join(f"t{i:04}" for i in range(n)) + "]}]"),
    "an image with n tags, the same": (4000, lambda n: "images: [{tags: [" + ", ".join(["a"] * n) + "]}]"),
    "an image with n members": (
        900,
        lambda n: "images: [{members: [" + ", ".join(f"{{member: m{i:05}}}" for i in range(n)) + "]}]",
    ),
    "an image with n properties": (
        1000,
        lambda n: "images: [{properties: {" + ", ".join(f"key{i:06}: v" for i in range(n)) + "}}]",
    ),
    "a plan of n steps": (
        400,
        lambda n: "plans: {x: [" + "{status: queued, seconds: 1}, " * n + "{status: active}]}",
    ),
    "n plans": (1200, lambda n: "plans:\n" + "".join(f"  p{i}: [{{}}]\n" for i in range(n // 2))),
    "a form of n pairs": (4000, lambda n: "a=b&" * n),
}  # fmt: skip

#: Texts that ask for very many images -> as many of them without what is odd.
_SAME: Mapping[str, Callable[[int], str]] = {
    "n anchors": lambda n: "images:\n" + "- {}\n" * (n // 2),
    "n aliases of one": lambda n: "images: [{name: x}" + ", {name: x}" * n + "]",
}
