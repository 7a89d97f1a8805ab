"""The action that rebuilds a server from an image."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any, Final

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import json_response, minor_version
from fake_nova.apis.nova_common.validation import check_storable
from fake_nova.apis.nova_servers import boot_images, keypairs, render, schemas
from fake_nova.apis.nova_servers.effects import random_password
from fake_nova.apis.nova_servers.fields import disk_config_of, hostname_of
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.apis.nova_servers.tables import ADMIN_USER_DATA
from fake_nova.cloud.servers import Server
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The first minor versions that return a server whole, and that rebuild a volume-backed server.
WHOLE_SINCE: Final = 75
_VOLUMES_SINCE: Final = 93

#: Parameter -> the field of a server.
_FIELDS: Final = {
    "name": "name",
    "metadata": "metadata",
    "description": "description",
    "OS-DCF:diskConfig": "disk_config",
    "accessIPv4": "access_ip_v4",
    "accessIPv6": "access_ip_v6",
    "key_name": "key_name",
    "user_data": "user_data",
    "hostname": "hostname",
}


def fields_from(server: Server, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Server` that the parameters of a rebuild or a change set.

    A server that gets another name keeps its host name.
    """
    fields = {field: params[name] for name, field in _FIELDS.items() if name in params}
    if "name" in fields:
        fields["name"] = fields["name"].strip()
        fields.setdefault("hostname", hostname_of(server))
    for name in ("description", "hostname"):  # /v2 does not check them beside nothing but unknown keys
        if name in fields:
            fields[name] = _text_or_none(fields[name])
    if "access_ip_v6" in fields:
        fields["access_ip_v6"] = IPv6Address(fields["access_ip_v6"]).compressed
    return fields


def _text_or_none(value: Any) -> str | None:
    if isinstance(value, int | float):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    reason = "The real service fails with a 500 here."
    raise NovaError(400, f"Invalid input received: not a text: {value}", reason=reason)


def rebuild(context: Context, server: Server, params: Any) -> Response:
    """Rebuild a server; it keeps its id and its addresses."""
    minor = minor_version(context)
    keypairs.check_key(context, params)
    image = boot_images.find_image(context, params["imageRef"])
    if image is None:
        raise NovaError(400, "Cannot find image for rebuild")
    boot_images.check_image(image, server.flavor)
    if server.image is None and params.get("trusted_image_certificates"):
        raise NovaError(400, "Image certificate validation is not supported for volume-backed servers.")
    if server.image is None and minor < _VOLUMES_SINCE:
        problem = "Unable to rebuild with a different image for a volume-backed server."
        raise NovaError(400, f"Image {image.id} is unacceptable: {problem}")
    check_storable({name: value for name, value in params.items() if name != "adminPass"})
    fields = {"disk_config": disk_config_of(image.properties), **fields_from(server, params)}
    if server.image is not None:
        fields |= {"image": image.id, "image_properties": image.properties}
        fields |= {"kernel_id": None, "ramdisk_id": None}
    if "trusted_image_certificates" in params:
        fields["trusted_image_certificates"] = tuple(params["trusted_image_certificates"] or ()) or None
    present_server = context.cloud.server_lifecycle.begin(server, "rebuild", **fields)
    return changed_response(context, present_server, params.get("adminPass") or random_password())


def changed_response(context: Context, server: Server, password: str | None = None) -> Response:
    """Return the response to a change of a server; with a *password*, that to a rebuild."""
    minor = minor_version(context)
    lookups = Lookups(context.cloud)
    link_builder = links.link_builder(context)
    is_rebuild = password is not None
    look = render.Look(minor, context.caller.is_admin, is_brief=minor < WHOLE_SINCE)
    document = render.serialize_server(
        server, lookups.image_of(server), lookups.user_id_of(server), link_builder, look
    )
    if not is_rebuild:
        return json_response(context, 200, {"server": document})
    document.pop(ADMIN_USER_DATA, None)
    if minor >= schemas.KEY_NAME_SINCE:
        document["key_name"] = server.key_name
    document["adminPass"] = password
    if minor >= schemas.USER_DATA_SINCE:
        document["user_data"] = server.user_data
    location = link_builder.resource_links("servers", server.id)[0]["href"]
    return json_response(context, 202, {"server": document}, ("Location", location))
