"""Why lists were empty, and how to get an image into them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Final, NamedTuple, get_args

from fake_nova.control import Document
from fake_nova.control.explanations import ExclusionRule, ExplainedImage, ExplainedServer
from fake_nova.control.types import ImageStatus, JournalEntry
from fake_nova.dialects import DIALECTS, Dialect
from fake_nova.support.messages import count_of
from fake_nova.testing.evidence import LIST_OPERATIONS, Evidence, Finding, round_up
from fake_nova.testing.request_lines import query_parameters, short_request

#: The list that takes Glance's parameters. The others take Nova's.
_GLANCE_LIST: Final = "glance.images.list"

#: Parameter of Nova's lists, and of Glance's -> the field of an image that it asks for.
_NOVA_FIELDS: Final = {"name": "name", "status": "status", "minRam": "min_ram", "minDisk": "min_disk"}
_GLANCE_FIELDS: Final = {field: field for field in ("name", "status", "min_ram", "min_disk", "visibility")}

#: Glance's parameters that exclude no image. Nova ignores all parameters except the filters.
_GLANCE_PAGE_PARAMETERS: Final = ("limit", "marker", "sort", "sort_key", "sort_dir")
_OTHER_NOVA_FILTERS: Final = ("server", "type", "changes-since")

#: The fields of an existing image that a finding changes.
_CHANGEABLE_FIELDS: Final = ("status", "min_ram", "min_disk")

#: Rule that excludes the image that the client wants -> the next step; braces stand for the image's id.
_STEPS_BY_RULE: Final[Mapping[ExclusionRule | None, str]] = {
    "hidden": 'show the image: fake_nova.images.change("{}", os_hidden=False)',
    "not_hidden": 'hide the image: fake_nova.images.change("{}", os_hidden=True)',
    "not_visible": 'show it to all projects: fake_nova.images.change("{}", visibility="public")',
}


class _Query(NamedTuple):
    """The query of a list.

    Attributes:
        parameters: its parameters by name.
        name: the name that the images must have; "" for any.
        statuses: the statuses that they may have; () if no image in a list can have the status.
        fields: fields with which an image fits; None if the query has filters of other fields.
    """

    parameters: Mapping[str, str]
    name: str
    statuses: tuple[str, ...]
    fields: dict[str, Any] | None


def find_empty_lists(evidence: Evidence) -> Iterator[Finding]:
    """Yield the lists that were empty when they were sent last, with the reasons of the present state."""
    lists = [request for request in evidence.requests if request["operation"] in LIST_OPERATIONS]
    for request in {(each["path"], each["query"]): each for each in lists}.values():
        is_end_of_pages = "marker=" in request["query"]
        if request["listed"] == 0 and not is_end_of_pages:
            images = evidence.explain(request)
            if images is not None:
                yield _empty_list(evidence, request, images)


def _empty_list(evidence: Evidence, request: JournalEntry, images: list[ExplainedImage]) -> Finding:
    """Return the finding about an empty list.

    Args:
        evidence: what the cloud remembers.
        request: its entry in the journal.
        images: why each image is missing.
    """
    query = _read_query(evidence, request)
    near_name = most_similar_name(query.name, images)
    images = sorted(images, key=lambda image: (image["name"] != near_name, image["rule"] == "deleted"))
    state = f"none of {count_of(len(images), 'image')} fits:" if images else "the cloud has no images"
    fact = f"{short_request(request)} was empty; {state}"
    if any(image["rule"] is None for image in images):
        fact = f"{short_request(request)} was empty, but an image fits since then:"
    next_step = _next_step(evidence, request, query, images, near_name)
    return Finding(request["number"], fact, next_step, tuple(exclusion_lines(images)))


def _read_query(evidence: Evidence, request: JournalEntry) -> _Query:
    parameters = query_parameters(request)
    statuses = _statuses_of(evidence, request, parameters)
    fields = _fields_of(request, parameters, statuses)
    return _Query(parameters, parameters.get("name", ""), statuses, fields)


def most_similar_name(name: str, entries: Sequence[ExplainedImage | ExplainedServer]) -> str:
    """Return the name of an image or server that is the most similar to *name*; "" if none is."""
    similar_names = get_close_matches(name, [entry["name"] or "" for entry in entries], 1)
    return similar_names[0] if similar_names else ""


def exclusion_lines(entries: Sequence[ExplainedImage | ExplainedServer]) -> Iterator[str]:
    """Yield a line for each reason, with the images or servers that it excludes."""
    labels_by_reason: dict[str, list[str]] = {}
    for entry in entries:
        reason = entry["dropped"] or "would be listed now"
        labels_by_reason.setdefault(reason, []).append(entry["name"] or entry["id"])
    for reason, labels in labels_by_reason.items():
        yield f"  {_join(labels)}: {reason}"


def _next_step(
    evidence: Evidence, request: JournalEntry, query: _Query, images: list[ExplainedImage], near_name: str
) -> str:
    """Return the next step after an empty list.

    Args:
        evidence: what the cloud remembers.
        request: its entry in the journal.
        query: its query.
        images: why each image is missing; those that the client most likely wants come first.
        near_name: the name of an image that is the most similar to that of the query, or "".
    """
    rules = {image["rule"] for image in images}
    if None in rules:
        return "send it again"
    if not query.statuses:
        return _explain_status(evidence, request, query.parameters["status"])
    if "page_limit" in rules:
        return "ask for a limit above 0"
    addition = "add an image that fits"
    if query.fields is not None:
        addition += f": {call_text('images.add', **query.fields)}"
    if not images:
        return f"{addition}; or use a fixture that has some"
    if near_name not in ("", query.name):
        return f"ask for name={near_name}, or {addition}"
    has_candidate = near_name == query.name  # without a name, the newest image
    change = _change_of(evidence, images, query) if has_candidate else ""
    return change or f"{addition}; or change the query, or an image so that it fits"


def _listable_statuses(evidence: Evidence, request: JournalEntry) -> tuple[str, ...]:
    """Return Glance's statuses that a list without a status filter may contain."""
    lists_killed_images = _dialect(evidence).lists_killed_images and request["operation"] != _GLANCE_LIST
    never = ("deleted",) if lists_killed_images else ("deleted", "killed")
    return tuple(status for status in get_args(ImageStatus) if status not in never)


def _statuses_of(evidence: Evidence, request: JournalEntry, parameters: Document) -> tuple[str, ...]:
    """Return Glance's statuses that a list may contain, by its status filter, the word itself first.

    A filter with an operator counts as none.
    """
    listable_statuses = _listable_statuses(evidence, request)
    word = parameters.get("status")
    if word is None or ":" in word:
        return listable_statuses
    if request["operation"] == _GLANCE_LIST:
        return (word,) if word in listable_statuses else ()
    word = word.lower()
    aliases = _dialect(evidence).status_filter_aliases.get(word, (word,))
    statuses = [str(alias) for alias in aliases if alias in listable_statuses]
    return tuple(sorted(statuses, key=lambda status: status != word))


def _dialect(evidence: Evidence) -> Dialect:
    return DIALECTS[evidence.state["settings"]["dialect"]]


def _explain_status(evidence: Evidence, request: JournalEntry, word: str) -> str:
    """Return the next step after a list that can have no image, because of its status filter."""
    if word.lower() not in ("error", "killed"):
        statuses = ", ".join(_listable_statuses(evidence, request))
        return f"no image can have status={word} in a list; ask for one of {statuses}"
    if request["operation"] == _GLANCE_LIST:
        return "lists never contain killed images, so none can fit: show it by its id"
    advice = 'show it by its id, or use dialect="huaweicloud"'
    return f"lists never contain killed images in dialect nova, so none can fit: {advice}"


def _fields_of(
    request: JournalEntry, parameters: Document, statuses: tuple[str, ...]
) -> dict[str, Any] | None:
    """Return fields with which an image is in a list; None if the query has filters of other fields."""
    is_glance = request["operation"] == _GLANCE_LIST
    field_names = _GLANCE_FIELDS if is_glance else _NOVA_FIELDS
    fields: dict[str, Any] = {}
    for parameter, text in parameters.items():
        field = field_names.get(parameter)
        if field is None:
            if _is_other_filter(parameter, is_glance):
                return None
            continue
        is_number = field.startswith("min_")
        if ":" in text or (is_number and not text.isdecimal()):
            return None
        fields[field] = int(text) if is_number else text
    if "status" in fields and statuses:
        fields["status"] = statuses[0]
    return {field: fields[field] for field in _GLANCE_FIELDS if field in fields}


def _is_other_filter(parameter: str, is_glance: bool) -> bool:
    """Return whether a parameter that stands for none of the fields may exclude images."""
    if is_glance:
        return parameter not in _GLANCE_PAGE_PARAMETERS
    return parameter in _OTHER_NOVA_FILTERS or parameter.startswith("property-")


def _change_of(evidence: Evidence, images: list[ExplainedImage], query: _Query) -> str:
    """Return the call that makes the first image fit; "" if no single call does.

    Args:
        evidence: what the cloud remembers.
        images: why each image is missing.
        query: the query that the image has to fit.
    """
    image = images[0]
    if image["rule"] in _STEPS_BY_RULE:
        return _STEPS_BY_RULE[image["rule"]].format(image["id"])
    if not query.name or not query.fields or image["rule"] == "deleted":
        return ""
    has_unique_name = [each["name"] for each in images].count(query.name) == 1
    label = query.name if has_unique_name and "/" not in query.name else image["id"]
    return _field_change(evidence.image(image["id"]) or {}, label, query.fields, query.statuses)


def _field_change(image: Document, label: str, fields: dict[str, Any], statuses: tuple[str, ...]) -> str:
    """Return the call that gives an image the fields with which it fits; "" if no call does.

    Args:
        image: the image as stored.
        label: its name if no other image has it, else its id.
        fields: the fields of an image that fits.
        statuses: the statuses that fit.
    """
    changes = {field: value for field, value in fields.items() if image.get(field) != value}
    if image.get("status") in statuses:
        changes.pop("status", None)
    if not changes or not set(changes) <= set(_CHANGEABLE_FIELDS):
        return ""
    if set(changes) != {"status"}:
        return f"let the image fit: {call_text('images.change', label, **changes)}"
    call = call_text("images.set_status", label, changes["status"])
    plan = image.get("plan")
    seconds = None if plan is None else _seconds_until(statuses, plan)
    if plan is None or seconds is None:
        return f"let the image fit: {call}"
    clock_call = f"fake_nova.clock.advance({seconds})"
    return f"its plan {plan['name']} gets there in {seconds} s: {clock_call}; or set it: {call}"


def _seconds_until(statuses: tuple[str, ...], plan: Document) -> str | None:
    """Return the seconds until a plan reaches one of *statuses*; None if it needs polls, or never does."""
    seconds = -plan["elapsed"]
    for step, next_step in pairwise(plan["steps"]):
        if "seconds" not in step:
            return None
        seconds += step["seconds"]
        if next_step["status"] in statuses:
            return round_up(seconds)
    return None


def call_text(method: str, *arguments: str, **fields: Any) -> str:
    """Return a call of a method such as ``images.add``, with text as JSON, which Python reads too."""
    values = [json.dumps(argument, ensure_ascii=False) for argument in arguments]
    values += [f"{field}={json.dumps(value, ensure_ascii=False)}" for field, value in fields.items()]
    return f"fake_nova.{method}({', '.join(values)})"


def _join(labels: list[str]) -> str:
    """Return the first three labels, and the number of the others."""
    text = ", ".join(labels[:3])
    return text if len(labels) <= 3 else f"{text} and {len(labels) - 3} more"
