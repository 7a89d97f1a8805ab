"""The list of role assignments (Keystone 30.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from fake_nova.apis.keystone import policies, queries
from fake_nova.apis.keystone.checks import get_caller_token
from fake_nova.apis.keystone.collections import list_response
from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.render import JsonObject, stable_id
from fake_nova.apis.keystone.tables import DOMAIN, IMPLIED_ROLES
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.images.database import Database
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


class RoleAssignment(NamedTuple):
    """A role of a user.

    Attributes:
        user: the user.
        role: the name of the role.
        project: the project that it is for; None for the system.
        prior_role: the name of the assigned role that implies this one; "" if it is assigned itself.
    """

    user: User
    role: str
    project: Project | None = None
    prior_role: str = ""


class _Exclusion(NamedTuple):
    """Parameters that a query must not have together, and the message if it has."""

    names: tuple[str, ...]
    message: str


def _ignored(problem: str) -> str:
    return f"Combining {problem} will always result in an empty list."


#: In the order of the real service's checks.
_EXCLUSIONS: Final = (
    _Exclusion(("scope.domain.id", "scope.project.id"), "Specify a domain or project, not both"),
    _Exclusion(("scope.domain.id", "scope.system"), "Specify system or domain, not both"),
    _Exclusion(("scope.project.id", "scope.system"), "Specify system or project, not both"),
    _Exclusion(("effective", "group.id"), _ignored("effective and group filter")),
    _Exclusion(
        ("effective", "inherited", "scope.domain.id"), _ignored("effective, domain and inherited filters")
    ),
)

_INHERITED: Final = "scope.OS-INHERIT:inherited_to"

#: Words of a query that are true, unless their value is 0.
_SWITCHES: Final = ("effective", "include_names", "include_subtree")


#: The parameters of a query.
PARAMETERS: Final = (
    *("user.id", "group.id", "role.id", "scope.project.id", "scope.domain.id", "scope.system"),
    *(_INHERITED, *_SWITCHES),
)


def list_role_assignments(context: Context) -> Response:
    """List the role assignments that match the query."""
    params = _with_switches(queries.read_query(context, queries.ROLE_ASSIGNMENTS))
    suffix = "_for_tree" if params.get("include_subtree") else ""
    policies.require(f"identity:list_role_assignments{suffix}", get_caller_token(context))
    for names, message in _EXCLUSIONS:
        if all(params.get(name) for name in names):
            raise KeystoneError(400, message)
    assignments = assignments_of(context.cloud.directory)
    selection = _select(assignments, params, context.emulator.database)
    items = [_serialize(each, base_url(context), bool(params.get("include_names"))) for each in selection]
    return list_response(context, "role_assignments", items)


def _with_switches(params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters with "1" for each switch that is on, and "" for one that is off."""
    switches = {name: "" if params[name] == "0" else "1" for name in _SWITCHES if name in params}
    inherited = "1" if params.get(_INHERITED) == "projects" else ""
    return {**params, **switches, "inherited": inherited}


def assignments_of(directory: Directory) -> list[RoleAssignment]:
    """Return the assigned roles: those in projects by user, then those in the system.

    An admin has the role in the system too, as ``keystone-manage bootstrap`` assigns it.
    """
    users = sorted(directory.users, key=lambda user: user.id)
    in_projects = [RoleAssignment(user, role, user.project) for user in users for role in sorted(user.roles)]
    in_system = [RoleAssignment(user, "admin") for user in users if "admin" in user.roles]
    return [*in_projects, *in_system]


def _project_id(assignment: RoleAssignment) -> str | None:
    return None if assignment.project is None else assignment.project.id


def _id_test(
    get_id: Callable[[RoleAssignment], str | None],
) -> Callable[[RoleAssignment, str, Database], bool]:
    return lambda assignment, text, database: database.are_equal(get_id(assignment), text)


#: Query parameter -> whether an assignment matches its value, unless that is empty.
_FILTERS: Final[Mapping[str, Callable[[RoleAssignment, str, Database], bool]]] = {
    "user.id": _id_test(lambda assignment: assignment.user.id),
    "role.id": _id_test(lambda assignment: stable_id("role", assignment.role)),
    "scope.project.id": _id_test(_project_id),
    "scope.domain.id": lambda *_: False,
    "group.id": lambda *_: False,
    "scope.system": lambda assignment, text, _: text != "all" or assignment.project is None,
    "inherited": lambda assignment, *_: assignment.project is None,
}


def _select(
    assignments: Iterable[RoleAssignment], params: Mapping[str, str], database: Database
) -> list[RoleAssignment]:
    """Return the assignments that match a query; effective ones do not have those in the system."""
    if params.get("effective"):
        assignments = _with_implied(each for each in assignments if each.project is not None)
        params = {**params, "scope.system": ""}
    tests = [(matches, params[name]) for name, matches in _FILTERS.items() if params.get(name)]
    return [each for each in assignments if all(matches(each, text, database) for matches, text in tests)]


def _with_implied(assignments: Iterable[RoleAssignment]) -> Iterator[RoleAssignment]:
    """Yield the assignments, and after each those of the roles that it implies, one through the other."""
    for assignment in assignments:
        yield assignment
        prior_role = assignment.role
        for role in IMPLIED_ROLES[assignment.role][1:]:
            yield assignment._replace(role=role, prior_role=prior_role)
            prior_role = role


def _serialize(assignment: RoleAssignment, url: str, with_names: bool) -> JsonObject:
    """Return an assignment as it is listed."""
    user, role, project, prior_role = assignment
    path = "/system" if project is None else f"/projects/{project.id}"
    linked_role = stable_id("role", prior_role or role)
    links = {"assignment": f"{url}/v3{path}/users/{user.id}/roles/{linked_role}"}
    role_id = stable_id("role", role)
    if prior_role:
        links["prior_role"] = f"{url}/v3/prior_role/{role_id}/implies/{linked_role}"
    scope = {"system": {"all": True}} if project is None else {"project": _reference(project, with_names)}
    reference = {"id": role_id, "name": role} if with_names else {"id": role_id}
    return {"links": links, "scope": scope, "user": _reference(user, with_names), "role": reference}


def _reference(entity: Project | User, with_names: bool) -> dict[str, Any]:
    return {"id": entity.id, "name": entity.name, "domain": DOMAIN} if with_names else {"id": entity.id}
