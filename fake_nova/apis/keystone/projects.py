"""Projects beyond a plain look-up: their tree, their tags, and the projects of a user."""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Final, NamedTuple

from fake_nova.apis.keystone.bodies import resource_response
from fake_nova.apis.keystone.checks import get_caller_token
from fake_nova.apis.keystone.collections import (
    find_permitted,
    list_all,
    list_response,
    member_response,
    path_parameter,
    select_items,
    with_link,
)
from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.project_filters import USER_PROJECT_FILTERS, JsonObject
from fake_nova.apis.keystone.render import serialize_project
from fake_nova.apis.keystone.resources import PROJECTS, USERS
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


class _Relatives(NamedTuple):
    """The parameters that add the relatives of a project, as a list or as ids."""

    as_list: str
    as_ids: str


_RELATIVES: Final = (
    _Relatives("parents_as_list", "parents_as_ids"),
    _Relatives("subtree_as_list", "subtree_as_ids"),
)

#: The parameters that add something to a project.
TREE_PARAMETERS: Final = tuple(name for relatives in _RELATIVES for name in relatives)


def list_projects(context: Context) -> Response:
    """List the projects that match the query; the domains only if it asks for them."""
    return list_all(context, PROJECTS)


def show_project(context: Context) -> Response:
    """Show a project, with its parents and its subtree if the query asks for them."""
    project = find_permitted(context, PROJECTS, "identity:get_project")
    for relatives in _RELATIVES:
        if all(_is_on(context, name) for name in relatives):
            message = f"Cannot use {relatives.as_list} and {relatives.as_ids} query params at the same time."
            raise KeystoneError(400, message)
    return member_response(context, PROJECTS, {**project, **_relatives_of(context, project)})


def _is_on(context: Context, name: str) -> bool:
    """Return whether the query has a parameter, with any value but 0."""
    return context.query_params.get(name, ["0"])[0] != "0"


def _relatives_of(context: Context, project: JsonObject) -> JsonObject:
    """Return the parents and the subtree that the query asks for; in lists only the caller's projects."""
    projects = PROJECTS.items(context)
    relatives: JsonObject = {}
    if _is_on(context, "parents_as_list"):
        relatives["parents"] = _own_projects(context, _parents_of(project, projects))
    elif _is_on(context, "parents_as_ids"):
        ids: JsonObject | None = None
        for parent in reversed(_parents_of(project, projects)):
            ids = {parent["id"]: ids}
        relatives["parents"] = ids
    if _is_on(context, "subtree_as_list"):
        relatives["subtree"] = _own_projects(context, _subtree_of(project["id"], projects))
    elif _is_on(context, "subtree_as_ids"):
        relatives["subtree"] = _subtree_ids(project["id"], projects)
    return relatives


def _parents_of(project: JsonObject, projects: list[JsonObject]) -> list[JsonObject]:
    """Return the parent of a project, its parent, and so on up to the domain."""
    by_id = {each["id"]: each for each in projects}
    parents: list[JsonObject] = []
    while (parent := by_id.get(project["parent_id"])) is not None:
        parents.append(parent)
        project = parent
    return parents


def _children_of(project_id: str, projects: list[JsonObject]) -> list[JsonObject]:
    return sorted((each for each in projects if each["parent_id"] == project_id), key=itemgetter("id"))


def _subtree_of(project_id: str, projects: list[JsonObject]) -> list[JsonObject]:
    children = _children_of(project_id, projects)
    return [*children, *(each for child in children for each in _subtree_of(child["id"], projects))]


def _subtree_ids(project_id: str, projects: list[JsonObject]) -> JsonObject | None:
    children = _children_of(project_id, projects)
    return {child["id"]: _subtree_ids(child["id"], projects) for child in children} or None


def _own_projects(context: Context, projects: list[JsonObject]) -> list[dict[str, Any]]:
    own_ids = {project.id for project in get_caller_token(context).user.projects}
    own_projects = [each for each in projects if each["id"] in own_ids]
    return [{"project": with_link(context, "projects", each)} for each in own_projects]


def list_tags(context: Context) -> Response:
    """List the tags of a project."""
    project = find_permitted(context, PROJECTS, "identity:list_project_tags")
    query = f"?{context.request.query_string}" if context.request.query_string else ""
    links = {"self": f"{base_url(context)}/v3{query}"}
    return resource_response({"links": links, "tags": project["tags"]})


def check_tag(context: Context) -> Response:
    """Respond 204 if a project has a tag."""
    project = find_permitted(context, PROJECTS, "identity:get_project_tag")
    tag = path_parameter(context, "tag")
    if tag not in project["tags"]:
        raise KeystoneError(404, f"Could not find project tag: {tag}.")
    return Response(204)


def list_user_projects(context: Context) -> Response:
    """List the projects that a user has a role in; for that user and admins."""
    user = find_permitted(context, USERS, "identity:list_user_projects")
    entity = context.cloud.directory.find_user("id", user["id"], context.emulator.database)
    projects = [] if entity is None else list(map(serialize_project, entity.projects))
    items = select_items(context, projects, USER_PROJECT_FILTERS)
    return list_response(context, "projects", [with_link(context, "projects", item) for item in items])
