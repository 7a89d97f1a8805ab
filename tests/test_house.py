"""The architecture: imports, sizes, names and prose."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from fake_nova.apis import discover

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "fake_nova"

#: Part of the package -> the other parts that it may import. "" is the package itself, for its version.
MAY_IMPORT: Final[dict[str, set[str]]] = {
    "_version": set(),
    "support": set(),
    "errors": {"support"},
    "images": {"errors", "support"},
    "dialects": {"images"},
    "settings": {"dialects", "errors", "images", "support"},
    "cloud": {"dialects", "errors", "images", "settings", "support"},
    "documents": {"cloud", "dialects", "errors", "images", "settings", "support"},
    "recording": {"_version", "cloud", "dialects", "documents", "errors", "images", "settings", "support"},
    "verification": {
        "_version",
        "apis",
        "clients",
        "cloud",
        "dialects",
        "documents",
        "errors",
        "images",
        "recording",
        "serving",
        "settings",
        "support",
    },
    "wire": {"cloud", "dialects", "errors", "images", "settings", "support"},
    "apis": {"_version", "cloud", "dialects", "documents", "errors", "images", "settings", "support", "wire"},
    "serving": {"apis", "cloud", "errors", "settings", "support", "wire"},
    "app": {"apis", "cloud", "control", "documents", "serving", "settings"},
    "clients": {"support"},
    "requests_adapter": {"clients"},
    "httpx_transport": {"clients"},
    "control": {"errors", "support"},
    "testing": {
        "",
        "app",
        "clients",
        "cloud",
        "control",
        "dialects",
        "documents",
        "errors",
        "httpx_transport",
        "requests_adapter",
        "serving",
        "settings",
        "support",
    },
    "cli": {
        "_version",
        "app",
        "apis",
        "cloud",
        "control",
        "documents",
        "errors",
        "recording",
        "serving",
        "settings",
        "support",
        "verification",
    },
    "faults": {"control", "errors", "testing"},
    "": {"_version", "app", "faults", "control", "errors", "serving", "settings", "testing"},
    "__main__": {"cli"},
}

#: Part of the package -> the external packages that it may not import.
MAY_NOT_IMPORT: Final[dict[str, set[str]]] = {
    "images": {"flask", "werkzeug", "marshmallow", "yaml", "faker"},
    "cloud": {"flask", "werkzeug", "marshmallow", "yaml", "faker"},
    "documents": {"flask", "werkzeug"},
    "wire": {"flask"},
    "apis": {"flask"},
    "clients": {"flask", "werkzeug"},
}

#: Words that are too vague to be a whole name: bare participles and fillers.
FILLERS: Final = frozenset(
    """
    added answered appended asked began begun built called came changed checked chosen closed come copied created
    deleted done dropped ended expected failed filled fitting found gave given gone got had held hidden joined kept
    known left listed loaded logged looked lost made meant measured met most moved named needed noted one opened
    ordered own owned passed picked placed raised received refused rendered said seen sent served several shown
    skipped spelt started stated stopped stored taken told tried turned updated used waited wanted what who why
    worded written wrote there few
    """.split()  # noqa: SIM905  # a list of words is read as words
)

#: Names that the documentation has, names of the emulated services, and JSON keys of the admin API.
PUBLIC_WORDS: Final = {
    ("control.client", "kept"),
    ("control.explanations", "dropped"),
    ("control.types", "listed"),
    ("control.explanations", "listed"),
    ("control.types", "met"),
    ("documents.server", "deleted"),
    ("images.status", "DELETED"),
}

MAX_FUNCTION_LINES: Final = 45
MAX_MODULE_LINES: Final = 350
MAX_ROOT_MODULES: Final = 10
MAX_LATE_IMPORTS: Final = 50


@cache
def modules() -> dict[str, Path]:
    """Return the file of each module, by its name in the package; "" is the package itself."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip("."): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imports(module: str, nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Yield the full name of each module that the statements among *nodes* import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                is_module = name.removeprefix("fake_nova.") in modules()
                yield name if is_module and name.startswith("fake_nova.") else node.module


def module_level(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the statements that run when a module is imported, and the imports for type checkers."""
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from module_level([*node.body, *node.orelse])
        else:
            yield node


def part_of(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_its_part_may_import(module: str) -> None:
    part = part_of(module)
    for name in imports(module, ast.walk(tree(module))):
        if not f"{name}.".startswith("fake_nova."):
            assert name.split(".")[0] not in MAY_NOT_IMPORT.get(part, set()), f"{module} imports {name}"
            continue
        other = part_of(name.removeprefix("fake_nova").removeprefix("."))
        assert other == part or other in MAY_IMPORT[part], f"{module} imports {name}"


def find_cycle(arrows: dict[str, set[str]]) -> list[str]:
    """Return the names on a cycle of *arrows*; an empty list if there is none."""
    finished: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in finished:
            for other in sorted(arrows.get(name, ())):
                if cycle := visit(other, [*path, name]):
                    return cycle
            finished.add(name)
        return []

    return next((cycle for name in sorted(arrows) if (cycle := visit(name, []))), [])


def arrows() -> dict[str, set[str]]:
    """Return the modules of the package that each one imports at module level, also for type checkers."""
    return {
        module: {
            name.removeprefix("fake_nova").removeprefix(".")
            for name in imports(module, module_level(tree(module).body))
            if f"{name}.".startswith("fake_nova.")
        }
        for module in modules()
    }


def test_no_modules_import_each_other_in_a_cycle() -> None:
    assert find_cycle(arrows()) == []


def test_no_parts_import_each_other_in_a_cycle() -> None:
    parts: dict[str, set[str]] = {}
    for module, others in arrows().items():
        parts.setdefault(part_of(module), set()).update(map(part_of, others))
    assert find_cycle({part: others - {part} for part, others in parts.items()}) == []


def test_a_cycle_is_found() -> None:
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("apis.")])
def test_no_api_imports_another(module: str) -> None:
    own_package = module.split(".")[1]
    packages = {own_package, "nova_common"} if own_package.startswith("nova_") else {own_package}
    for name in imports(module, ast.walk(tree(module))):
        if name.startswith("fake_nova.apis."):
            assert name.split(".")[2] in packages, f"{module} imports {name}"


def test_the_root_of_the_package_has_few_modules() -> None:
    names = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert len(names) <= MAX_ROOT_MODULES, sorted(names)


def test_late_imports_are_few_and_each_has_a_reason() -> None:
    late = []
    for module in modules():
        lines = modules()[module].read_text(encoding="utf-8").splitlines()
        functions = (node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef))
        rows = {
            node.lineno
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        for row in sorted(rows):
            assert re.search(r"# noqa: PLC0415  # \S", lines[row - 1]), f"{module}:{row}: {lines[row - 1]}"
            late.append(f"{module}:{row}")
    assert len(late) <= MAX_LATE_IMPORTS, late


def names(module: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each class, function, parameter and variable of a module."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.lineno, node.name


@pytest.mark.parametrize("module", modules())
def test_no_name_is_a_bare_participle_or_a_filler(module: str) -> None:
    fillers = [(line, name) for line, name in names(module) if name.strip("_").lower() in FILLERS]
    assert [(line, name) for line, name in fillers if (module, name) not in PUBLIC_WORDS] == []


@pytest.mark.parametrize("module", modules())
def test_functions_and_modules_are_short(module: str) -> None:
    assert len(modules()[module].read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{module}:{node.lineno}: {node.name} has {length} lines"


@pytest.mark.parametrize("module", modules())
def test_no_elif_chain_has_four_branches(module: str) -> None:
    for node in ast.walk(tree(module)):
        arms, arm = 1, node
        while isinstance(arm, ast.If) and len(arm.orelse) == 1 and isinstance(arm.orelse[0], ast.If):
            arms, arm = arms + 1, arm.orelse[0]
        assert arms < 4, f"{module}:{getattr(node, 'lineno', 0)}"


#: Phrases that readers had to read twice.
RIDDLES: Final = re.compile(
    r"\b(that there (is|are)|put up with|what (is there|was asked|is asked for)|is no word of|(?<!there )is none|"
    r"goes by a plan|under way|a life of|its next life)\b"
)


def prose(module: str) -> Iterator[str]:
    """Yield the docstrings and the comments of a module."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
    with modules()[module].open("rb") as file:
        yield from (
            token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT
        )


@pytest.mark.parametrize("module", modules())
def test_prose_has_no_riddles(module: str) -> None:
    assert [text for text in prose(module) if RIDDLES.search(text)] == []


def assigned_contexts(module: str) -> Iterator[str]:
    """Yield the name of each function that assigns to an attribute of a context."""
    for function in ast.walk(tree(module)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                target = node.value
                if isinstance(target, ast.Name) and target.id.endswith("context"):
                    yield function.name


def test_only_the_pipeline_and_its_checks_fill_a_context() -> None:
    checks = {
        (check.__module__, check.__name__)
        for api in discover()
        for check in (*api.service.early_checks, *api.service.route_checks)
    }
    others = {
        (f"fake_nova.{module}", name)
        for module in modules()
        for name in assigned_contexts(module)
        if module != "wire.pipeline"
    }
    assert others, "the checks that fill the context are not found"
    assert others <= checks


def test_messages_say_what_is_expected() -> None:
    folders = (PACKAGE.rglob("*.py"), (ROOT / "tests").rglob("*.py"), (ROOT / "docs").rglob("*.md"))
    paths = [*chain(*folders), ROOT / "README.md"]
    word = "allowed" + ":"
    assert [str(path.relative_to(ROOT)) for path in paths if word in path.read_text(encoding="utf-8")] == []
