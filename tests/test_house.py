"""How the house is built: who imports whom, and that nothing stands outside its table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import fake_nova
from fake_nova import errors
from fake_nova.apis import discover
from fake_nova.errors import FakeNovaError
from fake_nova.settings import SETTINGS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fake_nova"
README = (ROOT / "README.md").read_text(encoding="utf-8")

#: Part of the package -> the parts of it that it may import. A part that is missing may import all.
MAY_IMPORT = {
    "errors": set(),
    "images": {"errors", "images"},
    "cloud": {"errors", "images", "cloud", "settings", "dialect"},
    "settings": {"errors", "dialect"},
    "dialect": {"images"},
    "wire": {"errors", "images", "dialect", "settings", "cloud", "wire"},
    "apis": {"", "errors", "images", "dialect", "settings", "cloud", "wire", "apis"},
    "control": {"errors", "control"},
    "report": {"control"},
    "pytest_plugin": {"control", "pytest_clouds", "requests_adapter", "httpx_transport"},
    "direct": set(),
    "requests_adapter": {"direct"},
    "httpx_transport": {"direct"},
    "pytest_clouds": {"", "control", "report", "errors", "testing", "cloud"},
}

#: Part of the package -> packages from outside that it must do without.
MAY_NOT_IMPORT = {
    "images": {"flask", "werkzeug", "marshmallow", "yaml", "faker"},
    "cloud": {"flask", "werkzeug"},
    "wire": {"flask"},
    "apis": {"flask"},
}


def modules() -> list[str]:
    return sorted(
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
    )


def imports(module: str) -> Iterator[str]:
    """Give the full name of each module that *module* imports, wherever in it."""
    path = PACKAGE.joinpath(*module.split("."))
    text = (path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py").read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (
                f"{node.module}.{alias.name}"
                if (ROOT / node.module.replace(".", "/")).is_dir()
                else node.module
                for alias in node.names
            )


def part(module: str, parts: set[str]) -> str | None:
    """Return the narrowest of *parts* that *module* belongs to."""
    fitting = [name for name in parts if name and (module == name or module.startswith(f"{name}."))]
    return max(fitting, key=len, default=None)


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_from_below(module: str) -> None:
    of = part(module, set(MAY_IMPORT))
    for name in imports(module):
        if of is None:
            continue
        outside = name.split(".")[0]
        if outside != "fake_nova":
            assert outside not in MAY_NOT_IMPORT.get(of, set()), f"{module} imports {name}"
            continue
        inside = name.removeprefix("fake_nova").removeprefix(".")
        allowed = MAY_IMPORT[of]
        assert (inside == "" and "" in allowed) or part(inside, allowed), f"{module} imports {name}"


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("apis.")])
def test_no_api_imports_another(module: str) -> None:
    folder = module.split(".")[1]
    for name in imports(module):
        if name.startswith("fake_nova.apis."):
            assert name.split(".")[2] == folder, f"{module} imports {name}"


def test_every_error_is_drawn_in_the_tree() -> None:
    for module in walk_packages(fake_nova.__path__, "fake_nova."):
        if module.name != "fake_nova.__main__":
            import_module(module.name)
    public = {error.__name__ for error in below(FakeNovaError) if not error.__name__.startswith("_")}
    assert set(re.findall(r"── (\w+)", str(errors.__doc__))) == public


def below(error: type[Exception]) -> Iterator[type[Exception]]:
    for child in error.__subclasses__():
        yield child
        yield from below(child)


def test_every_route_stands_in_the_readme() -> None:
    for api in discover():
        for route in api.routes:
            if route.summary:
                line = f"| {route.method.replace('*', 'any')} | `{readme_path(api.service.name, route.path)}` | {route.summary} |"
                assert line in README, line


def readme_path(service: str, path: str) -> str:
    return {
        "compute": "/v2.1/{project_id}",
        "versions": "",
        "healthcheck": "",
        "admin": "/_admin",
        "identity": "/identity",
        "image": "/image",
    }[service] + path


def test_every_setting_stands_in_the_readme() -> None:
    for setting in SETTINGS:
        assert f"| `{setting.option}` | `{setting.variable}` |" in README, setting.name
