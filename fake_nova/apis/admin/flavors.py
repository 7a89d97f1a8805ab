"""Views of flavors: list, add, change and forget."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fake_nova.apis.admin import body, list_query
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.schemas import NewFlavorsSchema
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.flavors import Flavor, changeable_flavors, find_flavor
from fake_nova.documents.directory import unknown_project_problem
from fake_nova.documents.flavor import FlavorSchema, build_flavor, flavor_fields, serialize_flavor
from fake_nova.documents.validation import join_names
from fake_nova.errors import Conflict
from fake_nova.support.messages import quote_json
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: Query parameters of the list that match the field of the same name. A value may contain ``*`` and ``?``.
MATCHERS: Final = ("id", "name")


def index(context: Context) -> Response:
    """List the flavors that match, the first one added first, from just after ``marker``."""
    patterns = list_query.read_patterns(context, MATCHERS, {})
    return _flavors_response(list_query.page_of(context, context.cloud.compute.flavors, patterns), 200)


def show(context: Context) -> Response:
    """Show one flavor."""
    return json_response(serialize_flavor(_flavor_in_path(context, context.cloud.compute.flavors)))


def add(context: Context) -> Response:
    """Add one flavor or several. If one is invalid, add none."""
    documents, is_list = body.load_additions(context, FlavorSchema(), NewFlavorsSchema())
    cloud = context.cloud
    flavors = [build_flavor(_with_project_ids(cloud, values)) for values in documents]
    with cloud.lifecycle.lock():
        present_flavors = changeable_flavors(cloud.own_flavors)
        ids = {flavor.id for flavor in present_flavors}
        for flavor in flavors:
            if flavor.id in ids:
                problem = f"flavors: id already in use (got {quote_json(flavor.id)})"
                raise Conflict(f"{problem}; expected an id that no flavor has")
            ids.add(flavor.id)
        cloud.own_flavors = (*present_flavors, *flavors)
    if is_list:
        return _flavors_response(flavors, 201)
    return json_response(serialize_flavor(flavors[0]), 201)


def update(context: Context) -> Response:
    """Change the fields in the body. Servers keep the flavor that they were created with."""
    values = body.load(FlavorSchema(), body.parse_json(context))
    cloud = context.cloud
    with cloud.lifecycle.lock():
        flavors = changeable_flavors(cloud.own_flavors)
        flavor = _flavor_in_path(context, flavors)
        if values.get("id", flavor.id) != flavor.id:
            raise Refusal(400, f"id: a flavor's id cannot be changed; expected {json.dumps(flavor.id)}")
        changed_flavor = flavor._replace(**flavor_fields(_with_project_ids(cloud, values)))
        cloud.own_flavors = tuple(changed_flavor if each is flavor else each for each in flavors)
    return json_response(serialize_flavor(changed_flavor))


def forget(context: Context) -> Response:
    """Remove a flavor. Servers keep theirs. The last flavor stays, because new servers need one."""
    cloud = context.cloud
    with cloud.lifecycle.lock():
        flavors = changeable_flavors(cloud.own_flavors)
        flavor = _flavor_in_path(context, flavors)
        remaining_flavors = tuple(each for each in flavors if each is not flavor)
        if not remaining_flavors:
            problem = f"flavor: the only one (got {quote_json(flavor.id)})"
            raise Conflict(f"{problem}; expected one beside others, because new servers need a flavor")
        cloud.own_flavors = remaining_flavors
    return Response(204)


def _with_project_ids(cloud: Cloud, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a loaded document with ids in place of the names of projects.

    Raises:
        Refusal: 400 if there is no such project.
    """
    ids = []
    for index, name in enumerate(values.get("access", ())):
        project = cloud.directory.project(name)
        if project is None:
            raise Refusal(400, f"access[{index}]: {unknown_project_problem(name, cloud.directory)}")
        ids.append(project.id)
    return {**values, "access": ids} if "access" in values else dict(values)


def _flavor_in_path(context: Context, flavors: Iterable[Flavor]) -> Flavor:
    """Return the flavor whose id or name is in the path.

    Raises:
        Refusal: 404 if there is none.
    """
    known_flavors = tuple(flavors)
    reference = context.path_params["flavor_id"]
    flavor = find_flavor(known_flavors, reference)
    if flavor is None:
        names = join_names([each.name for each in known_flavors])
        problem = f"flavor: unknown id or name (got {quote_json(reference)})"
        raise Refusal(404, f"{problem}; expected one of: {names}")
    return flavor


def _flavors_response(flavors: Iterable[Flavor], status: int) -> Response:
    documents: list[dict[str, Any]] = list(map(serialize_flavor, flavors))
    return json_response({"flavors": documents}, status)
