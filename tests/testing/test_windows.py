"""Everything but ``fake-nova serve`` works on Windows: these tests take away what Windows lacks."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

#: Removes what Windows lacks, as far as the standard library and pytest do without it on this system.
PRELUDE = """
import errno, os, select, signal, socket, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in ("fcntl", "resource", "pwd", "grp", "termios", "gunicorn"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def dup2_only_knows_files(*_, **__):
    raise OSError(errno.EBADF, "Bad file descriptor")

for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Blocker())
for name in dir(signal):
    if name.startswith("SIG") and name not in "SIGABRT SIGFPE SIGILL SIGINT SIGSEGV SIGTERM SIG_DFL SIG_IGN".split():
        delattr(signal, name)
for module, names in (
    (os, "fork forkpty killpg register_at_fork sched_getaffinity sched_setaffinity setsid sysconf uname mkfifo"),
    (select, "epoll poll"),
    (socket, "AF_UNIX SO_REUSEPORT"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
os.dup2 = dup2_only_knows_files
os.kill = None
"""

TESTS = """
import socket
import struct
from urllib.parse import urlsplit

import pytest
import requests

import fake_nova as package


def test_a_request_over_a_socket(fake_nova):
    assert requests.get(f"{fake_nova.compute_url}/images", timeout=60).status_code == 200


def test_a_fault_that_resets_the_connection(fake_nova):
    fake_nova.faults.add(operation="images.list", connection="reset")
    with pytest.raises(requests.ConnectionError, match="reset"):
        requests.get(f"{fake_nova.compute_url}/images", timeout=60)
    assert requests.get(f"{fake_nova.compute_url}/images/x", timeout=60).status_code == 404


def test_a_session_without_a_socket(fake_nova, fake_nova_session):
    assert fake_nova_session.get(f"{fake_nova.compute_url}/images").status_code == 200


def test_a_client_of_httpx_without_a_socket(fake_nova_httpx):
    assert fake_nova_httpx.get("/images").status_code == 200


def test_the_environment(fake_nova, fake_nova_env):
    assert fake_nova_env["OS_AUTH_URL"] == fake_nova.auth_url


@pytest.mark.parametrize("text", ["a:b\\\\c|d?"])
def test_a_failure(fake_nova, text):
    assert requests.get(f"{fake_nova.compute_url}/images", timeout=60).status_code == 500


def test_a_server_of_its_own():
    with package.FakeNova(fixtures="empty", dialect="nova") as server:
        assert server.images.all() == []
        with package.Control(server.url).scope() as scope:
            assert scope.images.all() == []
        with pytest.raises(package.FakeNovaError, match="another process listens there"):
            package.FakeNova(port=urlsplit(server.url).port)
"""


def run_on_windows(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python code without what Windows lacks."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
        check=False,
    )


def test_the_plugin_and_fake_nova_work(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    result = run_on_windows(
        """
        import pytest
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # other plugins may need what is missing here
        options = "-q --color=no --capture=sys -p fake_nova.testing.pytest_plugin -p no:cacheprovider --basetemp base"
        sys.exit(pytest.main(options.split()))
        """,
        tmp_path,
    )
    assert "1 failed, 6 passed" in result.stdout, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    (state_file,) = (tmp_path / "base").glob("fake_nova-*.yaml")
    assert not set(state_file.name) & set('<>:"/\\|?*')


def test_the_commands_work_but_serve_says_what_it_needs(tmp_path: Path) -> None:
    result = run_on_windows(
        """
        from fake_nova import FakeNova
        from fake_nova.cli import main
        print(main(["check", "default"]))
        with FakeNova() as server:
            print(main(["wait", "--url", server.url]))
            print(main(["env", "--url", server.url]))
        print(main(["serve", "--port", "0"]))
        """,
        tmp_path,
    )
    lines = result.stdout.splitlines()
    assert (lines[1], lines[2], lines[-2], lines[-1]) == ("0", "0", "0", "2"), result
    assert result.stderr == (
        "fake-nova: serve: this system lacks os.fork, signal.SIGHUP, signal.SIGUSR1, fcntl, resource "
        f"(got {sys.platform}); expected Linux, macOS or WSL. The pytest plugin and fake_nova.FakeNova run here too\n"
    )
