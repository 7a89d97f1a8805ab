"""Requests about flavors, hosts and quotas that the emulator refuses (Nova 34.0.0, asked one by one)."""

from __future__ import annotations

from typing import Final

from fake_nova.apis.nova_common.policies import MEMBER
from fake_nova.apis.nova_restricted import checks
from fake_nova.apis.nova_restricted.views import Refusal

_FLAVOR: Final = "/flavors/{flavor_id}"
_SPECS: Final = f"{_FLAVOR}/os-extra_specs"
_SPEC: Final = f"{_SPECS}/{{spec}}"
_AGGREGATE: Final = "/os-aggregates/{aggregate_id}"
_HOST: Final = "/os-hosts/{host}"
_GROUP: Final = "/os-server-groups/{group_id}"
_SERVICE: Final = "/os-services/{service_id}"

_NO_AGGREGATE: Final = "Aggregate {} could not be found."
_NO_GROUP: Final = "Instance group {} could not be found."

#: The last minor versions with hosts, and with numbers as ids of services.
_HOSTS_UNTIL: Final = 42
_NUMBERS_UNTIL: Final = 52

REFUSALS: Final = (
    Refusal("flavors.create", "POST", "/flavors", rule="os-flavor-manage:create"),
    Refusal(
        "flavors.update",
        "PUT",
        _FLAVOR,
        rule="os-flavor-manage:update",
        since=55,
        late_check=checks.check_flavor,
    ),
    Refusal(
        "flavors.delete", "DELETE", _FLAVOR, rule="os-flavor-manage:delete", late_check=checks.check_flavor
    ),
    Refusal(
        "flavors.extra_specs.create",
        "POST",
        _SPECS,
        rule="os-flavor-extra-specs:create",
        late_check=checks.check_flavor,
    ),
    Refusal(
        "flavors.extra_specs.update",
        "PUT",
        _SPEC,
        rule="os-flavor-extra-specs:update",
        late_check=checks.check_spec_change,
    ),
    Refusal(
        "flavors.extra_specs.delete",
        "DELETE",
        _SPEC,
        rule="os-flavor-extra-specs:delete",
        late_check=checks.check_spec,
    ),
    Refusal("aggregates.create", "POST", "/os-aggregates", rule="os-aggregates:create"),
    Refusal(
        "aggregates.show",
        "GET",
        _AGGREGATE,
        rule="os-aggregates:show",
        message=_NO_AGGREGATE,
        late_check=checks.check_number,
    ),
    Refusal(
        "aggregates.update",
        "PUT",
        _AGGREGATE,
        rule="os-aggregates:update",
        message=_NO_AGGREGATE,
        late_check=checks.check_number,
    ),
    Refusal(
        "aggregates.delete",
        "DELETE",
        _AGGREGATE,
        rule="os-aggregates:delete",
        message=_NO_AGGREGATE,
        late_check=checks.check_number,
    ),
    Refusal(
        "aggregates.images",
        "POST",
        f"{_AGGREGATE}/images",
        rule="compute:aggregates:images",
        message=_NO_AGGREGATE,
        since=81,
        late_check=checks.check_number,
    ),
    Refusal(
        "assisted_volume_snapshots.create",
        "POST",
        "/os-assisted-volume-snapshots",
        rule="os-assisted-volume-snapshots:create",
    ),
    Refusal(
        "assisted_volume_snapshots.delete",
        "DELETE",
        "/os-assisted-volume-snapshots/{snapshot_id}",
        rule="os-assisted-volume-snapshots:delete",
    ),
    Refusal(
        "console_auth_tokens.show",
        "GET",
        "/os-console-auth-tokens/{token_id}",
        rule="os-console-auth-tokens",
        message="Token not found",
        early_check=checks.check_token,
    ),
    Refusal(
        "hosts.update", "PUT", _HOST, rule="os-hosts:update", until=_HOSTS_UNTIL, late_check=checks.check_host
    ),
    Refusal(
        "hosts.reboot",
        "GET",
        f"{_HOST}/reboot",
        rule="os-hosts:reboot",
        until=_HOSTS_UNTIL,
        late_check=checks.check_host,
    ),
    Refusal(
        "hosts.shutdown",
        "GET",
        f"{_HOST}/shutdown",
        rule="os-hosts:shutdown",
        until=_HOSTS_UNTIL,
        late_check=checks.check_host,
    ),
    Refusal(
        "hosts.startup",
        "GET",
        f"{_HOST}/startup",
        rule="os-hosts:start",
        until=_HOSTS_UNTIL,
        late_check=checks.check_host,
    ),
    Refusal(
        "quota_classes.update", "PUT", "/os-quota-class-sets/{class_id}", rule="os-quota-class-sets:update"
    ),
    Refusal("quotas.delete", "DELETE", "/os-quota-sets/{quota_project_id}", rule="os-quota-sets:delete"),
    Refusal(
        "external_events.create",
        "POST",
        "/os-server-external-events",
        rule="os-server-external-events:create",
    ),
    Refusal(
        "server_groups.create", "POST", "/os-server-groups", rule="os-server-groups:create", roles=MEMBER
    ),
    Refusal("server_groups.show", "GET", _GROUP, message=_NO_GROUP),
    Refusal("server_groups.delete", "DELETE", _GROUP, message=_NO_GROUP),
    Refusal(
        "services.update", "PUT", _SERVICE, rule="os-services:update", early_check=checks.check_service_uuid
    ),
    Refusal(
        "services.delete", "DELETE", _SERVICE, rule="os-services:delete", late_check=checks.check_service
    ),
)
