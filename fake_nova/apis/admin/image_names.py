"""Names of images in the paths of the admin API, wherever a path takes an image's id."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import Final

from fake_nova.errors import Conflict
from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context

#: The maximum number of names to compare with an unknown one, and of characters of each. Comparing is slow.
_MAX_COMPARED_NAMES: Final = 500
_MAX_COMPARED_CHARS: Final = 100

#: The maximum number of ids in an error message.
_MAX_LISTED_IDS: Final = 5


def resolve_image_name(context: Context) -> None:
    """Replace the name of an image in the path by its id.

    An id wins over a name, and the name of an image that exists over that of a deleted one. If no image has
    the name, the path stays as it is: the history knows the ids of removed images.

    Raises:
        Conflict: if several images have the name.
    """
    state = context.cloud.images.state
    name = context.path_params.get("image_id")
    if name is None:
        return
    if (image_with_id := state.get(name)) is not None:
        context.path_params = {**context.path_params, "image_id": image_with_id.id}
        return
    all_matches = [image for image in state.by_key.values() if image.name == name]
    matches = [image for image in all_matches if not image.is_deleted] or all_matches
    if len(matches) > 1:
        ids = ", ".join(sorted(image.id for image in matches)[:_MAX_LISTED_IDS])
        ellipsis = ", …" if len(matches) > _MAX_LISTED_IDS else ""
        raise Conflict(
            f"image: ambiguous name (got {quote_python(name)}, the name of {len(matches)} images); "
            f"expected an id: {ids}{ellipsis}"
        )
    if matches:
        context.path_params = {**context.path_params, "image_id": matches[0].id}


def unknown_image_message(context: Context, name: str) -> str:
    """Return the error message for an unknown id or name, with the most similar names."""
    names = (image.name for image in context.cloud.images.state.by_key.values() if image.name)
    candidates = [text for text in islice(names, _MAX_COMPARED_NAMES) if len(text) <= _MAX_COMPARED_CHARS]
    similar_names = get_close_matches(name[:_MAX_COMPARED_CHARS], dict.fromkeys(candidates), 3)
    example = f", such as {', '.join(map(quote_python, similar_names))}" if similar_names else ""
    return (
        f"image: unknown id or name (got {quote_python(name)}); "
        f"expected the id or name of an existing image{example}"
    )
