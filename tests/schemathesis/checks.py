"""A check for schemathesis, which reads this module by its environment variable SCHEMATHESIS_HOOKS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import schemathesis
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.checks import allow_header_conformance

Case = schemathesis.Case[Any]

#: Kind of request that its schema allows and the admin API refuses -> the message about it.
REFUSALS: Final[Mapping[str, str]] = {
    "a project, user, role, domain, flavor, plan or operation that does not exist": r"unknown (project|user|role|domain|flavor|plan|operation)",
    "a project in which no user has a role": r"no user has a role in it",
    "a marker that is the id of nothing": r"marker: unknown id",
    "a pattern that no request matches": r"matches nothing|pattern too long",
    "an id, a name or a member that comes twice": r"already in use|repeated value|exist already",
    "an id of an image or server that differs from the one in the path": r"an? (image|server)'s id cannot be changed",
    "a status of a server that contradicts its states": r"contradicts vm_state and task_state",
    "a time that does not exist, or that the clock cannot show": r"expected an ISO 8601 time",
    "a whole number with a point": r"got -?[0-9.e+]+\); expected a whole number",
    "a pattern with a long part between two stars": r"stand for anything",
    "a step whose place among the steps is wrong": r"has no end, or two|has an end",
    "the name of the initial state": r"the initial state|reserved for",
    "a path that is no list of images": r"not a list of images",
    "a scope's fixtures": r"keeps the fixtures",
    "a document that YAML reads otherwise": r"not YAML|invalid character|duplicate key|invalid key",
    "no request that matches in time": r"no match within",
    "a user with a role nowhere": r"users\[\d+\]\.project: missing",
    "a fixture without users": r"users: the fixtures have none",
    "a public key that is none": r"not a public key in the format of OpenSSH|not a certificate in PEM",
}


@schemathesis.serializer("application/openstack-images-v2.1-json-patch")
def serialize_patch(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Return a JSON patch as JSON."""
    return json.dumps(value).encode()


#: Paths that the image service has only for some methods. It answers QUERY and TRACE with a 501 (Glance 33.0.0).
PATHS_WITHOUT_405: Final = ("/image/v2/info/usage", "/image/v2/images/{image_id}/tasks")


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: Case) -> bool:
    """Leave out methods where the image service does not implement them."""
    return case.method not in ("QUERY", "TRACE") or case.operation.path not in PATHS_WITHOUT_405


#: Paths whose last segment could be the id of an image or server, which has other methods.
PATHS_OF_TWO_ROUTES: Final = (
    *("/_admin/images/generate", "/_admin/servers/generate", "/_admin/servers/changes"),
)


@schemathesis.check
def allows_the_documented_methods(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """Fail if Allow names other methods, unless the path is that of an image or server too, by its name."""
    if case.operation.path not in PATHS_OF_TWO_ROUTES:
        allow_header_conformance(context, response, case)


@schemathesis.check
def accepts_what_the_schema_allows(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """Fail if a valid request is refused for a reason that is no kind of `REFUSALS`."""
    is_positive = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_positive or response.status_code not in (400, 408, 422) or not has_valid_body(case):
        return
    text = response.text.replace("\\", "")
    problems = re.split(r"; (?=[\w.\[\]]+: )|n(?=body:)", text)
    others = [each for each in problems if not any(re.search(kind, each) for kind in REFUSALS.values())]
    assert not others, f"refused, although its schema allows it: {others[0]}"


def has_valid_body(case: Case) -> bool:
    """Return whether the body has its schema; schemathesis also sends parts of earlier responses."""
    document = case.operation.schema.raw_schema
    operation = document["paths"][case.operation.path][case.operation.method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    if case.media_type not in content:
        return True
    schema = {**content[case.media_type]["schema"], "components": document["components"]}
    return Draft202012Validator(schema).is_valid(case.body)
