"""Every fault once, in pytest: the runs of a test, their reports, and the grid."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fake_nova.apis import router
from fake_nova.testing.fake_nova import FakeNova

CLIENT = (Path(__file__).parent / "fault_client.py").read_text(encoding="utf-8")

HEAD = """
import pytest
from fault_client import *
"""

ONE_LIST = """
def test_it(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).find("image1")
"""


def run_pytest(
    pytester: pytest.Pytester, body: str, *options: str, in_process: bool = True
) -> pytest.RunResult:
    pytester.makepyfile(fault_client=CLIENT, test_it=HEAD + body)
    run = pytester.runpytest_inprocess if in_process else pytester.runpytest_subprocess
    return run("-p", "no:randomly", *options)


def test_a_client_with_three_planted_bugs_is_caught_in_exactly_these_cells(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
        @pytest.mark.fake_nova(each_fault=True, auth_strategy="keystone")
        @pytest.mark.parametrize("client", [Client, BuggyClient])
        def test_it(fake_nova, client):
            use(client(fake_nova.url, fake_nova.login))
        """.replace("\n        ", "\n"),
        *("--fake-nova-fault-timeout", "3", "--junitxml", "junit.xml"),
    )
    result.assert_outcomes(passed=1 + 38 + 1 + 35, failed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    failures = re.findall(
        r"^FAILED \S+::test_it\[BuggyClient\]\[(\S+)\](.*)", result.stdout.str(), re.MULTILINE
    )
    assert [cell for cell, _ in failures] == [
        "glance.images.create:reset",
        "glance.images.list:expired",
        "glance.images.show:slow",
    ]
    result.stdout.fnmatch_lines(
        [
            "*::test_it[[]Client]: each fault in 38 more runs, for 5 operations",
            "*_ test_it[[]BuggyClient][[]glance.images.create:reset] _*",
            "each fault: twice: glance.images.create succeeded 2 times (without the fault 1)",
            "*_ test_it[[]BuggyClient][[]glance.images.show:slow] _*",
            "each fault: hung: it ended only after 3.* s; after 3.* s the server ends a response",
            "*= fake_nova: each fault =*",
            "*::test_it[[]Client]: 38 runs, all good",
            " *503 *500 *429 *reset *cut *malformed *expired *slow *stale*",
            "tokens.issue *passed *passed *passed *passed *passed *passed *- *passed *-*",
            "glance.images.delete *passed *passed *passed *passed *- *- *passed *passed *-*",
            "*::test_it[[]BuggyClient]: 38 runs, 3 failed",
            "glance.images.create *passed *passed *passed *twice *passed *passed *passed *passed *-*",
            "glance.images.list *passed *passed *passed *passed *passed *passed *raised *passed *passed*",
            "glance.images.show *passed *passed *passed *passed *passed *passed *passed *hung *-*",
            "glance.images.list:expired raised: AssertionError",
            "to repeat one: pytest *--fake-nova-fault glance.images.create:reset",
        ]
    )
    cases = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    assert "test_it[BuggyClient][glance.images.show:slow]" in [case.get("name") for case in cases]


def test_a_run_may_raise_what_the_marker_allows(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
@pytest.fixture
def client(fake_nova):
    return Client(fake_nova.url, fake_nova.login)

@pytest.mark.fake_nova(each_fault=True, survives=(ConnectionResetError, LookupError))
def test_it(client):
    assert client.send("GET", IMAGES, None, 60).status == 200
""",
        *("--fake-nova-fault", "*:500", "--fake-nova-fault", "*:reset"),
    )
    result.assert_outcomes(passed=1 + 3, failed=1)
    result.stdout.fnmatch_lines(
        [
            "tokens.issue *- *passed *- *passed *-*",
            "glance.images.list *- *raised *- *survived *-*",
            "glance.images.list:reset survived: ConnectionResetError",
        ]
    )


def test_each_run_sets_up_the_fixtures_of_a_function_and_keeps_wider_ones(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
events = []

@pytest.fixture(scope="module")
def module():
    events.append("module")
    yield
    events.append("end of module")

@pytest.fixture
def function(module, fake_nova):
    events.append("function")
    assert Client(fake_nova.url, fake_nova.login).find("image1")
    yield
    events.append("end of function")

@pytest.mark.fake_nova(each_fault=True)
class TestIt:
    state = None

    def test_it(self, function, record_property):
        assert self.state is None
        self.state = "set"
        record_property("run", "once")
        print("printed")

def test_events(module):
    assert events == ["module", *["function", "end of function"] * 3]
""",
        *(
            "--fake-nova-fault",
            "*:429",
            "--fake-nova-fault",
            "*:stale",
            "-rP",
            "--junitxml",
            "junit.xml",
            "-o",
            "junit_family=xunit1",
        ),
    )
    result.assert_outcomes(passed=1 + 2 + 1)
    assert result.stdout.str().count("printed") == 3
    cases = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    assert [len(list(case.iter("property"))) for case in cases] == [1, 1, 1, 0]


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_test_that_failed_with_a_fault_is_one_that_failed_last(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    body = """
def test_fragile(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).send("GET", IMAGES, None, 60).status == 200

def test_robust(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).find("image1")
"""
    options = ("--fake-nova-fault", "glance.*:500", "-p", "cacheprovider")
    run_pytest(pytester, body, *options, *workers, in_process=not workers).assert_outcomes(passed=3, failed=1)
    result = run_pytest(pytester, body, *options, "--last-failed")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*run-last-failure: rerun previous 1 failure*"])


def test_stepwise_continues_from_the_test_that_failed_with_a_fault(pytester: pytest.Pytester) -> None:
    body = """
def test_robust(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).find("image1")

def test_fragile(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).send("GET", IMAGES, None, 60).status == 200
"""
    options = ("--fake-nova-fault", "glance.*:500", "-p", "cacheprovider", "-p", "stepwise", "--stepwise")
    run_pytest(pytester, body, *options).assert_outcomes(passed=3, failed=1)
    result = run_pytest(pytester, body, *options)
    result.assert_outcomes(passed=1, failed=1, deselected=1)
    result.stdout.fnmatch_lines(["stepwise: skipping 1 already passed items*"])


def test_requests_that_the_test_removes_from_the_journal_have_their_cells(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
def test_it(fake_nova):
    client = Client(fake_nova.url, fake_nova.login)
    client.send("GET", IMAGES, None, 60)
    fake_nova.requests.clear()
    client.send("GET", IMAGES, None, 60)
    fake_nova.reset()
    client.send("GET", f"{IMAGES}/nope", None, 60)
    fake_nova.requests.clear()

@pytest.fixture
def nova(fake_nova):
    yield fake_nova
    Client(fake_nova.url, fake_nova.login).send("GET", IMAGES, None, 60)
    fake_nova.requests.clear()

def test_a_fixture_does_more_at_its_end(nova):
    use(Client(nova.url, nova.login))
    nova.requests.clear()
""",
        *("--fake-nova-fault", "glance.*:500", "--fake-nova-fault", "*.create:reset"),
    )
    result.assert_outcomes(passed=1 + 3 + 1 + 5)
    result.stdout.fnmatch_lines(
        [
            "*::test_it: 3 runs, 1 not met",
            "glance.images.list *- *passed *-*",
            "glance.images.list@last *- *passed *-*",
            "glance.images.show *- *not met *-*",
            "*::test_a_fixture_does_more_at_its_end: 5 runs, all good",
        ]
    )


def test_a_loop_meets_each_fault_at_its_first_and_at_its_last_request(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
@pytest.mark.fake_nova(each_fault=True, plan="slow", clock="auto")
def test_it(fake_nova):
    image_id = fake_nova.images.add(name="nightly")["id"]
    client = Client(fake_nova.url, fake_nova.login)
    polls = 0
    while client.send("GET", f"{IMAGES}/{image_id}", None, 60).document["status"] != "active":
        polls += 1
""",
        *("--fake-nova-fault", "glance.images.show*:reset", "-v"),
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*::test_it[[]glance.images.show:reset] FAILED*",
            "*::test_it[[]glance.images.show@last:reset] FAILED*",
        ]
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_every_test_with_the_fixture_runs_unless_its_marker_declines(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    body = """
def test_a(fake_nova):
    Client(fake_nova.url, fake_nova.login).find("image1")

def test_b(fake_nova):
    Client(fake_nova.url, fake_nova.login).send("GET", IMAGES, None, 60)

@pytest.mark.fake_nova(each_fault=False)
def test_c(fake_nova):
    Client(fake_nova.url, fake_nova.login)

def test_d():
    pass
"""
    options = ("--fake-nova-each-fault", "--fake-nova-fault", "glance.*:reset", *workers)
    result = run_pytest(pytester, body, *options, in_process=not workers)
    result.assert_outcomes(passed=4 + 1, failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines_random(
        [
            "*::test_a: each fault in 1 more run, for 1 operation",
            "*::test_b: each fault in 1 more run, for 1 operation",
            "*::test_a: 1 run, all good",
            "*::test_b: 1 run, 1 failed",
            "FAILED *::test_b[[]glance.images.list:reset] - ConnectionResetError*",
        ]
    )
    assert "::test_c:" not in result.stdout.str()


def test_tests_of_unittest_and_asynchronous_tests_run_too(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
import unittest

class TestUnit(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def cloud(self, fake_nova):
        self.fake_nova = fake_nova

    def setUp(self):
        self.client = Client(self.fake_nova.url, self.fake_nova.login)

    def test_unit(self):
        assert self.client.find("image1")

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_async(fake_nova, anyio_backend):
    assert Client(fake_nova.url, fake_nova.login).find("image1")
""",
        *("--fake-nova-fault", "*:reset", "-p", "anyio"),
    )
    result.assert_outcomes(passed=(1 + 2) * 2)


def test_a_server_elsewhere_is_used(pytester: pytest.Pytester) -> None:
    body = """
def test_it(fake_nova):
    client = Client(fake_nova.url, fake_nova.login)
    assert client.find("image1")
"""
    with FakeNova(auth_strategy="keystone") as server:
        options = ("--fake-nova-url", server.url, "--fake-nova-fault", "*:expired")
        result = run_pytest(pytester, body, *options)
        assert not server.emulator.scopes()
    result.assert_outcomes(passed=1 + 1)


def test_the_first_failure_stops_the_runs_if_pytest_stops_there(pytester: pytest.Pytester) -> None:
    body = """
@pytest.mark.fake_nova(each_fault=True)
def test_it(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).send("GET", IMAGES, None, 60).status == 200

def test_after_it():
    pass
"""
    result = run_pytest(pytester, body, "-x", "--fake-nova-fault", "glance.*:5*")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*::test_it: 1 run, 1 failed", "glance.images.list *raised *not run *"])


def test_no_fault_is_amiss_if_pytest_stops_before_its_test(pytester: pytest.Pytester) -> None:
    body = """
def test_before():
    raise RuntimeError

def test_it(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).find("image1")
"""
    result = run_pytest(pytester, body, "-x", "--fake-nova-fault", "glance.*:500")
    result.assert_outcomes(failed=1)
    assert "no test met it" not in result.stdout.str()
    result = run_pytest(pytester, body, "--fake-nova-fault", "images.*:500")
    result.assert_outcomes(passed=1, failed=1)
    assert "no test met it" in result.stdout.str()


def test_no_fault_is_amiss_if_pytest_stops_before_its_run(pytester: pytest.Pytester) -> None:
    body = """
@pytest.mark.fake_nova(each_fault=True)
def test_it(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).send("GET", IMAGES, None, 60).status == 200
"""
    options = ("-p", "cacheprovider", "-p", "stepwise", "--stepwise")
    faults = ("--fake-nova-fault", "glance.*:503", "--fake-nova-fault", "glance.*:500")
    result = run_pytest(pytester, body, *options, *faults)
    result.assert_outcomes(passed=1, failed=1)
    assert "no test met it" not in result.stdout.str()


def test_a_strict_xfail_that_passes_runs_once(pytester: pytest.Pytester) -> None:
    body = """
@pytest.mark.xfail(strict=STRICT)
def test_it(fake_nova):
    assert Client(fake_nova.url, fake_nova.login).find("image1")
"""
    options = ("--fake-nova-each-fault", "--fake-nova-fault", "glance.*:5*")
    result = run_pytest(pytester, body.replace("STRICT", "True"), *options)
    result.assert_outcomes(failed=1)
    assert "each fault in" not in result.stdout.str()
    result = run_pytest(pytester, body.replace("STRICT", "False"), *options)
    result.assert_outcomes(xpassed=1 + 2)


def test_a_test_that_fails_without_a_fault_runs_once(pytester: pytest.Pytester) -> None:
    options = ("--fake-nova-each-fault", "--fake-nova-fault", "glance.*:500")
    result = run_pytest(pytester, ONE_LIST + "    raise RuntimeError\n", *options)
    result.assert_outcomes(failed=1)
    assert "each fault" not in result.stdout.str()
    assert "no test met it" not in result.stdout.str()


def test_a_test_whose_fixtures_alone_are_set_up_runs_once(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester, ONE_LIST + "    raise RuntimeError\n", "--fake-nova-each-fault", "--setup-only"
    )
    result.assert_outcomes()
    assert result.stdout.str().count("SETUP    F fake_nova ") == 1


def test_a_client_that_polls_forever_is_hung(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
@pytest.mark.fake_nova(each_fault=True)
def test_it(fake_nova):
    client = Client(fake_nova.url, fake_nova.login)
    image_id = None
    if client.send("GET", f"{IMAGES}?name=image1", None, 60).status != 200:
        while True:  # without the reset of connections it would never end
            client.send("GET", f"{IMAGES}?name=image1", None, 60)
""",
        *("--fake-nova-fault", "glance.images.list:500", "--fake-nova-fault-timeout", "0.2"),
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["glance.images.list:500 hung: *"])


def test_a_client_that_cleans_up_after_itself_does_no_work_twice(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
@pytest.mark.fake_nova(each_fault=True)
def test_it(fake_nova):
    client = Client(fake_nova.url, fake_nova.login)
    body = {"name": "nightly", "disk_format": "raw", "container_format": "bare"}
    try:
        client.send("POST", IMAGES, body, 60)
    except HTTPException:
        client.delete(client.find("nightly"))
        client.send("POST", IMAGES, body, 60)
""",
        *("--fake-nova-fault", "*create:cut"),
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--fake-nova-fault", "images.show"),
            '--fake-nova-fault: invalid value (got "images.show"); expected an operation and a fault, such as '
            "images.show:reset; the faults are 503, 500, 429, reset, cut, malformed, expired, slow, stale",
        ),
        (
            ("--fake-nova-each-fault", "--fake-nova-fault-timeout", "0"),
            "--fake-nova-fault-timeout: invalid value (got 0); expected seconds, more than 0 and up to 300",
        ),
        (
            ("--fake-nova-fault-runs", "0"),
            "--fake-nova-fault-runs: invalid value (got 0); expected at least 1",
        ),
    ],
)
def test_an_invalid_option_is_a_usage_error(
    pytester: pytest.Pytester, options: tuple[str, ...], message: str
) -> None:
    result = run_pytest(pytester, ONE_LIST, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {message}" in result.stderr.lines


def test_too_many_runs_fail_the_test_beforehand(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, ONE_LIST, "--fake-nova-each-fault", "--fake-nova-fault-runs", "10")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "each fault: too many runs (got 15, for 2 operations); expected at most 10. "
            "Raise --fake-nova-fault-runs, or split the test"
        ]
    )


def test_a_cell_that_no_test_has_fails_the_run(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, ONE_LIST, "--fake-nova-fault", "images.shwo:reset")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        [
            '--fake-nova-fault: no test met it (got "images.shwo:reset"); expected an operation that a test calls'
        ]
    )


@pytest.mark.parametrize(
    ("marker", "function", "message"),
    [
        (
            "each_fault=True",
            "test_it()",
            "each fault: no cloud; expected a test that uses the fixture fake_nova",
        ),
        (
            "each_fault=True, survives='MyError'",
            "test_it(fake_nova)",
            '@pytest.mark.fake_nova: survives: invalid value (got "MyError"); expected classes of exceptions',
        ),
    ],
)
def test_a_marker_that_makes_no_sense_fails_the_test(
    pytester: pytest.Pytester, marker: str, function: str, message: str
) -> None:
    body = f"@pytest.mark.fake_nova({marker})\ndef {function}: pass\n"
    result = run_pytest(pytester, body)
    result.assert_outcomes(failed=1)
    assert message in result.stdout.lines


def test_every_service_with_a_journal_has_faults() -> None:
    services = router().services()
    assert [each.name for each in services if each.is_journaled and each.render_injected_error is None] == []
