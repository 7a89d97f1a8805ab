"""Dialects with rows of their own: in fixture files, as an option, in a scope, for the marker."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from fake_nova import FakeNova
from fake_nova.cloud.clock import SystemClock
from fake_nova.dialects import DIALECT_ROWS, DIALECTS, rows_of, with_rows
from fake_nova.documents.fixture_files import load_files
from fake_nova.errors import FixtureError
from fake_nova.settings import load_settings

OLD = "nova,order=oldest_first,limit=capped"


def names(nova: FakeNova) -> list[str]:
    with urlopen(f"{nova.compute_url}/images", timeout=10) as response:
        return [image["name"] for image in json.load(response)["images"]]


def load(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    seed = load_files((str(path),), SystemClock().now())
    return seed.own_settings["dialect"].value


def test_every_row_has_a_word_for_each_dialect_and_two_words() -> None:
    for dialect in DIALECTS.values():
        assert with_rows("nova", rows_of(dialect))._replace(name="") == dialect._replace(name="")
    assert {len(row.values) for row in DIALECT_ROWS.values()} == {2}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nova", "nova"),
        ("nova,limit=capped,order=oldest_first", OLD),
        ("nova,order=newest_first", "nova"),
        ("huaweicloud,killed=hidden", "huaweicloud,killed=hidden"),
    ],
)
def test_an_option_takes_rows_and_the_name_is_the_same_in_any_order(text: str, name: str) -> None:
    assert load_settings({}, dialect=text).dialect == name
    assert load_settings({"FAKE_NOVA_DIALECT": text}).dialect_rules.name == name


@pytest.mark.parametrize(
    "text", ["nova,", "nova,order", "nova,order=up", "nova,sort=up", "old", ",order=oldest_first"]
)
def test_an_unknown_row_or_word_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(FixtureError, match=r"dialect: invalid value .*; expected huaweicloud or nova"):
        load(tmp_path / "cloud.yaml", f"dialect: '{text}'\nimages: []\n")


@pytest.mark.parametrize(
    "rows", ["{order: oldest_first}", "{base: nova, order: 1}", "{base: nova, sort: up}", "[nova]"]
)
def test_an_invalid_mapping_is_an_error(tmp_path: Path, rows: str) -> None:
    with pytest.raises(FixtureError, match="dialect: invalid value"):
        load(tmp_path / "cloud.yaml", f"dialect: {rows}\nimages: []\n")


def test_a_fixture_file_takes_a_mapping_or_a_text(tmp_path: Path) -> None:
    rows = "{base: nova, limit: capped, order: oldest_first}"
    assert load(tmp_path / "cloud.yaml", f"dialect: {rows}\nimages: []\n") == OLD
    assert load(tmp_path / "cloud.yaml", f"dialect: '{OLD}'\nimages: []\n") == OLD


def test_a_fixture_file_may_have_a_dialect_alone(tmp_path: Path) -> None:
    assert load(tmp_path / "dialect.yaml", "dialect: {base: nova, order: oldest_first}\ndatabase: sqlite\n")


def test_a_cloud_answers_by_the_rows_and_its_export_loads_again(tmp_path: Path) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_text("dialect: {base: nova, order: oldest_first}\nimages: []\n", encoding="utf-8")
    with FakeNova(fixtures=(str(path), "every-status")) as nova:
        assert names(nova)[:3] == ["queued", "saving", "uploading"]
        (tmp_path / "export.yaml").write_text(nova.export(), encoding="utf-8")
    seed = load_files((str(tmp_path / "export.yaml"),), SystemClock().now())
    assert seed.settings["dialect"] == "nova,order=oldest_first"


@pytest.mark.fake_nova(dialect="nova,order=oldest_first", fixtures="every-status")
def test_the_marker_takes_rows(fake_nova: FakeNova) -> None:
    assert names(fake_nova)[:3] == ["queued", "saving", "uploading"]


def test_a_scope_takes_rows(fake_nova: FakeNova) -> None:
    request = Request(
        f"{fake_nova.url}/_admin/scopes",
        json.dumps({"dialect": OLD}).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as response:
        assert json.load(response)["dialect"] == OLD
