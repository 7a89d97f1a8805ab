"""DIALECTS: where the founding document and the measured service differ."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fake_nova.images.status import ImageStatus


class Dialect(NamedTuple):
    """One column of the table of differences.

    Attributes:
        name: what ``--dialect`` calls it.
        lists_oldest_first: lists run from the oldest image to the newest, instead of the other way round.
        caps_limit: a limit above the maximum is a 403 and no limit means the maximum; otherwise any limit is
            taken and none means all.
        lists_killed_images: images whose upload failed are in lists, as ERROR; otherwise only shown by id.
        has_identity_v2: Keystone's API v2.0 is there, as clients of the document's age need it.
        alternate_link_template: the template of an image's alternate link.
        status_filter_aliases: lower-cased word of a status filter -> Glance's statuses that it finds. A
            word that is
            missing is compared with Glance's own statuses.
    """

    name: str
    lists_oldest_first: bool
    caps_limit: bool
    lists_killed_images: bool
    has_identity_v2: bool
    alternate_link_template: str
    status_filter_aliases: Mapping[str, tuple[ImageStatus, ...]] = MappingProxyType({})


#: The document's mapping, read backwards, over all statuses that Nova shows; "deleted" cannot be queried.
_STATUS_FILTER_ALIASES: Final[Mapping[str, tuple[ImageStatus, ...]]] = {
    "active": (ImageStatus.ACTIVE,),
    "saving": (ImageStatus.QUEUED, ImageStatus.SAVING),
    "deleted": (),
    "error": (ImageStatus.KILLED,),
    "unknown": (ImageStatus.DEACTIVATED, ImageStatus.IMPORTING, ImageStatus.UPLOADING),
}

#: Name of a dialect -> its choices. ``huaweicloud`` is the founding document (Elastic Cloud Server, "Querying
#: Image Details"); ``nova`` was measured on Nova 34.0.0 and Glance 33.0.0.
DIALECTS: Final[Mapping[str, Dialect]] = {
    "huaweicloud": Dialect(
        name="huaweicloud",
        lists_oldest_first=True,
        caps_limit=True,
        lists_killed_images=True,
        has_identity_v2=True,
        alternate_link_template="{root}{project}/images/{image_id}",
        status_filter_aliases=_STATUS_FILTER_ALIASES,
    ),
    "nova": Dialect(
        name="nova",
        lists_oldest_first=False,
        caps_limit=False,
        lists_killed_images=False,
        has_identity_v2=False,
        alternate_link_template="{root}/image/images/{image_id}",
    ),
}
