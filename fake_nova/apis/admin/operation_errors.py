"""The statuses of the errors that each operation of the emulated services can respond with.

Faults add 429, 500 and 503, with which every operation can respond. An operation without a row has no table
of outcomes; see `outcome_tables`. `tests.apis.admin.test_outcomes` compares the rows with the records of the
real services.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: What Nova answers on every path: a malformed microversion or another project's URL, no valid token, and an
#: unsupported microversion.
_NOVA: Final = (400, 401, 406)
_NOVA_ITEM: Final = (400, 401, 404, 406)
_NOVA_CHANGE: Final = (400, 401, 403, 404, 406)

#: A body can be too large, or of another media type than JSON.
_NOVA_BODY: Final = (400, 401, 403, 404, 406, 413, 415)
_NOVA_CREATE: Final = (400, 401, 403, 406, 413, 415)

#: A server can be busy or locked.
_NOVA_SERVER: Final = (400, 401, 403, 404, 406, 409, 413, 415)

#: Above microversion 2.35, Nova's images are a 404, lists too.
_NOVA_IMAGES: Final = (400, 401, 403, 404, 406)

_COMPUTE: Final[Mapping[str, tuple[int, ...]]] = {
    **dict.fromkeys(("images.list", "images.detail"), _NOVA_IMAGES),
    **dict.fromkeys(("images.show", "metadata.list", "metadata.show"), _NOVA_ITEM),
    **dict.fromkeys(("images.delete", "metadata.delete"), _NOVA_CHANGE),
    **dict.fromkeys(("metadata.create", "metadata.replace", "metadata.update"), _NOVA_BODY),
    **dict.fromkeys(("servers.list", "servers.detail", "keypairs.list"), (400, 401, 403, 406)),
    **dict.fromkeys(("servers.show", "servers.metadata.list", "servers.metadata.show"), _NOVA_ITEM),
    **dict.fromkeys(("servers.ips.list", "servers.ips.show", "servers.tags.list"), _NOVA_ITEM),
    **dict.fromkeys(("servers.volumes.list", "servers.tags.show", "servers.actions.list"), _NOVA_ITEM),
    **dict.fromkeys(("servers.ports.list", "servers.ports.show", "servers.security_groups.list"), _NOVA_ITEM),
    **dict.fromkeys(("servers.actions.show", "servers.password.show", "servers.topology.show"), _NOVA_ITEM),
    **dict.fromkeys(("servers.tags.add", "servers.tags.delete", "servers.tags.clear"), _NOVA_ITEM),
    "servers.tags.replace": (400, 401, 404, 406, 413, 415),
    "servers.create": _NOVA_CREATE,
    "servers.update": _NOVA_BODY,
    **dict.fromkeys(("servers.delete", "servers.metadata.delete"), (400, 401, 403, 404, 406, 409)),
    "servers.action": (400, 401, 403, 404, 406, 409, 410, 413, 415),
    **dict.fromkeys(
        ("servers.metadata.create", "servers.metadata.replace", "servers.metadata.update"), _NOVA_SERVER
    ),
    **dict.fromkeys(("flavors.list", "flavors.detail"), _NOVA),
    **dict.fromkeys(("flavors.show", "flavors.specs.list"), _NOVA_ITEM),
    "keypairs.create": (400, 401, 403, 406, 409, 413, 415),
    **dict.fromkeys(("keypairs.show", "keypairs.delete"), _NOVA_CHANGE),
    **dict.fromkeys(("zones.list", "extensions.list"), _NOVA),
    "extensions.show": _NOVA_ITEM,
    **dict.fromkeys(("zones.detail", "limits.show", "quotas.show", "quotas.defaults"), (400, 401, 403, 406)),
}

_IMAGE: Final[Mapping[str, tuple[int, ...]]] = {
    **dict.fromkeys(("glance.images.list", "glance.tasks.list"), (400, 401, 403)),
    "glance.images.create": (400, 401, 403, 409, 413),
    **dict.fromkeys(("glance.images.show", "glance.images.tasks", "glance.members.show"), (401, 404)),
    "glance.images.update": (400, 401, 403, 404, 409, 413, 415),
    **dict.fromkeys(
        ("glance.images.delete", "glance.images.deactivate", "glance.images.reactivate"), (401, 403, 404)
    ),
    "glance.data.download": (400, 401, 403, 404, 416),
    **dict.fromkeys(("glance.data.upload", "glance.data.stage"), (400, 401, 403, 404, 409, 413, 415)),
    "glance.data.import": (400, 401, 403, 404, 409),
    **dict.fromkeys(("glance.tags.remove", "glance.members.list", "glance.members.delete"), (401, 403, 404)),
    **dict.fromkeys(("glance.tasks.show", "glance.locations.list"), (401, 403, 404)),
    "glance.tags.add": (400, 401, 403, 404, 413),
    "glance.members.create": (400, 401, 403, 404, 409, 413),
    "glance.members.update": (400, 401, 403, 404),
    **dict.fromkeys(("glance.info.import", "glance.info.stores", "glance.info.usage"), (401,)),
    **dict.fromkeys(("glance.schemas.image", "glance.schemas.images"), (401,)),
    "glance.info.stores.detail": (401, 403),
    **dict.fromkeys(
        ("glance.metadefs.namespaces.list", "glance.metadefs.resource_types.list"), (400, 401, 403)
    ),
    "glance.versions": (),
}

_IDENTITY: Final[Mapping[str, tuple[int, ...]]] = {
    "tokens.issue": (400, 401, 403, 404),
    "identity.v2.tokens": (400, 401, 404),
    **dict.fromkeys(("tokens.validate", "tokens.check", "tokens.revoke"), (401, 404)),
    **dict.fromkeys(("catalog.show", "auth.projects"), (401,)),
    **dict.fromkeys(("identity.versions", "identity.version"), ()),
}

#: The operations on a definition of metadata that read no body, and those that read one.
_METADEFS_WITHOUT_BODY: Final = (
    *(f"{kind}.{verb}" for kind in ("properties", "objects", "tags") for verb in ("list", "show", "delete")),
    *("properties.clear", "objects.clear", "tags.clear", "tags.create"),
    *("namespaces.show", "namespaces.delete", "associations.list", "associations.delete"),
)
_METADEFS_WITH_BODY: Final = (
    *("namespaces.create", "namespaces.update", "associations.create", "tags.replace", "tags.update"),
    *("properties.create", "properties.update", "objects.create", "objects.update"),
)

#: Operation that always fails, because there are no definitions of metadata and no cache -> its errors.
REFUSALS: Final[Mapping[str, tuple[int, ...]]] = {
    **{f"glance.metadefs.{name}": (401, 403, 404) for name in _METADEFS_WITHOUT_BODY},
    **{f"glance.metadefs.{name}": (400, 401, 403, 404) for name in _METADEFS_WITH_BODY},
    **{f"glance.cache.{name}": (401, 403, 404) for name in ("show", "clear", "add", "remove", "nodes")},
    **{f"glance.cache.{name}": (401, 403, 404) for name in ("clean", "prune")},
}

#: Operation -> the statuses of its errors.
OPERATION_ERRORS: Final[Mapping[str, tuple[int, ...]]] = {**_COMPUTE, **_IMAGE, **REFUSALS, **_IDENTITY}
