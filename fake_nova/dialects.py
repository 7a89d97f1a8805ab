"""`DIALECTS`: where the Huawei Cloud document and Nova, as measured, differ."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fake_nova.images.status import GLANCE_STATUSES_BY_NOVA_STATUS, ImageStatus


class Dialect(NamedTuple):
    """The behavior of one dialect.

    Attributes:
        name: the value of ``--dialect``.
        lists_oldest_first: whether lists start with the oldest image; otherwise with the newest.
        caps_limit: whether a limit above the maximum is a 403, and no limit means the maximum. Otherwise any
            limit is accepted, and no limit means all images.
        lists_killed_images: whether lists contain images whose upload failed, as ERROR. Otherwise only a
            request by id shows them.
        has_identity_v2: whether Keystone's API v2.0 exists, which clients as old as the document need.
        alternate_link_template: the template of an image's alternate link.
        status_filter_aliases: status filter in lower case -> the Glance statuses that it finds. Any
            other filter is compared with Glance's own statuses.
    """

    name: str
    lists_oldest_first: bool
    caps_limit: bool
    lists_killed_images: bool
    has_identity_v2: bool
    alternate_link_template: str
    status_filter_aliases: Mapping[str, tuple[ImageStatus, ...]] = MappingProxyType({})


#: Nova's statuses in lower case -> Glance's. A filter for "deleted" finds nothing.
_STATUS_FILTER_ALIASES: Final[Mapping[str, tuple[ImageStatus, ...]]] = {
    **{nova_status.lower(): statuses for nova_status, statuses in GLANCE_STATUSES_BY_NOVA_STATUS.items()},
    "deleted": (),
}

#: Name -> dialect. ``huaweicloud`` follows Huawei Cloud's document (Elastic Cloud Server, "Querying Image
#: Details"); ``nova`` was measured on Nova 34.0.0 and Glance 33.0.0.
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
        alternate_link_template="{image_url}/images/{image_id}",
    ),
}
