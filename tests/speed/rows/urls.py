"""Paths and queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.speed.rows.row import LINE, Row
from tests.speed.subjects import PROJECT
from tests.speed.worlds import IMAGE, IMAGES, NOVA, get

#: What a URL has n of -> n, and the target at a size.
_TARGETS: Mapping[str, tuple[int, Callable[[int], str]]] = {
    "a path of n slashes": (LINE // 4, lambda n: "/v2.1" + "/" * n + "images"),
    "a path of n parts": (LINE // 8, lambda n: "/v2.1" + "/a" * n),
    "a path of n parts, image service": (LINE // 8, lambda n: "/image/v2/images" + "/a" * n),
    "a path of n parts, identity": (LINE // 8, lambda n: "/identity/v3" + "/a" * n),
    "a path of n parts, admin": (LINE // 8, lambda n: "/_admin" + "/a" * n),
    "a path of n percent signs": (LINE // 12, lambda n: "/v2.1/" + "%25" * n),
    "a path of n dots": (LINE // 12, lambda n: "/v2.1" + "/.." * n),
    "a project id of n digits": (LINE // 4, lambda n: f"/v2.1/{'a' * n}/images"),
    "a project id of n digits, legacy": (LINE // 4, lambda n: f"/v2/{'0' * n}/images/detail"),
    "an image id of n letters": (LINE // 4, lambda n: f"{NOVA}/{'a' * n}"),
    "an image id of n capitals": (LINE // 4, lambda n: f"{NOVA}/{'A' * n}"),
    "a metadata key of n letters": (LINE // 4, lambda n: f"{NOVA}/{IMAGE}/metadata/{'k' * n}"),
    "a server id of n letters": (LINE // 4, lambda n: f"/v2.1/servers/{'a' * n}"),
    "a user id of n letters": (LINE // 4, lambda n: f"/identity/v3/users/{'a' * n}/projects"),
    "n ampersands": (LINE // 4, lambda n: f"{NOVA}?{'&' * n}"),
    "n semicolons": (LINE // 4, lambda n: f"{NOVA}?{';' * n}"),
    "n equals signs": (LINE // 4, lambda n: f"{NOVA}?{'=' * n}"),
    "n plus signs": (LINE // 4, lambda n: f"{NOVA}?name={'+' * n}"),
    "n percent signs": (LINE // 4, lambda n: f"{NOVA}?name={'%' * n}"),
    "n escapes": (LINE // 12, lambda n: f"{NOVA}?name={'%41' * n}"),
    "n parameters, ignored": (LINE // 28, lambda n: f"{NOVA}?" + "&".join(f"x{i}=1" for i in range(n))),
    "n parameters, the same": (LINE // 28, lambda n: f"{NOVA}?" + "&".join(["name=a"] * n)),
    "n limits": (LINE // 32, lambda n: f"{NOVA}?" + "&".join(["limit=1"] * n)),
    "n markers": (LINE // 36, lambda n: f"{NOVA}?" + "&".join(["marker=a"] * n)),
    "n property filters": (
        LINE // 68,
        lambda n: f"{NOVA}?" + "&".join(f"property-{i:05}=a" for i in range(n)),
    ),
    "n property filters, detail": (
        LINE // 68,
        lambda n: f"{NOVA}/detail?" + "&".join(f"property-{i:05}=a" for i in range(n)),
    ),
    "n times `property-` in a name": (LINE // 36, lambda n: f"{NOVA}?{'property-' * n}=a"),
    "a limit of n digits": (LINE // 4, lambda n: f"{NOVA}?limit={'9' * n}"),
    "a limit of n zeros and x": (LINE // 4, lambda n: f"{NOVA}?limit={'0' * n}x"),
    "a limit of n zeros and a line": (LINE // 4, lambda n: f"{NOVA}?limit={'0' * n}%0A"),
    "an offset of n digits": (LINE // 4, lambda n: f"{NOVA}?offset={'9' * n}"),
    "a page_size of n digits": (LINE // 4, lambda n: f"{NOVA}?page_size={'9' * n}"),
    "a marker of n letters": (LINE // 4, lambda n: f"{NOVA}?marker={'a' * n}"),
    "a marker of n escapes": (LINE // 20, lambda n: f"{NOVA}?marker={'%2541' * n}"),
    "changes-since of n digits": (LINE // 4, lambda n: f"{NOVA}?changes-since={'2' * n}"),
    "changes-since, a fraction of n digits": (
        LINE // 4,
        lambda n: f"{NOVA}?changes-since=2014-01-01T00:00:00.{'2' * n}Z",
    ),
    "changes-since, a fraction of n digits and x": (
        LINE // 4,
        lambda n: f"{NOVA}?changes-since=2014-01-01T00:00:00.{'2' * n}x",
    ),
    "minRam of n digits": (LINE // 4, lambda n: f"{NOVA}?minRam={'9' * n}"),
    "minRam of n blanks": (LINE // 4, lambda n: f"{NOVA}?minRam={'+' * n}x"),
    "minRam of 1e and n digits": (LINE // 4, lambda n: f"{NOVA}?minRam=1e{'9' * n}"),
    "minRam of n digits and a fraction": (LINE // 8, lambda n: f"{NOVA}?minRam={'9' * n}.{'9' * n}"),
    "minRam of 0.0… of n digits": (LINE // 4, lambda n: f"{NOVA}?minRam=0.{'0' * n}1"),
    "server, n slashes": (LINE // 4, lambda n: f"{NOVA}?server={'/' * n}"),
    "status of n letters": (LINE // 4, lambda n: f"{NOVA}?status={'a' * n}"),
    "status=in: n words": (LINE // 28, lambda n: f"{NOVA}?status=in:" + ",".join(["active"] * n)),
    "name=in: n names": (LINE // 24, lambda n: f"{NOVA}?name=in:" + ",".join(f"{i:05}" for i in range(n))),
    "name=in: n quoted names": (
        LINE // 48,
        lambda n: f"{NOVA}?name=in:" + ",".join(f"%22{i:05}%22" for i in range(n)),
    ),
    "name=in: n commas": (LINE // 4, lambda n: f"{NOVA}?name=in:{',' * n}"),
    "name=in: n quotation marks": (LINE // 12, lambda n: f"{NOVA}?name=in:{'%22' * n}"),
    "name=in: n backslashes": (LINE // 12, lambda n: f"{NOVA}?name=in:%22{'%5C' * n}%22"),
    "name=in: n escaped quotation marks": (LINE // 24, lambda n: f"{NOVA}?name=in:%22{'%5C%22' * n}%22"),
    "name=in: n escaped, not opened": (LINE // 24, lambda n: f"{NOVA}?name=in:{'%5C%22' * n}"),
    "name=in: n opened after commas": (LINE // 16, lambda n: f"{NOVA}?name=in:a{',%22' * n}"),
    "name, n colons": (LINE // 4, lambda n: f"{NOVA}?name={':' * n}"),
    "image service: n tags": (LINE // 44, lambda n: f"{IMAGES}?" + "&".join(f"tag={i:06}" for i in range(n))),
    "image service: n tags, the same": (LINE // 24, lambda n: f"{IMAGES}?" + "&".join(["tag=a"] * n)),
    "image service: n properties": (
        LINE // 32,
        lambda n: f"{IMAGES}?" + "&".join(f"{i:05}=1" for i in range(n)),
    ),
    "image service: n ranges": (
        LINE // 44,
        lambda n: f"{IMAGES}?" + "&".join(f"{i:05}_min=1" for i in range(n)),
    ),
    "image service: n sort keys": (LINE // 56, lambda n: f"{IMAGES}?" + "&".join(["sort_key=name"] * n)),
    "image service: n sort directions": (LINE // 52, lambda n: f"{IMAGES}?" + "&".join(["sort_dir=asc"] * n)),
    "image service: sort of n keys": (LINE // 20, lambda n: f"{IMAGES}?sort=" + ",".join(["name"] * n)),
    "image service: n visibilities": (LINE // 56, lambda n: f"{IMAGES}?" + "&".join(["visibility=all"] * n)),
    "image service: n limits": (LINE // 32, lambda n: f"{IMAGES}?" + "&".join(["limit=1"] * n)),
    "image service: a limit of n digits": (LINE // 4, lambda n: f"{IMAGES}?limit={'9' * n}"),
    "image service: size_min of n digits": (LINE // 4, lambda n: f"{IMAGES}?size_min={'9' * n}"),
    "image service: size of n digits": (LINE // 4, lambda n: f"{IMAGES}?size={'9' * n}"),
    "image service: size of 1e and n digits": (LINE // 4, lambda n: f"{IMAGES}?size=1e{'9' * n}"),
    "image service: name_min of n digits": (1075, lambda n: f"{IMAGES}?name_min={'9' * n}"),
    "image service: updated_at of n digits": (LINE // 4, lambda n: f"{IMAGES}?updated_at=gte:{'9' * n}"),
    "image service: n stores": (LINE // 8, lambda n: f"{IMAGES}/{IMAGE}/file?prefer={'a,' * n}"),
    "identity: n filters": (
        LINE // 28,
        lambda n: "/identity/v3/projects?" + "&".join(f"x{i}=1" for i in range(n)),
    ),
    "identity: tags=n": (LINE // 8, lambda n: f"/identity/v3/projects?tags={'a,' * n}"),
    "identity: name__contains of n letters": (
        LINE // 4,
        lambda n: f"/identity/v3/projects?name__contains={'a' * n}",
    ),
    "servers: a limit of n digits": (LINE // 4, lambda n: f"/v2.1/servers?limit={'9' * n}"),
    "servers: a limit of n zeros": (LINE // 4, lambda n: f"/v2.1/servers?limit={'0' * n}"),
    "servers: n parameters": (LINE // 28, lambda n: "/v2.1/servers?" + "&".join(f"x{i}=1" for i in range(n))),
    "servers: a marker of n letters": (LINE // 4, lambda n: f"/v2.1/servers?marker={'a' * n}"),
    "explain, a path of n letters": (LINE // 4, lambda n: f"/_admin/explain?path=/v2.1/{'a' * n}"),
    "explain, a path of n slashes": (LINE // 4, lambda n: f"/_admin/explain?path=/v2.1{'/' * n}images"),
    "explain, n parameters": (
        LINE // 32,
        lambda n: "/_admin/explain?path=/v2.1/images%3F" + "%26".join(["x=1"] * n),
    ),
    "explain, n property filters": (
        LINE // 80,
        lambda n: "/_admin/explain?path=/v2.1/images%3F" + "%26".join(f"property-{i:05}=1" for i in range(n)),
    ),
    "admin: n parameters": (LINE // 24, lambda n: "/_admin/health?" + "&".join(f"x{i}=1" for i in range(n))),
    "admin: a scope of n letters": (LINE // 4, lambda n: f"/_admin/health?scope={'a' * n}"),
    "admin: a snapshot of n letters": (LINE // 4, lambda n: f"/_admin/snapshots/{'a' * n}/changes"),
    "admin: a fault of n letters": (LINE // 4, lambda n: f"/_admin/faults/{'a' * n}"),
    "admin: a format of n letters": (LINE // 4, lambda n: f"/_admin/export?format={'a' * n}"),
    "admin: a marker of n digits": (LINE // 4, lambda n: f"/_admin/requests?marker={'9' * n}"),
    "admin: a limit of n digits": (1000, lambda n: f"/_admin/requests?limit={'9' * n}"),
    "admin: a timeout of n digits": (1000, lambda n: f"/_admin/requests/wait?timeout={'9' * n}"),
}


def urls() -> Iterator[Row]:
    for title, (base, target) in _TARGETS.items():
        settings = {"dialect": "nova"} if "limit" in title and "image service" not in title else {}
        yield Row(
            f"URL: {title}",
            base,
            lambda _, n, target=target: get(target(n)),  # type: ignore[misc]  # a default binds it
            settings=settings,
        )
    yield Row(
        "URL: n conditions, all of which hold for 1,000 images",
        32,
        lambda _, n: get(f"{NOVA}?" + "&".join(f"property-{i:05}=1" for i in range(n))),
        fixture={
            "projects": [{"id": PROJECT, "name": "demo"}],
            "generate": [{"count": 1000, "template": {"properties": {f"{i:05}": "1" for i in range(128)}}}],
        },
    )
    yield Row(
        "URL: name=in: n names that are there",
        250,
        lambda world, n: get(
            f"{NOVA}?name=in:" + ",".join(str(image.name) for image in world.emulator.cloud.images.all()[:n])
        ),
        fixture={"projects": [{"id": PROJECT, "name": "demo"}], "generate": [{"count": 1000}]},
    )
