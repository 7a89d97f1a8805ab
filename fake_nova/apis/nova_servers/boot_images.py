"""The checks of an image that a server is created from, or rebuilt with."""

from __future__ import annotations

from typing import Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.cloud.flavors import Flavor
from fake_nova.images.model import Image, is_visible
from fake_nova.images.status import ImageStatus
from fake_nova.wire.context import Context

_GIGABYTE: Final = 1024**3

DISK_BUSES: Final = (*("virtio", "scsi", "ide", "usb", "xen", "fdc", "lxc", "uml", "sata"),)

#: Properties whose values Nova checks -> the values that it accepts.
_ENUMS: Final = {
    "hw_disk_bus": DISK_BUSES,
    "hw_vif_model": (
        *("virtio", "ne2k_pci", "pcnet", "rtl8139", "e1000", "e1000e", "netfront", "spapr-vlan", "lan9118"),
        *("vmxnet3", "VirtualE1000", "VirtualE1000e", "VirtualPCNet32", "VirtualVmxnet", "VirtualVmxnet3"),
        *("igb", "VirtualSriovEthernetCard"),
    ),
}


def find_image(context: Context, image_id: str) -> Image | None:
    """Return the image with an id if the caller may see it and use it, or None."""
    image = context.cloud.images.state.get(image_id)
    if image is None or image.is_deleted or not is_visible(image, context.caller):
        return None
    return image


def check_image(image: Image, flavor: Flavor) -> None:
    """Check that a server of a flavor can boot from an image.

    Raises:
        NovaError: 400 if the image is not active or too large, or has a bad property.
    """
    check_status_and_memory(image, flavor)
    check_properties(image)
    check_disk(image, flavor)


def check_status_and_memory(image: Image, flavor: Flavor, name: str | None = "") -> None:
    """Check that an image is active, and needs no more memory than a flavor has.

    Args:
        image: the image.
        flavor: the flavor.
        name: what the error calls the image; "" for its id.

    Raises:
        NovaError: 400.
    """
    if image.status is not ImageStatus.ACTIVE:
        raise NovaError(400, f"Image {image.id if name == '' else name} is not active.")
    if image.min_ram > flavor.ram:
        raise NovaError(400, "Flavor's memory is too small for requested image.")


def check_properties(image: Image) -> None:
    """Check that Nova knows the values of an image's properties.

    Raises:
        NovaError: 400.
    """
    for name, values in _ENUMS.items():
        value = image.properties.get(name)
        if value is not None and value not in values:
            raise NovaError(400, f"Invalid image metadata. Error: Field value {value} is invalid")


def check_disk(image: Image, flavor: Flavor) -> None:
    """Check that an image fits on the disk of a flavor. A disk of 0 GB fits every image.

    Raises:
        NovaError: 400.
    """
    if flavor.disk == 0:
        return
    disk_bytes = flavor.disk * _GIGABYTE
    size = image.size or 0
    if size > disk_bytes:
        sizes = f"Flavor disk is {disk_bytes} bytes, image is {size} bytes."
        raise NovaError(400, f"Flavor's disk is too small for requested image. {sizes}")
    if image.min_disk > flavor.disk:
        sizes = f"Flavor disk is {disk_bytes} bytes, minimum size is {image.min_disk * _GIGABYTE} bytes."
        problem = "Flavor's disk is smaller than the minimum size specified in image metadata."
        raise NovaError(400, f"{problem} {sizes}")


def check_volume(image: Image, gigabytes: int) -> None:
    """Check that a new volume is as large as an image wants; 0 for an unknown size.

    Raises:
        NovaError: 400.
    """
    if 0 < gigabytes < image.min_disk:
        volume_bytes, min_bytes = gigabytes * _GIGABYTE, image.min_disk * _GIGABYTE
        sizes = f"Volume size is {volume_bytes} bytes, minimum size is {min_bytes} bytes."
        problem = "Volume is smaller than the minimum size specified in image metadata."
        raise NovaError(400, f"{problem} {sizes}")
