"""Detection of disk formats and virtual sizes in image data, as in the format inspector of oslo.utils."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

from fake_nova.apis.glance_images.errors import GlanceError

#: Format -> the offset of its magic number, and the magic number. Data without one is raw.
MAGIC_NUMBERS: Final[Mapping[str, tuple[int, bytes]]] = {
    "qcow2": (0, b"QFI\xfb"),
    "vmdk": (0, b"KDMV"),
    "vhd": (0, b"conectix"),
    "vhdx": (0, b"vhdxfile"),
    "vdi": (0x40, b"\x7f\x10\xda\xbe"),
    "qed": (0, b"QED\x00"),
    "luks": (0, b"LUKS\xba\xbe"),
    "iso": (0x8001, b"CD001"),
}

#: Format whose header has the size of the disk -> the struct format of that field, and its offset.
_SIZE_FIELDS: Final = {"qcow2": (">Q", 24), "vhd": (">Q", 40), "vdi": ("<Q", 0x170)}


def detect_format(content: bytes) -> str:
    """Return the disk format of *content*."""
    for name, (offset, magic) in MAGIC_NUMBERS.items():
        if content[offset : offset + len(magic)] == magic:
            return name
    return "raw"


def virtual_size(content: bytes, disk_format: str, container_format: str) -> int | None:
    """Return the size in bytes of the disk in *content*, or None if it is unknown.

    Glance 33.0.0 inspects the data only if the container format is ``bare``.

    Raises:
        GlanceError: 415 if the data has another format than *disk_format*.
    """
    if container_format != "bare":
        return None
    actual_format = detect_format(content)
    if disk_format == "raw":
        return len(content) or None
    if actual_format == disk_format:
        return _declared_size(content, actual_format)
    if actual_format == "raw" and disk_format not in MAGIC_NUMBERS:
        return None
    problem = f"Image disk_format {disk_format} does not match stream data {actual_format}"
    raise GlanceError(415, detail=problem)


def _declared_size(content: bytes, disk_format: str) -> int | None:
    if disk_format == "iso":
        return len(content)
    struct_format, offset = _SIZE_FIELDS.get(disk_format, ("", 0))
    if not struct_format or len(content) < offset + struct.calcsize(struct_format):
        return None
    (size,) = struct.unpack_from(struct_format, content, offset)
    return int(size) if 0 < size < 2**63 else None
