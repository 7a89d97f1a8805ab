"""A connection to a real cloud, with openstacksdk's configuration and keystoneauth's sessions.

Importing this module needs the extra ``fake_nova[cloud]``.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from keystoneauth1 import exceptions as auth_errors
from keystoneauth1.session import Session
from openstack import exceptions as sdk_errors
from openstack.config import OpenStackConfig
from openstack.config.cloud_region import CloudRegion

from fake_nova._version import __version__
from fake_nova.errors import CloudFailure
from fake_nova.recording.caller import Caller, CloudCaller
from fake_nova.recording.pacing import RETRIED_STATUSES, Pacer, Pacing
from fake_nova.support.messages import quote_python

T = TypeVar("T")

#: Service -> the version of its API that the emulator has, as openstacksdk writes it.
_VERSIONS: Final = {"compute": "2.1", "image": "2", "identity": "3"}

#: Types of authentication without a catalog: one endpoint stands for each service.
_TYPES_WITHOUT_CATALOG: Final = frozenset(("none", "noauth", "admin_token", "token_endpoint"))

#: Loggers of the libraries. The errors of this module say what they warn of.
_LOGGERS: Final = ("keystoneauth", "openstack", "stevedore")

#: Seconds to wait for a response, unless ``api_timeout`` says otherwise.
_TIMEOUT: Final = 60

_MAX_REASON_CHARS: Final = 300


class CloudResponse(NamedTuple):
    """A response of a cloud.

    Attributes:
        status: its status code.
        headers: its headers; names are compared without case.
        body: its body, decompressed.
        url: the URL that was asked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            CloudFailure: if it is not JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise CloudFailure(
                f"{self.url}: not JSON (got {quote_python(self.body[:80].decode('utf-8', 'replace'))}); "
                "expected the JSON of an OpenStack service"
            ) from error


class Cloud:
    """A cloud that somebody is logged in to.

    Args:
        config: openstacksdk's configuration of the cloud.
        pacing: how fast to ask, and how to ask again.

    Attributes:
        name: its name in ``clouds.yaml``; "envvars" if variables describe it.
        auth_url: the URL of its Keystone; "" without one.
        caller: who is logged in.
    """

    def __init__(self, config: CloudRegion, pacing: Pacing) -> None:
        self.name: Final[str] = config.name or "envvars"
        self.auth_url: Final[str] = str(config.config.get("auth", {}).get("auth_url") or "")
        self._config: Final = config
        self._pacer: Final = Pacer(pacing)
        self._endpoints: Final[dict[str, str | None]] = {}
        self._session: Final[Session] = config.get_session()
        if self._session.timeout is None:
            self._session.timeout = _TIMEOUT
        self.caller: Final = self._explain(self._read_caller)

    def endpoint(self, service: str) -> str | None:
        """Return the URL of a service's API, without a slash at the end; None if the cloud has none.

        Args:
            service: ``compute``, ``image`` or ``identity``.

        Raises:
            CloudFailure: if the cloud cannot be reached.
        """
        if service not in self._endpoints:
            self._endpoints[service] = self._explain(lambda: self._find_endpoint(service))
        return self._endpoints[service]

    def token(self) -> str:
        """Return the caller's token.

        Raises:
            CloudFailure: if the cloud cannot be reached or refuses the log-in.
        """
        return str(self._explain(self._session.get_token))

    def get(self, service: str, path: str, headers: Mapping[str, str] | None = None) -> CloudResponse:
        """Send a GET, and return its response, whatever its status; see `request`."""
        return self.request("GET", service, path, headers)

    def request(
        self,
        method: str,
        service: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        authenticated: bool = True,
    ) -> CloudResponse:
        """Send a request, and return its response, whatever its status.

        If the cloud is busy (`RETRIED_STATUSES`), or the connection breaks, the request is sent again, as
        the pacing says.

        Args:
            method: the method.
            service: as for `endpoint`.
            path: the path below the endpoint, with a query, or an absolute URL.
            headers: headers besides the token.
            body: the body; None for none.
            authenticated: whether to send the caller's token.

        Raises:
            CloudFailure: if the cloud has no such service, or gives no response.
        """
        url = path
        if "://" not in path:
            endpoint = self.endpoint(service)
            if endpoint is None:
                raise CloudFailure(f"{self.name}: no {service} service in the catalog; expected one")
            url = endpoint + path
        attempt = 1
        while True:
            try:
                response = self._send(method, url, headers, body, authenticated)
            except auth_errors.ConnectionError as error:
                if not self._pacer.wait_before_retry(attempt, {}):
                    raise _failure(self.name, error) from error
            else:
                is_final = response.status not in RETRIED_STATUSES
                if is_final or not self._pacer.wait_before_retry(attempt, response.headers):
                    return response
            attempt += 1

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        authenticated: bool,
    ) -> CloudResponse:
        self._pacer.wait_for_turn()
        try:
            response = self._session.request(
                url,
                method,
                headers=dict(headers or {}),
                data=body,
                raise_exc=False,
                authenticated=authenticated,
            )
        except auth_errors.ConnectionError:
            raise
        except (auth_errors.ClientException, sdk_errors.SDKException) as error:
            raise _failure(self.name, error) from error
        return CloudResponse(response.status_code, response.headers, response.content, url)

    def _find_endpoint(self, service: str) -> str | None:
        has_catalog = self._config.config.get("auth_type") not in _TYPES_WITHOUT_CATALOG
        override = self._config.config.get(f"{service}_endpoint_override")
        if not has_catalog and service != "compute" and override is None:
            return None
        try:
            url = self._config.get_session_client(service, _VERSIONS[service]).get_endpoint()
        except auth_errors.EndpointNotFound:
            return None
        except auth_errors.DiscoveryFailure:  # a proxy may hide the version document
            url = override or self._session.get_endpoint(
                service_type=self._config.get_service_type(service),
                interface=self._config.get_interface(service),
                region_name=self._config.get_region_name(service),
                skip_discovery=True,
            )
        return None if url is None else str(url).rstrip("/")

    def _read_caller(self) -> CloudCaller:
        self._pacer.wait_for_turn()
        auth: Any = self._session.auth
        if not hasattr(auth, "get_access"):
            nobody = (None, None)
            return Caller(None, None, nobody, self._session.get_project_id(), None, nobody, ())
        access = auth.get_access(self._session)
        return Caller(
            user_id=access.user_id,
            user_name=access.username,
            user_domain=(access.user_domain_id, access.user_domain_name),
            project_id=access.project_id,
            project_name=access.project_name,
            project_domain=(access.project_domain_id, access.project_domain_name),
            roles=tuple(access.role_names or ()),
        )

    def _explain(self, ask: Callable[[], T]) -> T:
        """Return the result of *ask*, and raise its errors as `CloudFailure`."""
        try:
            return ask()
        except (auth_errors.ClientException, sdk_errors.SDKException) as error:
            raise _failure(self.name, error) from error


def log_in(cloud_name: str | None, pacing: Pacing) -> Cloud:
    """Log in to a cloud; see `fake_nova.recording.connect`."""
    name = cloud_name or "OS_CLOUD"
    for logger in _LOGGERS:  # without a handler, Python prints their warnings on stderr
        logging.getLogger(logger).addHandler(logging.NullHandler())
    try:
        with warnings.catch_warnings():  # openstacksdk 4.22.0 warns of parts of its own, such as InfluxDB
            warnings.simplefilter("ignore")
            loader = OpenStackConfig(app_name="fake-nova", app_version=__version__)
            config = loader.get_one(cloud=cloud_name)
        return Cloud(config, pacing)
    except CloudFailure:
        raise
    except Exception as error:  # keystoneauth 5.18.1 raises Exception itself for incomplete options
        raise _failure(name, error) from error


#: Class of an exception -> the problem, and what was expected instead. The first class that fits counts.
_PROBLEMS: Final[tuple[tuple[type[Exception], str, str], ...]] = (
    (auth_errors.Unauthorized, "the log-in is refused", "the user and password (or token) of the cloud"),
    (auth_errors.SSLError, "its certificate is refused", "a valid one, or cacert or verify in clouds.yaml"),
    (auth_errors.ConnectionError, "cannot be reached", "a cloud that responds"),
    (auth_errors.DiscoveryFailure, "no Keystone responds", "the URL of Keystone as auth_url"),
    (auth_errors.NotFound, "no Keystone at auth_url", "the URL of Keystone as auth_url"),
    (auth_errors.AuthPluginException, "incomplete log-in", "clouds.yaml or OS_… variables with all of it"),
    (auth_errors.CatalogException, "no catalog", "a token of a project"),
    (sdk_errors.ConfigException, "invalid configuration", "a cloud in clouds.yaml, or OS_… variables"),
    (Exception, "invalid configuration", "clouds.yaml or OS_… variables with all that a log-in needs"),
)


def _failure(name: str, error: Exception) -> CloudFailure:
    """Return the error for an exception of keystoneauth or openstacksdk, in one line."""
    problem, expectation = next(row[1:] for row in _PROBLEMS if isinstance(error, row[0]))
    reason = " ".join(str(error).split())
    if len(reason) > _MAX_REASON_CHARS:
        reason = f"{reason[:_MAX_REASON_CHARS]}..."
    return CloudFailure(f"{name}: {problem} ({reason}); expected {expectation}")
