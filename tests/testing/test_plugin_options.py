"""The options of a test's cloud: relative paths, types of ini options, parameters of the fixture."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_nova.control import Control
from fake_nova.errors import ConfigurationError
from fake_nova.testing import pytest_clouds
from fake_nova.testing.fake_nova import FakeNova

SHOWS_ITS_IMAGES = """
def test_it(fake_nova):
    assert [image["name"] for image in fake_nova.images.all()] == ["right"]
"""


def run_pytest(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *options)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def working_directory(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run pytest in a folder whose files have the names of the right fixtures, but other contents."""
    folder = pytester.path / "elsewhere"
    write(folder / "mine.yaml", "images: [{name: wrong}]")
    write(folder / "every-status" / "mine.yaml", "images: [{name: wrong}]")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("location", ["in this process", "elsewhere"])
@pytest.mark.parametrize(
    ("place", "files"),
    [
        ("ini option", {"tests/unit/test_it.py": SHOWS_ITS_IMAGES, "mine.yaml": "images: [{name: right}]"}),
        (
            "marker",
            {
                "tests/unit/test_it.py": "import pytest\npytestmark = pytest.mark.fake_nova(fixtures='mine.yaml')"
                + SHOWS_ITS_IMAGES,
                "tests/unit/mine.yaml": "images: [{name: right}]",
            },
        ),
        (
            "conftest",
            {
                "tests/conftest.py": """
import pytest

@pytest.fixture(scope="session")
def fake_nova_settings():
    return {"fixtures": ["mine.yaml"]}
""",
                "tests/unit/test_it.py": SHOWS_ITS_IMAGES,
                "tests/mine.yaml": "images: [{name: right}]",
            },
        ),
        (
            "conftest that extends another",
            {
                "tests/conftest.py": """
import pytest

@pytest.fixture(scope="session")
def fake_nova_settings():
    return {"fixtures": ["mine.yaml"]}
""",
                "tests/unit/conftest.py": """
import pytest

@pytest.fixture(scope="session")
def fake_nova_settings(fake_nova_settings):
    yield {**fake_nova_settings, "dialect": "nova"}
""",
                "tests/unit/test_it.py": SHOWS_ITS_IMAGES,
                "tests/mine.yaml": "images: [{name: right}]",
            },
        ),
    ],
)
def test_a_relative_path_starts_at_the_file_that_contains_it(
    pytester: pytest.Pytester, working_directory: Path, location: str, place: str, files: dict[str, str]
) -> None:
    write(
        pytester.path / "pytest.ini",
        "[pytest]\n" + "fake_nova_fixtures = mine.yaml\n" * (place == "ini option"),
    )
    for name, text in files.items():
        write(pytester.path / name, text)
    with FakeNova() as server:
        url_options = ["--fake-nova-url", server.url] if location == "elsewhere" else []
        run_pytest(pytester, str(pytester.path / "tests"), *url_options).assert_outcomes(passed=1)


@pytest.mark.parametrize("place", ["ini option", "marker", "conftest"])
def test_the_name_of_a_bundled_fixture_is_never_a_path(
    pytester: pytest.Pytester, working_directory: Path, place: str
) -> None:
    write(
        pytester.path / "pytest.ini",
        "[pytest]\n" + "fake_nova_fixtures = every-status\n" * (place == "ini option"),
    )
    if place == "conftest":
        pytester.makeconftest(
            """
            import pytest

            @pytest.fixture(scope="session")
            def fake_nova_settings():
                return {"fixtures": "every-status"}
            """
        )
    marker = "@pytest.mark.fake_nova(fixtures=['every-status'])" if place == "marker" else ""
    pytester.makepyfile(
        f"""
        import pytest

        {marker}
        def test_it(fake_nova):
            assert len(fake_nova.images.all()) == 9
        """
    )
    run_pytest(pytester, str(pytester.path)).assert_outcomes(passed=1)


@pytest.mark.parametrize("place", ["ini option", "marker", "conftest"])
def test_a_missing_file_is_reported_with_its_absolute_path(
    pytester: pytest.Pytester, working_directory: Path, place: str
) -> None:
    write(
        pytester.path / "pytest.ini",
        "[pytest]\n" + "fake_nova_fixtures = clouds/nope.yaml\n" * (place == "ini option"),
    )
    if place == "conftest":
        pytester.makeconftest(
            """
            import pytest

            @pytest.fixture(scope="session")
            def fake_nova_settings():
                return {"fixtures": ["clouds/nope.yaml"]}
            """
        )
    marker = "@pytest.mark.fake_nova(fixtures=['clouds/nope.yaml'])" if place == "marker" else ""
    pytester.makepyfile(
        f"""
        import pytest

        {marker}
        def test_it(fake_nova): pass
        """
    )
    result = run_pytest(pytester, str(pytester.path))
    result.assert_outcomes(errors=1)
    file = pytester.path / "clouds" / "nope.yaml"
    result.stdout.fnmatch_lines([f"*{file}: no such file or folder; expected a file, a folder, or one of *"])


INI_FILES = [
    ("pytest.ini", "[pytest]\nfake_nova_strict = true\nfake_nova_start_timeout = 7.5\n"),
    ("pyproject.toml", "[tool.pytest.ini_options]\nfake_nova_strict = true\nfake_nova_start_timeout = 7.5\n"),
    (
        "pyproject.toml",
        '[tool.pytest.ini_options]\nfake_nova_strict = "true"\nfake_nova_start_timeout = "7.5"\n',
    ),
]
if pytest.version_tuple >= (9,):
    INI_FILES += [
        ("pyproject.toml", "[tool.pytest]\nfake_nova_strict = true\nfake_nova_start_timeout = 7.5\n"),
        ("pytest.toml", '[pytest]\nfake_nova_strict = "true"\nfake_nova_start_timeout = "7.5"\n'),
    ]


@pytest.mark.parametrize(("name", "text"), INI_FILES)
def test_ini_options_have_natural_types_and_take_texts_as_well(
    pytester: pytest.Pytester, name: str, text: str
) -> None:
    write(pytester.path / name, text)
    pytester.makepyfile(
        """
        from fake_nova.testing.plugin_options import ini_value

        def test_the_values(pytestconfig):
            assert ini_value(pytestconfig, "fake_nova_strict") is True
            assert ini_value(pytestconfig, "fake_nova_start_timeout") == 7.5

        def test_a_strict_test(fake_nova):
            fake_nova.faults.add(status=503)
        """
    )
    result = run_pytest(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["fault-1 never triggered"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "fake_nova_strict = perhaps",
            'fake_nova_strict: invalid value (got "perhaps"); expected true or false',
        ),
        (
            "fake_nova_start_timeout = soon",
            'fake_nova_start_timeout: invalid value (got "soon"); expected seconds *',
        ),
        (
            "fake_nova_start_timeout = -1",
            'fake_nova_start_timeout: invalid value (got "-1*"); expected seconds *',
        ),
    ],
)
@pytest.mark.parametrize("place", ["ini file", "command line"])
def test_an_invalid_ini_option_is_reported_once_before_the_first_test(
    pytester: pytest.Pytester, place: str, line: str, message: str
) -> None:
    pytester.makeini(f"[pytest]\n{line}\n" if place == "ini file" else "[pytest]\nfake_nova_strict = true\n")
    pytester.makepyfile("def test_one(fake_nova): pass\n\ndef test_two(fake_nova): pass")
    options = ["-o", line.replace(" ", "")] if place == "command line" else []
    result = run_pytest(pytester, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])
    assert "fake_nova" not in result.stdout.str()


def test_an_indirect_parameter_means_what_the_marker_means(pytester: pytest.Pytester) -> None:
    write(pytester.path / "mine.yaml", "images: [{name: right}]")
    pytester.makepyfile(
        """
        import pytest

        def statuses(fake_nova):
            image = fake_nova.images.add(name="x")
            return [fake_nova.images.get(image["id"])["status"], fake_nova.clock.mode()]

        @pytest.mark.fake_nova(plan="instant", clock="frozen")
        @pytest.mark.parametrize("fake_nova", [{"plan": "slow"}, {"clock": "auto"}, {}], indirect=True, ids=str)
        def test_it_wins_over_the_marker(fake_nova, request):
            plan = request.node.callspec.params["fake_nova"].get("plan", "instant")
            clock = request.node.callspec.params["fake_nova"].get("clock", "frozen")
            assert statuses(fake_nova) == [{"slow": "queued", "instant": "active"}[plan], clock]

        NEWER = {"name": "y", "created_at": "2099-01-01T00:00:00Z"}

        @pytest.mark.parametrize("fake_nova", [{"fixtures": "mine.yaml", "images": [NEWER]}], indirect=True)
        def test_it_takes_every_option(fake_nova):
            assert [image["name"] for image in fake_nova.images.all()] == ["y", "right"]

        @pytest.mark.parametrize("fake_nova", [{"strict": True}], indirect=True)
        def test_it_can_be_strict(fake_nova):
            fake_nova.faults.add(status=503)
        """
    )
    result = run_pytest(pytester)
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["fault-1 never triggered"])


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (
            "{'plam': 'fails'}",
            '@pytest.mark.parametrize("fake_nova"): unexpected option (got "plam"); expected one of: images, * (is it plan?)',
        ),
        (
            "'fails'",
            '@pytest.mark.parametrize("fake_nova"): invalid parameter (got "fails"); expected a mapping of options *',
        ),
        (
            "None",
            '@pytest.mark.parametrize("fake_nova"): invalid parameter (got None); expected a mapping of options *',
        ),
    ],
)
@pytest.mark.parametrize("place", ["marker", "hook"])
def test_an_invalid_indirect_parameter_is_refused(
    pytester: pytest.Pytester, place: str, parameter: str, message: str
) -> None:
    arguments = f"('fake_nova', [{parameter}], indirect=True)"
    start = {
        "marker": f"import pytest\n\n@pytest.mark.parametrize{arguments}",
        "hook": f"def pytest_generate_tests(metafunc):\n    metafunc.parametrize{arguments}\n",
    }
    pytester.makepyfile(f"{start[place]}\ndef test_never_runs(fake_nova): pass")
    result = run_pytest(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{message}"])


def test_parameters_of_a_fixture_that_overrides_ours_are_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(params=["slow", "fails"])
        def fake_nova(fake_nova, request):
            fake_nova.plans.use(request.param)
            return fake_nova

        def test_it(fake_nova):
            assert fake_nova.plans.all()["default"] in ("slow", "fails")
        """
    )
    run_pytest(pytester).assert_outcomes(passed=2)


def test_a_file_that_cannot_be_read_for_a_server_elsewhere_is_a_wrong_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error_info:
        pytest_clouds._load_file(Control("http://127.0.0.1:1"), tmp_path, replace=True)
    assert str(error_info.value) == f"{tmp_path}: cannot be read (Is a directory); expected a readable file"
