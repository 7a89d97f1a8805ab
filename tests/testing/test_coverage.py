"""Behaviour coverage of a test run: the table, its proofs, the lines that it advises, and its files."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import requests

from fake_nova.testing.coverage_results import CoverageResults
from fake_nova.testing.fake_nova import FakeNova
from tests.test_client_project import PROJECT

# pytester forgets the modules that a run imports; parts of this one are loaded only once by http.
assert requests

#: Operation that the client project calls -> a call of its client.
CALLS = {
    "images.list": "list(snapshots._pages('/images?limit=2'))",
    "images.detail": "snapshots.all(2)",
    "images.show": "snapshots.get(f'/images/{IMAGE}')",
    "images.delete": "snapshots.delete(IMAGE)",
    "tokens.issue": "log_in(fake_nova)",
}

PASTED = """
    from contextlib import suppress

    import pytest
    import requests
    from snapshotter import Snapshots

    IMAGE = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"

    @pytest.fixture
    def snapshots(fake_nova, monkeypatch):
        monkeypatch.setattr("snapshotter.time.sleep", lambda _: None)
        fake_nova.emulator.cloud.faults.delays_cancelled.set()  # no delay takes time
        return Snapshots(fake_nova.compute_url)

    def log_in(nova):
        user = {"name": "demo", "password": "demo-secret", "domain": {"id": "default"}}
        identity = {"methods": ["password"], "password": {"user": user}}
        requests.post(f"{nova.auth_url}/auth/tokens", json={"auth": {"identity": identity}}, timeout=10)

    def assert_met(nova, operation, name):
        outcomes = nova.coverage()["operations"][operation]["outcomes"]
        assert name in [outcome["outcome"] for outcome in outcomes if outcome["count"]]
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """Copy the client project into the folder of pytester."""
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(PROJECT, pytester.path, dirs_exist_ok=True, ignore=ignore)
    return pytester.path


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", *options)


def report(pytester: pytest.Pytester, *options: str) -> Any:
    """Run tests with coverage, and return its JSON report."""
    result = run(pytester, "--fake-nova-coverage-file", "coverage.json", *options)
    assert result.ret == 0, result.stdout.str()
    return json.loads((pytester.path / "coverage.json").read_text(encoding="utf-8"))


def outcomes_of(document: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (operation, outcome["outcome"]): outcome
        for operation, row in document["operations"].items()
        for outcome in row["outcomes"]
    }


def paste(number: int, operation: str, outcome: dict[str, Any]) -> str:
    """Return a test of the client project with the line of an outcome in it."""
    line = outcome["line"]
    marker, statement = (line, "pass") if line.startswith("@") else ("", line)
    return f"""
    {marker}
    def test_{number}(fake_nova, snapshots):
        {statement}
        for _ in range(1 if {operation!r} == "images.delete" else 2):
            with suppress(requests.RequestException):
                {CALLS[operation]}
        assert_met(fake_nova, {operation!r}, {outcome["outcome"]!r})
    """


def test_each_outcome_that_the_client_project_meets_is_proven_by_one_test(
    pytester: pytest.Pytester, project: Path
) -> None:
    everything = outcomes_of(report(pytester))
    proofs = {key: row["first_test"] for key, row in everything.items() if row["first_test"]}
    assert len(proofs) > 15
    for test in sorted(set(proofs.values())):
        alone = outcomes_of(report(pytester, test))
        for key, first_test in proofs.items():
            if first_test == test:
                assert alone[key]["first_test"] == test, key


def test_each_line_that_the_client_project_gets_meets_its_outcome(
    pytester: pytest.Pytester, project: Path
) -> None:
    document = report(pytester)
    assert set(document["operations"]) == set(CALLS)
    never = [(key[0], row) for key, row in outcomes_of(document).items() if row["first_test"] is None]
    assert len(never) > 60
    tests = [paste(number, operation, row) for number, (operation, row) in enumerate(never)]
    pytester.makepyfile(test_pasted="\n".join([PASTED, *tests]))
    (project / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    complete = report(pytester)
    assert complete["totals"]["percent"] == 100
    assert complete["totals"]["outcome_count"] == len(outcomes_of(document))


CLIENT = """
    from urllib.request import urlopen

    import pytest

    def read(nova, path="/images"):
        with urlopen(nova.compute_url + path) as response:
            return response.read()
"""


def write_tests(pytester: pytest.Pytester, body: str) -> None:
    pytester.makepyfile(test_it=CLIENT + body)


def test_the_table_and_the_lines_are_printed(pytester: pytest.Pytester) -> None:
    write_tests(
        pytester,
        """
    def test_first(fake_nova):
        read(fake_nova)

    def test_second(fake_nova):
        read(fake_nova, "/images?name=nobody")
        read(fake_nova, "/flavors")
    """,
    )
    result = run(pytester, "--fake-nova-coverage")
    result.stdout.re_match_lines(
        [
            r"=+ fake_nova coverage =+",
            r"operation      outcomes   met   percent$",
            r"-+$",
            r"flavors.list +\d+ +1 +\d+%$",
            r"images.list +\d+ +2 +\d+%$",
            r"TOTAL +\d+ +3 +\d+%$",
            r"\d+ other operations that no test called",
            r"images.list: met 2 of \d+ outcomes",
            r"  met    an empty list +test_it.py::test_second$",
            r"  met    a list of one page +test_it.py::test_first$",
            r"  never  several pages +fake_nova.images.generate\(1001\)$",
            r"  never  503 with Retry-After +fake_nova.faults.add\(operation=\"images.list\", status=503, "
            r"retry_after=1, times=1\)$",
        ]
    )


@pytest.mark.parametrize("source", ["option", "ini"])
def test_nothing_is_printed_unless_the_run_wants_it(pytester: pytest.Pytester, source: str) -> None:
    write_tests(pytester, "    def test_first(fake_nova): read(fake_nova)\n")
    assert "fake_nova coverage" not in run(pytester).stdout.str()
    if source == "ini":
        pytester.makeini("[pytest]\nfake_nova_coverage = true\n")
    options = ["--fake-nova-coverage"] if source == "option" else []
    assert "fake_nova coverage" in run(pytester, *options).stdout.str()
    quiet = run(pytester, "-qq", *options).stdout.str()
    assert "images.list" in quiet
    assert "never" not in quiet
    assert "fake_nova coverage" not in run(pytester, "--collect-only", *options).stdout.str()


def test_a_run_that_meets_too_little_fails(pytester: pytest.Pytester) -> None:
    write_tests(pytester, "    def test_first(fake_nova): read(fake_nova)\n")
    assert run(pytester, "--fake-nova-coverage-fail-under", "1").ret == 0
    result = run(pytester, "--fake-nova-coverage-fail-under", "60")
    assert result.ret == 1
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines(
        [r"ERROR: fake_nova coverage: too low \(got \d\.\d\d %\); expected 60 % or more"]
    )


def test_a_failing_test_still_fails_the_run_and_counts(pytester: pytest.Pytester) -> None:
    write_tests(pytester, "    def test_first(fake_nova): assert not read(fake_nova)\n")
    result = run(pytester, "--fake-nova-coverage-fail-under", "1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*met    a list of one page *test_it.py::test_first"])


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("file", "a.xml", '*unknown format (got "a.xml"); expected a name that ends in .json or .html'),
        ("fail-under", "101", "*out of range (got 101.0); expected a number from 0 to 100"),
    ],
)
def test_an_invalid_option_is_reported(
    pytester: pytest.Pytester, option: str, value: str, message: str
) -> None:
    result = run(pytester, f"--fake-nova-coverage-{option}", value)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --fake-nova-coverage-{option}: {message.lstrip('*')}"])


def test_the_page_shows_hostile_names_as_text_and_loads_nothing(pytester: pytest.Pytester) -> None:
    write_tests(
        pytester,
        """
    @pytest.mark.parametrize("name", ["</td><script>alert(1)</script>"])
    def test_first(fake_nova, name):
        read(fake_nova)
    """,
    )
    run(pytester, "--fake-nova-coverage-file", "new/coverage.html", "--fake-nova-coverage-file", "a.json")
    page = (pytester.path / "new" / "coverage.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;/td&gt;&lt;script&gt;alert(1)" in page
    assert "fake_nova.images.generate(1001)" in page
    assert re.findall(r"(?:src|href)=\"(?!#)", page) == []
    assert json.loads((pytester.path / "a.json").read_text(encoding="utf-8"))["totals"]["met_count"] == 1


def test_a_file_that_cannot_be_written_fails_the_run(pytester: pytest.Pytester) -> None:
    write_tests(pytester, "    def test_first(fake_nova): read(fake_nova)\n")
    (pytester.path / "folder.json").mkdir()
    result = run(pytester, "--fake-nova-coverage-file", "folder.json")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["ERROR: */folder.json: cannot be written (Is a directory); expected *"])


def test_a_shared_cloud_counts_for_the_test_that_calls_it(pytester: pytest.Pytester) -> None:
    write_tests(
        pytester,
        """
    @pytest.fixture(scope="module")
    def shared(make_fake_nova):
        with make_fake_nova() as nova:
            yield nova
            read(nova, "/flavors")

    def test_first(shared):
        read(shared)

    def test_second(shared):
        read(shared, "/images?name=nobody")
    """,
    )
    outcomes = outcomes_of(report(pytester))
    first_tests = {key: row["first_test"] for key, row in outcomes.items() if row["first_test"]}
    assert first_tests == {
        ("images.list", "a list of one page"): "test_it.py::test_first",
        ("images.list", "an empty list"): "test_it.py::test_second",
        ("flavors.list", "a list of one page"): "test_it.py::test_second",
    }


def test_a_test_that_closes_its_cloud_does_no_harm(pytester: pytest.Pytester) -> None:
    write_tests(
        pytester,
        """
    def test_first(fake_nova):
        read(fake_nova)
        fake_nova.close()
    """,
    )
    with FakeNova() as server:
        assert report(pytester, "--fake-nova-url", server.url)["operations"] == {}


def test_a_server_elsewhere_gives_the_same(pytester: pytest.Pytester, project: Path) -> None:
    local = report(pytester)
    with FakeNova() as server:
        assert report(pytester, "--fake-nova-url", server.url) == local


def test_workers_of_xdist_give_the_same_together(pytester: pytest.Pytester, project: Path) -> None:
    alone = report(pytester)
    options = ("-p", "no:randomly", "-n", "2", "--fake-nova-coverage-file", "xdist.json")
    result = pytester.runpytest_subprocess(*options, "--fake-nova-coverage-fail-under", "99")
    assert result.ret == 1
    result.stdout.re_match_lines([r"TOTAL +\d+ +\d+ +\d+%$", "ERROR: fake_nova coverage: too low.*"])
    together = json.loads((pytester.path / "xdist.json").read_text(encoding="utf-8"))
    assert together["totals"] == alone["totals"]
    assert {key for key, row in outcomes_of(together).items() if row["first_test"]} == {
        key for key, row in outcomes_of(alone).items() if row["first_test"]
    }


def test_results_of_processes_add_up_in_any_order() -> None:
    def results(place: int, count: int, line: str) -> CoverageResults:
        outcome: Any = {"outcome": "o", "count": count, "line": line}
        operations: Any = {"a": {"requests": 1, "outcomes": [outcome]}}
        single = CoverageResults()
        single.add_report({"operations": operations, "never_called": ["b"]}, {}, (place, f"test_{place}"))
        return single

    parts = [results(3, 1, "long"), results(2, 1, "x"), results(1, 0, "longer")]
    for order in (parts, parts[::-1]):
        whole = CoverageResults()
        for part in order:
            whole.add_dump(json.loads(json.dumps(part.dump())))
        (row,) = whole.rows
        assert row.outcomes == (("o", "x", "test_2"),)
        assert whole.never_called == ("b",)
