"""The plugin's clouds with TLS: by marker, ini option or settings, and on a server elsewhere."""

from __future__ import annotations

from importlib import import_module

import pytest

from fake_nova.testing.fake_nova import FakeNova

# pytester takes away modules that are first imported in one of its runs, and these do not work a second time.
for name in ("requests", "trustme"):
    import_module(name)


@pytest.fixture(autouse=True)
def no_ca_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OS_CACERT", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def run_pytest(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(f"\n    import pytest\n    import requests\n{body}")
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *options)


BY_MARKER = """
    import os
    from pathlib import Path

    import yaml

    ca_files = set()

    @pytest.mark.fake_nova(tls="self-signed")
    @pytest.mark.parametrize("time", [1, 2])
    def test_tls(fake_nova, fake_nova_env, time):
        assert fake_nova.url.startswith("https://127.0.0.1:")
        assert requests.get(f"{fake_nova.compute_url}/images", verify=fake_nova.ca_file).ok
        assert os.environ["OS_CACERT"] == fake_nova_env["OS_CACERT"] == fake_nova.ca_file
        clouds = yaml.safe_load(Path(fake_nova_env["OS_CLIENT_CONFIG_FILE"]).read_text())["clouds"]
        assert clouds["fake_nova"]["cacert"] == fake_nova.ca_file
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(fake_nova.url)
        with fake_nova.scope() as scope:
            assert scope.environment["OS_CACERT"] == scope.ca_file == fake_nova.ca_file
        ca_files.add(fake_nova.ca_file)

    @pytest.mark.fake_nova(tls="self-signed")
    def test_without_a_socket(fake_nova, fake_nova_session, fake_nova_httpx):
        assert fake_nova_session.get(f"{fake_nova.url}/v2.1/images").ok
        links = fake_nova_httpx.get("/images").json()["images"][0]["links"]
        assert links[0]["href"].startswith(fake_nova.url)

    @pytest.mark.fake_nova(tls="self-signed")
    def test_a_shared_cloud(make_fake_nova):
        with make_fake_nova(tls="self-signed", dialect="nova") as nova:
            assert requests.get(nova.url, verify=nova.ca_file).ok
            ca_files.add(nova.ca_file)
        assert len(ca_files) == 1

    def test_http(fake_nova, fake_nova_env):
        assert requests.get(fake_nova.url).ok
        assert fake_nova.ca_file is None
        assert "OS_CACERT" not in {**os.environ, **fake_nova_env}
"""


def test_the_marker_gives_a_cloud_tls(pytester: pytest.Pytester) -> None:
    run_pytest(pytester, BY_MARKER).assert_outcomes(passed=5)


@pytest.mark.parametrize("place", ["ini", "settings"])
def test_the_ini_option_and_the_settings_give_all_clouds_tls_and_the_marker_none(
    pytester: pytest.Pytester, place: str
) -> None:
    if place == "ini":
        pytester.makeini("[pytest]\nfake_nova_tls = self-signed\n")
    else:
        pytester.makeconftest(
            "import pytest\n@pytest.fixture(scope='session')\n"
            "def fake_nova_settings(): return {'tls': 'self-signed'}"
        )
    run_pytest(
        pytester,
        """
    def test_tls(fake_nova):
        assert requests.get(fake_nova.url, verify=fake_nova.ca_file).ok

    @pytest.mark.fake_nova(tls="off")
    def test_http(fake_nova):
        assert requests.get(fake_nova.url).ok
    """,
    ).assert_outcomes(passed=2)


def test_an_unknown_mode_is_refused(pytester: pytest.Pytester) -> None:
    body = "\n    @pytest.mark.fake_nova(tls='on')\n    def test_it(fake_nova): pass\n"
    result = run_pytest(pytester, body)
    result.stdout.fnmatch_lines(['tls: invalid value (got "on"); expected off or self-signed'])


def test_openstack_clients_connect_without_arguments(pytester: pytest.Pytester) -> None:
    body = """
    import openstack

    @pytest.mark.fake_nova(auth_strategy="keystone", tls="self-signed")
    @pytest.mark.parametrize("cloud", [None, "fake_nova"])
    def test_it(fake_nova, fake_nova_env, cloud):
        connection = openstack.connect(cloud=cloud)
        assert "image1" in [image.name for image in connection.compute.images()]
    """
    run_pytest(pytester, body, "-W", "ignore").assert_outcomes(passed=2)


ELSEWHERE = """
    @pytest.mark.fake_nova(tls="self-signed")
    def test_it(fake_nova, fake_nova_env):
        fake_nova.images.add(name="mine")
        assert requests.get(f"{fake_nova.compute_url}/images", verify=fake_nova.ca_file).ok
        assert fake_nova_env["OS_CACERT"] == fake_nova.ca_file

    def test_another(fake_nova, fake_nova_env):
        assert fake_nova_env["OS_CACERT"] == fake_nova.ca_file
"""


@pytest.mark.parametrize("place", ["OS_CACERT", "REQUESTS_CA_BUNDLE", "ini"])
def test_a_server_elsewhere_has_the_ca_of_the_ini_option_or_of_a_variable(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with FakeNova(fixtures=("default",), tls="self-signed", tls_ca_file=pytester.path / "ca.pem") as server:
        if place == "ini":
            pytester.makeini("[pytest]\nfake_nova_ca_file = ca.pem\n")
        else:
            monkeypatch.setenv(place, str(server.ca_file))
        run_pytest(pytester, ELSEWHERE, "--fake-nova-url", server.url).assert_outcomes(passed=2)


def test_a_server_elsewhere_of_an_unknown_ca_stops_the_session(pytester: pytest.Pytester) -> None:
    with FakeNova(fixtures=("default",), tls="self-signed") as server:
        result = run_pytest(pytester, ELSEWHERE, "--fake-nova-url", server.url)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ['--fake-nova-url: no TLS connection to "https://*" (*CERTIFICATE_VERIFY_FAILED*']
    )


def test_tests_that_want_tls_refuse_a_server_elsewhere_without_it(pytester: pytest.Pytester) -> None:
    with FakeNova(fixtures=("default",)) as server:
        result = run_pytest(
            pytester, ELSEWHERE.replace('["OS_CACERT"]', '.get("OS_CACERT")'), "--fake-nova-url", server.url
        )
        result.assert_outcomes(errors=1, passed=1)
        result.stdout.fnmatch_lines(
            [
                f'tls: the server of --fake-nova-url decides (got "{server.url}"); expected a URL that begins with https://'
            ]
        )


def test_the_folder_of_the_ca_file_is_gone_at_the_end(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    body = """
    from pathlib import Path

    @pytest.mark.fake_nova(tls="self-signed")
    def test_it(fake_nova, tmp_path):
        assert requests.get(fake_nova.url, verify=fake_nova.ca_file).ok
        (Path(__file__).parent / "path").write_text(fake_nova.ca_file)
    """
    pytester.makepyfile(f"\n    import pytest\n    import requests\n{body}")
    pytester.runpytest_subprocess("-p", "no:randomly", "-W", "error").assert_outcomes(passed=1)
    ca_file = (pytester.path / "path").read_text()
    assert ca_file.startswith(str(folder))
    assert list(folder.glob("fake-nova-*")) == []
