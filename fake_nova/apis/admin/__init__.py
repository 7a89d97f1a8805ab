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

ROUTES = (
    Route("GET", "/health", views.health, "admin.health", summary="up, how many images, version, since when"),
    Route(
        "GET", "/environment", views.environment, "admin.environment", summary="what clients need to log in"
    ),
    Route("GET", "/metrics", metrics.metrics, "admin.metrics", summary="counts and durations for Prometheus"),
    Route("GET", "/images", views.index, "admin.images.list", summary="all images, deleted ones too"),
    Route("POST", "/images", views.add, "admin.images.add", summary="add one, or several under `images`"),
    Route("POST", "/images/generate", views.generate, "admin.images.generate", summary="add made-up images"),
    Route("GET", "/images/{image_id}", views.show, "admin.images.show", summary="one image as it is stored"),
    Route("PATCH", "/images/{image_id}", views.change, "admin.images.change", summary="change any field"),
    Route(
        "DELETE", "/images/{image_id}", views.forget, "admin.images.forget", summary="forget it altogether"
    ),
    Route(
        "PUT", "/images/{image_id}/status", views.set_status, "admin.images.status", summary="set its status"
    ),
    Route("PUT", "/images/{image_id}/plan", plans.begin, "admin.images.plan", summary="let it go by a plan"),
    Route("GET", "/plans", plans.index, "admin.plans.list", summary="the plans, and what new images go by"),
    Route("PUT", "/plans", plans.assign, "admin.plans.assign", summary="say what new images go by"),
    Route("PUT", "/plans/{name}", plans.define, "admin.plans.define", summary="make a plan"),
    Route("GET", "/requests", requests.index, "admin.requests.list", summary="what was asked, oldest first"),
    Route("GET", "/requests/count", requests.count, "admin.requests.count", summary="how many fit"),
    Route("GET", "/requests/wait", requests.wait, "admin.requests.wait", summary="wait until one fits"),
    Route("DELETE", "/requests", requests.clear, "admin.requests.clear", summary="forget what was asked"),
    Route(
        "GET",
        "/images/{image_id}/history",
        snapshots.history,
        "admin.images.history",
        summary="each version: when, and by which call or plan",
    ),
    Route("GET", "/explain", explain.explain, "admin.explain", summary="why `?path=` does not list an image"),
    Route("GET", "/complaints", explain.complaints, "admin.complaints", summary="what a strict test minds"),
    Route("GET", "/snapshots", snapshots.index, "admin.snapshots.list", summary="states with a name"),
    Route("POST", "/snapshots", snapshots.take, "admin.snapshots.take", summary="name the present state"),
    Route(
        "POST",
        "/snapshots/{name}/restore",
        snapshots.restore,
        "admin.snapshots.restore",
        summary="go back to it",
    ),
    Route(
        "GET",
        "/snapshots/{name}/changes",
        snapshots.changes,
        "admin.snapshots.changes",
        summary="what changed since, or until `?to=`",
    ),
    Route("DELETE", "/snapshots/{name}", snapshots.forget, "admin.snapshots.forget", summary="forget it"),
    Route("GET", "/export", snapshots.export, "admin.export", summary="the cloud as a fixture file"),
    Route("GET", "/faults", faults.index, "admin.faults.list", summary="the faults, and how many they met"),
    Route("POST", "/faults", faults.add, "admin.faults.add", summary="add one, or several under `faults`"),
    Route("DELETE", "/faults", faults.clear, "admin.faults.clear", summary="take all away, or `?owner=`'s"),
    Route("DELETE", "/faults/{fault_id}", faults.remove, "admin.faults.remove", summary="take one away"),
    Route("GET", "/scopes", scopes.index, "admin.scopes.list", summary="projects with a cloud of their own"),
    Route("POST", "/scopes", scopes.open_one, "admin.scopes.open", summary="give a project its own cloud"),
    Route("DELETE", "/scopes/{project_id}", scopes.close, "admin.scopes.close", summary="take it away again"),
    Route("GET", "/clock", clock.show, "admin.clock.show", summary="how the clock goes"),
    Route("PUT", "/clock", clock.change, "admin.clock.change", summary="freeze it, move it, let it go"),
    Route(
        "POST", "/reset", views.reset, "admin.reset", summary='start over; `{"to": "empty"}`: with no image'
    ),
    Route(
        "POST",
        "/fixtures",
        views.take,
        "admin.fixtures",
        summary="add a fixture document, or `?replace=true`",
    ),
)

APIS = (Api("admin", ADMIN, ROUTES),)
