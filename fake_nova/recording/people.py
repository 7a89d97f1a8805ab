"""The projects, users, domains and roles of a cloud, as far as its user may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fake_nova.cloud.people import DEFAULT_DOMAIN
from fake_nova.cloud.roles import BUILT_IN_ROLES, Role, with_implied
from fake_nova.recording.reading import read_list, refusal

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud

Entry = dict[str, Any]

#: Statuses of a list that the user may not see, or that this Keystone does not have.
_INVISIBLE: Final = frozenset((401, 403, 404))


class _Assignment(NamedTuple):
    """A role that a user has in a project, in a domain, or in the system."""

    user_id: str
    kind: str
    place: str
    role: str


class PeopleReader:
    """Reads projects and users from Keystone.

    Args:
        cloud: the cloud.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud: Final = cloud
        self._caller: Final = cloud.caller
        self._roles: Final = {role.name: role for role in BUILT_IN_ROLES}
        self._role_names: Final[dict[str, str]] = {}

    def read(self) -> dict[str, list[Entry]]:
        """Return the fixture's ``domains``, ``roles``, ``projects`` and ``users``.

        Passwords are made up. A list that the user may not see has only what the token says.

        Raises:
            CloudFailure: if Keystone fails, or cannot be reached.
        """
        self._read_roles()
        projects = self._projects()
        assignments = self._assignments()
        users = [self._user(user, assignments, projects) for user in self._users()]
        domains = self._domains([*projects, *users])
        defaults = {role.name: role for role in BUILT_IN_ROLES}
        for name in self._caller.roles:
            self._roles.setdefault(name, Role(name))
        changed_roles = [role for role in self._roles.values() if role != defaults.get(role.name)]
        return {
            "domains": domains,
            "roles": [_role_entry(role) for role in changed_roles],
            "projects": projects,
            "users": users,
        }

    def _list(self, path: str, key: str) -> list[Any] | None:
        """Return a list of Keystone's; None if the user may not see it."""
        if self._cloud.endpoint("identity") is None:
            return None
        response = self._cloud.get("identity", path)
        if response.status in _INVISIBLE:
            return None
        if response.status != 200:
            raise refusal(response, "200, or 403 for a list that the user may not see")
        return read_list(response.json(), key, response.url)

    def _read_roles(self) -> None:
        roles = self._list("/roles", "roles") or []
        inferences = self._list("/role_inferences", "role_inferences") if roles else None
        implied: dict[str, list[str]] = {}
        for each in inferences or []:
            implied[each["prior_role"]["name"]] = [role["name"] for role in each["implies"]]
        for role in roles:
            name = role["name"]
            self._role_names[role["id"]] = name
            default = self._roles.get(name, Role(name))
            implies = default.implies if inferences is None else tuple(implied.get(name, ()))
            own_id = "" if role["id"] == default.id else role["id"]
            self._roles[name] = Role(name, implies, role.get("description"), own_id)

    def _projects(self) -> list[Entry]:
        """Return the projects, the caller's first, which is the default owner of images."""
        projects = self._list("/projects", "projects")
        if projects is None:
            projects = self._list("/auth/projects", "projects") or []
        entries = [_project_entry(project) for project in projects if not project.get("is_domain")]
        home = self._caller.project_id
        others = [entry for entry in entries if entry["id"] != home]
        if home is None:
            return others
        entry = {"id": home, "name": self._caller.project_name or home}
        entry |= _domain_of(self._caller.project_domain[0])
        return [next((each for each in entries if each["id"] == home), entry), *others]

    def _users(self) -> list[Entry]:
        """Return the users as Keystone shows them, the caller first, who is the fake's user by default."""
        caller = self._caller
        users = self._list("/users", "users") or []
        if caller.user_id is None:
            return users
        entry = {"id": caller.user_id, "name": caller.user_name, "domain_id": caller.user_domain[0]}
        others = [user for user in users if user["id"] != caller.user_id]
        return [next((user for user in users if user["id"] == caller.user_id), entry), *others]

    def _assignments(self) -> list[_Assignment] | None:
        """Return the roles of all users; None if the caller may not see them.

        Effective roles include those of groups, but not those in the system (Keystone 30.0.0).
        """
        assignments = self._list("/role_assignments?effective=true", "role_assignments")
        if assignments is None:
            return None
        assignments += self._list("/role_assignments?scope.system=all", "role_assignments") or []
        rows = []
        for each in assignments:
            kind, scope = next(iter(each["scope"].items()))
            role = self._role_names.get(each["role"]["id"])
            if "user" in each and role is not None:
                rows.append(_Assignment(each["user"]["id"], kind, scope.get("id", ""), role))
        return rows

    def _user(
        self, user: Mapping[str, Any], assignments: list[_Assignment] | None, projects: list[Entry]
    ) -> Entry:
        user_id = user["id"]
        entry: Entry = {"id": user_id, "name": user["name"] or user_id, "password": made_up_password(user_id)}
        entry |= _domain_of(user.get("domain_id"))
        if user.get("enabled") is False:
            entry["enabled"] = False
        if assignments is None:
            return entry | self._grants_of_caller(projects)
        rows = [each for each in assignments if each.user_id == user_id]
        return entry | self._grants(rows, user_id == self._caller.user_id, projects)

    def _grants(self, rows: list[_Assignment], is_caller: bool, projects: list[Entry]) -> Entry:
        """Return the roles of a user as keys of a fixture; the caller's project comes first."""
        known_ids = {project["id"] for project in projects}
        roles_by_project = {key: roles for key, roles in self._by_place(rows, "project") if key in known_ids}
        grants: Entry = {}
        home = self._caller.project_id
        if is_caller and home in roles_by_project:
            grants |= {"project": home, "roles": roles_by_project.pop(home)}
        others = [{"project": key, "roles": roles} for key, roles in roles_by_project.items()]
        if others or not grants:
            grants["projects"] = others
        domains = [{"domain": key, "roles": roles} for key, roles in self._by_place(rows, "domain")]
        if domains:
            grants["domains"] = domains
        system_roles = [role for _, roles in self._by_place(rows, "system") for role in roles]
        if system_roles or "admin" in grants.get("roles", ()):
            grants["system_roles"] = system_roles
        return grants

    def _grants_of_caller(self, projects: list[Entry]) -> Entry:
        """Return the roles of the caller: those of the token, in each project that the caller may enter."""
        roles = self._without_implied(self._caller.roles)
        home = self._caller.project_id
        others = [{"project": each["id"], "roles": roles} for each in projects if each["id"] != home]
        if home is None:
            return {"projects": others}
        grants: Entry = {"project": home, "roles": roles}
        return grants | ({"projects": others} if others else {})

    def _by_place(self, assignments: Iterable[_Assignment], kind: str) -> list[tuple[str, list[str]]]:
        """Return each scope of a kind with the roles in it, without those that others imply."""
        roles: dict[str, list[str]] = {}
        for each in assignments:
            if each.kind == kind:
                roles.setdefault(each.place, []).append(each.role)
        return [(place, self._without_implied(names)) for place, names in roles.items()]

    def _without_implied(self, names: Iterable[str]) -> list[str]:
        names = sorted(set(names))
        implied = {other for name in names for other in with_implied([name], self._roles.values()) - {name}}
        return [name for name in names if name not in implied]

    def _domains(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the domains other than the default one; the name of an invisible one is its id."""
        domains = {domain["id"]: domain["name"] for domain in self._list("/domains", "domains") or []}
        for domain_id, name in (self._caller.user_domain, self._caller.project_domain):
            if domain_id is not None:
                domains.setdefault(domain_id, name or domain_id)
        grants = (grant for entry in entries for grant in (entry, *entry.get("domains", ())))
        for grant in grants:
            domain_id = grant.get("domain", DEFAULT_DOMAIN.id)
            domains.setdefault(domain_id, domain_id)
        return [{"id": key, "name": name} for key, name in domains.items() if key != DEFAULT_DOMAIN.id]


def made_up_password(user_id: str) -> str:
    """Return a password for the fake that has nothing to do with the real one; it is always the same."""
    return "made-up-" + sha256(f"fake_nova {user_id}".encode()).hexdigest()[:12]


def _domain_of(domain_id: str | None) -> Entry:
    return {} if domain_id in (None, DEFAULT_DOMAIN.id) else {"domain": domain_id}


def _project_entry(project: Mapping[str, Any]) -> Entry:
    entry: Entry = {"id": project["id"], "name": project["name"], **_domain_of(project.get("domain_id"))}
    if project.get("parent_id") not in (None, project.get("domain_id"), DEFAULT_DOMAIN.id):
        entry["parent"] = project["parent_id"]
    if project.get("enabled") is False:
        entry["enabled"] = False
    texts = {"description": project.get("description"), "tags": project.get("tags")}
    return entry | {key: value for key, value in texts.items() if value}


def _role_entry(role: Role) -> Entry:
    values = {"id": role.own_id, "name": role.name, "implies": list(role.implies)}
    entry = {key: value for key, value in values.items() if value}
    return entry if role.description is None else {**entry, "description": role.description}
