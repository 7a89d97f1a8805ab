"""The OpenAPI documents of the admin API and of the emulated services."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from fake_nova.apis import discover
from fake_nova.apis.admin import openapi_documents, openapi_emulated, openapi_shapes
from fake_nova.apis.admin.checks import QUERY_PARAMETERS
from fake_nova.apis.keystone.project_filters import PROJECT_FILTERS
from fake_nova.apis.nova_images.tables import GLANCE_FILTER_BY_PARAMETER, PAGE_PARAMETERS
from fake_nova.apis.nova_servers.list_schemas import LIST_PARAMETERS
from fake_nova.documents.json_schema import JsonSchemas
from fake_nova.images.glance_filters import FILTER_PARSERS, RANGE_FIELDS
from fake_nova.wire.context import Context
from fake_nova.wire.service import Route
from tests.conftest import Cloud

PATHS = {"admin": "/_admin/openapi.json", "emulated": "/_admin/openapi-emulated.json"}


def operations_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def routes_of(is_admin: bool) -> list[Route[Context]]:
    return [
        route
        for api in discover()
        for route in api.routes
        if route.summary and (api.service.name == "admin") == is_admin
    ]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_document_is_valid_openapi_3_1(path: str) -> None:
    document = Cloud().get(path)
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("kind", PATHS)
def test_a_document_describes_every_route(kind: str) -> None:
    described = [operation["summary"] for operation in operations_of(Cloud().get(PATHS[kind]))]
    assert sorted(described) == sorted(route.summary for route in routes_of(kind == "admin"))


def test_the_tables_name_operations() -> None:
    admin = {route.operation for route in routes_of(is_admin=True)}
    emulated = {route.operation for route in routes_of(is_admin=False)}
    assert {*openapi_shapes.RESPONSES, *openapi_shapes.TEXT_RESPONSES} == admin
    assert set(openapi_documents.BODIES) | set(QUERY_PARAMETERS) <= admin
    for table in (openapi_emulated.SUCCESSES, openapi_emulated.BODIES):
        assert set(table) <= emulated


#: Operation that lists -> the tables of its filters, from which the parsers read.
FILTERS: dict[str, set[str]] = {
    "images.detail": {*GLANCE_FILTER_BY_PARAMETER, *PAGE_PARAMETERS},
    "glance.images.list": {
        *FILTER_PARSERS,
        *(f"{field}_min" for field in RANGE_FIELDS),
        *(f"{field}_max" for field in RANGE_FIELDS),
        *("limit", "marker", "tag"),
    },
    "servers.detail": set(LIST_PARAMETERS),
    "projects.list": set(PROJECT_FILTERS),
}


@pytest.mark.parametrize("operation", FILTERS)
def test_each_filter_of_a_list_is_a_parameter(operation: str) -> None:
    (described,) = (
        described
        for described in operations_of(Cloud().get(PATHS["emulated"]))
        if described["operationId"].startswith(f"{operation} ")
    )
    names = [parameter["name"] for parameter in described["parameters"] if parameter["in"] == "query"]
    assert len(names) == len(set(names))
    assert set(names) >= FILTERS[operation]


def test_no_response_has_the_name_of_a_schema() -> None:
    writer = JsonSchemas("#/components/schemas/")
    for body in openapi_documents.BODIES.values():
        for schema in body.schemas:
            writer.refer(schema())
    assert writer.definitions.keys() & openapi_shapes.COMPONENTS.keys() == set()


def test_each_definition_is_a_json_schema() -> None:
    for path in PATHS.values():
        for definition in Cloud().get(path)["components"]["schemas"].values():
            Draft202012Validator.check_schema(definition)


def test_the_admin_token_is_a_security_scheme_if_there_is_one() -> None:
    assert "securitySchemes" not in Cloud().get(PATHS["admin"])["components"]
    guarded = Cloud(admin_token="secret")
    response = guarded.ask("GET", PATHS["admin"], headers={"Authorization": "Bearer secret"})
    document = response.get_json()
    assert document["components"]["securitySchemes"]["admin_token"]["scheme"] == "bearer"
    assert document["security"] == [{"admin_token": []}]


def test_nothing_of_it_is_imported_before_somebody_asks() -> None:
    program = (
        "import sys\n"
        "from fake_nova import create_app\n"
        "create_app(fixtures='default').test_client().get('/_admin/images')\n"
        "print([name for name in sys.modules if 'openapi_' in name or name.endswith('documents.json_schema')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
