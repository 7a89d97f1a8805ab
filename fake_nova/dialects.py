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
        ascending: lists run from the oldest image to the newest, instead of the other way round.
        caps_limit: a limit above the maximum is a 403 and no limit means the maximum; otherwise any limit is
            taken and none means all.
        lists_killed: images whose upload failed are in lists, as ERROR; otherwise only shown by id.
        identity_v2: Keystone's API v2.0 is there, as clients of the document's age need it.
        alternate: the template of an image's alternate link.
        status_words: lower-cased word of a status filter -> Glance's statuses that it finds. A word that is
            missing is compared with Glance's own statuses.
    """

    name: str
    ascending: bool
    caps_limit: bool
    lists_killed: bool
    identity_v2: bool
    alternate: str
    status_words: Mapping[str, tuple[ImageStatus, ...]] = MappingProxyType({})


#: The document's mapping, read backwards, over all statuses that Nova shows; "deleted" cannot be queried.
_NOVA_WORDS: Final[Mapping[str, tuple[ImageStatus, ...]]] = {
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
        ascending=True,
        caps_limit=True,
        lists_killed=True,
        identity_v2=True,
        alternate="{root}{project}/images/{image_id}",
        status_words=_NOVA_WORDS,
    ),
    "nova": Dialect(
        name="nova",
        ascending=False,
        caps_limit=False,
        lists_killed=False,
        identity_v2=False,
        alternate="{root}/image/images/{image_id}",
    ),
}
