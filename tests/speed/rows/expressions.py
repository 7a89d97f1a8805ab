"""Regular expressions of clients, in the names of servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from tests.speed.exchange import Request
from tests.speed.rows.row import Row
from tests.speed.subjects import PROJECT
from tests.speed.worlds import World, get

#: Servers whose names make a regular expression work as hard as it can.
_SERVERS = {
    "projects": [{"id": PROJECT, "name": "demo"}],
    "servers": [{"name": "a" * 254 + end, "owner": "demo"} for end in "aaaaabbbbb"],
}

#: What is asked of a server's name -> n, and the pattern at a size.
_EXPRESSIONS: Mapping[str, tuple[int, Callable[[int], str]]] = {
    "`.*` n times, then !": (75, lambda n: ".*" * n + "!"),
    "`(a+)+` n times, then !": (25, lambda n: "(a+)+" * n + "!"),
    "`(a+)+$` in n brackets": (5, lambda n: "(" * n + "a+" + ")+" * n + "$"),
    "`(a|a)*` n times, then !": (25, lambda n: "(a|a)*" * n + "!"),
    "`(a|ab|b)*!`, n branches": (500, lambda n: "(" + "|".join("a" * (1 + i % 9) for i in range(n)) + ")*!"),
    "`a?` n times, `a` n times": (60, lambda n: "a?" * n + "a" * n + "!"),
    "`(.*)` n times, \\1 to \\n, !": (
        10,
        lambda n: "(.*)" * n + "".join(rf"\{i + 1}" for i in range(n)) + "!",
    ),
    "`(?=.*a)` n times, then !": (500, lambda n: "(?=.*a)" * n + ".*!"),
    "`(?=` n deep": (50, lambda n: "(?=.*" * n + "!" + ")" * n),
    "`(?<=a{n})!`": (15_000, lambda n: f"(?<=a{{{n}}})!"),
    "`(?<!a)` n times": (1000, lambda n: "(?<!a)" * n + "!"),
    "`a{n}{n}`": (5000, lambda n: f"a{{{n}}}{{{n}}}"),
    "`(((a{n}){n}){n}){n}`": (50, lambda n: f"((((a{{{n}}}){{{n}}}){{{n}}}){{{n}}})!"),
    "`a{9…}` of n digits": (25, lambda n: f"a{{{'9' * n}}}"),
    "`a{0,9…}b` of n digits": (25, lambda n: f"a{{0,{'9' * n}}}b"),
    "n brackets": (10_000, lambda n: "(" * n + ")" * n),
    "n brackets that are not closed": (10_000, lambda n: "(" * n),
    "n named groups": (1000, lambda n: "".join(f"(?P<g{i}>a?)" for i in range(n))),
    "a class of n characters": (
        10_000,
        lambda n: "[" + "".join(chr(0x4E00 + i % 20_000) for i in range(n // 9)) + "]!",
    ),
    "`[` n times": (10_000, lambda n: "[" * n),
    "n plain characters": (25_000, lambda n: "b" * n),
    "n branches of one character": (12_000, lambda n: "|".join("b" * n)),
    "`(?i)` and n ranges": (
        2000,
        lambda n: "(?i)[" + "".join(f"{chr(200 + i)}-{chr(900 + i)}" for i in range(n)) + "]!",
    ),
    "`(?:` n times a conditional": (200, lambda n: "(a)?" + "(?(1)a*|a*)" * n + "!"),
    "`a*+` and `(?>a*)` n times": (200, lambda n: "a*?(?>a*)" * n + "!"),
    "`\\b` n times": (5000, lambda n: r"\b.*" * n + "!"),
    "`\\N{…}` n times": (500, lambda n: r"\N{DIGIT ONE}" * n),
    "`^` and `.*` n times, in lines": (100, lambda n: "(?ms)" + "^.*$" * n + "!"),
}


def expressions() -> Iterator[Row]:
    for name, (base, pattern) in _EXPRESSIONS.items():

        def make(_: World, n: int, pattern: Callable[[int], str] = pattern) -> Request:
            return get(f"/v2.1/{PROJECT}/servers?name={quote(pattern(n), safe='')}")

        yield Row(f"servers?name= {name}", base, make, fixture=_SERVERS)
    for path in ("servers/detail", "servers"):
        yield Row(
            f"{path}?name= the same `.*!` in n parameters",
            5000,
            lambda _, n, path=path: get(f"/v2.1/{PROJECT}/{path}?" + "&".join(["name=.*!"] * n)),  # type: ignore[misc]  # a default binds it
            fixture=_SERVERS,
        )
