"""The steps of a request, in combinations that the services do not have."""

from __future__ import annotations

from fake_nova.apis import discover
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import CUT, Effect, Fault
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.settings import Settings
from fake_nova.wire import pipeline
from fake_nova.wire.routing import Router


def test_a_fault_cuts_the_connection_also_if_the_json_ends_with_a_newline() -> None:
    emulator = Emulator(Settings(fixtures=("empty",)))
    start_from_fixtures(emulator)
    emulator.cloud.faults.add(Fault(Effect(connection=CUT)))
    apis = [api._replace(service=api.service._replace(ends_json_with_newline=True)) for api in discover()]
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v2.1/images", "HTTP_HOST": "cloud"}
    response = pipeline.handle(emulator, Router(apis), {**environ, "wsgi.url_scheme": "http"})
    assert (response.body, response.connection_fault) == (b'{"images": []}\n', CUT)
