"""The admin API: it controls the cloud while tests run. It has no versions, and needs no Keystone token.

Its URLs, operations and JSON keys are frozen. Some differ from the words in the code: ``looks`` are polls,
``met`` counts how often a fault triggered, ``listed`` counts the images in a response, ``complaints`` are
strict violations, and ``forget`` purges an image.
"""

from fake_nova.apis.admin import (
    answers,
    changes,
    clock,
    cloud,
    coverage,
    errors,
    explain,
    faults,
    fixtures,
    flavors,
    guard,
    history,
    images,
    keypairs,
    metrics,
    names,
    openapi,
    operations,
    plans,
    quotas,
    requests,
    scopes,
    servers,
    snapshots,
    unknown_requests,
)
from fake_nova.apis.admin.checks import check_query, resolve_cloud
from fake_nova.apis.admin.page import views as page
from fake_nova.wire import checks
from fake_nova.wire.service import Api, Route, Service

#: The service of all paths below /_admin.
ADMIN = Service(
    name="admin",
    prefixes=("_admin",),
    resolve_cloud=resolve_cloud,
    early_checks=(guard.require_enabled, guard.authorize),
    route_checks=(
        checks.require_ready,
        checks.decode_path_params,
        check_query,
        checks.advance_plans,
        names.resolve_name,
    ),
    no_route_view=unknown_requests.no_route,
    render_error=errors.render_error,
    lenient_routing=True,
    ends_json_with_newline=True,
    is_journaled=False,
)

_IMAGE = "/images/{image_id}"
_SERVER = "/servers/{server_id}"
_FLAVOR = "/flavors/{flavor_id}"
_KEYPAIR = "/keypairs/{keypair_name}"
_QUOTAS = "/quotas/{project}"
_HISTORY = f"{_IMAGE}/history"
_SERVER_HISTORY = f"{_SERVER}/history"
_SNAPSHOT = "/snapshots/{name}"
_CHANGES = f"{_SNAPSHOT}/changes"

ROUTES = (
    Route("GET", "", page.show, "admin.index", "redirect browsers to the page, list the routes to others"),
    Route("GET", "/", page.show, "admin.page", "show the page for browsers"),
    Route("GET", "/page/{name}", page.show, "admin.page.file", "show a script or another file of the page"),
    Route("GET", "/health", cloud.health, "admin.health", "show status, image count, version, start time"),
    Route("GET", "/environment", cloud.environment, "admin.environment", "show what clients need to log in"),
    Route("GET", "/metrics", metrics.show, "admin.metrics", "show counts and durations for Prometheus"),
    Route("GET", "/images", images.index, "admin.images.list", "list all images, including deleted ones"),
    Route("POST", "/images", images.add, "admin.images.add", "add an image, or several as `images`"),
    Route("POST", "/images/generate", images.generate, "admin.images.generate", "add generated images"),
    Route("GET", _IMAGE, images.show, "admin.images.show", "show an image as stored"),
    Route("PATCH", _IMAGE, images.update, "admin.images.change", "change any field of an image"),
    Route("DELETE", _IMAGE, images.purge, "admin.images.forget", "remove an image without a trace"),
    Route("PUT", f"{_IMAGE}/status", images.set_status, "admin.images.status", "set the status of an image"),
    Route("PUT", f"{_IMAGE}/plan", plans.start, "admin.images.plan", "start a plan for an image"),
    Route("GET", "/servers", servers.index, "admin.servers.list", "list all servers, also deleted ones"),
    Route("POST", "/servers", servers.add, "admin.servers.add", "add a server, or several as `servers`"),
    Route("POST", "/servers/generate", servers.generate, "admin.servers.generate", "add generated servers"),
    Route("GET", _SERVER, servers.show, "admin.servers.show", "show a server as stored"),
    Route("PATCH", _SERVER, servers.update, "admin.servers.change", "change any field of a server"),
    Route(
        "GET",
        _SERVER_HISTORY,
        history.server_history,
        "admin.servers.history",
        "list the versions of a server, with time and cause",
    ),
    Route(
        "GET",
        "/servers/changes",
        changes.server_changes,
        "admin.servers.changes",
        "list the servers that changed `?since=`",
    ),
    Route("PUT", f"{_SERVER}/plan", servers.start_plan, "admin.servers.plan", "start a plan for a server"),
    Route("DELETE", _SERVER, servers.forget, "admin.servers.forget", "remove a server without a trace"),
    Route("GET", "/flavors", flavors.index, "admin.flavors.list", "list all flavors, also private ones"),
    Route("POST", "/flavors", flavors.add, "admin.flavors.add", "add a flavor, or several as `flavors`"),
    Route("GET", _FLAVOR, flavors.show, "admin.flavors.show", "show a flavor as stored"),
    Route("PATCH", _FLAVOR, flavors.update, "admin.flavors.change", "change any field of a flavor"),
    Route("DELETE", _FLAVOR, flavors.forget, "admin.flavors.forget", "remove a flavor without a trace"),
    Route("GET", "/keypairs", keypairs.index, "admin.keypairs.list", "list the key pairs of all users"),
    Route("POST", "/keypairs", keypairs.add, "admin.keypairs.add", "add a key pair, or several: `keypairs`"),
    Route("GET", _KEYPAIR, keypairs.show, "admin.keypairs.show", "show a key pair as stored"),
    Route("PATCH", _KEYPAIR, keypairs.update, "admin.keypairs.change", "change a key pair, but not its name"),
    Route("DELETE", _KEYPAIR, keypairs.forget, "admin.keypairs.forget", "remove a key pair"),
    Route("GET", "/quotas", quotas.index, "admin.quotas.list", "list the projects with quotas of their own"),
    Route("GET", _QUOTAS, quotas.show, "admin.quotas.show", "show the quotas of a project"),
    Route("PUT", _QUOTAS, quotas.update, "admin.quotas.change", "change limits of a project"),
    Route("DELETE", _QUOTAS, quotas.forget, "admin.quotas.forget", "give a project the default quotas"),
    Route("GET", "/plans", plans.index, "admin.plans.list", "list the plans, and which images get them"),
    Route(
        "PUT", "/plans", plans.assign, "admin.plans.assign", "choose the plans of new images, and of servers"
    ),
    Route("PUT", "/plans/{name}", plans.define, "admin.plans.define", "define a plan"),
    Route("GET", "/requests", requests.index, "admin.requests.list", "list the journal, oldest entry first"),
    Route("GET", "/requests/count", requests.count, "admin.requests.count", "count the requests that match"),
    Route("GET", "/requests/wait", requests.wait, "admin.requests.wait", "wait for a request that matches"),
    Route("GET", "/requests/{number}", requests.show, "admin.requests.show", "show a request and response"),
    Route("DELETE", "/requests", requests.clear, "admin.requests.clear", "clear the journal"),
    Route(
        "GET",
        _HISTORY,
        history.history,
        "admin.images.history",
        "list the versions of an image, with time and cause",
    ),
    Route("GET", f"{_IMAGE}/answers", answers.answers, "admin.images.answers", "show what both APIs answer"),
    Route("GET", "/changes", changes.changes, "admin.changes", "list the images that changed `?since=`"),
    Route(
        "GET",
        "/explain",
        explain.explain,
        "admin.explain",
        "explain why list `?path=` lacks an image or server",
    ),
    Route(
        "GET", "/complaints", explain.strict_violations, "admin.complaints", "list what fails a strict test"
    ),
    Route("GET", "/coverage", coverage.show, "admin.coverage.show", "show which outcomes clients have met"),
    Route("PUT", "/coverage", coverage.start, "admin.coverage.start", "count outcomes from now on"),
    Route("DELETE", "/coverage", coverage.stop, "admin.coverage.stop", "count outcomes no longer"),
    Route("GET", "/snapshots", snapshots.index, "admin.snapshots.list", "list the snapshots"),
    Route("POST", "/snapshots", snapshots.take, "admin.snapshots.take", "take a snapshot"),
    Route("POST", f"{_SNAPSHOT}/restore", snapshots.restore, "admin.snapshots.restore", "restore a snapshot"),
    Route(
        "GET",
        _CHANGES,
        snapshots.changes,
        "admin.snapshots.changes",
        "list changes since it, or until `?to=`",
    ),
    Route("DELETE", _SNAPSHOT, snapshots.delete, "admin.snapshots.forget", "delete a snapshot"),
    Route("GET", "/export", fixtures.export, "admin.export", "export the cloud as a fixture file"),
    Route("GET", "/faults", faults.index, "admin.faults.list", "list the faults and their counters"),
    Route("POST", "/faults", faults.add, "admin.faults.add", "add a fault, or several as `faults`"),
    Route("DELETE", "/faults", faults.clear, "admin.faults.clear", "remove all faults, or `?owner=` only"),
    Route("DELETE", "/faults/{fault_id}", faults.remove, "admin.faults.remove", "remove a fault"),
    Route("GET", "/operations", operations.index, "admin.operations", "list what faults can match"),
    Route("GET", "/scopes", scopes.index, "admin.scopes.list", "list the scopes"),
    Route("POST", "/scopes", scopes.create, "admin.scopes.open", "open a scope"),
    Route("DELETE", "/scopes/{project_id}", scopes.close, "admin.scopes.close", "close a scope"),
    Route("GET", "/clock", clock.show, "admin.clock.show", "show the clock"),
    Route("PUT", "/clock", clock.update, "admin.clock.change", "freeze, advance or release the clock"),
    Route("POST", "/reset", cloud.reset, "admin.reset", 'return to the seed; `{"to": "empty"}`: no images'),
    Route(
        "POST", "/reload", fixtures.reload, "admin.reload", "load the fixture files again, and reset to them"
    ),
    Route(
        "GET", "/openapi.json", openapi.show, "admin.openapi", "describe the admin API, for code generators"
    ),
    Route(
        "GET",
        "/openapi-emulated.json",
        openapi.show,
        "admin.openapi.emulated",
        "describe the emulated services",
    ),
    Route(
        "POST",
        "/fixtures",
        fixtures.load_fixture,
        "admin.fixtures",
        "load fixtures; `?replace=true` drops the rest",
    ),
)

APIS = (Api("admin", ADMIN, ROUTES),)
