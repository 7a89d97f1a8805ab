"""Names of images and servers in the paths of the admin API, wherever a path takes an id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final, NamedTuple

from fake_nova.cloud.cloud import Cloud
from fake_nova.errors import Conflict
from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context

#: The maximum number of names to compare with an unknown one, and of characters of each. Comparing is slow.
_MAX_COMPARED_NAMES: Final = 500
_MAX_COMPARED_CHARS: Final = 100

#: The maximum number of ids in an error message.
_MAX_LISTED_IDS: Final = 5


class Kind(NamedTuple):
    """What paths name.

    Attributes:
        word: the word for it.
        parameter: the parameter of the path.
        get: returns the one with an id, deleted or not, or None.
        all: returns all, deleted ones included.
    """

    word: str
    parameter: str
    get: Callable[[Cloud, str], Any]
    all: Callable[[Cloud], Iterable[Any]]


IMAGE: Final = Kind(
    *("image", "image_id"),
    get=lambda cloud, image_id: cloud.images.state.get(image_id),
    all=lambda cloud: cloud.images.state.by_key.values(),
)
SERVER: Final = Kind(
    *("server", "server_id"),
    get=lambda cloud, server_id: cloud.servers.find(server_id),
    all=lambda cloud: cloud.servers.state.by_key.values(),
)


def resolve_name(context: Context) -> None:
    """Replace the name of an image or a server in the path by its id.

    An id wins over a name, and the name of one that exists over that of a deleted one. If none has the name,
    the path stays as it is: the history knows the ids of removed ones.

    Raises:
        Conflict: if several have the name.
    """
    for kind in (IMAGE, SERVER):
        name = context.path_params.get(kind.parameter)
        if name is not None:
            context.path_params = {**context.path_params, kind.parameter: _id_of(context.cloud, kind, name)}


def _id_of(cloud: Cloud, kind: Kind, name: str) -> str:
    """Return the id for an id or a name in a path; the text itself if it is neither."""
    item_with_id = kind.get(cloud, name)
    if item_with_id is not None:
        return str(item_with_id.id)
    all_matches = [item for item in kind.all(cloud) if item.name == name]
    matches = [item for item in all_matches if not item.is_deleted] or all_matches
    if len(matches) > 1:
        ids = ", ".join(sorted(item.id for item in matches)[:_MAX_LISTED_IDS])
        ellipsis = ", …" if len(matches) > _MAX_LISTED_IDS else ""
        raise Conflict(
            f"{kind.word}: ambiguous name (got {quote_python(name)}, the name of {len(matches)} "
            f"{kind.word}s); expected an id: {ids}{ellipsis}"
        )
    return str(matches[0].id) if matches else name


def unknown_name_message(context: Context, kind: Kind, name: str) -> str:
    """Return the error message for an unknown id or name, with the most similar names."""
    names = (item.name for item in kind.all(context.cloud) if item.name)
    candidates = [text for text in islice(names, _MAX_COMPARED_NAMES) if len(text) <= _MAX_COMPARED_CHARS]
    similar_names = get_close_matches(name[:_MAX_COMPARED_CHARS], dict.fromkeys(candidates), 3)
    example = f", such as {', '.join(map(quote_python, similar_names))}" if similar_names else ""
    return (
        f"{kind.word}: unknown id or name (got {quote_python(name)}); "
        f"expected the id or name of an existing {kind.word}{example}"
    )
