"""What a cloud holds: people, tokens, scopes, faults, plans, the journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fake_nova.documents.loading import load_document
from tests.speed.exchange import Request
from tests.speed.rows.row import LINE, Make, Row
from tests.speed.subjects import PROJECT
from tests.speed.worlds import IMAGE, NOVA, Action, World, get, post, properties


def _login(user: str, password: str, **scope: object) -> Request:
    identity = {
        "methods": ["password"],
        "password": {"user": {"name": user, "domain": {"id": "default"}, "password": password}},
    }
    return post("/identity/v3/auth/tokens", {"auth": {"identity": identity, **scope}})


def _people(n: int) -> dict[str, Any]:
    return {
        "projects": [{"id": PROJECT, "name": "demo"}],
        "users": [{"name": f"user{i:06}", "password": "x", "project": "demo"} for i in range(n)],
    }


def _with_people(request: Callable[[int], Request]) -> Make:
    def make(world: World, n: int) -> Action:
        load_document(world.emulator, json.dumps(_people(n)).encode(), "bench", replace_all=True)
        return world.prepare(request(n))

    return make


def _with_tokens(request: Callable[[str], Request]) -> Make:
    def make(world: World, n: int) -> Action:
        tokens, directory = world.emulator.cloud.tokens, world.emulator.cloud.directory
        user = directory.users[0]
        text = ""
        for _ in range(n):
            text = tokens.issue(user, user.project)[0]
        return world.prepare(request(text))

    return make


def _with_scopes(request: Request) -> Make:
    def make(world: World, n: int) -> Action:
        for i in range(n):
            world.emulator.open_scope(f"{i:08x}")
        return world.prepare(request)

    return make


def _with_faults(fault: Callable[[int], object], request: Callable[[int], Request]) -> Make:
    """Return what asks once there are n faults, or one fault of size n."""

    def make(world: World, n: int) -> Action:
        faults = fault(n)
        batch = faults if isinstance(faults, list) else [faults]
        for at in range(0, len(batch), 100):
            reply = world.ask(post("/_admin/faults", {"faults": batch[at : at + 100]}))
            if reply.status not in (201, 400, 409, 413):  # there may be a bound on how many there are
                raise RuntimeError(f"{reply.status}: {reply.content[:200]!r}")
        world.emulator.cloud.clock.advance(10)
        return world.prepare(request(n))

    return make


def _journal_query(suffix: str, name: str, text: Callable[[int], str]) -> Callable[[int], str]:
    return lambda n: f"{suffix}?{name}={text(n)}"


def _with_journal(query: Callable[[int], str]) -> Make:
    """Return what asks the journal once 1,000 long requests are in it."""

    def make(world: World, n: int) -> Action:
        if len(world.emulator.cloud.journal.entries()) < 1000:
            body = post(
                f"{NOVA}/{IMAGE}/metadata", {"metadata": {"a": "a" * 2000}}, ("User-Agent", "a" * 2000)
            )
            for _ in range(1000):
                world.ask(body._replace(target=f"{body.target}?{'a' * 2000}"))
        return world.prepare(get(f"/_admin/requests{query(n)}"))

    return make


def _with_plan(match: Callable[[int], object], image: Callable[[int], object]) -> Make:
    def make(world: World, n: int) -> Action:
        world.ask(post("/_admin/plans", {"assign": [{"match": match(n), "plan": "slow"}]}, method="PUT"))
        return world.prepare(post("/_admin/images", image(n)))

    return make


def _with_requests(requests: Callable[[int], Iterable[Request]], last_request: Request) -> Make:
    def make(world: World, n: int) -> Action:
        for request in requests(n):
            world.ask(request)
        return world.prepare(last_request)

    return make


_LOGIN = _login("demo", "demo-secret")
_KEYSTONE = {"auth_strategy": "keystone"}


def clouds() -> Iterator[Row]:
    yield from _users()
    yield from _tokens_and_scopes()
    yield from _faults()
    yield from _patterns()
    yield from _snapshots()
    yield from _plans_and_methods()


def _users() -> Iterator[Row]:
    wrong, right = (lambda n: _login(f"nobody{n}", "x")), (lambda n: _login(f"user{n - 1:06}", "x"))
    by_id = {"methods": ["password"], "password": {"user": {"id": "0" * 32, "password": "x"}}}
    yield Row("n users: a login of nobody", 2000, _with_people(wrong), repeats_action=True)
    yield Row("n users: a login of the last", 2000, _with_people(right), repeats_action=True)
    yield Row(
        "n users: a login by an id of nobody",
        2000,
        _with_people(lambda _: post("/identity/v3/auth/tokens", {"auth": {"identity": by_id}})),
        repeats_action=True,
    )
    yield Row("n users: a list of images", 2000, _with_people(lambda _: get(NOVA)), repeats_action=True)


def _tokens_and_scopes() -> Iterator[Row]:
    yield Row("n tokens: a login", 8000, _with_tokens(lambda _: _LOGIN), repeats_action=True)
    yield Row(
        "n tokens: a list with the last",
        8000,
        _with_tokens(lambda text: get(NOVA, ("X-Auth-Token", text))),
        _KEYSTONE,
        repeats_action=True,
    )
    yield Row("n scopes: a login", 250, _with_scopes(_LOGIN), repeats_action=True)
    yield Row(
        "n scopes: a list with an unknown token",
        250,
        _with_scopes(get("/v2.1/images", ("X-Auth-Token", "x" * 180))),
        _KEYSTONE,
        repeats_action=True,
    )
    yield Row(
        "n scopes: a large wrong login", 250, _with_scopes(_login("a" * 100_000, "x")), repeats_action=True
    )
    yield Row("n scopes: a list of images", 250, _with_scopes(get(NOVA)), repeats_action=True)
    yield Row("n scopes: another one", 250, _with_scopes(post("/_admin/scopes", {})), repeats_action=True)
    yield Row("n scopes: metrics", 250, _with_scopes(get("/_admin/metrics")), repeats_action=True)


def _snapshots_of(n: int) -> Iterator[Request]:
    return (post("/_admin/snapshots", {"name": f"s{i}"}) for i in range(n))


def _snapshots() -> Iterator[Row]:
    yield Row(
        "n snapshots: their list",
        1000,
        _with_requests(_snapshots_of, get("/_admin/snapshots")),
        repeats_action=True,
    )
    yield Row(
        "n snapshots: a list of images", 1000, _with_requests(_snapshots_of, get(NOVA)), repeats_action=True
    )
    yield Row(
        "n snapshots: an unknown one",
        1000,
        _with_requests(_snapshots_of, get("/_admin/snapshots/nope/changes")),
        repeats_action=True,
    )


def _plans_and_methods() -> Iterator[Row]:
    yield Row(
        "n plans: an unknown one",
        1000,
        _with_requests(
            lambda n: (
                post(f"/_admin/plans/p{i}", {"steps": [{"status": "active"}]}, method="PUT") for i in range(n)
            ),
            post("/_admin/images", {"name": "x", "plan": "nope"}),
        ),
        repeats_action=True,
    )
    yield Row(
        "n made-up methods: metrics",
        1000,
        _with_requests(lambda n: (Request(f"M{i}", NOVA) for i in range(n)), get("/_admin/metrics")),
        repeats_action=True,
    )
    yield Row("n images under way: a list of 1", 2500, _with_active_plan, repeats_action=True)


def _with_active_plan(world: World, n: int) -> Action:
    world.ask(post("/_admin/images", {"images": [{"name": "a", "plan": "slow"}] * n}))
    return world.prepare(get(f"{NOVA}?limit=1"))


_PLAIN = {"match": {"operation": "images.delete"}, "effect": {"status": 503}}


def _list_images(_: int) -> Request:
    return get(NOVA)


#: A fault -> n, the fault at a size or n faults, and the request that meets them.
_FAULTS: Mapping[str, tuple[int, Callable[[int], object], Callable[[int], Request]]] = {
    "n expired faults: a list": (5000, lambda n: [{**_PLAIN, "seconds": 1}] * n, _list_images),
    "n met faults: a list": (
        5000,
        lambda n: [{"match": {"operation": "images.list"}, "effect": {"status": 503}, "times": 1}] * n,
        _list_images,
    ),
    "n faults in force: a list": (5000, lambda n: [_PLAIN] * n, _list_images),
    "n faults for a query: a query of 100 KB": (
        250,
        lambda n: [{"match": {"query": {"a": "b"}}, "effect": {"status": 503}}] * n,
        lambda _: get(f"{NOVA}?{'&'.join(f'k{i}=v' for i in range(12_000))}"),
    ),
    "n faults: their list": (2500, lambda n: [_PLAIN] * n, lambda _: get("/_admin/faults")),
    "n faults: health": (2500, lambda n: [_PLAIN] * n, lambda _: get("/_admin/health")),
    "a fault's path `*a` n times": (
        125,
        lambda n: {"match": {"path": "*a" * n + "b"}, "effect": {"status": 503}},
        lambda _: get("/v2.1/" + "a" * LINE),
    ),
    "a fault's path `*` and n times ?": (
        245,
        lambda n: {"match": {"path": "*" + "?" * n + "b"}, "effect": {"status": 503}},
        lambda _: get("/v2.1/" + "a" * LINE),
    ),
    "a fault's path `*` and n times a": (
        245,
        lambda n: {"match": {"path": "*" + "a" * n + "b"}, "effect": {"status": 503}},
        lambda _: get("/v2.1/" + "a" * LINE),
    ),
    "a fault's path `[` n times": (
        240,
        lambda n: {"match": {"path": "*" + "[" * n}, "effect": {"status": 503}},
        lambda _: get("/v2.1/" + "a" * LINE),
    ),
    "a fault's header `*` and n times ?": (
        5000,
        lambda n: {"match": {"header": {"User-Agent": "*" + "?" * n + "b"}}, "effect": {"status": 503}},
        lambda _: get(NOVA, ("User-Agent", "a" * LINE)),
    ),
    "a fault's header `[` n times": (
        5000,
        lambda n: {"match": {"header": {"User-Agent": "[" * n}}, "effect": {"status": 503}},
        lambda _: get(NOVA, ("User-Agent", "a" * LINE)),
    ),
    "a fault's query `*` and n times ?": (
        5000,
        lambda n: {"match": {"query": {"name": "*" + "?" * n + "b"}}, "effect": {"status": 503}},
        lambda _: get(f"{NOVA}?name={'a' * LINE}"),
    ),
    "a fault with n headers": (
        5000,
        lambda n: {"match": {"header": {f"X-{i}": "a" for i in range(n)}}, "effect": {"status": 503}},
        _list_images,
    ),
    "a fault's operation `[` n times": (
        240,
        lambda n: {"match": {"operation": "*" + "[" * n}, "effect": {"status": 503}},
        _list_images,
    ),
}  # fmt: skip


def _faults() -> Iterator[Row]:
    for title, (base, fault, request) in _FAULTS.items():
        yield Row(title, base, _with_faults(fault, request), repeats_action=True)


def _patterns() -> Iterator[Row]:
    texts: Mapping[str, Callable[[int], str]] = {
        "`*a` n times": lambda n: "*a" * n + "b",
        "`*` and n times ?": lambda n: "*" + "%3F" * n + "b",
        "`*` and n times a": lambda n: "*" + "a" * n + "b",
        "`[` n times": lambda n: "*" + "[" * n,
        "`[!]` n times": lambda n: "*" + "[!a]" * n + "b",
    }
    for title, text in texts.items():
        for name in ("path", "body", "query", "user_agent", "operation"):
            for suffix in ("", "/count"):
                yield Row(
                    f"journal of 1,000{suffix}, {name}: {title}",
                    480,
                    _with_journal(_journal_query(suffix, name, text)),
                    repeats_action=True,
                )
    plans: Mapping[str, tuple[int, Callable[[int], object], Callable[[int], object]]] = {
        "name `*a` n times": (30, lambda n: {"name": "*a" * n + "b"}, lambda _: {"name": "a" * 255}),
        "a property `*` and n times ?": (
            5000,
            lambda n: {"properties": {"k": "*" + "?" * n + "b"}},
            lambda _: {"properties": {"k": "a" * LINE}},
        ),
        "a property `[` n times": (
            5000,
            lambda n: {"properties": {"k": "*" + "[" * n}},
            lambda _: {"properties": {"k": "a" * LINE}},
        ),
        "n tags, n tags": (
            250,
            lambda n: {"tags": [f"t{i}" for i in range(n)]},
            lambda n: {"tags": [f"t{i}" for i in range(n)]},
        ),
        "n properties": (
            2500,
            lambda n: {"properties": properties(n)},
            lambda n: {"properties": properties(n)},
        ),
    }
    for title, (base, match, image) in plans.items():
        yield Row(f"a plan is assigned, {title}", base, _with_plan(match, image))
