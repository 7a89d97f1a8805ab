"""The outcomes of each operation, which coverage counts.

A new operation needs a row in `operation_errors`, and in the tables here if it lists, or shows an image or a
server. `openapi_emulated` has the status of its success, and whether that has a body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from fake_nova.apis.admin.openapi_emulated import SUCCESSES
from fake_nova.apis.admin.operation_errors import OPERATION_ERRORS, REFUSALS
from fake_nova.apis.admin.outcomes import (
    PLAIN_CLOUD,
    Exchange,
    Outcome,
    conflict,
    error,
    fault_line,
    full_last_page,
    image_status,
    image_with,
    later_page,
    quota,
    server_status,
    success,
    with_retry_after,
)
from fake_nova.images.status import ImageStatus
from fake_nova.wire.error_responses import ERROR_KEYS

#: The operations that log in, or need no token.
_WITHOUT_TOKEN: Final = (
    *("tokens.issue", "identity.v2.tokens"),
    *("identity.versions", "identity.version", "glance.versions"),
)

_EMPTY_LIST: Final = Outcome(
    "an empty list",
    lambda exchange: exchange.is_success and not exchange.is_later_page and not exchange.objects,
    '@pytest.mark.fake_nova(fixtures=["empty"])',
)
_ONE_PAGE: Final = Outcome(
    "a list of one page",
    lambda exchange: (
        exchange.is_success
        and not (exchange.is_later_page or exchange.has_next_page)
        and bool(exchange.objects)
    ),
    PLAIN_CLOUD,
)


def _is_changed(exchange: Exchange) -> bool:
    state = exchange.memory.page_states.get(exchange.operation)
    return exchange.is_success and exchange.is_later_page and state not in (None, exchange.store_state)


_CHANGED_WHILE_PAGED: Final = Outcome(
    "an image changes between two pages",
    _is_changed,
    '@pytest.mark.fake_nova(plan="slow", clock="auto", images=[{"name": "nightly"}] * $more)',
)

_IMAGE_PAGES: Final = (
    _EMPTY_LIST,
    _ONE_PAGE,
    later_page("fake_nova.images.generate($more)"),
    full_last_page('@pytest.mark.fake_nova(fixtures=["empty"], images=[{"name": "nightly"}] * $page_size)'),
    _CHANGED_WHILE_PAGED,
)
_SERVER_PAGES: Final = (
    _EMPTY_LIST,
    _ONE_PAGE,
    later_page('fake_nova.servers.add_all([{"name": "web"}] * $more)'),
    full_last_page(
        'fake_nova.servers.add_all([{"name": "web"}] * ($page_size - len(fake_nova.servers.all())))'
    ),
)
_FLAVOR_PAGES: Final = (
    _ONE_PAGE,
    later_page('fake_nova.flavors.add_all([{"name": f"flavor-{n}"} for n in range($more)])'),
    full_last_page(
        'fake_nova.flavors.add_all([{"name": f"flavor-{n}"} '
        "for n in range($page_size - len(fake_nova.flavors.all()))])"
    ),
)
_KEYPAIR_LIST: Final = (
    _EMPTY_LIST,
    _ONE_PAGE._replace(line='fake_nova.keypairs.add(name="laptop")'),
    later_page('fake_nova.keypairs.add_all([{"name": f"key-{n}"} for n in range($more)])'),
    full_last_page('fake_nova.keypairs.add_all([{"name": f"key-{n}"} for n in range($page_size)])'),
)

_NAMELESS: Final = image_with("an image without a name", lambda _, image: not image.name, "name=None")
_KILLED: Final = image_status(ImageStatus.KILLED)
_LISTED_KILLED: Final = _KILLED._replace(is_possible=lambda dialect: dialect.lists_killed_images)
_IMAGE_FIELDS: Final = (
    *map(image_status, (ImageStatus.QUEUED, ImageStatus.SAVING, ImageStatus.DEACTIVATED)),
    _NAMELESS,
    image_with("an image without a size", lambda _, image: image.size is None, "size=None"),
)
_GLANCE_FIELDS: Final = (
    *_IMAGE_FIELDS,
    image_with("a protected image", lambda _, image: image.protected, "protected=True"),
    image_with(
        "an image of another project",
        lambda exchange, image: exchange.is_foreign(image),
        'owner="another-project", visibility="public"',
    ),
)
_DELETED_WHILE_POLLED: Final = Outcome(
    "deleted while polled",
    lambda exchange: exchange.status == 404 and exchange.item_key in exchange.memory.shown_ids,
    fault_line("status=404, nth=2"),
)


def _is_refused(exchange: Exchange) -> bool:
    return exchange.status == 403 and exchange.effect.status is None


def _is_protected(exchange: Exchange) -> bool:
    image = exchange.image_in_path()
    return _is_refused(exchange) and image is not None and image.protected


def _is_of_another_project(exchange: Exchange) -> bool:
    image = exchange.image_in_path()
    return _is_refused(exchange) and image is not None and exchange.is_foreign(image)


_NOT_OWN: Final = Outcome(
    "403, the image is of another project",
    _is_of_another_project,
    'fake_nova.images.change_all(owner="another-project", visibility="public", protected=False)',
)
_DELETIONS: Final = (
    Outcome("403, the image is protected", _is_protected, "fake_nova.images.change_all(protected=True)"),
    _NOT_OWN,
)
_LOCKED: Final = conflict("the server is locked", b"is locked", "locked=True")
_IN_ANOTHER_STATE: Final = conflict("the server is in another state", b"while it is in", 'status="BUILD"')
_SERVER_FIELDS: Final = tuple(map(server_status, ("BUILD", "ERROR", "SHUTOFF")))

_DOWNLOADS: Final = (
    Outcome("data", lambda exchange: exchange.is_success and bool(exchange.response.body), PLAIN_CLOUD),
    Outcome(
        "no data",
        lambda exchange: exchange.status < 300 and not exchange.response.body,
        fault_line('body="empty"'),
    ),
)

#: Operation -> the outcomes of its successful responses. Those of others are one, with the status.
_SUCCESS_OUTCOMES: Final[Mapping[str, tuple[Outcome, ...]]] = {
    "images.list": (*_IMAGE_PAGES, _NAMELESS),
    "images.detail": (*_IMAGE_PAGES, _LISTED_KILLED, *_IMAGE_FIELDS),
    "glance.images.list": (*_IMAGE_PAGES, *_GLANCE_FIELDS),
    "servers.list": _SERVER_PAGES,
    "servers.detail": (*_SERVER_PAGES, *_SERVER_FIELDS),
    **dict.fromkeys(("flavors.list", "flavors.detail"), _FLAVOR_PAGES),
    "keypairs.list": _KEYPAIR_LIST,
    **dict.fromkeys(
        ("glance.metadefs.namespaces.list", "glance.metadefs.resource_types.list"),
        (_EMPTY_LIST._replace(line=PLAIN_CLOUD),),
    ),
    "glance.data.download": _DOWNLOADS,
    "identity.v2.tokens": (success("200 OK")._replace(is_possible=lambda dialect: dialect.has_identity_v2),),
}

#: Operation -> its outcomes besides a plain success.
_MORE_OUTCOMES: Final[Mapping[str, tuple[Outcome, ...]]] = {
    "images.show": (_KILLED, *_IMAGE_FIELDS, _DELETED_WHILE_POLLED),
    "glance.images.show": (_KILLED, *_GLANCE_FIELDS, _DELETED_WHILE_POLLED),
    "servers.show": (*_SERVER_FIELDS, _DELETED_WHILE_POLLED),
    "images.delete": _DELETIONS,
    "glance.images.delete": _DELETIONS,
    **dict.fromkeys(("metadata.create", "metadata.replace", "metadata.update"), (_NOT_OWN,)),
    "glance.images.update": (_NOT_OWN,),
    "servers.delete": (_LOCKED,),
    **dict.fromkeys(
        (
            *("servers.action", "servers.metadata.create", "servers.metadata.replace"),
            *("servers.metadata.update", "servers.metadata.delete"),
        ),
        (_LOCKED, _IN_ANOTHER_STATE),
    ),
}

_IMAGE_METADATA_QUOTA: Final = quota(403, "Image metadata limit exceeded")
_SERVER_METADATA_QUOTA: Final = quota(403, "Maximum number of metadata items exceeds 128")
_IMAGE_QUOTA: Final = quota(413, "The limit has been exceeded on the number of allowed image properties.")

#: Operation -> the outcome that a quota is exceeded.
_QUOTAS: Final[Mapping[str, Outcome]] = {
    **dict.fromkeys(("metadata.create", "metadata.replace", "metadata.update"), _IMAGE_METADATA_QUOTA),
    "servers.action": _IMAGE_METADATA_QUOTA,
    **dict.fromkeys(
        ("servers.metadata.create", "servers.metadata.replace", "servers.metadata.update"),
        _SERVER_METADATA_QUOTA,
    ),
    "servers.create": quota(
        403, "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances"
    ),
    "keypairs.create": quota(403, "Quota exceeded, too many key pairs."),
    **dict.fromkeys(("glance.images.create", "glance.images.update", "glance.tags.add"), _IMAGE_QUOTA),
    "glance.members.create": quota(413, "Image member limit exceeded"),
    **dict.fromkeys(("glance.data.upload", "glance.data.stage"), quota(413, "Image storage media is full")),
}

_TOKEN_EXPIRES: Final = Outcome(
    "the token expires",
    lambda exchange: (
        exchange.status == 401 and (exchange.effect.token is not None or exchange.is_valid_token)
    ),
    fault_line('token="expired", times=1'),
)
_UNAUTHORIZED_LATER: Final = Outcome(
    "401 after a success",
    lambda exchange: exchange.status == 401 and exchange.operation in exchange.memory.successes,
    fault_line('token="expired", nth=2'),
)

#: What can go wrong with any operation.
_FAILURES: Final = (
    with_retry_after(429),
    with_retry_after(503),
    Outcome(
        "the connection is reset",
        lambda exchange: exchange.effect.connection == "reset",
        fault_line('connection="reset", times=1'),
    ),
    Outcome("a slow response", lambda exchange: exchange.effect.delay > 0, fault_line("delay=2, times=1")),
)

#: The last words of the operations that change something.
_CHANGES: Final = (
    *("create", "update", "replace", "delete", "action", "add", "remove", "deactivate", "reactivate"),
    *("upload", "stage", "import", "clear"),
)

#: What can go wrong with a change.
_LOST_RESPONSE: Final = Outcome(
    "the change is made, the response is lost",
    lambda exchange: exchange.effect.connection == "lost",
    fault_line('connection="lost", times=1'),
)

#: What can go wrong with a response that has a body.
_BODY_FAILURES: Final = (
    Outcome(
        "the connection is cut",
        lambda exchange: exchange.effect.connection == "cut",
        fault_line('connection="cut", times=1'),
    ),
    Outcome(
        "the body stalls", lambda exchange: exchange.effect.stall is not None, fault_line("stall=2, times=1")
    ),
    Outcome(
        "a malformed body",
        lambda exchange: exchange.effect.body == "malformed",
        fault_line('body="malformed", times=1'),
    ),
)


def _error_name(operation: str, status: int) -> str:
    """Return the status with Nova's key of the error, or with its phrase."""
    is_nova = operation.partition(".")[0] in ("images", "metadata", "servers", "flavors", "keypairs")
    key = ERROR_KEYS.get(status, "computeFault")
    return f"{status} {key if is_nova and status != 401 else HTTPStatus(status).phrase}"


def _outcomes_of(operation: str) -> Iterator[Outcome]:
    """Yield the outcomes of an operation in the order of the report."""
    status, body = SUCCESSES.get(operation, (200, dict))
    can_succeed = operation not in REFUSALS
    if can_succeed:
        yield from _SUCCESS_OUTCOMES.get(operation) or (success(f"{status} {HTTPStatus(status).phrase}"),)
    yield from _MORE_OUTCOMES.get(operation, ())
    for error_status in OPERATION_ERRORS[operation]:
        yield error(error_status, _error_name(operation, error_status))
    if operation in _QUOTAS:
        yield _QUOTAS[operation]
    if operation not in _WITHOUT_TOKEN:
        yield _TOKEN_EXPIRES
        if can_succeed and operation.endswith((".list", ".detail", ".show")):
            yield _UNAUTHORIZED_LATER
    yield error(500, _error_name(operation, 500))
    yield from _FAILURES
    is_change = operation.rpartition(".")[2] in _CHANGES and not operation.startswith("glance.info.")
    if can_succeed and is_change:
        yield _LOST_RESPONSE
    if body is not None:
        yield from _BODY_FAILURES


#: Operation -> its outcomes.
OUTCOMES: Final[Mapping[str, tuple[Outcome, ...]]] = {
    operation: tuple(_outcomes_of(operation)) for operation in OPERATION_ERRORS
}
