"""Metadata definitions: ``openstack image metadef …`` and ``glance md-…``.

fake_nova has none, and refuses to write them. So each sequence reads first what nobody has written yet.
"""

from __future__ import annotations

from typing import Final

from tests.commands.table import Command, Sequence, commands, sequence


def _writes(user: str, *lines: str) -> tuple[Command, ...]:
    return tuple(Command(line, user, writes_metadefs=True) for line in lines)


_SCHEMA: Final = """'{"type": "string"}'"""

OPENSTACK: Final = sequence(
    "openstack image metadef",
    commands(
        "alice",
        "openstack image metadef namespace list",
        "openstack image metadef namespace list --visibility public --resource-types OS::Glance::Image",
        "openstack image metadef namespace show nope",
        "openstack image metadef resource type list",
        "openstack image metadef resource type association list nope",
        "openstack image metadef property list nope",
        "openstack image metadef property show nope nope",
        "openstack image metadef object list nope",
        "openstack image metadef object show nope nope",
        "openstack image metadef object property show nope nope nope",
    ),
    _writes(
        "admin",
        "openstack image metadef namespace create space --public --description words",
        "openstack image metadef namespace set space --display-name Space",
        "openstack image metadef namespace set space --tag t",
        "openstack image metadef namespace unset space --tag t",
        "openstack image metadef resource type association delete space OS::Glance::Image",
        f"openstack image metadef property create space --name p --title P --type string --schema {_SCHEMA}",
        "openstack image metadef property set space p --title Q",
        "openstack image metadef property delete space p",
        "openstack image metadef object create --namespace space thing",
        "openstack image metadef object update space thing --name object",
        "openstack image metadef object delete space object",
        "openstack image metadef namespace delete space",
    ),
    commands("admin", "openstack image metadef namespace list"),
    _writes(
        "alice",  # from an administrator Glance keeps the type for ever
        "openstack image metadef resource type association create space OS::Glance::Image",
        "openstack image metadef namespace create space",
        "openstack image metadef namespace delete space",
    ),
)

GLANCE: Final = sequence(
    "glance md-",
    commands(
        "alice",
        "glance md-namespace-list",
        "glance md-namespace-list --visibility public --resource-types OS::Glance::Image --page-size 1",
        "glance md-namespace-show nope",
        "glance md-namespace-show nope --resource-type OS::Glance::Image",
        "glance md-namespace-resource-type-list nope",
        "glance md-resource-type-list",
        "glance md-property-list nope",
        "glance md-property-show nope nope",
        "glance md-object-list nope",
        "glance md-object-show nope nope",
        "glance md-object-property-show nope nope nope",
        "glance md-tag-list nope",
        "glance md-tag-show nope nope",
    ),
    _writes(
        "admin",
        "glance md-namespace-create space --visibility public",
        "glance md-namespace-update space --description words",
        "glance md-resource-type-deassociate space OS::Glance::Image",
        f"glance md-property-create space --name p --title P --type string --schema {_SCHEMA}",
        "glance md-property-update space p --title Q",
        "glance md-property-delete space p",
        "glance md-namespace-properties-delete space",
        "glance md-object-create space --name thing --schema '{}'",
        "glance md-object-update space thing --name object",
        "glance md-object-delete space object",
        "glance md-namespace-objects-delete space",
        "glance md-tag-create space --name t",
        "glance md-tag-update space t --name u",
        "glance md-tag-delete space u",
        "glance md-tag-create-multiple space --names a,b --delim ,",
        "glance md-namespace-tags-delete space",
        "glance md-namespace-delete space",
        "glance md-namespace-import --file namespace.json",
        "glance md-namespace-delete imported",
    ),
    commands("admin", "glance md-namespace-list"),
    _writes(
        "alice",
        "glance md-resource-type-associate space --name OS::Glance::Image",
        "glance md-namespace-create space",
        "glance md-tag-create space --name t",
    ),
)

SEQUENCES: Final[tuple[Sequence, ...]] = (OPENSTACK, GLANCE)
