"""The compute service: its paths, its checks and its hints."""

from __future__ import annotations

from typing import Final

from fake_nova.apis.nova_common import checks as nova_checks
from fake_nova.apis.nova_common import errors as nova_errors
from fake_nova.apis.nova_common import hints as nova_hints
from fake_nova.wire import checks, hints
from fake_nova.wire.cors import CorsDefaults
from fake_nova.wire.error_responses import error_page
from fake_nova.wire.service import Service

#: Nova's defaults for CORS (nova.middleware in Nova 34.0.0).
CORS_DEFAULTS: Final = CorsDefaults(
    allow_headers=(
        "X-Auth-Token",
        "X-Openstack-Request-Id",
        "X-Identity-Status",
        "X-Roles",
        "X-Service-Catalog",
        "X-User-Id",
        "X-Tenant-Id",
        "X-OpenStack-Nova-API-Version",
        "OpenStack-API-Version",
    ),
    expose_headers=(
        "X-Auth-Token",
        "X-Openstack-Request-Id",
        "X-Subject-Token",
        "X-Service-Token",
        "X-OpenStack-Nova-API-Version",
        "OpenStack-API-Version",
    ),
)

#: The paths below /v2 and /v2.1.
COMPUTE = Service(
    name="compute",
    prefixes=("v2", "v2.1"),
    resolve_cloud=checks.resolve_by_token,
    # Nova's order: size and token come before the route. Then come the microversion, the body, the project in
    # the URL, and the last microversion of the route.
    early_checks=(
        checks.require_ready,
        checks.respond_to_preflight,
        checks.limit_body_size,
        checks.authenticate,
        checks.require_valid_service_token,
    ),
    route_checks=(
        nova_checks.read_microversion,
        nova_checks.parse_json_body,
        nova_checks.bind_project,
        nova_checks.require_microversion,
        checks.advance_plans,
    ),
    no_route_view=lambda context: error_page(404).response(context.request.environ),
    render_error=nova_errors.render_nova_error,
    render_injected_error=nova_errors.render_injected_nova_error,
    response_headers=nova_checks.nova_response_headers,
    error_hints=(
        hints.explain_token,
        nova_hints.explain_microversion,
        nova_hints.explain_route,
        nova_hints.explain_media_type,
    ),
    cors=CORS_DEFAULTS,
    is_project_segment=nova_checks.is_project_id,
    normalize_segments=nova_checks.without_final_newline,
)
