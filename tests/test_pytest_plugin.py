"""The plugin, as a client project uses it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("flask", "faker", "marshmallow", "werkzeug", "yaml", "gunicorn", "fake_nova.app")


def test_importing_the_plugin_loads_nothing_heavy() -> None:
    code = f"import sys, fake_nova.pytest_plugin; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_test_run_that_never_asks_for_a_cloud_loads_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys

        def test_nothing_is_loaded():
            assert [name for name in {HEAVY!r} if name in sys.modules] == []
        """
    )
    others = [f"-pno:{name}" for name in ("faker", "randomly", "hypothesispytest", "xdist")]
    result = pytester.runpytest_subprocess(*others)
    result.assert_outcomes(passed=1)


def test_each_test_gets_the_cloud_as_seeded(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import json
        from urllib.request import urlopen

        import pytest

        def names(fake_nova):
            with urlopen(f"{fake_nova.compute_url}/images/detail") as answer:
                return {image["name"]: image["status"] for image in json.load(answer)["images"]}

        @pytest.mark.parametrize("again", [1, 2])
        def test_a_change_is_seen_by_clients(fake_nova, again):
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


def test_a_project_chooses_its_settings_in_its_conftest(pytester: pytest.Pytester) -> None:
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
        def test_the_cloud_is_the_chosen_one(fake_nova):
            health = fake_nova.health()
            assert (health["dialect"], health["images"]) == ("nova", 9)
        """
    )
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=1)


def test_a_setting_that_is_wrong_is_one_clear_line_in_the_report(pytester: pytest.Pytester) -> None:
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
    result.stdout.fnmatch_lines(["*Unusable: dialect: 'aws' is not allowed; allowed: huaweicloud or nova"])
