"""`Control`, the client of the admin API for one cloud."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self, TypedDict, Unpack, cast

from fake_nova.control.compute import Flavors, KeyPairs, Quotas
from fake_nova.control.coverage import CoverageReport
from fake_nova.control.explanations import Explanation
from fake_nova.control.resources import Clock, Faults, Images, Plans, Requests
from fake_nova.control.servers import Servers
from fake_nova.control.transport import (
    AdminClient,
    AdminError,
    Document,
    HttpTransport,
    Transport,
    Unreachable,
    ca_file_of_environment,
    check_may_become_ready,
    quote_segment,
)
from fake_nova.control.types import ScopeOptions, StoredImage
from fake_nova.support.endpoints import OWN_PATHS
from fake_nova.support.messages import count_of

#: pytest shows the line of the caller instead of lines of this module.
__tracebackhide__ = True


class Login(TypedDict):
    """What a client needs to log in, under the names of `keystoneauth1.identity.V3Password`."""

    username: str
    password: str
    project_id: str
    project_name: str
    user_domain_id: str
    project_domain_id: str


class Control:
    """A client for one emulated cloud: everything that the admin API can do.

    It controls the shared cloud, or the cloud of *scope*. If the emulator refuses a request, the method
    raises `AdminError`, and nothing has changed. If the emulator does not respond, it raises `Unreachable`.
    As a context manager it closes its scope at the end, with everything in it.

    Args:
        url: the emulator's URL, such as ``http://127.0.0.1:8774``.
        scope: the id of the project whose cloud it controls; None for the shared cloud.
        token: the value of ``--admin-token``, if the server has one.
        timeout: seconds to wait for a response.
        transport: sends the requests; None for HTTP.
        paths: service -> its path, for a server with the setting ``prefix``.
        ca_file: the file with the CA certificate of a server whose URL begins with https; None for that of
            the variable OS_CACERT or REQUESTS_CA_BUNDLE, or else those of the system.

    Raises:
        ConfigurationError: if the URL is invalid.

    Attributes:
        scope_id: the id of the scope's project, or None.
        images: adds and changes images, and sets their status.
        servers: adds and changes servers.
        flavors: adds and changes flavors.
        keypairs: adds and changes key pairs.
        quotas: changes the limits of projects.
        clock: freezes and advances the clock.
        plans: defines plans, and selects them for new images.
        faults: adds and removes faults.
        requests: reads the journal.
    """

    def __init__(
        self,
        url: str,
        scope: str | None = None,
        *,
        token: str | None = None,
        timeout: float = 70,
        transport: Transport | None = None,
        paths: Mapping[str, str] = OWN_PATHS,
        ca_file: str | None = None,
    ) -> None:
        self._url: Final = url.rstrip("/")
        self._ca_file: Final = ca_file or ca_file_of_environment()
        self.scope_id: Final = scope
        self._token: Final = token
        self._paths: Final = paths
        self._transport: Final[Transport] = transport or HttpTransport(self._url, timeout, self._ca_file)
        self._admin: Final = AdminClient(self._transport, scope, token)
        self.images: Final = Images(self._admin)
        self.servers: Final = Servers(self._admin)
        self.flavors: Final = Flavors(self._admin)
        self.keypairs: Final = KeyPairs(self._admin)
        self.quotas: Final = Quotas(self._admin)
        self.clock: Final = Clock(self._admin)
        self.plans: Final = Plans(self._admin)
        self.faults: Final = Faults(self._admin)
        self.requests: Final = Requests(self._admin)

    @property
    def url(self) -> str:
        """The emulator's URL, without a slash at the end."""
        return self._url

    @property
    def ca_file(self) -> str | None:
        """The absolute path of the file with the CA certificate that clients trust.

        It is None if the URL begins with http, or if the system knows the CA.
        """
        if not self.url.startswith("https:") or self._ca_file is None:
            return None
        return str(Path(self._ca_file).absolute())

    @cached_property
    def login(self) -> Login:
        """The arguments for a login, as in ``V3Password(auth_url, **login)``; fetched once.

        Raises:
            AdminError: if the fixtures have no users.
        """
        login: Login | None = self._admin.request_json("GET", "/environment")["login"]
        if login is None:
            raise AdminError(404, "users: the fixtures have none; expected at least one")
        return login

    @property
    def project_id(self) -> str:
        """The id of the scope's project, or else of the first user's project."""
        return self.scope_id or self.login["project_id"]

    @property
    def compute_url(self) -> str:
        """The base URL of the compute API for `project_id`; append ``/images`` for the images."""
        return f"{self.url}{self._paths['compute']}/v2.1/{self.project_id}"

    @property
    def auth_url(self) -> str:
        """The URL of the identity API, which OpenStack clients call the auth URL."""
        return f"{self.url}{self._paths['identity']}/v3"

    @property
    def environment(self) -> dict[str, str]:
        """The OS_* variables of an OpenStack client. Without users it does not log in."""
        environment = dict(self._admin.request_json("GET", "/environment")["environment"])
        ca_file = self.ca_file
        return environment if ca_file is None else {**environment, "OS_CACERT": ca_file}

    def reset(self, to: Literal["seed", "empty"] = "seed") -> None:
        """Return to the initial state, and drop everything that was added or set since.

        Args:
            to: ``seed`` for the initial state, ``empty`` for a cloud without images.
        """
        self._admin.request_json("POST", "/reset", {"to": to})

    def reload(self) -> None:
        """Load the server's fixture files again, and reset the shared cloud to them; scopes do not change.

        Raises:
            AdminError: if a file is invalid, or for the client of a scope; then nothing changes.
        """
        self._admin.request_json("POST", "/reload")

    def load(self, fixture: str, replace: bool = False) -> list[StoredImage]:
        """Load a fixture document, and return its images.

        Later resets keep the document. The pytest plugin discards it before the next test.

        Args:
            fixture: the document, in YAML or JSON.
            replace: whether the document replaces the present contents instead of adding to them.
        """
        body = self._admin.request("POST", "/fixtures", fixture.encode(), replace=str(replace).lower())
        return list(json.loads(body)["images"])

    def snapshot(self, name: str = "snapshot") -> None:
        """Save the present state of the images under a name; an older snapshot of that name is replaced."""
        self._admin.request_json("POST", "/snapshots", {"name": name})

    def restore(self, name: str = "snapshot") -> None:
        """Return to a snapshot; each image in the middle of a step continues it from the same point."""
        self._admin.request_json("POST", f"/snapshots/{quote_segment(name)}/restore")

    def changes(self, since: str = "seed", to: str | None = None) -> Document:
        """Return what changed between two states: images in the lists ``added``, ``changed`` and ``removed``.

        The keys ``servers``, ``flavors`` and ``keypairs`` have such lists too, each if something differs.

        Args:
            since: the name of the first snapshot; ``seed`` is the initial state.
            to: the name of the second snapshot; None for the present state.
        """
        return self._admin.request_json("GET", f"/snapshots/{quote_segment(since)}/changes", to=to)

    def explain(self, path: str) -> Explanation:
        """Return for each image or server why it is missing from a list.

        Args:
            path: the path and query of the list, such as ``/v2.1/images/detail?status=ACTIVE``.

        Returns:
            A document with ``images`` or ``servers``: in each, ``dropped`` is the reason and ``rule`` its
            code; both are None if the list contains it.
        """
        return cast(Explanation, self._admin.request_json("GET", "/explain", path=path))

    def complaints(self) -> list[str]:
        """Return the reasons why a strict test would fail, one per line."""
        return list(self._admin.request_json("GET", "/complaints")["complaints"])

    def start_coverage(self) -> None:
        """Count from now on, from zero, which outcomes of the operations the clients meet."""
        self._admin.request_json("PUT", "/coverage")

    def stop_coverage(self) -> None:
        """Count no longer, and drop the counts."""
        self._admin.request_json("DELETE", "/coverage")

    def coverage(self) -> CoverageReport:
        """Return which outcomes of each operation the clients met, and the line that meets each other one.

        Raises:
            AdminError: if nothing is counted; call `start_coverage` before the requests.
        """
        return cast(CoverageReport, self._admin.request_json("GET", "/coverage"))

    def export(self) -> str:
        """Return the cloud as a fixture file, from which ``fake-nova serve --state`` starts."""
        return self._admin.request("GET", "/export", b"").decode()

    def health(self) -> Document:
        """Return the emulator's status, version and number of images.

        Raises:
            AdminError: with status 503 until the fixtures are loaded.
        """
        return self._admin.request_json("GET", "/health")

    def wait(self, seconds: float = 30) -> None:
        """Wait until the server has loaded its fixtures.

        Args:
            seconds: how long to wait.

        Raises:
            Unreachable: if the server is not ready within *seconds*, or if it is no fake_nova.
        """
        deadline = time.monotonic() + seconds
        while True:
            obstacle = self._find_obstacle()
            if obstacle is None:
                return
            if time.monotonic() > deadline:
                raise Unreachable(
                    f"{self.url}: not ready after {count_of(seconds, 'second')} ({obstacle}); "
                    "expected a running server",
                    is_refused=obstacle.is_refused,
                )
            time.sleep(0.05)

    def _find_obstacle(self) -> Unreachable | None:
        """Return why the server is not ready, or None if it is.

        Raises:
            Unreachable: if it is no fake_nova, so that waiting does not help.
        """
        try:
            status, response_body = self._transport("GET", "/healthcheck", b"", {})
        except Unreachable as error:
            return error
        if status == 200:
            return None
        check_may_become_ready(self.url, status, response_body)
        return Unreachable(response_body.decode("utf-8", "replace"))

    def scope(self, project_id: str | None = None, **settings: Unpack[ScopeOptions]) -> Control:
        """Open a scope: a freshly seeded cloud for one project, invisible to other projects.

        Args:
            project_id: the project's id; None creates a new project.
            settings: ``dialect``, ``database`` and ``auth_strategy``, if they differ from the server's.

        Returns:
            A client for the new cloud. As a context manager it closes the scope at the end.

        Raises:
            AdminError: if the project has a scope already, or too many scopes are open.
        """
        body = {"project": project_id or secrets.token_hex(16), **settings}
        unscoped = AdminClient(self._transport, None, self._token)
        project = unscoped.request_json("POST", "/scopes", body)["project"]
        return Control(
            self.url,
            project["id"],
            token=self._token,
            transport=self._transport,
            paths=self._paths,
            ca_file=self.ca_file,
        )

    def close(self) -> None:
        """Close the scope, and delete everything in it; do nothing for the shared cloud."""
        if self.scope_id is not None:
            AdminClient(self._transport, None, self._token).request_json("DELETE", f"/scopes/{self.scope_id}")

    @contextmanager
    def kept(self) -> Iterator[Control]:
        """Return a context manager that restores the present images at the end of the block."""
        snapshot_name = f"kept-{secrets.token_hex(4)}"
        self.snapshot(snapshot_name)
        try:
            yield self
        finally:
            self.restore(snapshot_name)
            self._admin.request_json("DELETE", f"/snapshots/{snapshot_name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
