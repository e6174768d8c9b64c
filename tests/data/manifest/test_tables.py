import json
from pathlib import Path

import pytest

from lentigo.data.manifest._tables import read_table
from lentigo.errors import ManifestError, MissingExtraError
from lentigo.table_files._files import read_header

ROWS = "image_id;Diagnose;Größe\nISIC_1;Nävus;4,5\nISIC_2;mel;12\n"
READ = {"image_id": ["ISIC_1", "ISIC_2"], "Diagnose": ["Nävus", "mel"], "Größe": ["4.5", "12"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_german_spreadsheet_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(ROWS.encode(encoding))
    assert read_header(path) == tuple(READ)
    assert read_table(path).to_dict("list") == READ


def test_a_table_that_is_taken_for_windows_1252_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(("image_id,dx\n" + "ISIC_1,nv\n" * 9000 + "ISIC_2,nävus\n").encode("cp1252"))  # beyond 64 KiB
    assert read_table(path)["dx"].iloc[-1] == "nävus"
    assert "table.csv is not UTF-8 and was read as Windows-1252" in caplog.text


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found_in_the_header(tmp_path: Path, separator: str) -> None:
    (tmp_path / "a.csv").write_text(separator.join(["image_id", "dx"]) + "\n" + separator.join(["a", "nv"]) + "\n")
    assert read_table(tmp_path / "a.csv").to_dict("list") == {"image_id": ["a"], "dx": ["nv"]}


def test_the_line_by_which_excel_names_the_separator_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\nimage_id;dx\na;nv\n")
    assert read_header(tmp_path / "a.csv") == ("image_id", "dx")
    table = read_table(tmp_path / "a.csv")
    assert (table.index.tolist(), table["dx"].tolist()) == ([1], ["nv"])  # line 3


def test_a_comma_stays_where_not_all_values_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("image_id;sites;mm\na;1,2;1,5\nb;back;2\n")
    assert read_table(tmp_path / "a.csv").to_dict("list")["sites"] == ["1,2", "back"]
    (tmp_path / "b.csv").write_text('image_id,mm\na,"1,5"\n')
    assert read_table(tmp_path / "b.csv")["mm"].tolist() == ["1,5"]  # with commas between fields it may be a list


def test_a_column_without_a_name_is_called_by_its_place_and_an_empty_one_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",image_id,dx,,\n0,a,nv,,\n1,b,mel,,\n")
    assert list(read_table(tmp_path / "a.csv").columns) == ["column_1", "image_id", "dx"]


def test_json_lines_read_as_a_table(tmp_path: Path) -> None:
    entries = [{"file_name": "a.jpg", "label": 1}, {"file_name": "b.jpg", "label": None, "boxes": {"x": [1]}}]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, entries)))
    assert read_header(tmp_path / "metadata.jsonl") == ("file_name", "label", "boxes")
    assert read_table(tmp_path / "metadata.jsonl").iloc[1].tolist() == ["b.jpg", "", '{"x": [1]}']
    (tmp_path / "metadata.jsonl").write_text('{"a": 1}\n[2]\n')
    with pytest.raises(ManifestError, match=r"metadata\.jsonl line 2 is not a JSON object"):
        read_table(tmp_path / "metadata.jsonl")


def test_an_excel_sheet_reads_as_its_csv_would(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "notes"
    book.active.append(["Exported on Monday"])
    sheet = book.create_sheet("lesions")
    for row in (["Lesions of 2025"], ["image_id", "dx", "age", "biopsied"], ["0012", "nv", 45.0, True], ["b", "mel"]):
        sheet.append(row)
    book.create_sheet("more").append(["x", "y"])
    book.save(tmp_path / "a.xlsx")
    assert read_header(tmp_path / "a.xlsx") == ("image_id", "dx", "age", "biopsied")
    table = read_table(tmp_path / "a.xlsx")
    assert table.to_numpy().tolist() == [["0012", "nv", "45", "True"], ["b", "mel", "", ""]]
    assert table.index.tolist() == [2, 3]  # so that "row N" is Excel's own number
    assert "sheet 'lesions' was read; also there: 'more'" in caplog.text
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(ManifestError, match=r"is not an Excel file or is damaged"):
        read_table(tmp_path / "bad.xlsx")


def test_without_openpyxl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "a.xlsx").touch()
    with pytest.raises(MissingExtraError, match=r"openpyxl is needed to read a\.xlsx.*\[excel\]"):
        read_table(tmp_path / "a.xlsx")
