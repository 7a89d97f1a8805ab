"""Requests about what other services have, until 2.35, that the emulator refuses (Nova 34.0.0)."""

from __future__ import annotations

from typing import Final

from fake_nova.apis.nova_common.policies import MEMBER, READER
from fake_nova.apis.nova_restricted import checks
from fake_nova.apis.nova_restricted.views import Refusal

#: The last minor version with these routes.
LAST: Final = 35

_NO_ADDRESS: Final = "Floating IP not found for ID {}"
_NO_VOLUME: Final = "Volume {} could not be found."
_NO_SNAPSHOT: Final = "Snapshot {} could not be found."
_BY_IRONIC: Final = "Command not supported. Please use Ironic command node-{} to perform this action."

PROXY_REFUSALS: Final = (
    Refusal(
        "networks.show",
        "GET",
        "/os-networks/{network_id}",
        rule="os-networks:show",
        message="Network not found",
        roles=READER,
        until=LAST,
    ),
    Refusal(
        "tenant_networks.show",
        "GET",
        "/os-tenant-networks/{network_id}",
        rule="os-tenant-networks:show",
        message="Network not found",
        roles=READER,
        until=LAST,
    ),
    Refusal(
        "floating_ips.create",
        "POST",
        "/os-floating-ips",
        rule="os-floating-ips:create",
        message="Floating IP pool not found.",
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "floating_ips.show",
        "GET",
        "/os-floating-ips/{address_id}",
        rule="os-floating-ips:show",
        message=_NO_ADDRESS,
        roles=READER,
        until=LAST,
    ),
    Refusal(
        "floating_ips.delete",
        "DELETE",
        "/os-floating-ips/{address_id}",
        rule="os-floating-ips:delete",
        message=_NO_ADDRESS,
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "security_groups.create",
        "POST",
        "/os-security-groups",
        rule="os-security-groups:create",
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "security_groups.update",
        "PUT",
        "/os-security-groups/{group_id}",
        rule="os-security-groups:update",
        late_check=checks.check_group,
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "security_groups.delete",
        "DELETE",
        "/os-security-groups/{group_id}",
        rule="os-security-groups:delete",
        late_check=checks.check_group,
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "security_group_rules.create",
        "POST",
        "/os-security-group-rules",
        rule="os-security-groups:rule:create",
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "security_group_rules.delete",
        "DELETE",
        "/os-security-group-rules/{rule_id}",
        rule="os-security-groups:rule:delete",
        late_check=checks.check_group_id,
        roles=MEMBER,
        until=LAST,
    ),
    Refusal("volumes.create", "POST", "/os-volumes", rule="os-volumes:create", roles=MEMBER, until=LAST),
    Refusal(
        "volumes.show",
        "GET",
        "/os-volumes/{volume_id}",
        rule="os-volumes:show",
        message=_NO_VOLUME,
        roles=READER,
        until=LAST,
    ),
    Refusal(
        "volumes.delete",
        "DELETE",
        "/os-volumes/{volume_id}",
        rule="os-volumes:delete",
        message=_NO_VOLUME,
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "snapshots.create",
        "POST",
        "/os-snapshots",
        rule="os-volumes:snapshots:create",
        roles=MEMBER,
        until=LAST,
    ),
    Refusal(
        "snapshots.show",
        "GET",
        "/os-snapshots/{snapshot_id}",
        rule="os-volumes:snapshots:show",
        message=_NO_SNAPSHOT,
        roles=READER,
        until=LAST,
    ),
    Refusal(
        "snapshots.delete",
        "DELETE",
        "/os-snapshots/{snapshot_id}",
        rule="os-volumes:snapshots:delete",
        message=_NO_SNAPSHOT,
        roles=MEMBER,
        until=LAST,
    ),
    Refusal("baremetal.list", "GET", "/os-baremetal-nodes", rule="os-baremetal-nodes:list", until=LAST),
    Refusal(
        "baremetal.create",
        "POST",
        "/os-baremetal-nodes",
        message=_BY_IRONIC.format("create"),
        status=400,
        until=LAST,
    ),
    Refusal(
        "baremetal.show", "GET", "/os-baremetal-nodes/{node_id}", rule="os-baremetal-nodes:show", until=LAST
    ),
    Refusal(
        "baremetal.delete",
        "DELETE",
        "/os-baremetal-nodes/{node_id}",
        message=_BY_IRONIC.format("delete"),
        status=400,
        until=LAST,
    ),
)
