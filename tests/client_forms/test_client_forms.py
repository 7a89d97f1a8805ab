"""Each form of an openrc file and of clouds.yaml connects, or the client or the server's log says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.client_forms import page
from tests.client_forms.clouds_yaml import FORMS as CLOUDS_YAML
from tests.client_forms.form import Form
from tests.client_forms.openrc import FORMS as OPENRC
from tests.client_forms.trying import NAMES, try_form
from tests.commands.running import Clients, clients

FORMS = {
    f"{kind} {form.group}: {form.name}": form
    for kind, forms in (("openrc", OPENRC), ("clouds.yaml", CLOUDS_YAML))
    for form in forms
}


@pytest.fixture(scope="module")
def process() -> Iterator[Clients]:
    with clients() as running:
        yield running


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Form], FakeNova]]:
    """Returns a fresh server with the settings of a form."""
    servers: dict[str, FakeNova] = {}
    with ExitStack() as stack:

        def start(form: Form) -> FakeNova:
            settings = {"auth_strategy": "keystone", "dialect": "nova", **form.settings}
            key = json.dumps(settings, sort_keys=True)
            if key not in servers:
                servers[key] = stack.enter_context(FakeNova(fixtures=("default",), **settings))
            servers[key].reset()
            return servers[key]

        yield start


@pytest.mark.parametrize("name", FORMS)
def test_a_form_connects_or_says_what_is_wrong(
    name: str, serve: Callable[[Form], FakeNova], process: Clients, tmp_path: Path
) -> None:
    form = FORMS[name]
    names, error, hints = try_form(form, serve(form), process, tmp_path)
    assert names == ([] if form.error else NAMES), error
    assert any(form.error in line for line in error.splitlines()) if form.error else error == ""
    assert not form.hint or form.hint in hints, hints


def test_the_forms_have_all_groups_of_both_kinds() -> None:
    for forms in (OPENRC, CLOUDS_YAML):
        assert [*dict.fromkeys(form.group for form in forms)] == [*range(1, 11)]


def test_the_documentation_has_each_form() -> None:
    assert page.read() == page.with_tables(page.read()), "run python -m tests.client_forms.page"
