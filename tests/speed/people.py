"""Log-ins and look-ups of a token, with many users and tokens beside few."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tests.speed.exchange import ask, environment
from tests.speed.measure import Figure, Subject, compare_cpu
from tests.speed.worlds import JSON, World, get, post

#: The most that a request may cost with many users and tokens, beside what it costs with few.
_GOAL: Final = 1.25


class _Size(NamedTuple):
    users: int
    tokens: int


_SMALL: Final = _Size(10, 10)
_LARGE: Final = _Size(1_000, 32_000)


def people() -> Iterator[Figure]:
    """Compare log-ins and look-ups of a token in two clouds."""
    small, large = (_subjects(size) for size in (_SMALL, _LARGE))
    for name, subject in large.items():
        title = f"{name}: {_LARGE.users:,} users and {_LARGE.tokens:,} tokens beside ten"
        yield compare_cpu(subject, small[name]).figure("people", title, "µs CPU", _GOAL)


def _fixture(users: int) -> dict[str, Any]:
    """Return projects and users, each with an application credential."""
    numbers = range(users)
    names = [f"user-{number}" for number in numbers]
    return {
        "projects": [{"id": f"{number:032x}", "name": f"project-{number}"} for number in numbers],
        "users": [
            {"name": name, "password": "secret", "project": f"project-{number}"}
            for number, name in enumerate(names)
        ],
        "application_credentials": [
            {"id": f"credential-{name}", "name": "ci", "secret": "secret", "user": name} for name in names
        ],
    }


def _subjects(size: _Size) -> Mapping[str, Subject]:
    """Return name -> request, to a cloud of this size, of the user in its middle."""
    world = World(_fixture(size.users))
    cloud = world.emulator.cloud
    users = cloud.directory.users
    tokens = [
        cloud.tokens.issue(users[number % size.users], users[number % size.users].project)[0]
        for number in range(size.tokens)
    ]
    user = users[size.users // 2]
    token = tokens[size.tokens // 2]
    reference = {"name": user.name, "domain": {"id": "default"}, "password": "secret"}
    scope = {"scope": {"project": {"id": user.projects[0].id}}}
    credential = {"id": f"credential-{user.name}", "secret": "secret"}
    path = "/identity/v3/auth/tokens"
    named_credential = {"name": "ci", "user": {"id": user.id}, "secret": "secret"}
    headers = (("X-Auth-Token", token), ("X-Subject-Token", token))
    return {
        "log-in by a password": _login(world, "password", {"user": reference}, scope),
        "log-in by an application credential": _login(world, "application_credential", credential),
        "log-in by the name of a credential": _login(world, "application_credential", named_credential),
        "validation of a token": world.prepare(get(path, *headers)),
        "list of images with a token": world.prepare(get("/v2.1/images?limit=25", *headers[:1])),
    }


def _login(world: World, method: str, payload: Any, scope: Mapping[str, Any] | None = None) -> Subject:
    """Return a function that logs in and removes the token again: the number of tokens stays the same."""
    auth = {"identity": {"methods": [method], method: payload}, **(scope or {})}
    environ = environment(post("/identity/v3/auth/tokens", {"auth": auth}, JSON))
    app: Callable[..., Any] = world.app
    tokens = world.emulator.cloud.tokens

    def log_in() -> None:
        reply = ask(app, environ)
        environ["wsgi.input"].seek(0)
        if reply.status != 201:
            raise RuntimeError(f"{reply.status}: {json.dumps(auth)}: {reply.content[:200]!r}")
        tokens.revoke(dict(reply.headers)["X-Subject-Token"], with_chain=False)

    return log_in
