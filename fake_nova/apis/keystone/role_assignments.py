"""The list of role assignments (Keystone 30.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final, NamedTuple

from fake_nova.apis.keystone import policies, queries
from fake_nova.apis.keystone.checks import get_caller_token
from fake_nova.apis.keystone.collections import list_response
from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.policies import Target
from fake_nova.apis.keystone.render import JsonObject
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.people import Domain, Project, User
from fake_nova.cloud.roles import Role
from fake_nova.cloud.tokens import Token
from fake_nova.images.database import Database
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


class RoleAssignment(NamedTuple):
    """A role of a user.

    Attributes:
        user: the user.
        role: the name of the role.
        project: the project that it is for, or None.
        domain: the domain that it is for, or None. Without a project and a domain it is for the system.
        prior_role: the name of the role that implies this one; "" if it is assigned itself.
    """

    user: User
    role: str
    project: Project | None
    domain: Domain | None
    prior_role: str = ""

    @property
    def is_system(self) -> bool:
        """Whether it is for the system."""
        return self.project is None and self.domain is None


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
    root = None
    if params.get("include_subtree"):
        root = _find_project(context, params["scope.project.id"])
    _require_permission(get_caller_token(context), root)
    for names, message in _EXCLUSIONS:
        if all(params.get(name) for name in names):
            raise KeystoneError(400, message)
    if params.get("effective"):
        _require_actor_and_target(context, params)
    directory = context.cloud.directory
    assignments = assignments_of(directory)
    caller = get_caller_token(context)
    if caller.domain is not None:
        assignments = [each for each in assignments if _domain_of(each) == caller.domain]
    if root is not None:
        ids = {root.id, *_subtree_ids(root.id, directory)}
        assignments = [each for each in assignments if _project_id(each) in ids]
        params["scope.project.id"] = ""
    selection = _select(directory, assignments, params, context.emulator.database)
    items = [_serialize(directory, each, base_url(context), params) for each in selection]
    return list_response(context, "role_assignments", items)


def _require_permission(caller: Token, root: Project | None) -> None:
    """Check the policy; KeystoneError 403 if the caller does not meet it. *root* is that of a tree."""
    if root is not None:
        target = Target(domain_id=root.domain.id)
        policies.require("identity:list_role_assignments_for_tree", caller, target)
        return
    domain_id = None if caller.domain is None else caller.domain.id
    policies.require("identity:list_role_assignments", caller, Target(domain_id=domain_id))


def _find_project(context: Context, project_id: str) -> Project:
    """Return the project with an id; KeystoneError 404 if there is none."""
    project = context.cloud.directory.find_project("id", project_id, context.emulator.database)
    if project is None:
        raise KeystoneError(404, f"Could not find project: {project_id}.")
    return project


def _require_actor_and_target(context: Context, params: Mapping[str, str]) -> None:
    """Check that a query for effective roles names no unknown project or user; KeystoneError 404 if it does.

    Keystone looks them up for what they inherit from projects above and from groups. A query about a domain,
    or without what is inherited, does not need the project.
    """
    wants_inherited = params.get(_INHERITED, "projects") == "projects" and not params.get("scope.domain.id")
    project_id, user_id = params.get("scope.project.id"), params.get("user.id")
    if project_id and wants_inherited:
        _find_project(context, project_id)
    if user_id and context.cloud.directory.find_user("id", user_id, context.emulator.database) is None:
        raise KeystoneError(404, f"Could not find user: {user_id}.")


def _subtree_ids(project_id: str, directory: Directory) -> Iterator[str]:
    """Yield the ids of the projects below a project."""
    for project in directory.projects:
        if project.parent_id == project_id:
            yield project.id
            yield from _subtree_ids(project.id, directory)


def _domain_of(assignment: RoleAssignment) -> Domain | None:
    return assignment.domain if assignment.project is None else assignment.project.domain


def _with_switches(params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters with "1" for each switch that is on, and "" for one that is off."""
    switches = {name: "" if params[name] == "0" else "1" for name in _SWITCHES if name in params}
    inherited = "1" if params.get(_INHERITED) == "projects" else ""
    return {**params, **switches, "inherited": inherited}


def assignments_of(directory: Directory) -> list[RoleAssignment]:
    """Return the assigned roles: those in projects and domains by user, then those in the system."""
    users = sorted(directory.users, key=attrgetter("id"))
    assignments = [
        RoleAssignment(user, role, grant.project, grant.domain)
        for user in users
        for grant in user.grants
        for role in sorted(grant.roles)
    ]
    return sorted(assignments, key=attrgetter("is_system"))


def _project_id(assignment: RoleAssignment) -> str | None:
    return None if assignment.project is None else assignment.project.id


def _domain_id(assignment: RoleAssignment) -> str | None:
    return None if assignment.domain is None else assignment.domain.id


def _id_test(
    get_id: Callable[[RoleAssignment], str | None],
) -> Callable[[RoleAssignment, str, Database], bool]:
    return lambda assignment, text, database: database.are_equal(get_id(assignment), text)


#: Query parameter -> whether an assignment matches its value, unless that is empty.
_FILTERS: Final[Mapping[str, Callable[[RoleAssignment, str, Database], bool]]] = {
    "user.id": _id_test(lambda assignment: assignment.user.id),
    "scope.project.id": _id_test(_project_id),
    "scope.domain.id": _id_test(_domain_id),
    "group.id": lambda *_: False,
    "scope.system": lambda assignment, text, _: text != "all" or assignment.is_system,
    "inherited": lambda assignment, *_: assignment.is_system,
}


def _select(
    directory: Directory, assignments: Iterable[RoleAssignment], params: Mapping[str, str], database: Database
) -> list[RoleAssignment]:
    """Return the assignments that match a query; effective ones do not have those in the system."""
    if params.get("effective"):
        assignments = _with_implied(directory, (each for each in assignments if not each.is_system))
        params = {**params, "scope.system": ""}
    if params.get("role.id"):
        ids = {role.name: role.id for role in directory.roles}
        role_id = params["role.id"]
        assignments = [each for each in assignments if database.are_equal(ids.get(each.role), role_id)]
    tests = [(matches, params[name]) for name, matches in _FILTERS.items() if params.get(name)]
    return [each for each in assignments if all(matches(each, text, database) for matches, text in tests)]


def _with_implied(directory: Directory, assignments: Iterable[RoleAssignment]) -> Iterator[RoleAssignment]:
    """Yield the assignments, and after each those of the roles that it implies, one through the other."""
    for assignment in assignments:
        yield assignment
        for implied_role in directory.implied_by(assignment.role):
            yield assignment._replace(role=implied_role.name, prior_role=implied_role.prior_name)


def _serialize(
    directory: Directory, assignment: RoleAssignment, url: str, params: Mapping[str, str]
) -> JsonObject:
    """Return an assignment as it is listed."""
    with_names = bool(params.get("include_names"))
    user, project, domain = assignment.user, assignment.project, assignment.domain
    role = directory.roles_by_name[assignment.role]
    linked_role = directory.roles_by_name[assignment.prior_role or assignment.role]
    path, scope = "/system", dict[str, Any](system={"all": True})
    if project is not None:
        path, scope = f"/projects/{project.id}", {"project": _reference(project, with_names)}
    elif domain is not None:
        path, scope = f"/domains/{domain.id}", {"domain": _name_reference(domain, with_names)}
    links = {"assignment": f"{url}/v3{path}/users/{user.id}/roles/{linked_role.id}"}
    if assignment.prior_role:
        links["prior_role"] = f"{url}/v3/prior_role/{role.id}/implies/{linked_role.id}"
    references = {"user": _reference(user, with_names), "role": _name_reference(role, with_names)}
    return {"links": links, "scope": scope, **references}


def _name_reference(entity: Project | User | Domain | Role, with_names: bool) -> dict[str, Any]:
    return {"id": entity.id, "name": entity.name} if with_names else {"id": entity.id}


def _reference(entity: Project | User, with_names: bool) -> dict[str, Any]:
    reference = _name_reference(entity, with_names)
    return {**reference, "domain": _name_reference(entity.domain, with_names)} if with_names else reference
