"""Headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.speed.exchange import Request
from tests.speed.rows.row import LINE, Row
from tests.speed.subjects import PROJECT
from tests.speed.worlds import IMAGE, IMAGES, NOVA, ONE_QUEUED, QUEUED, World, get, patch, post

#: Header -> what it has n of, n and its value at a size.
_HEADERS: Mapping[str, Mapping[str, tuple[int, Callable[[int], str]]]] = {
    "Accept": {
        "n elements": (LINE // 16, lambda n: ",".join(["a/b"] * n)),
        "n elements, all different": (LINE // 40, lambda n: ",".join(f"a{i}/b{i}" for i in range(n))),
        "n parameters": (LINE // 16, lambda n: "a/b" + ";c=d" * n),
        "n parameters without a value": (LINE // 8, lambda n: "a/b" + ";c" * n),
        "n weights": (LINE // 24, lambda n: "a/b" + ";q=0.5" * n),
        "a weight of n digits": (LINE // 4, lambda n: "a/b;q=0." + "5" * n),
        "n quotation marks": (LINE // 4, lambda n: "a/b;c=" + '"' * n),
        "n quoted values": (LINE // 24, lambda n: "a/b" + ';c="d"' * n),
        "n backslashes in quotes": (LINE // 4, lambda n: 'a/b;c="' + "\\" * n + '"'),
        "n backslashes, quotes not closed": (LINE // 4, lambda n: 'a/b;c="' + "\\" * n),
        "n escaped quotation marks": (LINE // 8, lambda n: 'a/b;c="' + '\\"' * n),
        "n openings of quotes": (LINE // 16, lambda n: "a/b" + ';c="' * n),
        "n semicolons": (LINE // 4, lambda n: "a/b" + ";" * n + "!"),
        "n commas": (LINE // 4, lambda n: "," * n + "!"),
        "n commas and blanks": (LINE // 8, lambda n: ", " * n + "!"),
        "n blanks": (LINE // 4, lambda n: "a/b" + " " * n + "!"),
        "n blanks after a semicolon": (LINE // 4, lambda n: "a/b;" + " " * n + "!"),
        "n blanks before =": (LINE // 4, lambda n: "a/b;c" + " " * n + "=d e!"),
        "n times `; ;`": (LINE // 12, lambda n: "a/b" + "; ;" * n + "@"),
        "n slashes": (LINE // 4, lambda n: "/" * n),
        "n asterisks": (LINE // 16, lambda n: ",".join(["*/*"] * n)),
        "n letters": (LINE // 4, lambda n: "a" * n),
    },
    "OpenStack-API-Version": {
        "n commas": (LINE // 4, lambda n: "," * n),
        "n services": (LINE // 48, lambda n: ",".join(["compute 2.1"] * n)),
        "n digits": (LINE // 4, lambda n: "compute 2." + "1" * n),
        "n blanks": (LINE // 4, lambda n: "compute" + " " * n + "x"),
    },
    "X-OpenStack-Nova-API-Version": {
        "n commas": (LINE // 4, lambda n: "," * n),
        "n digits": (LINE // 4, lambda n: "2." + "1" * n),
        "n zeros": (LINE // 4, lambda n: "2." + "0" * n),
    },
    "Content-Type": {
        "n parameters": (LINE // 16, lambda n: "application/json" + ";a=b" * n),
        "n blanks": (LINE // 4, lambda n: "application/json" + " " * n + ";"),
        "n plus signs": (LINE // 4, lambda n: "a/b" + "+" * n),
    },
    "X-Auth-Token": {"n letters": (LINE // 4, lambda n: "g" * n)},
    "X-Service-Token": {"n letters": (LINE // 4, lambda n: "g" * n)},
    "X-Subject-Token": {"n letters": (LINE // 4, lambda n: "g" * n)},
    "Host": {
        "n letters": (LINE // 4, lambda n: "a" * n),
        "n dots": (LINE // 4, lambda n: "." * n),
        "n digits": (LINE // 4, lambda n: "1" * n),
        "n brackets": (LINE // 4, lambda n: "[" * n),
        "n colons": (LINE // 4, lambda n: ":" * n),
    },
    "Origin": {"n letters": (LINE // 4, lambda n: "a" * n), "n slashes": (LINE // 4, lambda n: "/" * n)},
    "Sec-Fetch-Site": {"n letters": (LINE // 4, lambda n: "a" * n)},
    "Authorization": {"n blanks": (LINE // 4, lambda n: "Bearer" + " " * n)},
    "X-OpenStack-Request-ID": {"n letters": (LINE // 4, lambda n: "r" * n)},
    "User-Agent": {"n letters": (LINE // 4, lambda n: "u" * n)},
    "Cookie": {"n pairs": (LINE // 16, lambda n: "a=b;" * n)},
    "X-Forwarded-For": {
        "n addresses": (LINE // 40, lambda n: ",".join(["10.0.0.1"] * n)),
        "n quotation marks": (LINE // 4, lambda n: '"' * n),
    },
    "X-Forwarded-Host": {
        "n names": (LINE // 16, lambda n: ",".join(["a.b"] * n)),
        "n backslashes in quotes": (LINE // 4, lambda n: '"' + "\\" * n),
    },
    "X-Forwarded-Proto": {"n words": (LINE // 24, lambda n: ",".join(["http"] * n))},
    "X-Forwarded-Port": {"n digits": (LINE // 4, lambda n: "8" * n)},
    "X-Forwarded-Prefix": {"n slashes": (LINE // 4, lambda n: "/" * n)},
    "Range": {
        "n digits": (LINE // 4, lambda n: "bytes=" + "9" * n + "-"),
        "n zeros": (LINE // 4, lambda n: "bytes=" + "0" * n + "-x"),
        "n digits at the end": (LINE // 4, lambda n: "bytes=0-" + "9" * n),
        "n digits from the end": (LINE // 4, lambda n: "bytes=-" + "9" * n),
        "n blanks": (LINE // 4, lambda n: "bytes=1-" + " " * n + "x"),
        "n blanks before -": (LINE // 4, lambda n: "bytes=1" + " " * n + "x"),
        "n ranges": (LINE // 16, lambda n: "bytes=" + "0-1," * n),
    },
    "Content-Range": {
        "n digits": (LINE // 8, lambda n: f"bytes {'9' * n}-{'9' * n}/*"),
        "n blanks": (LINE // 4, lambda n: "bytes" + " " * n + "x"),
        "n zeros": (LINE // 4, lambda n: f"bytes {'0' * n}-x"),
    },
    "X-OpenStack-Image-Size": {
        "n digits": (LINE // 4, lambda n: "9" * n),
        "n zeros": (LINE // 4, lambda n: "0" * n + "x"),
        "n blanks": (LINE // 4, lambda n: " " * n + "x"),
    },
}

#: Where a header is read: each of them reads it in its own way.
_READERS: Mapping[str, tuple[Callable[..., Request], ...]] = {
    "": (lambda *headers: get(NOVA, *headers), lambda *headers: get("/image/v2/nowhere", *headers)),
    "Accept": (
        lambda *headers: get(NOVA, *headers),
        lambda *headers: get("/v2.1/nowhere", *headers),
        lambda *headers: get("/", *headers),
        lambda *headers: get("/image/v2/nowhere", *headers),
    ),
    "Content-Type": (
        lambda *headers: post(f"{NOVA}/{IMAGE}/metadata", {"metadata": {}}, *headers),
        lambda *headers: post("/identity/v3/auth/tokens", {}, *headers),
        lambda *headers: patch([], *headers),
        lambda *headers: post(f"{IMAGES}/{IMAGE}/file", b"x", *headers, method="PUT"),
        lambda *headers: get("/v2.1/", *headers),
    ),
    "Host": (lambda *headers: get("/_admin/health", *headers), lambda *headers: get(NOVA, *headers)),
    "Origin": (lambda *headers: get("/_admin/health", *headers),),
    "Sec-Fetch-Site": (lambda *headers: get("/_admin/health", *headers),),
    "Authorization": (lambda *headers: get("/_admin/health", *headers),),
    "X-Auth-Token": (
        lambda *headers: get(NOVA, *headers),
        lambda *headers: get("/identity/v3/auth/catalog", *headers),
        lambda *headers: get(IMAGES, *headers),
    ),
    "X-Subject-Token": (lambda *headers: get("/identity/v3/auth/tokens", *headers),),
    "Range": (lambda *headers: get(f"{IMAGES}/{IMAGE}/file", *headers),),
    "Content-Range": (lambda *headers: get(f"{IMAGES}/{IMAGE}/file", *headers),),
    "X-OpenStack-Image-Size": (
        lambda *headers: Request(
            "PUT", f"{IMAGES}/{QUEUED}/file", (("Content-Type", "application/octet-stream"), *headers), b"x"
        ),
    ),
}


def headers() -> Iterator[Row]:
    for header, values in _HEADERS.items():
        is_forwarding = header.startswith("X-Forwarded")
        settings: dict[str, Any] = {"trust_forwarded": True} if is_forwarding else {}
        if header.endswith("-Token"):
            settings["auth_strategy"] = "keystone"
        if header == "Authorization":
            settings["admin_token"] = "secret"
        for title, (base, value) in values.items():
            for reader in _READERS.get(header, _READERS[""]):

                def make(
                    _: World,
                    n: int,
                    reader: Callable[..., Request] = reader,
                    header: str = header,
                    value: Callable[[int], str] = value,
                ) -> Request:
                    return reader((header, value(n)))

                example = reader()
                location = f"{example.method} {example.target}".replace(PROJECT, "{p}").replace(IMAGE, "{i}")
                fixture = ONE_QUEUED if "size" in header.lower() or "range" in header.lower() else None
                yield Row(f"{header}: {title}, {location}", base, make, settings, fixture)
