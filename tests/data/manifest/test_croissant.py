"""A manifest in Croissant: every column is described, and mlcroissant validates and reads it where it is installed."""

import json

import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.data.manifest import write_croissant
from lentigo.data.sources import read_data
from lentigo.stages import split
from lentigo.storage import sha256_of, write_json


@pytest.fixture
def described(phantom, tmp_path):
    manifest = read_data(phantom)
    (tmp_path / "tables").mkdir()
    manifest.write(tmp_path / "tables" / "manifest.csv")
    write_croissant(
        manifest, tmp_path / "tables" / "manifest.csv", tmp_path / "croissant.json", licence="CC0-1.0",
        citation=["One et al. 2026.", "Two et al. 2025."], url="https://example.org/set",
    )  # fmt: skip
    return manifest, tmp_path


def test_every_column_is_a_field_of_its_type_and_the_table_is_named_by_its_hash(described):
    manifest, place = described
    about = json.loads((place / "croissant.json").read_text())
    (records,) = about["recordSet"]
    assert [field["source"]["extract"]["column"] for field in records["field"]] == list(manifest.table)
    types = {field["name"]: field["dataType"] for field in records["field"]}
    assert (types["image_id"], types["age"], types["target"]) == ("sc:Text", "sc:Float", "sc:Text")
    (table,) = about["distribution"]
    assert table["contentUrl"] == "tables/manifest.csv"
    assert table["sha256"] == sha256_of(place / "tables" / "manifest.csv")
    assert (about["license"], about["url"]) == ("CC0-1.0", "https://example.org/set")
    assert "One et al. 2026. Two" in about["citeAs"]


@pytest.mark.filterwarnings("ignore")
def test_mlcroissant_finds_no_fault_and_reads_the_rows(described):
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is the extra 'croissant'")
    manifest, place = described
    data = mlcroissant.Dataset(jsonld=place / "croissant.json")
    assert data.metadata.ctx.issues.errors == set()
    assert data.metadata.ctx.issues.warnings == set()
    rows = list(data.records("images"))
    assert len(rows) == len(manifest)
    assert {row["images/image_id"].decode() for row in rows} == set(manifest.table["image_id"])


def test_split_writes_it_with_what_was_fetched_and_overwrites_nothing(phantom, tmp_path):
    out, croissant = tmp_path / "manifest.csv", tmp_path / "croissant.json"
    command = ["split", str(phantom), "--out", str(out), "--croissant", str(croissant), "--licence", "CC-BY-4.0"]
    done = CliRunner().invoke(group, command)
    assert done.exit_code == 0, done.output
    assert f"Croissant: {croissant}" in done.stdout
    about = json.loads(croissant.read_text())
    assert about["license"] == "CC-BY-4.0"
    assert {"split", "lesion_id"} <= {field["name"] for field in about["recordSet"][0]["field"]}
    out.unlink()
    again = CliRunner().invoke(group, command)
    assert "exists already" in str(again.exception)
    assert not out.exists()


def test_licence_and_citation_are_those_that_fetch_has_left(tiny_images, tmp_path):
    data = tiny_images({"benign": 6, "malignant": 6})
    about = {"title": "A set", "licence": "CC0 1.0", "citation": ["One 2026."], "homepage": "https://example.org"}
    write_json(data / "source.json", about)
    split(data, tmp_path / "m.csv", croissant=tmp_path / "c.json")
    found = json.loads((tmp_path / "c.json").read_text())
    assert (found["name"], found["license"], found["citeAs"]) == ("A set", "CC0 1.0", "One 2026.")
