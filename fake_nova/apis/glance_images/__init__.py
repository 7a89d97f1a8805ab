"""Where the catalogue says that the image service's own API is: nothing is there but an honest 404."""

from fake_nova.apis.glance_images import views
from fake_nova.wire import checks
from fake_nova.wire.api import Api, Service

#: Everything below /image.
IMAGE = Service(
    name="image",
    prefixes=("image",),
    before=(checks.is_ready,),
    no_route=views.no_route,
    error=views.error,
    hints=(views.on_anything,),
)

APIS = (Api("glance_images", IMAGE, ()),)
