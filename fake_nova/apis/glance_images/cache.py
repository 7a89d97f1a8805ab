"""The views of the cache, and its routes: the service has no cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fake_nova.apis.glance_images import body, policies
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.errors import ImageNotFound
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.service import Route

View = Callable[[Context], Response]

_CACHE: Final = "/v2/cache"
_ENTRY: Final = "/v2/cache/{image_id}"

#: Actions on the whole cache. Their names are no ids of images.
_ACTIONS: Final = ("clean", "prune")

_NO_CACHE: Final = GlanceError(404, "Caching via API is not supported at this site.")


def _refuse_all(policy: str, check_body: Callable[[Context], None]) -> View:
    """Return a view that refuses an action on the whole cache."""

    def refuse(context: Context) -> Response:
        check_body(context)
        policies.enforce_for_cloud(policy, context.caller)
        raise _NO_CACHE

    return refuse


def _refuse_one(policy: str) -> View:
    """Return a view that refuses an action on one image of the cache."""

    def refuse(context: Context) -> Response:
        if context.path_params["image_id"] in _ACTIONS:
            raise GlanceError(405, headers=(("Allow", "POST"),))
        body.check_no_json_body(context)
        try:
            image = policies.get_visible_image(context)
        except ImageNotFound as error:
            raise GlanceError(404, f"Image {context.path_params['image_id']} not found.") from error
        policies.enforce(policy, image, context.caller)
        raise _NO_CACHE

    return refuse


#: The real service fails with a 500 at ``clean`` and ``prune`` without a cache.
ROUTES: Final = (
    Route(
        *("GET", _CACHE, _refuse_all("cache_list", body.check_no_body)),
        *("glance.cache.show", "list the cached and queued images (there is no cache)"),
    ),
    Route(
        *("DELETE", _CACHE, _refuse_all("cache_delete", body.check_no_json_body)),
        *("glance.cache.clear", "empty the cache (there is none)"),
    ),
    Route(
        *("PUT", _ENTRY, _refuse_one("cache_image")),
        *("glance.cache.add", "queue an image for the cache (there is none)"),
    ),
    Route(
        *("DELETE", _ENTRY, _refuse_one("cache_delete")),
        *("glance.cache.remove", "remove an image from the cache (there is none)"),
    ),
    Route(
        *("GET", "/v2/cache/nodes/{image_id}", _refuse_all("list_cached_nodes", body.check_no_body)),
        *("glance.cache.nodes", "list the nodes that cached an image (there is no cache)"),
    ),
    *(
        Route(
            *("POST", f"{_CACHE}/{action}", _refuse_all(f"cache_{action}", body.check_no_json_body)),
            *(f"glance.cache.{action}", f"{action} the cache (there is none)"),
        )
        for action in _ACTIONS
    ),
)
