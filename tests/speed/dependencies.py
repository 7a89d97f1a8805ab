"""What each runtime dependency costs: files, size and import; ``scripts/dependencies`` puts it into the docs.

Run it as ``python -m tests.speed.dependencies`` from the root of the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path
from statistics import median

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tests.speed.start import import_seconds

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "explanation" / "dependencies.md"

ROUNDS = 9

#: Dependency -> the module that is imported, and what imports it first. test_imports checks both.
MODULES: dict[str, tuple[str, str]] = {
    "flask": ("flask", "`create_app`, and so the fixtures of pytest"),
    "werkzeug": ("werkzeug", "`create_app`"),
    "click": ("click", "`create_app`"),
    "marshmallow": ("marshmallow", "the start of a cloud"),
    "faker": ("faker", "the first generated image"),
    "pyyaml": ("yaml", "the start of a cloud"),
    "gunicorn": ("gunicorn.app.base", "`fake-nova serve`"),
    "prometheus-client": ("prometheus_client", "`GET /_admin/metrics`"),
    "regex": ("regex", "a list of servers with a pattern"),
    "publicsuffixlist": ("publicsuffixlist", "an admin request to a host name with a dot"),
    "jsonschema": ("jsonschema", "a request with a body or a query to check"),
    "webob": ("webob", "a 404 of a path that no service has, and other error pages"),
    "iso8601": ("iso8601", "the start of a cloud"),
    "trustme": ("trustme", "`--tls self-signed` (extra `tls`)"),
}

_TABLE = re.compile(r"(?<=<!-- dependencies -->\n).*?(?=<!-- /dependencies -->)", re.DOTALL)


def requirements() -> list[str]:
    """Return the names of the runtime dependencies, as setup.cfg has them, and of those of the extra ``tls``."""
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = config["options"]["install_requires"] + config["options.extras_require"]["tls"]
    return [Requirement(line).name for line in lines.split("\n") if line]


@cache
def closure(name: str) -> frozenset[NormalizedName]:
    """Return the distributions that installing *name* brings, itself included."""
    names = {canonicalize_name(name)}
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            names |= closure(requirement.name)
    return frozenset(names)


def files(dist: Distribution) -> Iterator[Path]:
    """Yield the files of a distribution, without compiled copies."""
    for file in dist.files or ():
        path = Path(str(file.locate()))
        if path.suffix != ".pyc" and path.is_file():
            yield path


def row(name: str) -> str:
    """Return the row of a dependency: it and what no other dependency brings, and its import."""
    others = frozenset[NormalizedName]().union(*(closure(other) for other in requirements() if other != name))
    own = sorted(closure(name) - others | {canonicalize_name(name)})
    paths = [path for each in own for path in files(distribution(each))]
    size = sum(path.stat().st_size for path in paths) / 1e6
    module, first_user = MODULES[canonicalize_name(name)]
    import_seconds(module)  # compiled and in the file cache from now on
    milliseconds = median(import_seconds(module)[0] for _ in range(ROUNDS)) * 1000
    brought = ", ".join(each for each in own if each != canonicalize_name(name))
    return f"| {name} | {brought} | {len(paths)} | {size:.2f} | {milliseconds:.0f} | {first_user} |"


def table() -> str:
    """Measure every dependency, and return a Markdown table."""
    head = "| dependency | brings only for itself | files | MB | import, ms CPU | loaded by |\n|---|---|---|---|---|---|"
    return "\n".join([head, *map(row, requirements()), ""])


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
