"""The pytest plugin, as a client project uses it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fake_nova.testing.fake_nova import FakeNova

HEAVY = (
    "flask",
    "faker",
    "marshmallow",
    "werkzeug",
    "yaml",
    "gunicorn",
    "fake_nova.app",
    "fake_nova.control",
    "http.client",
)


def test_importing_the_plugin_imports_no_heavy_modules() -> None:
    code = f"import sys, fake_nova.testing.pytest_plugin; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_tests_without_a_cloud_import_no_heavy_modules(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys

        def test_nothing_is_loaded():
            assert [name for name in {HEAVY!r} if name in sys.modules] == []
        """
    )
    plugin_options = [f"-pno:{name}" for name in ("faker", "randomly", "hypothesispytest", "xdist")]
    result = pytester.runpytest_subprocess(*plugin_options)
    result.assert_outcomes(passed=1)


def test_each_test_starts_with_the_seeded_cloud(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import json
        from urllib.request import urlopen

        import pytest

        def names(fake_nova):
            with urlopen(f"{fake_nova.compute_url}/images/detail") as answer:
                return {image["name"]: image["status"] for image in json.load(answer)["images"]}

        @pytest.mark.parametrize("again", [1, 2])
        def test_clients_see_a_change(fake_nova, again):
            assert "mine" not in names(fake_nova)
            assert names(fake_nova)["image1"] == "ACTIVE"
            mine = fake_nova.images.add(name="mine", status="queued")
            assert names(fake_nova)["mine"] == "SAVING"
            fake_nova.images.set_status(mine["id"], "killed")
            fake_nova.images.change("ee10f19c-503c-44af-af2f-73d5e42f7a17", status="deleted")
            assert names(fake_nova)["mine"] == "ERROR"
            assert "image1" not in names(fake_nova)
        """
    )
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=2)


@pytest.mark.parametrize("location", ["in this process", "elsewhere"])
@pytest.mark.parametrize("fixtures", ["default", "every-status"])
def test_no_change_to_the_cloud_leaks_into_the_next_test(
    pytester: pytest.Pytester, location: str, fixtures: str
) -> None:
    pytester.makeini(f"[pytest]\nfake_nova_fixtures = {fixtures}\n")
    body = """
    def loads(nova):
        nova.load("images: [{name: leaked}]")

    def replaces(nova):
        nova.load("images: [{name: leaked}]", replace=True)

    def leaves_a_scope(nova):
        nova.scope().images.add(name="leaked")

    def stops(nova):
        with nova:
            pass

    def changes_all(nova):
        nova.images.add(name="leaked", plan="slow")
        nova.plans.define("slow", [{"status": "active"}])
        nova.plans.use("fails")
        nova.clock.freeze("2001-01-01T00:00:00Z")
        nova.faults.add(status=503)
        nova.snapshot("leaked")

    @pytest.mark.parametrize("what", [loads, replaces, leaves_a_scope, stops, changes_all] * 2)
    def test_it_starts_unchanged(fake_nova, what):
        assert len(listed(fake_nova)) == NUMBER
        assert "leaked" not in fake_nova.export()
        assert "scope-" not in fake_nova.export() or fake_nova.scope_id
        assert (fake_nova.clock.mode(), fake_nova.faults.all(), fake_nova.requests.count()) == ("real", [], 1)
        assert (len(fake_nova.plans.all()["plans"]["slow"]), fake_nova.plans.all()["default"]) == (3, None)
        what(fake_nova)
    """.replace("NUMBER", {"default": "6", "every-status": "8"}[fixtures])
    with FakeNova() as server:
        url_options = ["--fake-nova-url", server.url] if location == "elsewhere" else []
        run_pytest(pytester, body, *url_options).assert_outcomes(passed=10)
        assert len(server.emulator.scopes()) == (
            2 if location == "elsewhere" else 0
        )  # the scopes that the test did not close


@pytest.mark.parametrize("location", ["in this process", "elsewhere"])
@pytest.mark.parametrize(
    ("content", "expected_lines"),
    [
        (
            b"images:\n  - size: -1\n    name: 5\n",
            ["*mine.yaml:2:5: images*size: * (got -1); *", "*mine.yaml:3:5: images*name: * (got 5); *"],
        ),
        (b"images: [{name: \xff}]", ["*mine.yaml:*not UTF-8 (*0xff*); expected YAML in UTF-8"]),
    ],
)
def test_an_error_in_a_fixture_file_is_reported_with_the_file_name(
    pytester: pytest.Pytester, location: str, content: bytes, expected_lines: list[str]
) -> None:
    (pytester.path / "mine.yaml").write_bytes(content)
    pytester.makeini("[pytest]\nfake_nova_fixtures = mine.yaml\n")
    with FakeNova() as server:
        url_options = ["--fake-nova-url", server.url] if location == "elsewhere" else []
        result = run_pytest(pytester, "    def test_it(fake_nova): pass\n", *url_options)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(expected_lines)


def test_a_failing_setup_shows_the_requests_to_its_cloud(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    @pytest.fixture
    def prepared(fake_nova):
        listed(fake_nova, "?name=nobody")
        urlopen(f"{fake_nova.url}/image/v2/images?name=none").read()
        raise RuntimeError("not prepared")

    def test_it(prepared):
        pass
    """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*RuntimeError: not prepared",
            "GET …/images[?]name=none was empty; none of 6 images fits:",
            '  image1: name is "image1"; asked for "none"',
            '  next: add an image that fits: fake_nova.images.add(name="none"); or *',
            "GET …/images/detail[?]name=nobody was empty; none of 6 images fits:",
            '  image1: name is "image1"; asked for "nobody"',
            "2 requests:",
            "*images/detail?name=nobody*",
            "*/image/v2/images?name=none*",
        ]
    )


def test_a_project_can_set_its_settings_in_conftest(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def fake_nova_settings():
            return {"dialect": "nova", "fixtures": ("every-status",)}
        """
    )
    pytester.makepyfile(
        """
        def test_the_settings_apply(fake_nova):
            health = fake_nova.health()
            assert (health["dialect"], health["images"]) == ("nova", 9)
        """
    )
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=1)


def test_an_invalid_setting_is_reported_on_one_line(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def fake_nova_settings():
            return {"dialect": "aws"}
        """
    )
    pytester.makepyfile("def test_never_runs(fake_nova): pass")
    result = pytester.runpytest_inprocess("-p", "no:randomly")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['dialect: invalid value (got "aws"); expected huaweicloud or nova'])


CLIENT = """
    import json
    from urllib.error import HTTPError
    from urllib.request import urlopen

    import pytest

    def listed(nova, query=""):
        with urlopen(f"{nova.compute_url}/images/detail{query}") as answer:
            return {image["name"]: image["status"] for image in json.load(answer)["images"]}
"""


def run_pytest(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(CLIENT + body)
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *options)


def test_the_marker_configures_the_cloud_of_one_test(pytester: pytest.Pytester) -> None:
    run_pytest(
        pytester,
        """
    @pytest.mark.fake_nova(images=[{"name": "mine"}], plan="slow", clock="2031-01-01T00:00:00Z")
    def test_images_plan_and_clock(fake_nova):
        assert listed(fake_nova)["mine"] == "SAVING"
        assert fake_nova.clock.now().year == 2031

    @pytest.mark.fake_nova(servers=[{"name": "first"}, {"name": "second", "status": "SHUTOFF"}])
    def test_servers(fake_nova):
        statuses = {server["name"]: server["status"] for server in fake_nova.servers.all()}
        assert (statuses["first"], statuses["second"]) == ("ACTIVE", "SHUTOFF")

    @pytest.mark.fake_nova(
        flavors=[{"name": "gpu", "ram": 64}], keypairs=[{"name": "k"}], servers=[{"flavor": "gpu"}]
    )
    def test_flavors_and_key_pairs(fake_nova):
        assert fake_nova.flavors.get("gpu")["ram"] == 64
        assert [keypair["name"] for keypair in fake_nova.keypairs.all()] == ["k"]
        assert 64 in [server["flavor"]["ram"] for server in fake_nova.servers.all()]

    @pytest.mark.fake_nova(
        fixtures=["every-status"], dialect="nova", database="sqlite", auth_strategy="keystone"
    )
    def test_fixtures_and_settings(fake_nova):
        health = fake_nova.health()
        assert (health["images"], health["dialect"], health["auth_strategy"]) == (9, "nova", "keystone")
        assert health["database"] == "sqlite"

    def test_the_next_test_is_unaffected(fake_nova):
        health = fake_nova.health()
        assert (health["images"], health["dialect"], health["auth_strategy"]) == (6, "huaweicloud", "noauth")
        assert health["database"] == "mariadb"
        assert fake_nova.clock.mode() == "real"
        assert fake_nova.plans.all()["default"] is None

    @pytest.mark.fake_nova(clock="auto", plan="slow")
    class TestAll:
        @pytest.mark.fake_nova(plan="fails")
        def test_the_nearest_marker_counts(self, fake_nova):
            fake_nova.images.add(name="mine")
            assert [listed(fake_nova)["mine"] for _ in range(3)] == ["SAVING", "SAVING", "ERROR"]
            assert fake_nova.clock.mode() == "auto"
    """,
    ).assert_outcomes(passed=6)


def test_ini_options_are_the_defaults_of_all_tests(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        """
        [pytest]
        fake_nova_fixtures =
            every-status
        fake_nova_dialect = nova
        fake_nova_database = sqlite
        fake_nova_plan = slow
        fake_nova_clock = frozen
        """
    )
    run_pytest(
        pytester,
        """
    def test_the_defaults_apply(fake_nova):
        assert (fake_nova.health()["images"], fake_nova.health()["dialect"]) == (9, "nova")
        assert fake_nova.health()["database"] == "sqlite"
        assert fake_nova.clock.mode() == "frozen"
        assert fake_nova.images.add(name="x")["status"] == "queued"

    @pytest.mark.fake_nova(dialect="huaweicloud", clock="real", database="mariadb")
    def test_a_marker_overrides_them(fake_nova):
        assert (fake_nova.health()["images"], fake_nova.health()["dialect"]) == (9, "huaweicloud")
        assert fake_nova.health()["database"] == "mariadb"
        assert fake_nova.clock.mode() == "real"
    """,
    ).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "line"),
    [
        (
            "colour='red'",
            '*@pytest.mark.fake_nova: unexpected option (got "colour"); expected one of: images, servers, flavors, *',
        ),
        ("'slow'", '*@pytest.mark.fake_nova: unexpected option (got "slow"); expected one of: images, *'),
        ("dialect='aws'", 'dialect: invalid value (got "aws"); expected huaweicloud or nova'),
        ("database='oracle'", 'database: invalid value (got "oracle"); expected mariadb or sqlite'),
        ("plan='lazy'", '*plan: unknown plan (got "lazy"); expected one of: instant, slow, fails, import'),
        (
            "clock='noon'",
            '*clock: invalid value (got "noon"); expected real, frozen, auto, or an ISO 8601 time',
        ),
        ("servers=[{'status': 'x'}]", '*servers[[]0].status: invalid value (got "x"); expected *'),
        ("images=[{'size': -1}]", "*images[[]0].size: invalid value (got -1); expected a whole number *"),
        ("fixtures=['nope']", "*nope: no such file or folder; expected *"),
        ("strict='perhaps'", '*fake_nova_strict: invalid value (got "perhaps"); expected true or false'),
    ],
)
def test_an_invalid_marker_is_reported_on_one_line(pytester: pytest.Pytester, marker: str, line: str) -> None:
    result = run_pytest(
        pytester,
        f"""
    @pytest.mark.fake_nova({marker})
    def test_never_passes(fake_nova): pass
    """,
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines([line])


def test_a_failing_test_shows_the_requests_to_its_cloud(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    @pytest.mark.fake_nova(clock="2031-01-01T00:00:00Z", images=[{"name": "mine", "status": "queued"}])
    def test_it(fake_nova):
        fake_nova.faults.add(operation="images.show", status=503)
        fake_nova.images.change("70a599e0-31e7-49b7-b260-868f441e862b", min_ram=77)
        with pytest.raises(HTTPError) as error_info:
            urlopen(fake_nova.compute_url + "/images/x")
        error_info.value.close()
        assert listed(fake_nova, "?name=mine&status=ACTIVE&tag=x") == {"mine": "ACTIVE"}
    """,
        "--basetemp",
        str(pytester.path / "temp"),
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- fake_nova -*",
            "GET …/images/detail[?]name=mine&status=ACTIVE&tag=x was empty; none of 7 images fits:",
            '  mine: status is "queued"; asked for "active"',
            "  … and 2 more lines (pytest -v shows all)",
            '  next: let the image fit: fake_nova.images.set_status("mine", "active")',
            "GET …/images/x got 503 from fault-1, and no client sent it again",
            "2 requests:",
            "  curl -gsi http://127.0.0.1:*/v2.1/*/images/x",
            "      -> 503, fault-1, hint: The request triggered fault-1.",
            "  curl -gsi 'http://127.0.0.1:*/v2.1/*/images/detail[?]name=mine&status=ACTIVE&tag=x'",
            "      -> 200, 0 images, hint: Ignored: tag.",
            "images, compared with the seed:",
            "  added * (mine), queued",
            "  changed 70a599e0-31e7-49b7-b260-868f441e862b (cirros-0.6.2-x86_64): *min_ram: 64 -> 77*",
            "clock: frozen, at 2031-01-01T00:00:00+00:00",
            "fault-1: status 503 for operation=images.show; triggered on 1 of 1 matching request, active",
            "to reproduce this state: fake-nova serve --state *test_it.yaml --port *",
        ],
        consecutive=False,
    )
    (state,) = (pytester.path / "temp").glob("fake_nova-*.yaml")
    with FakeNova(fixtures=(str(state),)) as second_server:
        assert second_server.clock.now().isoformat() == "2031-01-01T00:00:00+00:00"
        assert [image["name"] for image in second_server.images.all()][:1] == ["mine"]
        assert second_server.faults.all()[0]["effect"] == {"status": 503}


def test_a_state_that_cannot_be_written_does_not_stop_the_test_run(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    import shutil

    def test_without_a_folder(fake_nova, tmp_path_factory):
        listed(fake_nova)
        shutil.rmtree(tmp_path_factory.getbasetemp())
        assert False

    def test_the_next():
        pass
    """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["1 request:", "cannot write the cloud's state: *No such file or directory*"])


def test_a_passing_test_shows_nothing(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "\n    def test_it(fake_nova): assert listed(fake_nova)\n")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*curl*")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("fake_nova.faults.add(status=503, path='/never')", "fault-1 never triggered"),
        ("fake_nova.plans.use('slow')", 'no client polled an image or a server that follows the plan "slow"'),
        ("listed(fake_nova, '?colour=red')", "GET */images/detail[?]colour=red: Ignored: colour."),
        (
            "listed(fake_nova, '?status=RUNNING')",
            "GET *: status=RUNNING finds nothing; valid statuses are active*",
        ),
    ],
)
def test_a_strict_violation_fails_a_strict_test_with_one_line(
    pytester: pytest.Pytester, body: str, line: str
) -> None:
    result = run_pytest(
        pytester,
        f"""
    @pytest.mark.fake_nova(strict=True)
    def test_strict(fake_nova):
        {body}

    def test_not_strict(fake_nova):
        {body}
    """,
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([line])


def test_the_environment_of_clients_points_only_to_the_cloud(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLOUD", "production")
    monkeypatch.setenv("NO_PROXY", "example.com")
    run_pytest(
        pytester,
        """
    import os
    from pathlib import Path

    def test_with_a_cloud(fake_nova, fake_nova_env):
        assert "OS_CLOUD" not in os.environ
        assert os.environ["OS_AUTH_URL"] == fake_nova.auth_url == fake_nova_env["OS_AUTH_URL"]
        assert os.environ["NO_PROXY"] == "example.com,127.0.0.1,localhost"
        assert fake_nova.auth_url in Path(os.environ["OS_CLIENT_CONFIG_FILE"]).read_text()

    def test_without_a_cloud():
        assert os.environ["OS_CLOUD"] == "production"
        assert os.environ["NO_PROXY"] == "example.com"
        assert "OS_AUTH_URL" not in os.environ
    """,
    ).assert_outcomes(passed=2)


def test_a_password_can_have_any_characters_in_clouds_yaml(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", mine='users: [{name: "12345", password: "a: #b 😀", project: demo}]')
    pytester.makeini("[pytest]\nfake_nova_fixtures = mine.yaml\n")
    run_pytest(
        pytester,
        """
    from pathlib import Path

    import yaml

    def test_it(fake_nova, fake_nova_env):
        text = Path(fake_nova_env["OS_CLIENT_CONFIG_FILE"]).read_text(encoding="utf-8")
        auth = yaml.safe_load(text)["clouds"]["fake_nova"]["auth"]
        assert (auth["username"], auth["password"]) == ("12345", "a: #b 😀")
    """,
    ).assert_outcomes(passed=1)


def test_openstack_clients_connect_without_arguments(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", mine="images: [{name: only}]")
    run_pytest(
        pytester,
        """
    import openstack

    @pytest.mark.fake_nova(auth_strategy="keystone")
    @pytest.mark.parametrize("cloud", [None, "fake_nova"])
    def test_it(fake_nova, fake_nova_env, cloud):
        connection = openstack.connect(cloud=cloud)
        assert "image1" in [image.name for image in connection.compute.images()]

    @pytest.mark.fake_nova(fixtures="./mine.yaml")
    @pytest.mark.parametrize("cloud", [None, "fake_nova"])
    def test_a_cloud_without_users(fake_nova, fake_nova_env, cloud):
        connection = openstack.connect(cloud=cloud)
        assert [image.name for image in connection.compute.images()] == ["only"]
    """,
        "-W",
        "ignore",
    ).assert_outcomes(passed=4)


def test_a_server_that_does_not_answer_is_reported_after_the_timeout(
    pytester: pytest.Pytester, unused_url: str
) -> None:
    pytester.makeini("[pytest]\nfake_nova_start_timeout = 0.05\n")
    result = run_pytest(pytester, "\n    def test_it(fake_nova): pass\n", "--fake-nova-url", unused_url)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"{unused_url}: not ready after 0.05 seconds (*refused); expected a running server"]
    )


def test_the_paths_of_an_external_server_cannot_be_changed(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    @pytest.mark.fake_nova(prefix=["compute=/compute"])
    def test_it(fake_nova): pass
    """,
        "--fake-nova-url",
        "http://127.0.0.1:1",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*prefix: a setting of the server itself (got ('compute=/compute',)); expected it as an option of "
            "fake-nova serve at http://127.0.0.1:1, not of the tests"
        ]
    )


@pytest.mark.parametrize("source", ["ini", "marker", "settings", "make"])
def test_the_endpoints_of_a_cloud_can_be_chosen(pytester: pytest.Pytester, source: str) -> None:
    options = (
        'prefix=["compute=/compute", "identity=/keystone"], region=["eu-1", "us-1"], catalog="network", '
        "compute_project_id=True, image_version_in_url=True"
    )
    if source == "ini":
        pytester.makeini(
            """
            [pytest]
            fake_nova_prefix =
                compute=/compute
                identity=/keystone
            fake_nova_region =
                eu-1
                us-1
            fake_nova_catalog = network
            fake_nova_compute_project_id = true
            fake_nova_image_version_in_url = true
            """
        )
    if source == "settings":
        pytester.makeconftest(
            f"""
            import pytest

            @pytest.fixture(scope="session")
            def fake_nova_settings():
                return dict({options})
            """
        )
    marker = f"@pytest.mark.fake_nova({options})" if source == "marker" else ""
    cloud = f"make_fake_nova({options})" if source == "make" else "nullcontext(fake_nova)"
    result = run_pytest(
        pytester,
        f"""
    import requests
    from contextlib import nullcontext
    {marker}
    def test_it(fake_nova, make_fake_nova):
        with {cloud} as nova:
            assert nova.compute_url == f"{{nova.url}}/compute/v2.1/{{nova.project_id}}"
            assert nova.auth_url == nova.environment["OS_AUTH_URL"] == f"{{nova.url}}/keystone/v3"
            assert nova.environment["OS_REGION_NAME"] == "eu-1"
            with nova.scope() as scope:
                assert scope.auth_url == nova.auth_url
            names = {{image["name"] for image in requests.get(f"{{nova.compute_url}}/images").json()["images"]}}
            assert "golden" in names
            login = {{"username": nova.login["username"], "password": nova.login["password"]}}
            user = {{"name": login["username"], "password": login["password"], "domain": {{"id": "default"}}}}
            identity = {{"methods": ["password"], "password": {{"user": user}}}}
            auth = {{"identity": identity, "scope": {{"project": {{"id": nova.project_id}}}}}}
            token = requests.post(f"{{nova.auth_url}}/auth/tokens", json={{"auth": auth}}).json()["token"]
            urls = {{service["type"]: service["endpoints"][-1]["url"] for service in token["catalog"]}}
            assert urls == {{
                "compute": nova.compute_url,
                "image": f"{{nova.url}}/image/v2",
                "identity": f"{{nova.url}}/keystone/v3/",
                "network": f"{{nova.url}}/networking",
            }}
    """,
    )
    result.assert_outcomes(passed=1)


def test_an_invalid_prefix_fails_the_test_with_the_expected_form(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    @pytest.mark.fake_nova(prefix="nova=/compute")
    def test_it(fake_nova): pass
    """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            '*prefix: invalid value (got "nova=/compute"); expected a service and a path, such as compute=/compute*'
        ]
    )


def test_settings_of_an_external_server_cannot_be_changed(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def fake_nova_settings():
            return {"dialect": "nova", "max_limit": 5}
        """
    )
    result = run_pytest(
        pytester, "\n    def test_it(fake_nova): pass\n", "--fake-nova-url", "http://127.0.0.1:1"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            '*fake_nova_settings: a setting of the server itself (got "max_limit"); expected one of: fixtures, *'
        ]
    )
