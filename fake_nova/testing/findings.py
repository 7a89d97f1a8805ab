"""What stands out in a cloud after a test failed, each with the next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fake_nova.control.types import HintCode, JournalEntry, StoredFault
from fake_nova.support.messages import count_of
from fake_nova.testing.empty_lists import find_empty_lists
from fake_nova.testing.empty_server_lists import find_empty_server_lists
from fake_nova.testing.evidence import Evidence, Finding
from fake_nova.testing.image_findings import find_waiting_image
from fake_nova.testing.request_lines import outcome, short_request
from fake_nova.testing.server_findings import find_waiting_server

_NO_REQUEST: Final = Finding(
    0,
    "no client sent a request to this cloud",
    "let the client use fake_nova.compute_url or fake_nova.auth_url, or the fixture fake_nova_env",
)

_NO_SOCKET: Final = Finding(
    0,
    "sockets are forbidden in this test, so no client reached this cloud",
    "use fake_nova_session or fake_nova_httpx, --allow-hosts=127.0.0.1, or @pytest.mark.enable_socket",
)
#: Status of an error -> the next step.
_STEPS_BY_STATUS: Final[Mapping[int | None, str]] = {
    401: 'log in with fake_nova.login or the fixture fake_nova_env, or use auth_strategy="noauth"',
    403: "use another user or project; fake_nova.login has the default one",
}

#: Operation -> the noun of what its path names by an id.
_NOUNS_BY_OPERATION: Final[Mapping[str, str]] = {
    **dict.fromkeys(("images.show", "images.delete", "glance.images.show", "glance.images.delete"), "image"),
    **dict.fromkeys(("servers.show", "servers.delete"), "server"),
}

#: Code of the hint about an error -> the next step; braces stand for the last segment of the path.
_STEPS_BY_HINT: Final[Mapping[HintCode, str]] = {
    "image_deleted": "let the client stop at a 404; a deleted image does not come back",
    "image_name": "let the client use the id of the image; a list with name={} shows it",
    "misspelt_path": "correct the path",
    "refused_token": "let the client log in at fake_nova.auth_url, and again after a 401",
}


def find_all(evidence: Evidence) -> list[Finding]:
    """Return what stands out, the last one first."""
    if not evidence.requests:
        is_forbidden = getattr(evidence.nova, "is_socket_forbidden", False)
        finding = _NO_SOCKET if is_forbidden else _NO_REQUEST
        return [finding] if evidence.expects_requests else []
    findings = (
        *_injected_failures(evidence),
        *_last_error(evidence),
        *find_empty_lists(evidence),
        *find_empty_server_lists(evidence),
        *find_waiting_image(evidence),
        *find_waiting_server(evidence),
    )
    return sorted(findings, key=lambda finding: -finding.number)


def _injected_failures(evidence: Evidence) -> Iterator[Finding]:
    """Yield the failures that a fault caused and that no client retried."""
    targets = [(each["method"], each["path"], each["query"]) for each in evidence.requests]
    last_requests = dict(zip(targets, evidence.requests, strict=True))
    for target, request in last_requests.items():
        fault = evidence.faults.get(request["fault"] or "")
        if fault is not None and (_is_failure(request) or _broken_part(fault)):
            yield _injected_failure(request, fault, targets.count(target))


def _is_failure(request: JournalEntry) -> bool:
    """Return whether a request got an error, no response yet, or a reset connection."""
    return not 0 < (request["status"] or 0) < 400


def _broken_part(fault: StoredFault) -> str:
    """Return how a fault breaks the body of a response; "" if it does not."""
    effect = fault["effect"]
    is_cut = effect.get("connection") == "cut"
    return effect.get("body") or ("cut" if is_cut else "")


def _injected_failure(request: JournalEntry, fault: StoredFault, tries: int) -> Finding:
    """Return the finding about a failure that no client retried.

    Args:
        request: the last request of the kind.
        fault: the fault that it triggered.
        tries: the number of such requests.
    """
    if request["status"] is None:
        return Finding(
            request["number"],
            f"{short_request(request)} has no response yet: {fault['id']} delays it",
            f"wait longer in the client than the delay of {fault['effect'].get('delay', 0):g} s",
        )
    result = outcome(request)
    broken_part = _broken_part(fault)
    if broken_part:
        result += f" with a broken body ({broken_part})"
    again = "no client sent it again"
    if tries > 1:
        again += f" after {tries} tries"
    return Finding(
        request["number"],
        f"{short_request(request)} got {result} from {fault['id']}, and {again}",
        _describe_retry(fault),
    )


def _describe_retry(fault: StoredFault) -> str:
    """Return the advice to send a request again, with what its fault does then."""
    retry = "let the client send it again"
    if "retry_after" in fault["effect"]:
        retry += f" after {fault['effect']['retry_after']} s (Retry-After)"
    if not fault["in_force"]:
        return f"{retry}; {fault['id']} is over, so the next try succeeds"
    if "times" in fault:
        times_left = count_of(fault["times"] - fault["met"], "more time")
        return f"{retry}; {fault['id']} triggers {times_left}"
    removal = f'fake_nova.faults.remove("{fault["id"]}")'
    return f"{retry}; {fault['id']} has no end, so add it with times=1, or remove it: {removal}"


def _last_error(evidence: Evidence) -> Iterator[Finding]:
    """Yield the last response if it is an error that no fault caused."""
    requests, count = evidence.repetitions[-1]
    request = requests[-1]
    has_no_service = request["status"] == 300 and not request["operation"]
    is_error = (request["status"] or 0) >= 400 or has_no_service
    if request["fault"] or not is_error:
        return
    fact = f"{short_request(request)} got {request['status']}"
    if count > 1:
        fact += f" {count} times"
    if request["hint"]:
        fact += f": {request['hint']}"
    yield Finding(request["number"], fact, _step_after_error(request))


def _step_after_error(request: JournalEntry) -> str:
    """Return the next step after an error that no fault caused."""
    status = request["status"]
    has_hint = bool(request["hint"])
    last_segment = request["path"].rpartition("/")[2]
    if request["hint_code"] is not None:
        return _STEPS_BY_HINT[request["hint_code"]].format(last_segment)
    if status in _STEPS_BY_STATUS:
        return _STEPS_BY_STATUS[status]
    if status in (300, 404) and has_hint and not request["operation"]:
        return "correct the URL or the method; fake_nova.compute_url has the version and the project"
    noun = _NOUNS_BY_OPERATION.get(request["operation"])
    if status == 404 and not has_hint and noun is not None:
        addition = f'fake_nova.{noun}s.add(id="{last_segment}")'
        article = "an" if noun == "image" else "a"
        existing = f"{article} {noun} that exists (fake_nova.{noun}s.all() lists them)"
        return f"use the id of {existing}, or add it: {addition}"
    return "send it again with its curl line below, and read the error message"
