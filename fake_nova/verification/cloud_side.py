"""A real cloud as a side of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from fake_nova.recording.pacing import RETRIED_STATUSES
from fake_nova.recording.reading import refusal
from fake_nova.verification.fake_side import Identity, request_headers
from fake_nova.verification.questions import SERVICES, Question
from fake_nova.verification.sides import Reply, root_of

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud

#: A user for a cloud that says nothing about its users.
_UNKNOWN: Final = "fake-nova-verify"


class CloudSide:
    """A cloud that a user is logged in to.

    Args:
        cloud: the cloud.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud: Final = cloud
        endpoints = {service: cloud.endpoint(service) for service in SERVICES}
        self.roots: Final[Mapping[str, str]] = {
            service: root_of(url) for service, url in endpoints.items() if url is not None
        }

    def token(self) -> str:
        """Return the user's token."""
        return self._cloud.token()

    def send(self, service: str, question: Question) -> Reply:
        """Send a request to a service, and return the response.

        Raises:
            CloudFailure: if the cloud gives no response, or says that it is busy or away.
        """
        headers = request_headers(question)
        is_own = question.caller == "own"
        if question.caller not in ("own", "none"):
            headers["X-Auth-Token"] = question.caller
        url = self.roots[service] + question.path
        body = None if question.body is None else question.body.encode()
        response = self._cloud.request(question.method, service, url, headers, body, authenticated=is_own)
        if response.status in RETRIED_STATUSES:
            raise refusal(response, "an answer of the service")
        return Reply(response.status, [*response.headers.items()], response.body)


def identity_of(cloud: Cloud) -> Identity:
    """Return the user who is logged in to a cloud."""
    caller = cloud.caller
    return Identity(
        user_id=caller.user_id or _UNKNOWN,
        user_name=caller.user_name or _UNKNOWN,
        user_domain=_domain(caller.user_domain),
        project_id=caller.project_id or _UNKNOWN,
        project_name=caller.project_name or _UNKNOWN,
        project_domain=_domain(caller.project_domain),
        roles=caller.roles or ("member",),
    )


def _domain(pair: tuple[str | None, str | None]) -> tuple[str, str]:
    domain_id, name = pair
    return domain_id or "default", name or "Default"
