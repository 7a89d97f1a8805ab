"""Checks of requests that the emulator refuses: they raise what Nova says about ids (Nova 34.0.0)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fake_nova.apis.nova_common.errors import MALFORMED_MESSAGE, NovaError
from fake_nova.apis.nova_common.requests import minor_version
from fake_nova.apis.nova_common.security_groups import visible_groups
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.wire.context import Context

#: The first minor version in which services have UUIDs.
_UUIDS_SINCE: Final = 53

#: The last minor version without tokens of other consoles than those of RDP, which Nova has no more.
_NO_TOKENS_UNTIL: Final = 30

#: The numbers of the only services.
_SERVICE_NUMBERS: Final = ("2", "3", "4")


def last_id(context: Context) -> str:
    """Return the last id in the path, or ""."""
    return list(context.path_params.values())[-1] if context.path_params else ""


def check_flavor(context: Context) -> None:
    """Raise a 404 if there is no flavor with the id in the path."""
    flavor_id = context.path_params["flavor_id"]
    if all(flavor.id != flavor_id for flavor in context.cloud.compute.flavors):
        raise NovaError(404, f"Flavor {flavor_id} could not be found.")


def check_spec(context: Context) -> None:
    """Raise a 404 if the flavor in the path has no such extra spec."""
    check_flavor(context)
    flavor_id, key = context.path_params["flavor_id"], last_id(context)
    [flavor] = [flavor for flavor in context.cloud.compute.flavors if flavor.id == flavor_id]
    if key not in flavor.extra_specs:
        raise NovaError(404, f"Flavor {flavor_id} has no extra specs with key {key}.")


def check_spec_change(context: Context) -> None:
    """Raise an error if body and path name different extra specs, or there is no such flavor."""
    if last_id(context) not in context.json_body:
        raise NovaError(400, "Request body and URI mismatch")
    check_flavor(context)


def check_host(context: Context) -> None:
    """Raise a 404 if there is no host with the name in the path."""
    host = context.path_params["host"]
    if host != DEFAULT_HOST:
        raise NovaError(404, f"Host '{host}' is not mapped to any cell")


def check_number(context: Context) -> None:
    """Raise a 400 if the last id is no number."""
    if not last_id(context).isdecimal():
        raise NovaError(400, "Invalid input received: id must be an integer")


def check_token(context: Context) -> None:
    """Raise a 400 in the versions that had only tokens of RDP."""
    if minor_version(context) <= _NO_TOKENS_UNTIL:
        raise NovaError(400, MALFORMED_MESSAGE)


def check_group_id(context: Context) -> None:
    """Raise a 400 if the id of a security group, or of a rule, is no UUID."""
    if not _is_uuid(last_id(context)):
        raise NovaError(400, "Security group id should be uuid")


def check_group(context: Context) -> None:
    """Raise an error if the caller sees no security group with the id in the path."""
    check_group_id(context)
    group_id = last_id(context)
    if all(group["id"] != group_id for group in visible_groups(context)):
        raise NovaError(404, f"Security group {group_id} not found.")


def check_service_uuid(context: Context) -> None:
    """Raise a 400 if services have UUIDs, and the id in the path is not one."""
    service_id = last_id(context)
    if minor_version(context) >= _UUIDS_SINCE and not _is_uuid(service_id):
        raise NovaError(400, f"Invalid uuid {service_id}")


def check_service(context: Context) -> None:
    """Raise an error if there is no service with the id in the path."""
    check_service_uuid(context)
    if minor_version(context) < _UUIDS_SINCE:
        check_number(context)
        if last_id(context) not in _SERVICE_NUMBERS:
            raise NovaError(404, f"Service {last_id(context)} not found.")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
