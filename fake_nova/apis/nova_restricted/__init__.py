"""Requests about the infrastructure of a cloud, which the emulator refuses: it has none that could change."""

from functools import partial

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_restricted.actions import ACTIONS, refuse_action
from fake_nova.apis.nova_restricted.proxy_tables import LAST, PROXY_REFUSALS
from fake_nova.apis.nova_restricted.tables import REFUSALS
from fake_nova.apis.nova_restricted.views import empty_list, refuse
from fake_nova.wire.service import Api, Route

ROUTES = (
    *(
        Route("GET", path, partial(empty_list, key, rule), operation, f"list {key} (always none)", LAST)
        for operation, path, key, rule in (
            ("volumes.list", "/os-volumes", "volumes", "os-volumes:list"),
            ("volumes.detail", "/os-volumes/detail", "volumes", "os-volumes:detail"),
            ("snapshots.list", "/os-snapshots", "snapshots", "os-volumes:snapshots:list"),
            ("snapshots.detail", "/os-snapshots/detail", "snapshots", "os-volumes:snapshots:detail"),
        )
    ),
    *(
        Route(row.method, row.path, partial(refuse, row), row.operation, row.summary)
        for row in (*REFUSALS, *PROXY_REFUSALS)
    ),
    *(
        Route("POST", path, partial(refuse_action, row), row.operation, row.summary)
        for path, row in ACTIONS.items()
    ),
)

APIS = (Api("nova_restricted", COMPUTE, ROUTES),)
