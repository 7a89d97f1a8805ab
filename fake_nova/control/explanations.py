"""Why a list lacks an image or a server: the types of what `Control.explain` returns.

`tests/control/test_types.py` compares each with the schema of the admin API.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

#: The codes of the rules that exclude an image from a list, or from its page.
ExclusionRule = Literal[
    "deleted",
    "never_listed",
    "hidden",
    "not_hidden",
    "visibility",
    "not_visible",
    "status",
    "condition",
    "before_marker",
    "page_limit",
]

#: The rules that exclude a server from a list.
ServerExclusionRule = Literal[
    "deleted", "never_listed", "not_visible", "status", "condition", "before_marker", "page_limit"
]


class ExplainedImage(TypedDict):
    """Why an image is not in a list; ``dropped`` and ``rule`` are None if it is there.

    ``note`` says that it is there only because of how the database compares text.
    """

    id: str
    name: str | None
    dropped: str | None
    rule: ExclusionRule | None
    note: str | None


class ExplainedServer(TypedDict):
    """Why a server is not in a list; ``dropped`` and ``rule`` are None if it is there."""

    id: str
    name: str
    dropped: str | None
    rule: ServerExclusionRule | None


class Explanation(TypedDict):
    """Why images or servers are not in a list; ``answer`` is the body of the response if that is an error."""

    path: str
    status: int
    hint: str | None
    answer: NotRequired[str]
    listed: NotRequired[int]
    images: NotRequired[list[ExplainedImage]]
    servers: NotRequired[list[ExplainedServer]]
