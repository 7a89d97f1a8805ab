"""The command line: output, errors on one line, and exit codes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fake_nova import cli
from fake_nova.cli.greeting import startup_banner, startup_banner_as_json
from fake_nova.cli.parser import build_parser
from fake_nova.control import AdminError, Control
from fake_nova.settings import SETTINGS
from fake_nova.support.messages import quote_python
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud


def run_for_errors(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """Run the command; return its exit code and its lines on standard error."""
    code = cli.main(arguments)
    streams = capsys.readouterr()
    assert streams.out == ("false\n" if "env" in arguments[:1] else "")
    return code, streams.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["serve", "--prot", "1"],
            "--prot: unknown option (is it --port?); expected one that fake-nova serve --help lists",
        ),
        (["serve", "--port", "http"], '--port: invalid value (got "http"); expected 0 to 65535'),
        (["serve", "--port", "65536"], '--port: invalid value (got "65536"); expected 0 to 65535'),
        (["serve", "--dialect", "aws"], '--dialect: invalid value (got "aws"); expected huaweicloud or nova'),
        (
            ["serve", "--auth-strategy", "none"],
            '--auth-strategy: invalid value (got "none"); expected noauth or keystone',
        ),
        (
            ["serve", "--trust-forwarded", "maybe"],
            '--trust-forwarded: invalid value (got "maybe"); expected true or false',
        ),
        (
            ["serve", "--workers", "4"],
            "--workers: invalid value (got 4); expected 1. The cloud lives in the memory of one process; several would each have a cloud of their own. Use --threads for more requests at the same time.",
        ),
        (
            ["serve", "--port", "0", "--fixtures", "nope"],
            "nope: no such file or folder; expected a file, a folder, or one of the bundled fixtures: default, empty, every-status, thousand",
        ),
        (["serve", "--port"], "--port: no value; expected one after it (try fake-nova serve --help)"),
        (["wait", "--timeout"], "--timeout: no value; expected one after it (try fake-nova wait --help)"),
        (["serve", "--no-hints=1"], "--no-hints: takes no value (try fake-nova serve --help)"),
        (["serve", "--hints", "maybe"], '--hints: invalid value (got "maybe"); expected true or false'),
        (
            ["--port=1", "serve"],
            "--port: no command before it; expected one of serve, wait, env, check, schema, record, verify (try fake-nova --help)",
        ),
        (["serve", "--zzz=1"], "--zzz: unknown option; expected one that fake-nova serve --help lists"),
        (["wait", "now"], "now: unexpected argument; expected one that fake-nova wait --help lists"),
        (["check"], "PATH: none given; expected a file, a folder or the name of a bundled fixture"),
        (
            ["sevre"],
            "COMMAND: unknown command; expected one of serve, wait, env, check, schema, record, verify (is it serve?) (try fake-nova --help)",
        ),
        (
            [],
            "COMMAND: none given; expected one of serve, wait, env, check, schema, record, verify (try fake-nova --help)",
        ),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_2(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_for_errors(capsys, *arguments) == (2, [f"fake-nova: {line}"])


def test_a_port_in_use_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, lines = run_for_errors(capsys, "serve", "--port", str(port))
    assert code == 2
    assert lines == [
        f'fake-nova: port: cannot listen: another process listens there (got "127.0.0.1:{port}"); expected a free port, or 0 to pick one'
    ]


def test_each_error_in_a_fixture_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("images:\n  - size: -1\n    protected: 7\n")
    expected = [
        f"fake-nova: {path}:2:5: images[0].size: invalid value (got -1); expected a whole number from 0 to 9223372036854775807 or null",
        f"fake-nova: {path}:3:5: images[0].protected: invalid value (got 7); expected true or false",
    ]
    assert run_for_errors(capsys, "check", str(path)) == (2, expected)
    assert run_for_errors(capsys, "serve", "--port", "0", "--fixtures", str(path)) == (2, expected)


def test_check_counts_the_objects_in_valid_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "default", "every-status"]) == 0
    assert capsys.readouterr().out == "15 images, 3 projects, 3 users, 1 server\n"


def test_check_counts_servers_flavors_and_key_pairs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_text("servers: [{}, {}]\nflavors: [{name: small}]\nkeypairs: [{name: k}]\n")
    assert cli.main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "0 images, 1 project, 0 users, 2 servers, 1 flavor, 1 key pair\n"


def test_check_compares_as_the_database_that_it_is_given(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_text('images: [{properties: {foo: "1", Foo: "2"}}]')
    status, (error,) = run_for_errors(capsys, "check", str(path))
    assert status == 2
    assert 'equals another one on MariaDB (got "Foo" beside "foo")' in error
    assert run_for_errors(capsys, "check", "--database", "mariadb", str(path)) == (2, [error])
    assert cli.main(["check", "--database", "sqlite", str(path)]) == 0
    capsys.readouterr()
    message = 'fake-nova: --database: invalid value (got "oracle"); expected mariadb or sqlite'
    assert run_for_errors(capsys, "check", "--database", "oracle", str(path)) == (2, [message])


def test_check_each_takes_files_as_clouds_of_their_own_and_reports_all_of_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    image = "images: [{name: mine, id: 155d900f-4e14-4e4c-a73d-069cbf4541e6, size: %s}]"
    sizes = {"one.yaml": "1", "two.yaml": "2", "three.yaml": "big", "four.yaml": "-1"}
    one, two, three, four = (str(tmp_path / name) for name in sizes)
    for name, size in sizes.items():
        (tmp_path / name).write_text(image % size)
    assert cli.main(["check", one, two]) == 2  # two images with one id
    capsys.readouterr()
    assert cli.main(["check", "--each", one, two]) == 0
    counts = "1 image, 1 project, 0 users"
    assert capsys.readouterr().out == f"{one}: {counts}\n{two}: {counts}\n"
    status, errors = run_for_errors(capsys, "check", "--each", three, one, four)
    assert status == 2
    assert [line.split(":")[1].strip() for line in errors] == [three, four]


def test_an_invalid_environment_variable_is_reported_by_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_NOVA_PORT", "many")
    assert run_for_errors(capsys, "serve") == (
        2,
        ['fake-nova: FAKE_NOVA_PORT: invalid value (got "many"); expected 0 to 65535'],
    )
    monkeypatch.delenv("FAKE_NOVA_PORT")
    monkeypatch.setenv("FAKE_NOVA_PROT", "1")
    code, (line,) = run_for_errors(capsys, "serve")
    assert code == 2
    assert line.startswith(
        "fake-nova: FAKE_NOVA_PROT: unknown setting (is it FAKE_NOVA_PORT?); expected one of: FAKE_NOVA_HOST, "
    )
    monkeypatch.delenv("FAKE_NOVA_PROT")
    monkeypatch.setenv("FAKE_NOVA_URL", "somebody else's")
    assert run_for_errors(capsys, "serve", "--port", "x")[1][0].startswith("fake-nova: --port")


def test_help_lists_every_setting_with_its_variable_and_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["serve", "--help"])
    assert exit_info.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for setting in SETTINGS:
        assert setting.option in text
        assert setting.variable in text


def test_serve_can_start_from_a_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.yaml"
    state.write_text(
        "settings: {dialect: nova, database: sqlite}\nclock: {now: 2031-01-01T00:00:00Z}\n"
        "images: [{name: only, properties: {foo: a, Foo: b}}]\n"
    )
    options = build_parser().parse_arguments(["serve", "--state", str(state), "--port", "0"])
    settings = cli._settings_from_options(options)
    assert (settings.dialect, settings.fixtures, settings.port) == ("nova", (str(state),), 0)
    assert settings.database == "sqlite"
    options = build_parser().parse_arguments(["serve", "--state", str(state), "--dialect", "huaweicloud"])
    assert cli._settings_from_options(options).dialect == "huaweicloud"


def test_a_state_cannot_be_combined_with_fixtures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "state.yaml").write_text("images: []\n")
    assert run_for_errors(
        capsys, "serve", "--state", str(tmp_path / "state.yaml"), "--fixtures", "default"
    ) == (
        2,
        [
            "fake-nova: --state: cannot be combined with --fixtures; expected one of them: the state file contains its fixtures"
        ],
    )


@pytest.mark.parametrize(
    ("size", "expected"),
    [("0100", "0100"), ("1:30", "1:30"), ("1_0", "1_0"), ("0x" + "f" * 5_000, f"0x{'f' * 75}...")],
    ids=["octal", "base 60", "underscore", "long"],
)
def test_an_ambiguous_number_in_a_state_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, size: str, expected: str
) -> None:
    state = tmp_path / "state.yaml"
    state.write_text(f"images: [{{size: {size}}}]\n")
    assert run_for_errors(capsys, "serve", "--state", str(state), "--port", "0") == (
        2,
        [
            f"fake-nova: {state}:1:11: images[0].size: invalid value (got {expected}); expected a whole number from 0 to "
            "9223372036854775807 or null"
        ],
    )


def test_wait_returns_when_a_server_is_ready_and_env_prints_its_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FakeNova(fixtures=("default",), admin_token="x y") as nova:
        assert cli.main(["wait", "--url", nova.url, "--timeout", "5"]) == 0
        assert capsys.readouterr() == ("", "")
        assert cli.main(["env", "--url", nova.url, "--admin-token", "x y"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[2:] == [f"export {name}={value}" for name, value in nova.environment.items()]
        assert f"export OS_PASSWORD={nova.login['password']}" in lines
        code, (line,) = run_for_errors(capsys, "env", "--url", nova.url)
        assert (code, line) == (
            2,
            'fake-nova: 401: Authorization: not the admin token; expected "Bearer" and the token of --admin-token',
        )


@pytest.mark.parametrize("name", ["OS_CLOUD", "OS_TOKEN"])
def test_env_unsets_the_variables_that_would_lead_to_another_cloud(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    monkeypatch.setenv("OS_AUTH_URL", "http://real.example")
    with FakeNova(fixtures=("default",)) as nova:
        assert cli.main(["env", "--url", nova.url]) == 0
        lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("unset ")] == [f"unset {name}"]
    assert f"export OS_AUTH_URL={nova.url}/identity/v3" in lines


def test_a_script_ends_if_env_fails(unused_url: str) -> None:
    script = f'set -eu; eval "$({sys.executable} -m fake_nova env --url {unused_url})"; echo goes on'
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert "fake-nova: " in result.stderr


def test_env_of_a_cloud_without_users_prints_the_variables_of_a_client_without_a_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FakeNova(fixtures=("empty",), dialect="nova") as nova:
        nova.load("{users: []}", replace=True)
        assert cli.main(["env", "--url", nova.url]) == 0
        assert capsys.readouterr().out.splitlines()[2:] == [
            "export OS_AUTH_TYPE=none",
            f"export OS_ENDPOINT={nova.url}/v2.1/{nova.project_id}",
        ]
        with pytest.raises(AdminError, match="users: the fixtures have none; expected at least one"):
            Control(nova.url).login  # noqa: B018  # fetches it


def test_wait_ends_at_its_timeout(capsys: pytest.CaptureFixture[str], unused_url: str) -> None:
    assert cli.main(["wait", "--url", unused_url, "--timeout", "0"]) == 1
    assert ": not ready after 0 seconds (" in capsys.readouterr().err


def test_wait_uses_the_port_of_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeNova(fixtures=("empty",)) as nova:
        monkeypatch.setenv("FAKE_NOVA_PORT", nova.url.rpartition(":")[2])
        assert cli.main(["wait"]) == 0


def test_an_option_overrides_an_invalid_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_NOVA_PORT", "nonsense")
    monkeypatch.setenv("FAKE_NOVA_ALLOWED_HOST", "no host")
    options = ["serve", "--port", "0", "--allowed-host", "A.example.com", "--allowed-host", "b.example.com"]
    settings = cli._settings_from_options(build_parser().parse_arguments(options))
    assert (settings.port, settings.allowed_host) == (0, ("a.example.com", "b.example.com"))


def test_wait_and_env_with_a_url_ignore_variables_they_do_not_need(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PORT", "DIALECT", "THREADS", "PROT"):
        monkeypatch.setenv(f"FAKE_NOVA_{name}", "nonsense")
    monkeypatch.setenv("FAKE_NOVA_ADMIN_TOKEN", "x y")
    with FakeNova(fixtures=("empty",), port=0, dialect="nova", threads=4, admin_token="x y") as nova:
        assert cli.main(["wait", "--url", nova.url]) == 0
        assert cli.main(["env", "--url", nova.url]) == 0
        assert "export OS_" in capsys.readouterr().out
        monkeypatch.setenv("FAKE_NOVA_ADMIN_TOKEN", " ")
        assert cli.main(["env", "--url", nova.url, "--admin-token", "x y"]) == 0
        capsys.readouterr()
        assert run_for_errors(capsys, "env", "--url", nova.url)[1][0].startswith(
            "fake-nova: FAKE_NOVA_ADMIN_TOKEN: "
        )
    monkeypatch.delenv("FAKE_NOVA_PROT")
    assert run_for_errors(capsys, "wait", "--admin-token", "x y") == (
        2,
        ['fake-nova: FAKE_NOVA_PORT: invalid value (got "nonsense"); expected 0 to 65535'],
    )


def test_check_ignores_environment_variables(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_NOVA_PORT", "nonsense")
    assert cli.main(["check", "empty"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("seconds", ["soon", "nan", "inf", "-1"])
def test_an_invalid_timeout_is_reported_at_once(capsys: pytest.CaptureFixture[str], seconds: str) -> None:
    assert run_for_errors(capsys, "wait", "--timeout", seconds) == (
        2,
        [f'fake-nova: --timeout: invalid value (got "{seconds}"); expected seconds from 0 to 1000000000'],
    )


@pytest.mark.parametrize("command", ["wait", "env"])
@pytest.mark.parametrize(
    "url", ["localhost:8774", "http://localhost:abc", "http:", "ftp://localhost", "http://["]
)
def test_an_invalid_url_is_reported_at_once(
    capsys: pytest.CaptureFixture[str], command: str, url: str
) -> None:
    assert run_for_errors(capsys, command, "--url", url) == (
        2,
        [f'fake-nova: url: invalid value (got "{url}"); expected an address such as http://127.0.0.1:8774'],
    )


@pytest.mark.parametrize("host", ["", "a" * 300, "ü..x", "unix:/tmp/socket", "[::1]"])
def test_an_invalid_host_is_reported_on_one_line(capsys: pytest.CaptureFixture[str], host: str) -> None:
    code, (line,) = run_for_errors(capsys, "serve", "--host", host, "--port", "0")
    assert code == 2
    assert line.startswith("fake-nova: host: cannot be resolved: ")
    assert line.endswith(f" (got {quote_python(host)}); expected a name or address of this machine")


def test_names_outside_the_locale_are_written_in_utf_8(tmp_path: Path) -> None:
    users_yaml = "users: [{name: é x, password: ü, project: demo}]\n"
    (tmp_path / "é.yaml").write_text(f"{users_yaml}images: []\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("images: [{status: é}]\n", encoding="utf-8")
    c_locale_environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}

    def run_command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "fake_nova", *arguments]
        return subprocess.run(command, capture_output=True, env=c_locale_environment, check=False)

    with FakeNova(fixtures=(str(tmp_path / "é.yaml"),)) as nova:
        assert "export OS_USERNAME='é x'" in run_command("env", "--url", nova.url).stdout.decode()
    assert run_command("check", str(tmp_path / "é.yaml")).returncode == 0
    assert (
        'status: invalid value (got "é")' in run_command("check", str(tmp_path / "bad.yaml")).stderr.decode()
    )
    assert "é.yml: no such file" in run_command("check", "é.yml").stderr.decode()


def test_a_public_address_is_refused_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = run_for_errors(capsys, "serve", "--host", "0.0.0.0", "--port", "0")
    assert code == 2
    assert line.startswith(
        'fake-nova: host: others can reach this address and control /_admin (got "0.0.0.0"); expected '
    )


def test_with_keystone_the_greeting_says_how_to_log_in() -> None:
    lines = startup_banner("http://h:1", Cloud(auth_strategy="keystone").emulator)
    assert lines[2] == 'try    eval "$(fake-nova env --url http://h:1)" && openstack image list'


def test_wait_stops_at_once_if_the_process_of_the_server_has_ended(
    capsys: pytest.CaptureFixture[str], unused_url: str
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        pid = str(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has noticed
        assert run_for_errors(capsys, "wait", "--url", unused_url, "--pid", pid, "--timeout", "1000") == (
            1,
            [
                f"fake-nova: --pid: this process does not run (got {pid}); expected a server that does: its own "
                "output says why it has ended"
            ],
        )


def test_wait_accepts_only_a_server_of_the_process_or_of_its_descendants(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with (
        FakeNova(fixtures=("empty",)) as nova,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process,
    ):
        for pid in (os.getpid(), os.getppid()):
            assert cli.main(["wait", "--url", nova.url, "--pid", str(pid)]) == 0
        code, (line,) = run_for_errors(
            capsys, "wait", "--url", nova.url, "--pid", str(process.pid), "--timeout", "0"
        )
        process.kill()
    expected = f"(process {os.getpid()} listens there, which process {process.pid} did not start)"
    assert (code, expected in line) == (1, True), line


def test_wait_accepts_no_other_server_after_the_process_of_its_own_has_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with FakeNova(fixtures=("empty",)) as nova:
        assert run_for_errors(capsys, "wait", "--url", nova.url, "--pid", str(process.pid))[0] == 1


@pytest.mark.parametrize("pid", ["0", "-1", "1.5", "me", "", "9" * 5_000, "²", "0" * 19 + "1" + "0" * 20])
def test_an_invalid_pid_is_reported_at_once(capsys: pytest.CaptureFixture[str], pid: str) -> None:
    assert run_for_errors(capsys, "wait", f"--pid={pid}") == (
        2,
        [
            f"fake-nova: --pid: invalid value (got {quote_python(pid)}); expected the id of a process, such as $! "
            "after fake-nova serve &"
        ],
    )


def test_wait_and_env_read_the_url_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "url"
    with FakeNova(fixtures=("default",)) as nova:
        assert run_for_errors(capsys, "wait", "--url-file", str(path), "--timeout", "0") == (
            1,
            [f"fake-nova: {path}: not ready after 0 seconds (no such file); expected a running server"],
        )
        code, (line,) = run_for_errors(capsys, "env", "--url-file", str(path))
        assert (code, line.partition(" (got ")[0]) == (2, "fake-nova: --url-file: no server is ready")
        path.write_text(f"{nova.url}\n")
        assert cli.main(["wait", "--url-file", str(path)]) == 0
        assert cli.main(["env", "--url-file", str(path)]) == 0
        assert f"export OS_AUTH_URL={nova.url}/identity/v3\n" in capsys.readouterr().out
        assert run_for_errors(capsys, "env", "--url-file", str(path), "--url", nova.url) == (
            2,
            [
                "fake-nova: --url: cannot be combined with --url-file; expected one of them: the file contains the URL"
            ],
        )
    assert run_for_errors(capsys, "wait", "--url-file", str(tmp_path), "--timeout", "0")[0] == 2


def test_an_url_file_that_cannot_be_written_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for path, problem in (
        (tmp_path / "no" / "url", "No such file or directory"),
        (tmp_path, "not a regular file"),
    ):
        assert run_for_errors(capsys, "serve", "--port", "0", "--url-file", str(path)) == (
            2,
            [
                f'fake-nova: --url-file: cannot be written: {problem} (got "{path}"); expected a file in a folder '
                "that exists and is writable"
            ],
        )


def test_serving_with_keystone_needs_a_user(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("projects: [{id: abc, name: mine}]\nimages: []\n")
    arguments = ("serve", "--port", "0", "--auth-strategy", "keystone", "--fixtures", str(path))
    assert run_for_errors(capsys, *arguments) == (
        2,
        [
            f"fake-nova: users: nobody could log in with --auth-strategy keystone (got {path}); expected a fixture with "
            "users: [{name: me, password: not-a-secret, project: mine}], or with users: [] for no user"
        ],
    )
    assert Cloud(fixtures=[str(path)], auth_strategy="keystone").emulator.ready


def greeting_after_the_first_lines(**settings: Any) -> list[str]:
    lines = startup_banner("http://h:1", Cloud(**settings).emulator)[2:]
    return [line for line in lines if not line.startswith("page ")]


def test_the_greeting_names_the_page_unless_there_is_none() -> None:
    variants: tuple[dict[str, Any], ...] = ({}, {"auth_strategy": "keystone"}, {"admin_token": "x"})
    for settings in variants:
        assert "page   http://h:1/_admin/" in startup_banner("http://h:1", Cloud(**settings).emulator)
    assert not [
        line for line in startup_banner("http://h:1", Cloud(admin="off").emulator) if "_admin" in line
    ]
    for admin, page in (("local", "http://127.0.0.1:1/_admin/"), ("off", None)):
        greeting = json.loads(startup_banner_as_json("http://0.0.0.0:1", Cloud(admin=admin).emulator))
        assert greeting["page"] == page


def test_open_needs_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = run_for_errors(capsys, "serve", "--open", "--admin", "off", "--port", "0")
    assert code == 2
    assert line == "fake-nova: --open: the server has no page (got --admin off); expected another --admin"


def test_open_opens_the_page_in_a_browser(tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    os.mkfifo(opened)
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "fake_nova", "serve", "--open", "--port", "0"]
    environment = {**os.environ, "BROWSER": str(browser)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        url = opened.read_text().strip()  # waits until the browser writes it
        lines = [server.stdout.readline().rstrip() for _ in range(4)]
        server.terminate()
    assert f"page   {url}" in lines
    assert url.endswith("/_admin/")


def test_the_greeting_has_the_prefix_of_keystone_and_the_first_region() -> None:
    lines = greeting_after_the_first_lines(prefix=("identity=/keystone",), region=("eu-1", "us-1"))
    assert "export OS_AUTH_URL=http://h:1/keystone/v3" in lines
    assert "export OS_REGION_NAME=eu-1" in lines


def test_the_greeting_prints_only_what_works(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("projects: [{id: abc, name: mine}]\nusers: []\nimages: []\n")
    nobody: dict[str, Any] = {"fixtures": [str(path)], "auth_strategy": "keystone"}
    note = "nobody can log in, because the fixtures have no user"
    assert greeting_after_the_first_lines(fixtures=[str(path)]) == [
        "try    curl -s http://h:1/v2.1/abc/images/detail",
        "export OS_AUTH_TYPE=none",
        "export OS_ENDPOINT=http://h:1/v2.1/abc",
    ]
    assert greeting_after_the_first_lines(fixtures=[str(path)], prefix=("compute=/compute",)) == [
        "try    curl -s http://h:1/compute/v2.1/abc/images/detail",
        "export OS_AUTH_TYPE=none",
        "export OS_ENDPOINT=http://h:1/compute/v2.1/abc",
    ]
    assert greeting_after_the_first_lines(**nobody) == [
        "try    curl -s -X POST http://h:1/_admin/scopes",
        note,
    ]
    for protected in ({"admin": "off"}, {"admin_token": "x"}):
        assert greeting_after_the_first_lines(**nobody, **protected) == [note]
        assert greeting_after_the_first_lines(auth_strategy="keystone", **protected)[0] == (
            "try    openstack image list   # with the variables below"
        )


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://0.0.0.0:1", "http://127.0.0.1:1"),
        ("http://[::]:1", "http://[::1]:1"),
        ("http://[::1]:1", "http://[::1]:1"),
    ],
)
def test_the_greeting_names_an_address_that_clients_can_use(url: str, address: str) -> None:
    lines = startup_banner(url, Cloud().emulator)
    assert lines[0].startswith(f"fake_nova 0.1.0 listens on {url} ")
    path = "/v2.1/9c53a566cb3443ab910cf0daebca90c4/images/detail"
    assert lines[2].removeprefix("try    curl -s ").strip("'") == f"{address}{path}"
    assert lines[3].removeprefix("page   ") == f"{address}/_admin/"
    assert lines[4].removeprefix("export OS_AUTH_URL=").strip("'") == f"{address}/identity/v3"


def test_the_greeting_is_safe_to_paste_whatever_the_name_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text('users: [{name: "a\\nb", password: p, project: demo}]\nimages: []\n')
    assert greeting_after_the_first_lines(fixtures=[str(path)])[-1] == (
        """printf %s 'Password of "a\\nb" in the fixtures: '; read -r OS_PASSWORD; export OS_PASSWORD"""
    )


@pytest.mark.parametrize("name", ["demo", "it's %s $(date) `date`"])
def test_every_line_of_the_greeting_that_sets_a_variable_can_be_run(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f'users: [{{name: "{name}", password: p, project: demo}}]\nimages: []\n')
    lines = startup_banner("http://h:1", Cloud(fixtures=[str(path)]).emulator)
    commands = [line for line in lines if "OS_" in line]
    script = "\n".join([*commands, 'echo "$OS_USERNAME has $OS_PASSWORD at $OS_AUTH_URL"'])
    shell = ["sh", "-eu", "-c", script]
    output = subprocess.run(shell, input="my secret\\\n", capture_output=True, text=True, check=True).stdout
    prompt = f"Password of {name} in the fixtures: "
    assert output == f"{prompt}{name} has my secret\\ at http://h:1/identity/v3\n"


def test_the_greeting_counts_images_and_servers() -> None:
    assert startup_banner("http://h:1", Cloud().emulator)[1] == "loaded 6 images and 1 server from default"
    greeting = json.loads(startup_banner_as_json("http://h:1", Cloud().emulator))
    assert (greeting["images"], greeting["servers"]) == (6, 1)


def test_help_shows_choices_and_the_kinds_of_values(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["serve", "--help"])
    lines = [line.strip() for line in capsys.readouterr().out.partition("options:")[2].splitlines()]
    shown = [line.partition("  ")[0] for line in lines if line.startswith("--")]
    for option in (
        "--host HOST",
        "--port PORT",
        "--fixtures PATH",
        "--auth-strategy noauth|keystone",
        "--token-lifetime SECONDS",
        "--max-limit NUMBER",
        "--max-image-size BYTES",
        "--import-methods glance-direct|web-download|glance-direct,web-download|none",
        "--hints [true|false]",
        "--no-hints",
        "--admin-token TOKEN",
        "--server gunicorn|granian",
        "--state FILE",
    ):
        assert option in shown


@pytest.mark.parametrize(
    ("options", "hints"),
    [
        ([], True),
        (["--hints"], True),
        (["--no-hints"], False),
        (["--hints", "false"], False),
        (["--hints=false"], False),
        (["--hints", "false", "--hints"], True),
        (["--hints", "--no-hints"], False),
    ],
)
def test_a_boolean_is_an_option_with_or_without_a_value(options: list[str], hints: bool) -> None:
    arguments = build_parser().parse_arguments(["serve", *options, "--port", "0"])
    assert cli._settings_from_options(arguments).hints is hints


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (None, None, "127.0.0.1,localhost"),
        ("", " ", "127.0.0.1,localhost"),
        (None, "a.example, b.example", "a.example,b.example,127.0.0.1,localhost"),
        ("a.example", "b.example", "a.example,b.example,127.0.0.1,localhost"),
        ("127.0.0.1,a.example", "a.example", "127.0.0.1,a.example,localhost"),
    ],
)
def test_env_adds_the_host_and_this_machine_to_the_hosts_without_a_proxy(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lower: str | None,
    upper: str | None,
    expected: str,
) -> None:
    for name, value in (("no_proxy", lower), ("NO_PROXY", upper)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    with FakeNova(fixtures=("default",)) as nova:
        assert cli.main(["env", "--url", nova.url]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        f"export NO_PROXY={expected}",
        f"export no_proxy={expected}",
    ]


def test_counts_of_one_are_in_the_singular(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, unused_url: str
) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("users: [{name: me, password: p, project: demo}]\nimages: [{name: only}]\n")
    assert cli.main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "1 image, 1 project, 1 user\n"
    lines = startup_banner("http://h:1", Cloud(fixtures=[str(path)]).emulator)
    assert lines[1] == f"loaded 1 image from {path}"
    assert cli.main(["wait", "--url", unused_url, "--timeout", "1"]) == 1
    assert " not ready after 1 second (" in capsys.readouterr().err
