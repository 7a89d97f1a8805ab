"""The process of the command: start, output and exit."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from fake_nova.errors import ConfigurationError
from fake_nova.serving.sockets import bind_socket, listen
from tests.serving.command import COMMAND, Command, environment

SERVERS = ("gunicorn", "granian")

#: Fixtures that load for longer than a test runs.
LONG = "generate: [{count: 1000000}]\n"


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, with the command in ``$SERVE``."""
    variables = {**environment(), "SERVE": shlex.join(COMMAND)}
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=variables, timeout=60, check=False
    )


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("to_group", [False, True], ids=["to the process", "to its group"])
def test_a_request_in_flight_is_answered_before_the_process_ends(
    server: str, number: signal.Signals, to_group: bool
) -> None:
    with Command("--server", server) as command, ThreadPoolExecutor() as pool:
        fault = {"match": {"operation": "images.list"}, "effect": {"delay": 0.5}}
        requests.post(f"{command.url}/_admin/faults", json=fault, timeout=60)
        pending_response = pool.submit(requests.get, f"{command.url}/v2.1/images", timeout=20)
        while not requests.get(f"{command.url}/_admin/requests", timeout=60).json()["requests"]:
            pass
        (os.killpg if to_group else os.kill)(command.process.pid, number)
        assert pending_response.result().status_code == 200
        assert command.process.wait(20) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_during_loading_ends_the_process_without_a_traceback(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    (tmp_path / "long.yaml").write_text(LONG)
    code_that_tells = (
        "import sys; sys.stderr.write('up\\n'); from fake_nova.__main__ import main; sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code_that_tells, *COMMAND[3:], "--fixtures", str(tmp_path / "long.yaml")],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    with process:
        assert process.stderr is not None
        assert process.stderr.readline() == "up\n"
        while not Path(f"/proc/{process.pid}/stat").exists() or cpu_seconds(process.pid) < 0.6:
            pass  # it is loading now
        process.send_signal(number)
        try:
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, errors) == (code, "")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_port_opens_only_after_the_fixtures_are_loaded() -> None:
    with bind_socket("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        assert not is_open(port)
        listen(bound)
        assert is_open(port)


def test_of_two_processes_on_one_port_the_first_listener_gets_it() -> None:
    with bind_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with bind_socket("127.0.0.1", port) as second:
            listen(second)
            with pytest.raises(ConfigurationError, match="port: cannot listen: another process"):
                listen(first)


@pytest.mark.parametrize("server", SERVERS)
def test_the_port_is_released_after_the_parent_is_killed(server: str) -> None:
    with Command("--server", server) as command:
        port = urlsplit(command.url).port or 0
        command.process.kill()
        command.process.wait()
        assert command.process.stdout is not None
        command.process.stdout.read()  # until no process can write there any more
        assert not is_open(port)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_url_file_exists_while_the_server_is_ready(
    server: str, number: signal.Signals, tmp_path: Path
) -> None:
    path = tmp_path / "url"
    with Command("--server", server, "--url-file", str(path)) as command:
        assert path.read_text() == f"{command.url}\n"
        command.end(number)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_cannot_start_removes_the_url_file_of_a_killed_one(tmp_path: Path) -> None:
    path = tmp_path / "url"
    with Command("--url-file", str(path)) as command:
        command.process.kill()
        command.process.wait()
        assert path.exists()
    assert shell(f"$SERVE --url-file {path} --fixtures nope").returncode == 2
    assert not path.exists()


def test_a_server_leaves_the_url_file_of_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "url"
    with Command("--url-file", str(path)) as first, Command("--url-file", str(path)) as second:
        first.end()
        assert path.read_text() == f"{second.url}\n"


def test_granian_exits_with_a_message_if_its_worker_dies() -> None:
    with Command("--server", "granian") as command:
        children = Path(f"/proc/{command.process.pid}/task/{command.process.pid}/children").read_text()
        os.kill(int(children.split()[0]), signal.SIGKILL)
        _, errors = command.process.communicate(timeout=20)
    assert command.process.returncode == 1
    assert errors == "the process that held the cloud has died, and the cloud with it\n"


@pytest.mark.parametrize("server", SERVERS)
def test_the_server_survives_more_connections_than_file_descriptors(server: str) -> None:
    before = ("bash", "-c", 'ulimit -n 256; exec "$@"', "bash")
    with Command("--server", server, before=before) as command, ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(command.connection())
        stack.close()
        assert requests.get(f"{command.url}/healthcheck", timeout=60).text == "OK"
        assert command.end()[0] == 0


def test_keep_alive_connections_leave_room_for_new_ones() -> None:
    before = ("bash", "-c", 'ulimit -n 128; exec "$@"', "bash")
    with Command(before=before) as command, ExitStack() as stack:
        for _ in range(100):
            session = stack.enter_context(requests.Session())
            assert session.get(f"{command.url}/healthcheck", timeout=20).status_code == 200


def test_the_server_runs_without_permission_to_write_files() -> None:
    with Command(before=("bash", "-c", 'ulimit -f 0; exec "$@"', "bash")) as command:
        assert requests.get(f"{command.url}/healthcheck", timeout=60).text == "OK"
        assert command.end() == (0, "")


def test_the_server_survives_a_closed_pipe_on_stdout(tmp_path: Path) -> None:
    greeting = tmp_path / "greeting"
    result = shell(
        f"""
        exec 3>&2; mkfifo {tmp_path}/fifo; head -2 {tmp_path}/fifo > {greeting} & reader=$!
        $SERVE --access-log text > {tmp_path}/fifo & server=$!
        wait $reader
        url=$(grep -o 'http://[0-9.:]*' {greeting} | head -1)
        for n in 1 2 3; do curl -s $url/healthcheck; done
        kill $server; wait $server; echo " $?"
        """
    )
    assert (result.stdout, result.stderr) == ("OKOKOK 0\n", "")
    assert len(greeting.read_text().splitlines()) == 2


def test_the_server_survives_closed_standard_streams() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = shell(
        f"""
        $SERVE --port {port} --access-log text <&- >&- 2>&- & server=$!
        {sys.executable} -m fake_nova wait --url http://127.0.0.1:{port}
        curl -s http://127.0.0.1:{port}/healthcheck
        kill $server; wait $server; echo " $?"
        """
    )
    assert (result.stdout, result.stderr) == ("OK 0\n", "")


def test_stdout_has_the_greeting_and_the_access_log_and_stderr_the_rest() -> None:
    with Command("--access-log", "text") as command:
        requests.get(f"{command.url}/v2.1/images?tag=x", timeout=60)
        command.process.send_signal(signal.SIGTERM)
        output, errors = command.process.communicate(timeout=20)
    assert [line.split(" -> ")[0] for line in output.splitlines()] == ["127.0.0.1 GET /v2.1/images?tag=x"]
    assert errors == "GET /v2.1/images: Ignored: tag.\n"


def test_a_json_log_has_only_json_lines_including_the_greeting() -> None:
    with Command("--access-log", "json", lines=1) as command:
        requests.get(f"{command.url}/v2.1/images?tag=x", timeout=60)
        command.raw(b"NONSENSE\r\n\r\n")
        command.process.send_signal(signal.SIGTERM)
        output, errors = command.process.communicate(timeout=20)
    greeting = json.loads(command.greeting[0])
    assert greeting["message"] == f"fake_nova 0.1.0 listens on {command.url} (dialect huaweicloud, noauth)"
    assert (greeting["url"], greeting["images"]) == (command.url, 6)
    assert greeting["environment"]["OS_AUTH_URL"] == f"{command.url}/identity/v3"
    assert [json.loads(line)["path"] for line in output.splitlines()] == ["/v2.1/images"]
    hint, warning = map(json.loads, errors.splitlines())
    assert (hint["level"], hint["message"]) == ("info", "GET /v2.1/images: Ignored: tag.")
    assert (warning["level"], warning["logger"]) == ("warning", "gunicorn.error")


@pytest.mark.parametrize(
    "line",
    [
        "$SERVE --access-log json --port x",
        "$SERVE --access-log=json --fixtures nope",
        "FAKE_NOVA_ACCESS_LOG=json $SERVE --sevre",
        "FAKE_NOVA_ACCESS_LOG=json $SERVE --host no.such.host.invalid",
    ],
)
def test_a_json_log_reports_startup_errors_as_json(line: str) -> None:
    result = shell(line)
    assert (result.returncode, result.stdout) == (2, "")
    (error,) = map(json.loads, result.stderr.splitlines())
    assert (error["level"], error["logger"]) == ("error", "fake_nova")


def test_a_server_that_nobody_can_log_in_to_starts_if_the_fixtures_say_so(tmp_path: Path) -> None:
    path = tmp_path / "nobody.yaml"
    path.write_text("images: []\nusers: []\n")
    with Command("--fixtures", str(path), "--auth-strategy", "keystone", lines=4) as command:
        example = command.greeting[2].removeprefix("try    ")
        assert '"password"' in shell(example).stdout


@pytest.mark.parametrize("server", SERVERS)
def test_wait_accepts_the_server_of_its_own_job_only(server: str, tmp_path: Path) -> None:
    wait = f"{sys.executable} -m fake_nova wait --url-file {tmp_path}/url --timeout 60 --pid"
    result = shell(
        f"""
        $SERVE --server {server} --url-file {tmp_path}/url > {tmp_path}/log & server=$!
        {wait} $server; echo $?
        sleep 60 & other=$!
        {wait.replace("60", "0")} $other; echo $?
        kill $server $other; wait $server; echo $?
        """
    )
    assert result.stdout.split() == ["0", "1", "0"], result.stderr
    assert "listens there, which process" in result.stderr
