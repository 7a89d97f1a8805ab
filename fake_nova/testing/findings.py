"""What stands out in a cloud after a test failed, each with the next step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fake_nova.support.messages import count_of
from fake_nova.testing.empty_lists import find_empty_lists
from fake_nova.testing.evidence import Evidence, Finding, Rule, finding_of
from fake_nova.testing.image_findings import find_waiting_image
from fake_nova.testing.request_lines import outcome, short_request

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

_NOT_RETRIED: Final = "{request} got {outcome} from {fault}, and {again}"
_RETRY: Final = "let the client send it again{pause}; {fault}"

#: The failures that a fault caused.
_INJECTED_FAILURES: Final = (
    Rule(
        lambda values: values["status"] is None,
        "{request} has no response yet: {fault} delays it",
        "wait longer in the client than the delay of {delay:g} s",
    ),
    Rule(lambda values: not values["in_force"], _NOT_RETRIED, f"{_RETRY} is over, so the next try succeeds"),
    Rule(lambda values: values["times_left"], _NOT_RETRIED, f"{_RETRY} triggers {{times_left}}"),
    Rule(
        lambda _: True,
        _NOT_RETRIED,
        f'{_RETRY} has no end, so add it with times=1, or remove it: fake_nova.faults.remove("{{fault}}")',
    ),
)

_ERROR: Final = "{request} got {status}{times}{reason}"

#: The errors that no fault caused.
_ERRORS: Final = (
    Rule(
        lambda values: values["status"] == 401,
        _ERROR,
        'log in with fake_nova.login or the fixture fake_nova_env, or use auth_strategy="noauth"',
    ),
    Rule(
        lambda values: values["status"] == 403,
        _ERROR,
        "use another user or project; fake_nova.login has the default one",
    ),
    Rule(
        lambda values: values["hint_code"] == "image_deleted",
        _ERROR,
        "let the client stop at a 404; a deleted image does not come back",
    ),
    Rule(
        lambda values: values["hint_code"] == "image_name",
        _ERROR,
        "let the client use the id of the image; a list with name={id} shows it",
    ),
    Rule(
        lambda values: values["status"] in (300, 404) and values["reason"] and not values["operation"],
        _ERROR,
        "correct the URL or the method; fake_nova.compute_url has the version and the project",
    ),
    Rule(lambda values: values["hint_code"] == "misspelt_path", _ERROR, "correct the path"),
    Rule(
        lambda values: values["status"] == 404 and values["is_about_image"] and not values["reason"],
        _ERROR,
        "use the id of an image that exists (fake_nova.images.all() lists them), or add it: "
        'fake_nova.images.add(id="{id}")',
    ),
    Rule(lambda _: True, _ERROR, "send it again with its curl line below, and read the error message"),
)


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
        *find_waiting_image(evidence),
    )
    return sorted(findings, key=lambda finding: -finding.number)


def _injected_failures(evidence: Evidence) -> Iterator[Finding]:
    """Yield the failures that a fault caused and that no client retried."""
    targets = [(each["method"], each["path"], each["query"]) for each in evidence.requests]
    last_requests = dict(zip(targets, evidence.requests, strict=True))
    for target, request in last_requests.items():
        fault = evidence.faults.get(request["fault"] or "")
        if fault is None:
            continue
        effect, result = fault["effect"], outcome(request)
        broken = effect.get("body") or ("cut" if effect.get("connection") == "cut" else "")
        if not broken and 0 < (request["status"] or 0) < 400:
            continue
        tries = targets.count(target)
        times_left = fault.get("times", 0) - fault["met"]
        values = {
            "number": request["number"],
            "request": short_request(request),
            "status": request["status"],
            "fault": fault["id"],
            "in_force": fault["in_force"],
            "delay": effect.get("delay", 0),
            "outcome": f"{result} with a broken body ({broken})" if broken else result,
            "again": "no client sent it again" + (f" after {tries} tries" if tries > 1 else ""),
            "pause": f" after {effect['retry_after']} s (Retry-After)" if "retry_after" in effect else "",
            "times_left": count_of(times_left, "more time") if "times" in fault else "",
        }
        yield finding_of(_INJECTED_FAILURES, values)


def _last_error(evidence: Evidence) -> Iterator[Finding]:
    """Yield the last response if it is an error that no fault caused."""
    requests, count = evidence.repetitions[-1]
    request = requests[-1]
    has_no_service = request["status"] == 300 and not request["operation"]
    if request["fault"] or (not has_no_service and (request["status"] or 0) < 400):
        return
    values = {
        "number": request["number"],
        "request": short_request(request),
        "status": request["status"],
        "times": f" {count} times" if count > 1 else "",
        "reason": f": {request['hint']}" if request["hint"] else "",
        "hint_code": request["hint_code"],
        "id": request["path"].rpartition("/")[2],
        "operation": request["operation"],
        "is_about_image": request["operation"].endswith((".show", ".delete")),
    }
    yield finding_of(_ERRORS, values)
