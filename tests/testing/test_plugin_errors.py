"""Errors of the plugin: a server that does not respond, and what pytest shows."""

from __future__ import annotations

import re
import socket
import socketserver
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from fake_nova.control import Unreachable
from fake_nova.testing import plugin_errors
from fake_nova.testing.fake_nova import FakeNova

SIX_TESTS = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(fake_nova, number):
    pass
"""


def run_pytest(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *options)


def test_a_dead_server_stops_the_session_at_the_first_test(
    pytester: pytest.Pytester, unused_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_errors, "REFUSED_TIMEOUT", 0.1)
    pytester.makepyfile(SIX_TESTS)
    result = run_pytest(pytester, "--fake-nova-url", unused_url)
    result.assert_outcomes(errors=1)
    reason = f"{unused_url}: not ready after 0.1 seconds (*refused); expected a running server"
    result.stdout.fnmatch_lines([reason])
    result.stdout.no_fnmatch_line("*During handling of the above exception*")
    result.stdout.fnmatch_lines([f"!* {reason} !*"])


def test_an_invalid_url_stops_the_session_at_the_first_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SIX_TESTS)
    result = run_pytest(pytester, "--fake-nova-url", "127.0.0.1:8774")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ['--fake-nova-url: invalid value (got "127.0.0.1:8774"); expected an address such as *']
    )


def test_workers_of_xdist_stop_at_a_dead_server(pytester: pytest.Pytester, unused_url: str) -> None:
    pytester.makeini("[pytest]\nfake_nova_start_timeout = 0.1\n")
    pytester.makepyfile(SIX_TESTS)
    result = pytester.runpytest_subprocess("-n", "2", "--fake-nova-url", unused_url)
    outcomes = result.parseoutcomes()
    assert outcomes.keys() <= {"error", "errors"}
    assert sum(outcomes.values()) <= 2
    result.stdout.fnmatch_lines([f"!* {unused_url}: not ready after 0.1 seconds (*refused); *"])


@pytest.mark.parametrize(
    "test",
    [
        "def test_it(fake_nova_session): pass",
        "def test_it(fake_nova_env): pass",
        "def test_it(make_fake_nova):\n    with make_fake_nova(): pass",
    ],
)
def test_a_dead_server_stops_the_session_also_for_other_fixtures(
    pytester: pytest.Pytester, unused_url: str, monkeypatch: pytest.MonkeyPatch, test: str
) -> None:
    monkeypatch.setattr(plugin_errors, "REFUSED_TIMEOUT", 0.1)
    pytester.makepyfile(f"{test}\ndef test_more(fake_nova): pass\n")
    result = run_pytest(pytester, "--fake-nova-url", unused_url)
    reason = f"{unused_url}: not ready after 0.1 seconds (*refused); expected a running server"
    outcomes = result.parseoutcomes()
    assert outcomes.get("errors", 0) + outcomes.get("failed", 0) + outcomes.get("passed", 0) == 1
    result.stdout.fnmatch_lines([reason, f"!* {reason} !*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_refused_connection_is_regarded_as_a_dead_server_in_less_than_a_second() -> None:
    assert plugin_errors.REFUSED_TIMEOUT < 1


def test_a_server_that_dies_stops_the_session(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        def test_one(fake_nova): pass

        def test_two(fake_nova, pytestconfig):
            pytestconfig.server.stop()

        @pytest.mark.parametrize("number", range(3))
        def test_more(fake_nova, number): pass
        """
    )

    class Server:
        """A plugin that hands the server to the tests."""

        @pytest.hookimpl
        def pytest_configure(self, config: pytest.Config) -> None:
            config.server = server  # type: ignore[attr-defined]  # for the tests above

    with FakeNova() as server:
        result = pytester.runpytest_inprocess(
            "-p", "no:randomly", "-p", "no:xdist", "--fake-nova-url", server.url, plugins=[Server()]
        )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([f"!* {server.url}: *"])


def test_tests_without_a_cloud_need_no_server(pytester: pytest.Pytester, unused_url: str) -> None:
    pytester.makeini(f"[pytest]\nfake_nova_url = {unused_url}\n")
    pytester.makepyfile("def test_it(): pass")
    run_pytest(pytester).assert_outcomes(passed=1)


class StartingServer(ThreadingHTTPServer):
    """A server that is not ready for the first requests."""

    refusals = 3


class Handler(BaseHTTPRequestHandler):
    server: socketserver.BaseServer

    def do_GET(self) -> None:
        assert isinstance(self.server, StartingServer)
        self.server.refusals -= 1
        self.send_response(503 if self.server.refusals >= 0 else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def starting_server() -> Iterator[str]:
    with StartingServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_server_that_is_starting_is_not_regarded_as_dead(
    starting_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_errors, "REFUSED_TIMEOUT", 0)
    plugin_errors.wait_for_server(starting_server, None)


def test_a_time_out_that_the_user_chose_also_counts_if_nothing_listens(
    unused_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_errors, "REFUSED_TIMEOUT", 0)
    with pytest.raises(Unreachable, match=r"not ready after 0\.2 seconds"):
        plugin_errors.wait_for_server(unused_url, 0.2)


def test_an_unknown_host_is_regarded_as_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(plugin_errors, "REFUSED_TIMEOUT", 0)
    with pytest.raises(Unreachable) as raised:
        plugin_errors.wait_for_server("http://fake-nova:8774", None)
    assert raised.value.is_refused


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("fake_nova.images.set_status('x', 'ERROR')", "AdminError"),
        ("fake_nova.plans.use('lazy')", "AdminError"),
        ("fake_nova.restore('never')", "AdminError"),
        ("fake_nova.requests.expect(1, operation='images.list')", "AssertionError"),
        ("fake_nova.requests.wait(timeout=0.01)", "TimeoutError"),
        ("fake_nova.images.get('')", "ValueError"),
        ("fake_nova.images.add(name=object())", "TypeError"),
        ("Control('nonsense')", "ConfigurationError"),
        ("Control(UNUSED_URL).health()", "Unreachable"),
        ("Control(UNUSED_URL).wait(0)", "Unreachable"),
        ("Control(fake_nova.url, scope='none').health()", "AdminError"),
        ("fake_nova.scope(dialect='aws')", "AdminError"),
        ("FakeNova(dialect='aws')", "ConfigurationError"),
        ("FakeNova(fixtures=('nope',))", "FixtureError"),
        ("FakeNova(port=1, host='203.0.113.1')", "ConfigurationError"),
        ("with make_fake_nova(colour=1): pass", "ConfigurationError"),
        ("with make_fake_nova(strict='often'): pass", "ConfigurationError"),
        ("with make_fake_nova(dialect='aws'): pass", "ConfigurationError"),
        ("with make_fake_nova(fixtures='nope'): pass", "FixtureError"),
        ("with make_fake_nova(plan='lazy'): pass", "AdminError"),
        ("with make_fake_nova(clock='noon'): pass", "ConfigurationError"),
    ],
)
def test_a_traceback_ends_in_the_test(
    pytester: pytest.Pytester, unused_url: str, statement: str, error: str
) -> None:
    pytester.makepyfile(
        test_user=f"""
        from fake_nova import Control, FakeNova

        UNUSED_URL = {unused_url!r}

        def test_it(fake_nova, make_fake_nova):
            {statement}
        """
    )
    result = run_pytest(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">  *", "E  *", f"test_user.py:6: {error}"])
    assert re.findall(r"^(\S+\.py:\d+): ?(\w*)", result.stdout.str(), re.MULTILINE) == [
        ("test_user.py:6", error)
    ]
