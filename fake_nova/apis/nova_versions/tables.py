"""The contents of the version documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from fake_nova.apis.nova_common.microversion import MAXIMUM, MINIMUM


class ApiVersion(NamedTuple):
    """One version of Nova's API, with the fields of its version document."""

    id: str
    path: str
    status: str
    version: str
    min_version: str
    updated_at: str
    media_type: str


_MEDIA_TYPE: Final = "application/vnd.openstack.compute+json;version="

#: The versions of the recorded Nova 34.0.0. `API_VERSIONS` has them in its order.
V2: Final = ApiVersion("v2.0", "v2", "DEPRECATED", "", "", "2025-07-04T12:00:00Z", f"{_MEDIA_TYPE}2")
V2_1: Final = ApiVersion(
    "v2.1", "v2.1", "CURRENT", str(MAXIMUM), str(MINIMUM), "2013-07-23T11:33:21Z", f"{_MEDIA_TYPE}2.1"
)
API_VERSIONS: Final = (V2, V2_1)

#: A media type that a client may ask for at ``/``, ``/v2/`` and ``/v2.1/``; the body is JSON all the same
#: (Nova 34.0.0's nova.api.openstack.urlmap).
ATOM_MEDIA_TYPE: Final = "application/atom+xml"

#: First segment of a service's paths in many real clouds -> the service, as the setting ``prefix`` names it.
SERVICES_BY_USUAL_PREFIX: Final[Mapping[str, str]] = {
    "compute": "compute",
    "nova": "compute",
    "keystone": "identity",
    "glance": "image",
}
