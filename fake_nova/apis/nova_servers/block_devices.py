"""The block devices of a request to create servers, checked in Nova's two steps (Nova 34.0.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_servers import boot_images
from fake_nova.cloud.flavors import Flavor
from fake_nova.wire.context import Context

Device = Mapping[str, Any]

#: The name of the device that holds the root disk, and the largest number of disks on the host.
_ROOT_DEVICE: Final = "vda"
_MAX_LOCAL_DEVICES: Final = 3

#: What a blank disk is called in the old syntax.
_BLANK_DEVICE: Final = re.compile(r"swap|ephemeral(\d|[1-9]\d+)\n?")

_MULTIPLE_SYNTAXES: Final = (
    "Using different block_device_mapping syntaxes is not allowed in the same request."
)
_BOOT_SEQUENCE: Final = (
    "Boot sequence for the instance and image/block device mapping combination is not valid."
)
_TOO_LARGE_EPHEMERAL: Final = (
    "Ephemeral disks requested are larger than the instance type allows. If no size is given in one block "
    "device mapping, flavor ephemeral size will be used."
)


def devices_of(params: Mapping[str, Any]) -> list[Device]:
    """Return the block devices of a request, in either of the two syntaxes."""
    devices: list[Device] = params.get("block_device_mapping_v2") or params.get("block_device_mapping") or []
    return devices


def root_volume_of(params: Mapping[str, Any]) -> Device | None:
    """Return the volume that a request boots from, or None. The old syntax has none with an image's data."""
    for device in params.get("block_device_mapping_v2", ()):
        if _boot_index(device) == 0 and device.get("destination_type") == "volume":
            root: Device = device
            return root
    return None


def check_formats(params: Mapping[str, Any]) -> None:
    """Check each block device by itself.

    Raises:
        NovaError: 400.
    """
    if params.get("block_device_mapping") and params.get("block_device_mapping_v2"):
        raise NovaError(400, _MULTIPLE_SYNTAXES)
    for device in params.get("block_device_mapping_v2", ()):
        if not device.get("no_device"):
            _check_format(device, has_image=bool(params.get("imageRef")))


def _check_format(device: Device, has_image: bool) -> None:
    source, destination = device.get("source_type"), device.get("destination_type")
    is_boot_image = has_image and _boot_index(device) == 0
    has_volume_type = bool(device.get("volume_type"))
    problems = {
        "Invalid device UUID.": source == "blank" and "uuid" in device,
        "Missing device UUID.": source != "blank" and "uuid" not in device,
        "Mapping image to local is not supported.": source == "image"
        and destination == "local"
        and not is_boot_image,
        "Specifying a volume_type with destination_type=local is not supported.": destination == "local"
        and has_volume_type,
        "Specifying volume type to existing volume is not supported.": source == "volume" and has_volume_type,
    }
    for problem, is_there in problems.items():
        if is_there:
            raise _invalid_error(problem)


def _boot_index(device: Device) -> int:
    """Return the place of a device in the boot sequence; -1 for a device that is not in it."""
    index = device.get("boot_index")
    return -1 if index is None else int(index)


def _invalid_error(problem: str) -> NovaError:
    return NovaError(400, f"Block Device Mapping is Invalid: {problem}")


def check_together(params: Mapping[str, Any], max_count: int) -> None:
    """Check the block devices beside the image and the number of servers.

    Raises:
        NovaError: 400.
    """
    devices = devices_of(params)
    for device in devices:
        name = (device.get("device_name") or "").removeprefix("/dev/")
        is_root = device.get("destination_type") == "volume" and name == _ROOT_DEVICE
        if is_root and params.get("imageRef"):
            problem = "The volume cannot be assigned the same device name as the root device"
            raise NovaError(400, f"{problem} {_ROOT_DEVICE}")
    for device in params.get("block_device_mapping", ()):
        is_blank = _BLANK_DEVICE.fullmatch(device.get("virtual_name", "")) is not None
        if not is_blank and not any(device.get(key) for key in ("snapshot_id", "volume_id", "no_device")):
            raise _invalid_error("Unrecognized legacy format.")
    if max_count > 1 and any(map(_is_volume, devices)):
        raise NovaError(400, "Cannot attach one or more volumes to multiple instances")


def _is_volume(device: Device) -> bool:
    return "volume_id" in device or device.get("source_type") == "volume"


def check_devices(context: Context, params: Mapping[str, Any], flavor: Flavor) -> None:
    """Check the block devices of one server: their order, their images, and their sizes.

    Raises:
        NovaError: 400.
    """
    devices = params.get("block_device_mapping_v2") or ()
    if devices:
        _check_boot_sequence(devices)
    for device in devices:
        _check_image(context, device, params.get("imageRef"))
        source, destination = device.get("source_type"), device.get("destination_type")
        if source == "blank" and destination == "volume" and not device.get("volume_size"):
            problem = "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size"
            raise NovaError(400, problem)
        if device.get("disk_bus") and device["disk_bus"] not in boot_images.DISK_BUSES:
            raise NovaError(400, "Block Device Mapping is Invalid.")
    legacy_devices = _local_devices_of_legacy(params)
    _check_local_disks(legacy_devices or [each for each in devices if _is_local(each)], flavor)


def _is_local(device: Device) -> bool:
    return device.get("destination_type") == "local"


def _local_devices_of_legacy(params: Mapping[str, Any]) -> list[Device]:
    """Return the disks on the host of a request in the old syntax, in the words of the new one."""
    sources = ["image"] if params.get("imageRef") else []
    local_devices: list[Device] = [{"source_type": source} for source in sources]
    for device in params.get("block_device_mapping", ()):
        name = device.get("virtual_name", "").removesuffix("\n")
        if name:
            size = device.get("volume_size")
            local_devices.append({"source_type": "blank", "guest_format": name, "volume_size": size})
    return local_devices if params.get("block_device_mapping") else []


def _check_boot_sequence(devices: Iterable[Device]) -> None:
    """Check that the devices to boot from are numbered from 0 on."""
    boot_indexes = sorted(index for index in map(_boot_index, devices) if index >= 0)
    if not boot_indexes or boot_indexes != list(range(len(boot_indexes))):
        raise _invalid_error(_BOOT_SEQUENCE)


def _check_image(context: Context, device: Device, server_image: str | None) -> None:
    if device.get("source_type") != "image":
        return
    image_id = device.get("uuid")
    if image_id != server_image and boot_images.find_image(context, str(image_id)) is None:
        raise _invalid_error(f"failed to get image {image_id}.")
    if device.get("destination_type") == "volume" and not device.get("volume_size"):
        problem = "Images with destination_type 'volume' need to have a non-zero size specified"
        raise NovaError(400, problem)


def _check_local_disks(devices: list[Device], flavor: Flavor) -> None:
    """Check the disks on the host: the sizes of blank ones against the flavor, and their number.

    A disk of the flavor that the request does not mention is there, too.
    """
    blank_devices = [device for device in devices if device.get("source_type") == "blank"]
    swap_sizes = [_size_of(device) for device in blank_devices if device.get("guest_format") == "swap"]
    ephemeral_sizes = [
        _size_of(device) or flavor.ephemeral
        for device in blank_devices
        if device.get("guest_format") != "swap"
    ]
    if sum(ephemeral_sizes) > flavor.ephemeral:
        raise NovaError(400, _TOO_LARGE_EPHEMERAL)
    if len(swap_sizes) > 1:
        raise _invalid_error("More than one swap drive requested.")
    if sum(swap_sizes) > flavor.swap:
        raise NovaError(400, "Swap drive requested is larger than instance type allows.")
    own_disks = int(bool(flavor.ephemeral and not ephemeral_sizes)) + int(
        bool(flavor.swap and not swap_sizes)
    )
    if len(devices) + own_disks > _MAX_LOCAL_DEVICES:
        raise _invalid_error("You specified more local devices than the limit allows")


def _size_of(device: Device) -> int:
    return int(device.get("volume_size") or 0)
