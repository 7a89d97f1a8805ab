"""The properties by which the image service notes an import on its image (Glance 33.0.0, measured)."""

from __future__ import annotations

from typing import Final

from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus

#: The properties: the id of the task, the stores that get the data, and the stores that failed to get it.
TASK: Final = "os_glance_import_task"
STORES: Final = "os_glance_importing_to_stores"
FAILED_STORES: Final = "os_glance_failed_import"

_DATA_ATTRIBUTES: Final = ("size", "checksum", "os_hash_algo", "os_hash_value", "virtual_size")


def begin(image: Image, task_id: str, stores: str) -> Image:
    """Return an image whose import begins.

    Args:
        image: the image.
        task_id: the id of the task.
        stores: the names of the stores, separated by commas.
    """
    return image.replace(properties={**image.properties, TASK: task_id, STORES: stores, FAILED_STORES: ""})


def is_imported_by(image: Image, task_id: str) -> bool:
    """Return whether a task imports an image at present."""
    is_importing = image.status is ImageStatus.IMPORTING
    return is_importing and image.properties.get(TASK) == task_id


def end(image: Image) -> Image:
    """Return an image whose import has ended, with the status that it has now.

    Only an active image has data; one that stays in the status importing keeps the size of the staged data.
    An image that no task imports stays as it is.
    """
    if TASK not in image.properties:
        return image
    properties = dict(image.properties)
    del properties[TASK]
    stores = properties.get(STORES, "")
    properties[STORES] = ""
    if image.status is ImageStatus.ACTIVE:
        return image.replace(properties=properties)
    properties[FAILED_STORES] = stores
    if image.status is ImageStatus.IMPORTING:
        return image.replace(properties=properties)
    return image.replace(**dict.fromkeys(_DATA_ATTRIBUTES), properties=properties)
