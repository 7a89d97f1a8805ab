"""CPU of one process a request, without sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, Final

from flask import Flask

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import load_document, start_from_fixtures
from fake_nova.settings import Settings
from tests.speed.measure import Comparison, Figure, Subject, compare_cpu, cpu_seconds
from tests.speed.subjects import PROJECT, SERVER, Wsgi, constant, fixture, get_body, getter

ROOT = f"/v2.1/{PROJECT}/images"


def emulator_of(count: int, **settings: Any) -> Emulator:
    """Return a seeded emulator of so many generated images."""
    emulator = Emulator(Settings(fixtures=("empty",), **settings))
    start_from_fixtures(emulator)
    load_document(emulator, fixture(count), "bench", replace_all=True)
    return emulator


def flask_application(app: Flask) -> Wsgi:
    """Return the application with every request going through Flask."""
    return lambda environ, start: Flask.wsgi_app(app, environ, start)


def compare_with_constant(title: str, app: Wsgi, url: str, goal: float | None = None) -> Figure:
    """Measure a GET beside Flask views that return the same bytes as constants."""
    body = get_body(app, url)
    reference, control = (getter(constant(body).wsgi_app, url) for _ in range(2))
    return compare_cpu(getter(app, url), reference, control).figure("reads", title, "µs CPU", goal)


def reads() -> Iterator[Figure]:
    """The reads that make nearly all traffic, at 1,000 images."""
    emulator = emulator_of(1000)
    app = create_app(emulator)
    show = f"{ROOT}/{emulator.cloud.images.all()[0].id}"
    yield compare_with_constant("show, through Flask", flask_application(app), show, 1.4)
    yield compare_with_constant("list of 25, through Flask", flask_application(app), f"{ROOT}?limit=25", 1.5)
    yield compare_with_constant("show", app.wsgi_app, show, 0.22)
    yield compare_with_constant("list of 25", app.wsgi_app, f"{ROOT}?limit=25", 0.28)
    yield compare_with_constant("list of 1", app.wsgi_app, f"{ROOT}?limit=1")
    yield compare_with_constant("detail of 25", app.wsgi_app, f"{ROOT}/detail?limit=25")
    yield compare_with_constant("detail of 1,000", app.wsgi_app, f"{ROOT}/detail")
    yield compare_with_constant(
        "list of 25, page not kept", _without_pages(app.wsgi_app, emulator), f"{ROOT}?limit=25"
    )
    yield compare_with_constant(
        "detail of 1,000, page not kept", _without_pages(app.wsgi_app, emulator), f"{ROOT}/detail"
    )
    yield compare_with_constant("list of 25 by status", app.wsgi_app, f"{ROOT}?limit=25&status=ACTIVE")


def _without_pages(app: Wsgi, emulator: Emulator) -> Wsgi:
    """Return *app* as it is if something is written between any two requests: no page is in the cache."""
    pages = emulator.cloud.images.state.page_cache

    def forgetful(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        pages.clear()
        return app(environ, start)

    return forgetful


#: What of a list must not cost more in a big store: name -> query.
QUERIES = {
    "first page": "",
    "deep page": "marker={deep}",
    "by status": "status=ACTIVE",
    "by status, deep": "status=ACTIVE&marker={deep}",
    "by status, none": "status=ERROR",
    "by name": "name={name}",
    "by changes-since, old": "changes-since=2013-01-01T00:00:00Z",
    "by changes-since, half": "changes-since=2018-06-01T00:00:00Z",
    "by changes-since, new": "changes-since={newest}",
    "by server": f"server={SERVER}",
    "by minRam": "minRam=777",
    "by minRam, common, deep": "minRam=1024&marker={deep}",
    "by a property": "property-architecture=x86_64",
    "by a rare property": "property-rare=yes",
    "by status and property": "status=ACTIVE&property-rare=yes",
}


#: A query that no index narrows and whose images are far down: it costs what the walk to them costs. Nobody is
#: known to send it to a large cloud, so it has no goal.
WALKS: Final = "by changes-since, half"


def sizes() -> Iterator[Figure]:
    """The same requests at 1,000, 100,000 and 1,000,000 images."""
    stores: dict[int, tuple[Emulator, dict[str, str]]] = {}
    for count in (1000, 100_000, 1_000_000):
        emulator = emulator_of(count)
        images = emulator.cloud.images.all()
        newest = max(image.updated_at for image in images)
        names = {
            "deep": images[len(images) // 3].id,
            "name": images[len(images) // 2].name or "",
            "newest": newest.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        stores[count] = emulator, names
    for size in (100_000, 1_000_000):
        for name, query in QUERIES.items():
            subjects = {
                count: _page(emulator, query.format(**names)) for count, (emulator, names) in stores.items()
            }
            comparison = compare_cpu(subjects[size], subjects[1000])
            goal = None if name == WALKS else 1.3
            yield comparison.figure("sizes", f"{name}: {size:,} images beside 1,000", "µs CPU", goal)
    yield from _resets(stores[100_000][0])


def _page(emulator: Emulator, query: str) -> Subject:
    """Return a function that gets a page of 25, which is not in the cache."""
    app = _without_pages(create_app(emulator).wsgi_app, emulator)
    url = f"{ROOT}?limit=25&{query}"
    get_body(app, url)
    return getter(app, url)


def _resets(big: Emulator) -> Iterator[Figure]:
    changes, reset = _seconds_of_changes_and_reset(big)
    _, small_reset = _seconds_of_changes_and_reset(emulator_of(100))
    title = "reset after ten changes: 100,000 images beside 100"
    yield Comparison(reset, small_reset, _RESETS, 0).figure("sizes", title, "µs CPU", 1.6)
    title = "reset at 100,000 images beside the ten changes before it"
    yield Comparison(reset, changes, _RESETS, 0).figure("sizes", title, "µs CPU", 0.14)


_RESETS = 500


def _seconds_of_changes_and_reset(emulator: Emulator) -> tuple[float, float]:
    """Return the median CPU seconds of ten changes, and of the reset after them."""
    ids = [image.id for image in emulator.cloud.images.all()[:: len(emulator.cloud.images) // 10][:10]]

    def change() -> None:
        for image_id in ids:
            emulator.cloud.images.update(image_id, lambda image: image.replace(min_ram=5))

    pairs = [(cpu_seconds(change, 1), cpu_seconds(emulator.reset, 1)) for _ in range(_RESETS)]
    return median(changes for changes, _ in pairs), median(reset for _, reset in pairs)
