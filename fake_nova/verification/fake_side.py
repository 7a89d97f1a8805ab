"""The fake of a cloud: an emulator in this process, started from a record."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from fake_nova import apis
from fake_nova.clients.in_process import send_request
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.roles import BUILT_IN_ROLES
from fake_nova.documents import fixture_files
from fake_nova.errors import ConfigurationError
from fake_nova.recording.caller import Caller
from fake_nova.serving.wsgi import Application
from fake_nova.settings import Settings, load_settings
from fake_nova.verification.questions import Question
from fake_nova.verification.sides import Reply

#: The address that links of the fake begin with. It is never resolved.
_URL: Final = "http://fake-nova.invalid"

#: Service -> the prefix of its paths in fake_nova.
_PREFIXES: Final = {"compute": "", "image": "/image", "identity": "/identity"}

#: Keys of a record that are settings, not content.
_SETTINGS_OF_RECORDS: Final = ("dialect", "database", "settings")

Document = Mapping[str, Any]


#: The user who asks, and the project of the token.
Identity = Caller[str]


class FakeSide:
    """A fake that a user is logged in to.

    Args:
        document: the record, with the user; see `with_identity`.
        identity: the user.
        password: the password of the user in the record.
        overrides: settings by name.
    """

    def __init__(self, document: Document, identity: Identity, password: str, **overrides: str) -> None:
        self.roots: Final[Mapping[str, str]] = {name: _URL + prefix for name, prefix in _PREFIXES.items()}
        self._app: Final = Application(_start(document, fake_settings(**overrides)))
        self._token: Final = self._log_in(identity, password)

    def token(self) -> str:
        """Return the user's token."""
        return self._token

    def _log_in(self, identity: Identity, password: str) -> str:
        methods = {
            "methods": ["password"],
            "password": {"user": {"id": identity.user_id, "password": password}},
        }
        auth = {"identity": methods, "scope": {"project": {"id": identity.project_id}}}
        body = json.dumps({"auth": auth}).encode()
        headers = [("Content-Type", "application/json")]
        response = send_request(self._app, "POST", f"{self.roots['identity']}/v3/auth/tokens", headers, body)
        if response.status != 201:
            problem = f"record: {identity.user_name} cannot log in to the fake (got status {response.status})"
            raise ConfigurationError(f"{problem}; expected a user and a project that are enabled")
        return dict(response.headers)["X-Subject-Token"]

    def send(self, service: str, question: Question) -> Reply:
        """Send a request to a service, and return the response."""
        headers = [*request_headers(question).items()]
        if question.caller != "none":
            token = self._token if question.caller == "own" else question.caller
            headers.append(("X-Auth-Token", token))
        url = self.roots[service] + question.path
        body = (question.body or "").encode()
        response = send_request(self._app, question.method, url, headers, body)
        return Reply(response.status, response.headers, response.content)


def request_headers(question: Question) -> dict[str, str]:
    """Return the headers of a request, but for the token."""
    headers = {"Accept": "application/json", **dict(question.headers)}
    if question.body is not None:
        headers["Content-Type"] = question.content_type
    return headers


def fake_settings(**overrides: str) -> Settings:
    """Return the settings of a fake, whatever the environment says.

    Raises:
        ConfigurationError: if a value is invalid.
    """
    settings = {"dialect": "nova", "database": "mariadb", **overrides}
    return load_settings({}, auth_strategy="keystone", journal="0", admin="off", hints="false", **settings)


def _start(document: Document, settings: Settings) -> Emulator:
    emulator = Emulator(settings, operations=apis.router().operations)
    content = {key: value for key, value in document.items() if key not in _SETTINGS_OF_RECORDS}
    text = json.dumps(content, default=str).encode()
    now = emulator.clock.now()
    seed = fixture_files.load_text(text, "record", Directory(), now, database=emulator.database)
    emulator.start(seed)
    return emulator


def with_identity(document: Document, identity: Identity) -> tuple[Document, str]:
    """Return a record with a user who has the project and roles as in the cloud, and the user's password.

    The other users stay.
    """
    password = secrets.token_urlsafe(16)
    domains = {each["id"]: each for each in document.get("domains", ()) if "id" in each}
    for domain_id, name in (identity.user_domain, identity.project_domain):
        if domain_id != "default":
            domains.setdefault(domain_id, {"id": domain_id, "name": name})
    others = [each for each in document.get("domains", ()) if "id" not in each]
    projects = list(document.get("projects", ()))
    if all(project["id"] != identity.project_id for project in projects):
        project = {
            "id": identity.project_id,
            "name": identity.project_name,
            "domain": identity.project_domain[0],
        }
        projects.append(project)
    roles = list(document.get("roles", ()))
    known_roles = {role.name for role in BUILT_IN_ROLES} | {role["name"] for role in roles}
    roles += [{"name": name} for name in identity.roles if name not in known_roles]
    user = {
        "id": identity.user_id,
        "name": identity.user_name,
        "domain": identity.user_domain[0],
        "password": password,
        "projects": [{"project": identity.project_id, "roles": list(identity.roles)}],
    }
    users = [each for each in document.get("users", ()) if not _is_user(each, identity)]
    lists = {"domains": [*domains.values(), *others], "projects": projects, "roles": roles}
    return {
        **document,
        **{key: value for key, value in lists.items() if value},
        "users": [*users, user],
    }, password


def _is_user(entry: Mapping[str, Any], identity: Identity) -> bool:
    if "id" in entry:
        return bool(entry["id"] == identity.user_id)
    return bool(entry["name"] == identity.user_name)
