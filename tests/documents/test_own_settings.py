"""The keys ``dialect`` and ``database`` of fixture files, which count wherever a file is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fake_nova import cli
from fake_nova.app import create_app, emulator_of
from fake_nova.errors import FixtureError
from fake_nova.testing.fake_nova import FakeNova
from tests.serving.command import Command

NOVA = "dialect: nova\ndatabase: sqlite\nimages: [{name: one}]\n"
HUAWEI = "dialect: huaweicloud\nimages: [{name: two}]\n"
PLAIN = "images: [{name: plain}]\n"


def fixture(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    return fixture(tmp_path, "nova.yaml", NOVA)


def settings_of(http: Any, project: str | None = None) -> tuple[str, str]:
    query = "" if project is None else f"?scope={project}"
    health = http.get(f"/_admin/health{query}").get_json()
    return health["dialect"], health["database"]


def open_scope(http: Any, **options: Any) -> dict[str, Any]:
    scope: dict[str, Any] = http.post("/_admin/scopes", json=options).get_json()
    return scope


def load(http: Any, text: str, query: str = "") -> Any:
    return http.post(f"/_admin/fixtures{query}", data=text)


def test_an_application_takes_them(recorded: str) -> None:
    http = create_app(fixtures=(recorded,)).test_client()
    assert settings_of(http) == ("nova", "sqlite")
    assert http.get("/identity/v2.0").status_code == 404  # only the dialect huaweicloud has it
    assert http.get("/v2.1/images?name=ONE").get_json() == {"images": []}  # SQLite compares exactly


def test_an_argument_wins_even_if_it_is_the_default(recorded: str) -> None:
    http = create_app(fixtures=(recorded,), dialect="huaweicloud", database="mariadb").test_client()
    assert settings_of(http) == ("huaweicloud", "mariadb")


def test_a_variable_wins(recorded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_NOVA_DIALECT", "huaweicloud")
    assert settings_of(create_app(fixtures=(recorded,)).test_client()) == ("huaweicloud", "sqlite")


def test_serve_takes_them_and_an_option_wins(recorded: str) -> None:
    with Command("--fixtures", recorded, lines=1) as command:
        assert "(dialect nova, noauth)" in command.greeting[0]
    with Command("--fixtures", recorded, "--dialect", "huaweicloud", lines=1) as command:
        assert "(dialect huaweicloud, noauth)" in command.greeting[0]


def test_files_that_agree_or_say_nothing_are_one_cloud(tmp_path: Path, recorded: str) -> None:
    files = (
        fixture(tmp_path, "plain.yaml", PLAIN),
        recorded,
        fixture(tmp_path, "same.yaml", "dialect: nova"),
    )
    assert settings_of(create_app(fixtures=files).test_client()) == ("nova", "sqlite")


def test_two_files_that_disagree_are_an_error_with_both_files_and_the_key(
    tmp_path: Path, recorded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = fixture(tmp_path, "huawei.yaml", f"database: mariadb\n{HUAWEI}")
    lines = [
        f'{other}:2:1: dialect: differs from another file (got "huaweicloud", and "nova" at {recorded}:1:1); '
        "expected the same in both",
        f'{other}:1:1: database: differs from another file (got "mariadb", and "sqlite" at {recorded}:2:1); '
        "expected the same in both",
    ]
    with pytest.raises(FixtureError) as caught:
        create_app(fixtures=(recorded, other))
    assert caught.value.lines == lines
    assert cli.main(["check", recorded, other]) == 2
    assert capsys.readouterr().err.splitlines() == [f"fake-nova: {line}" for line in lines]


def test_check_compares_as_the_file_says_unless_told_otherwise(tmp_path: Path) -> None:
    text = "images: [{properties: {a: x, A: y}}]"  # MariaDB takes the keys for equal
    exact = fixture(tmp_path, "exact.yaml", f"database: sqlite\n{text}")
    assert cli.main(["check", exact]) == 0
    assert cli.main(["check", exact, "--database", "mariadb"]) == 2
    assert cli.main(["check", fixture(tmp_path, "plain.yaml", text)]) == 2


def test_a_scope_inherits_them_and_an_option_of_it_wins(recorded: str) -> None:
    http = create_app(fixtures=(recorded,)).test_client()
    scopes = [open_scope(http), open_scope(http, dialect="huaweicloud")]
    assert [(scope["dialect"], scope["database"]) for scope in scopes] == [
        ("nova", "sqlite"),
        ("huaweicloud", "sqlite"),
    ]
    assert [settings_of(http, scope["project"]["id"]) for scope in scopes] == [
        ("nova", "sqlite"),
        ("huaweicloud", "sqlite"),
    ]
    assert [scope["dialect"] for scope in http.get("/_admin/scopes").get_json()["scopes"]] == [
        "nova",
        "huaweicloud",
    ]


def test_a_document_that_replaces_a_cloud_brings_them_with_it() -> None:
    http = create_app(fixtures=("empty",)).test_client()
    project = open_scope(http)["project"]["id"]
    assert load(http, NOVA, f"?replace=true&scope={project}").status_code == 201
    assert settings_of(http, project) == ("nova", "sqlite")
    assert http.get("/_admin/scopes").get_json()["scopes"][0]["dialect"] == "nova"
    assert settings_of(http) == ("huaweicloud", "mariadb")
    assert load(http, NOVA, "?replace=true").status_code == 201
    assert settings_of(http) == ("nova", "sqlite")
    assert load(http, PLAIN, "?replace=true").status_code == 201
    assert settings_of(http) == ("huaweicloud", "mariadb")


def test_an_option_wins_against_a_document_that_replaces_the_cloud() -> None:
    http = create_app(fixtures=("empty",), dialect="huaweicloud").test_client()
    assert load(http, NOVA, "?replace=true").status_code == 201
    assert settings_of(http) == ("huaweicloud", "sqlite")


def test_a_document_that_is_added_must_agree_with_the_cloud(recorded: str) -> None:
    http = create_app(fixtures=(recorded,)).test_client()
    assert load(http, "dialect: nova\nimages: [{name: more}]").status_code == 201
    response = load(http, HUAWEI)
    assert response.status_code == 409
    assert response.get_json()["conflictingRequest"]["message"] == (
        'body: dialect: the cloud has another one (got "huaweicloud"); expected nova, or replace=true for a '
        "cloud of this document alone"
    )
    assert len(http.get("/v2.1/images").get_json()["images"]) == 2


def test_an_option_wins_against_a_document_that_is_added() -> None:
    http = create_app(fixtures=("empty",), dialect="nova").test_client()
    assert load(http, HUAWEI).status_code == 201
    assert settings_of(http) == ("nova", "mariadb")


def test_a_reset_keeps_them(recorded: str) -> None:
    http = create_app(fixtures=(recorded,)).test_client()
    for body in ({}, {"to": "empty"}):
        assert http.post("/_admin/reset", json=body).status_code == 200
        assert settings_of(http) == ("nova", "sqlite")


def test_a_reload_takes_those_that_the_files_have_by_then(tmp_path: Path, recorded: str) -> None:
    http = create_app(fixtures=(recorded,)).test_client()
    fixture(tmp_path, "nova.yaml", HUAWEI)
    assert http.post("/_admin/reload").status_code == 200
    assert settings_of(http) == ("huaweicloud", "mariadb")


def test_keystone_compares_as_the_file_says(tmp_path: Path) -> None:
    path = fixture(tmp_path, "nova.yaml", "database: sqlite")
    assert emulator_of(create_app(fixtures=(path,))).database.name == "sqlite"


@pytest.mark.parametrize("location", ["in this process", "elsewhere"])
def test_a_test_takes_them_and_its_marker_wins(pytester: pytest.Pytester, location: str) -> None:
    fixture(pytester.path, "nova.yaml", NOVA)
    fixture(pytester.path, "plain.yaml", PLAIN)
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.fake_nova(fixtures=["plain.yaml", "nova.yaml"])
        def test_file(fake_nova):
            assert fake_nova.health()["dialect"] == "nova"
            assert len(fake_nova.images.all()) == 2

        @pytest.mark.fake_nova(fixtures="nova.yaml", dialect="huaweicloud")
        def test_marker(fake_nova):
            health = fake_nova.health()
            assert (health["dialect"], health["database"]) == ("huaweicloud", "sqlite")
        """
    )
    with FakeNova() as server:
        options = ["--fake-nova-url", server.url] if location == "elsewhere" else []
        pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *options).assert_outcomes(
            passed=2
        )
