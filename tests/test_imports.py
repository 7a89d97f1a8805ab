"""Imports of the package raise no warnings, because users run their tests with ``-W error``."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import requests
from packaging.utils import canonicalize_name

from tests.serving.command import Command
from tests.speed.dependencies import MODULES, PAGE, requirements


def test_no_import_raises_a_warning_not_even_a_late_one() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.late_imports"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_no_server_raises_a_warning(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # gunicorn 27.0.1 duplicates the listening socket and leaves the duplicate to the garbage collector.
    monkeypatch.setenv("PYTHONWARNINGS", "error,ignore::ResourceWarning")
    with Command("--server", server) as command:
        assert requests.get(f"{command.url}/v2.1/images", timeout=60).status_code == 200
        assert requests.delete(f"{command.url}/v2.1/images/x", timeout=60).status_code == 404
        assert command.end() == (0, "")


#: A request -> the dependency that it is the first to load.
FIRST_USES = {
    "GET /v2.1/images/detail": set[str](),
    "GET /_admin/metrics": {"prometheus_client"},
    'POST /_admin/images/generate {"count": 1}': {"faker"},
    "GET //nova.example.com/_admin/images": {"publicsuffixlist"},
    'POST /v2.1/images/70a599e0-31e7-49b7-b260-868f441e862b/metadata {"metadata": {"a": "b"}}': {
        "jsonschema"
    },
    "GET /v2.1/servers?name=^a.*": {"regex"},
    "GET /v2.1/nowhere": {"webob"},
}

STEPS = """
import json, sys
modules = set(json.loads(sys.argv[1]))
def report():
    global modules
    print(json.dumps(sorted(modules & sys.modules.keys())))
    modules -= sys.modules.keys()
import fake_nova
import fake_nova.testing.pytest_plugin
report()
app = fake_nova.create_app(fixtures="default")
from fake_nova.clients.in_process import send_request
report()
for request in sys.argv[2:]:
    method, url, *body = request.split(" ", 2)
    url = "http:" + (url if url.startswith("//") else "//localhost" + url)
    send_request(app, method, url, [("Content-Type", "application/json")], "".join(body).encode())
    report()
"""


def test_a_dependency_is_loaded_by_the_first_request_that_needs_it() -> None:
    modules = {module for module, _ in MODULES.values()}
    command = [sys.executable, "-c", STEPS, json.dumps(sorted(modules)), *FIRST_USES]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    imported, started, *requested = [set(json.loads(line)) for line in lines]
    assert imported == set()
    assert started == {"flask", "werkzeug", "click", "marshmallow", "yaml", "iso8601"}
    assert dict(zip(FIRST_USES, requested, strict=True)) == FIRST_USES


def test_a_server_that_answers_plain_reads_has_loaded_four_dependencies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with Command() as command:
        assert requests.get(f"{command.url}/v2.1/images/detail", timeout=60).status_code == 200
        _, log = command.end()
    loaded = {line.rpartition("|")[2].strip() for line in log.splitlines()}
    modules = {module for module, _ in MODULES.values()}
    assert loaded & modules == {"marshmallow", "yaml", "iso8601", "gunicorn.app.base"}


def test_the_docs_say_what_every_dependency_costs_and_what_loads_it() -> None:
    rows = re.findall(r"^\| ([\w-]+) \| .* \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {canonicalize_name(name): first_user for name, first_user in rows if name != "dependency"}
    assert documented == {name: first_user for name, (_, first_user) in MODULES.items()}
    assert set(documented) == set(map(canonicalize_name, requirements()))
