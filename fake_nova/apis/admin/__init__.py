"""The emulator's own API: control of the cloud while tests run. It needs no token and has no versions."""

from fake_nova.apis.admin import (
    clock,
    explain,
    faults,
    guard,
    metrics,
    plans,
    requests,
    scopes,
    snapshots,
    views,
)
from fake_nova.wire import checks
from fake_nova.wire.api import Api, Route, Service

#: Everything below /_admin.
ADMIN = Service(
    name="admin",
    prefixes=("_admin",),
    before=(guard.is_on, guard.is_permitted),
    after=(checks.is_ready, views.has_text, views.in_scope, checks.is_up_to_date),
    no_route=views.no_route,
    error=views.error,
    lenient=True,
    journaled=False,
)

_IMAGE = "/images/{image_id}"
_HISTORY = f"{_IMAGE}/history"
_SNAPSHOT = "/snapshots/{name}"
_CHANGES = f"{_SNAPSHOT}/changes"

ROUTES = (
    Route("GET", "/health", views.health, "admin.health", "up, how many images, version, since when"),
    Route("GET", "/environment", views.environment, "admin.environment", "what clients need to log in"),
    Route("GET", "/metrics", metrics.metrics, "admin.metrics", "counts and durations for Prometheus"),
    Route("GET", "/images", views.index, "admin.images.list", "all images, deleted ones too"),
    Route("POST", "/images", views.add, "admin.images.add", "add one, or several under `images`"),
    Route("POST", "/images/generate", views.generate, "admin.images.generate", "add made-up images"),
    Route("GET", _IMAGE, views.show, "admin.images.show", "one image as it is stored"),
    Route("PATCH", _IMAGE, views.change, "admin.images.change", "change any field"),
    Route("DELETE", _IMAGE, views.forget, "admin.images.forget", "forget it altogether"),
    Route("PUT", f"{_IMAGE}/status", views.set_status, "admin.images.status", "set its status"),
    Route("PUT", f"{_IMAGE}/plan", plans.begin, "admin.images.plan", "let it go by a plan"),
    Route("GET", "/plans", plans.index, "admin.plans.list", "the plans, and what new images go by"),
    Route("PUT", "/plans", plans.assign, "admin.plans.assign", "say what new images go by"),
    Route("PUT", "/plans/{name}", plans.define, "admin.plans.define", "make a plan"),
    Route("GET", "/requests", requests.index, "admin.requests.list", "what was asked, oldest first"),
    Route("GET", "/requests/count", requests.count, "admin.requests.count", "how many fit"),
    Route("GET", "/requests/wait", requests.wait, "admin.requests.wait", "wait until one fits"),
    Route("DELETE", "/requests", requests.clear, "admin.requests.clear", "forget what was asked"),
    Route(
        "GET",
        _HISTORY,
        snapshots.history,
        "admin.images.history",
        "each version: when, and by which call or plan",
    ),
    Route("GET", "/explain", explain.explain, "admin.explain", "why `?path=` does not list an image"),
    Route("GET", "/complaints", explain.complaints, "admin.complaints", "what a strict test minds"),
    Route("GET", "/snapshots", snapshots.index, "admin.snapshots.list", "states with a name"),
    Route("POST", "/snapshots", snapshots.take, "admin.snapshots.take", "name the present state"),
    Route("POST", f"{_SNAPSHOT}/restore", snapshots.restore, "admin.snapshots.restore", "go back to it"),
    Route(
        "GET", _CHANGES, snapshots.changes, "admin.snapshots.changes", "what changed since, or until `?to=`"
    ),
    Route("DELETE", _SNAPSHOT, snapshots.forget, "admin.snapshots.forget", "forget it"),
    Route("GET", "/export", snapshots.export, "admin.export", "the cloud as a fixture file"),
    Route("GET", "/faults", faults.index, "admin.faults.list", "the faults, and how many they met"),
    Route("POST", "/faults", faults.add, "admin.faults.add", "add one, or several under `faults`"),
    Route("DELETE", "/faults", faults.clear, "admin.faults.clear", "take all away, or `?owner=`'s"),
    Route("DELETE", "/faults/{fault_id}", faults.remove, "admin.faults.remove", "take one away"),
    Route("GET", "/scopes", scopes.index, "admin.scopes.list", "projects with a cloud of their own"),
    Route("POST", "/scopes", scopes.open_one, "admin.scopes.open", "give a project its own cloud"),
    Route("DELETE", "/scopes/{project_id}", scopes.close, "admin.scopes.close", "take it away again"),
    Route("GET", "/clock", clock.show, "admin.clock.show", "how the clock goes"),
    Route("PUT", "/clock", clock.change, "admin.clock.change", "freeze it, move it, let it go"),
    Route("POST", "/reset", views.reset, "admin.reset", 'start over; `{"to": "empty"}`: with no image'),
    Route("POST", "/fixtures", views.take, "admin.fixtures", "add a fixture document, or `?replace=true`"),
)

APIS = (Api("admin", ADMIN, ROUTES),)
