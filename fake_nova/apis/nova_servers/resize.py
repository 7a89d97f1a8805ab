"""The actions that resize a server, and confirm or revert it (Nova 34.0.0's compute API)."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.flavors import may_use
from fake_nova.apis.nova_servers import boot_images, effects
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.apis.nova_servers.quotas import QuotaRow, quota_error
from fake_nova.cloud.flavors import Flavor
from fake_nova.cloud.servers import Server
from fake_nova.images.status import ImageStatus
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def resize(context: Context, server: Server, params: Any) -> Response:
    """Resize a server: it gets a new flavor, and waits for a confirmation."""
    flavor = _find_flavor(context, str(params["flavorRef"]))
    if flavor.disk == 0 and server.flavor.disk != 0 and server.image is not None:
        reason = "Resize to zero disk flavor is not allowed."
        raise NovaError(400, f"Server disk was unable to be resized because: {reason}")
    if flavor.id == server.flavor.id:
        raise NovaError(400, "When resizing, instances must change flavor!")
    _check_quotas(context, server, flavor)
    image = Lookups(context.cloud).image_of(server)
    if image is not None:
        # Nova stored the larger one of the image's and the flavor's disk when it created the server.
        min_disk = max(0 if image.disk_format == "vhd" else image.min_disk, server.min_disk)
        stored_image = image.replace(status=ImageStatus.ACTIVE, min_disk=min_disk, size=None)
        boot_images.check_image(stored_image, flavor)
    disk_config = params.get("OS-DCF:diskConfig", "MANUAL")
    lifecycle = context.cloud.server_lifecycle
    lifecycle.begin(server, "resize", new_flavor=flavor, disk_config=disk_config)
    return effects.accept(context, server, params)


def confirm(context: Context, server: Server, params: Any) -> Response:
    """Confirm a resize."""
    _check_resized(context, server)
    context.cloud.server_lifecycle.begin(server, "confirm_resize")
    return effects.accept(context, server, params)


def revert(context: Context, server: Server, params: Any) -> Response:
    """Revert a resize: the server gets its old flavor back."""
    old_flavor = _check_resized(context, server)
    _check_quotas(context, server, old_flavor)
    context.cloud.server_lifecycle.begin(server, "revert_resize")
    return effects.accept(context, server, params)


def _check_resized(context: Context, server: Server) -> Flavor:
    """Return the flavor before the resize of a server.

    Raises:
        NovaError: 400 if there was none, such as for a server of a fixture, or if it is being confirmed.
    """
    is_confirmed = context.cloud.server_lifecycle.work_on(server.id) == "confirm_resize"
    if server.old_flavor is None or is_confirmed:
        raise NovaError(400, "Instance has not been resized.")
    return server.old_flavor


def _find_flavor(context: Context, flavor_id: str) -> Flavor:
    for flavor in context.cloud.compute.flavors:
        if context.cloud.database.are_equal(flavor.id, flavor_id) and may_use(context, flavor):
            return flavor
    raise NovaError(400, f"Flavor {flavor_id} could not be found.")


def _check_quotas(context: Context, server: Server, flavor: Flavor) -> None:
    """Check the quotas of cores and memory, of which a larger flavor takes more."""
    quotas = context.cloud.quotas_of(server.owner)
    usage = context.cloud.servers.state.usage_of(server.owner)
    rows = (
        QuotaRow("cores", flavor.vcpus - server.flavor.vcpus, usage.cores, quotas.cores),
        QuotaRow("ram", flavor.ram - server.flavor.ram, usage.ram, quotas.ram),
    )
    exceeded_rows = [(row, str(row.need)) for row in rows if row.need > 0 and row.affordable_count(1) < 1]
    if exceeded_rows:
        raise quota_error(exceeded_rows)
