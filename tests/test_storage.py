import csv
import errno
import json
import math
import os

import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest
from lentigo.errors import CheckpointError, LentigoError
from lentigo.storage import (
    jsonable,
    new_file,
    new_folder,
    read_json,
    refuse_existing,
    refuse_foreign,
    row_writer,
    write_bytes,
    write_json,
    write_text,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(RuntimeError), new_file(tmp_path / "a.txt") as partial:
        partial.write_text("half")
        raise RuntimeError
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path):
    with pytest.raises(LentigoError, match=r"a\.txt cannot be written: No space left.*is unchanged"):
        with new_file(tmp_path / "a.txt") as partial:
            partial.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_a_folder_appears_when_its_last_file_is_written(tmp_path):
    with new_folder(tmp_path / "run") as partial:
        (partial / "a").write_text("a")
        assert not (tmp_path / "run").exists()
    assert names(tmp_path) == ["run"]


def test_an_existing_folder_is_refused_unless_forced(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    with pytest.raises(LentigoError, match=r"exists already.*--force"), new_folder(tmp_path / "run"):
        pass
    with new_folder(tmp_path / "run", force=True) as partial:
        (partial / "new").touch()
    assert names(tmp_path / "run") == ["new"]
    assert names(tmp_path) == ["run"]


def test_an_empty_folder_is_free(tmp_path):
    refuse_existing(tmp_path, force=False)


def test_only_a_folder_of_its_own_kind_is_ever_replaced(tmp_path):
    kind = {"kind": "audit", "is_ours": {"audit.json"}.__contains__}
    refuse_foreign(tmp_path / "free", **kind, force=False)
    (tmp_path / "audit").mkdir()
    refuse_foreign(tmp_path / "audit", **kind, force=False)
    (tmp_path / "audit" / "audit.json").touch()
    refuse_foreign(tmp_path / "audit", **kind, force=True)
    with pytest.raises(LentigoError, match="exists already"):
        refuse_foreign(tmp_path / "audit", **kind, force=False)
    (tmp_path / "audit" / "thesis.tex").touch()
    with pytest.raises(LentigoError, match=r"is not an audit, so --force does not overwrite it; it holds thesis\.tex"):
        refuse_foreign(tmp_path / "audit", **kind, force=True)


def test_a_file_is_never_replaced_by_a_folder(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(LentigoError, match="is not an audit, so --force does not overwrite it"):
        refuse_foreign(tmp_path / "thesis.tex", kind="audit", is_ours={"audit.json"}.__contains__, force=True)


def test_undefined_numbers_are_null_in_json(tmp_path):
    write_json(tmp_path / "a.json", {"x": math.nan, "y": np.float32(math.inf), "z": np.arange(2), "w": (True, None)})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": None, "y": None, "z": [0, 1], "w": [True, None]}


def test_what_has_no_json_form_is_a_type_error():
    with pytest.raises(TypeError, match="set has no JSON form"):
        jsonable({"x": {1}})


@pytest.mark.parametrize("content", ["", "[1]", "{", "\xff"])
def test_a_broken_json_file_is_an_error_of_the_wanted_kind(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CheckpointError, match=r"a\.json"):
        read_json(path, error=CheckpointError)


def test_a_missing_json_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="does not exist"):
        read_json(tmp_path / "none.json", error=CheckpointError)


@pytest.mark.parametrize("field", ["a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", "\r", ""])
def test_a_field_of_a_row_is_read_as_it_was_written(tmp_path, field):
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        write = row_writer(stream)
        for row in (["x", "y"], [field, "1"], ["z", "2"]):
            write(row)
    with (tmp_path / "a.csv").open(newline="") as stream:
        assert list(csv.reader(stream, strict=True)) == [["x", "y"], [field, "1"], ["z", "2"]]


def test_a_private_file_is_its_owner_s_from_its_first_byte_on(tmp_path):
    write_bytes(tmp_path / "folder" / "a", b"1", is_private=True)
    assert (tmp_path / "folder" / "a").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700
    write_bytes(tmp_path / "open" / "a", b"1")
    assert (tmp_path / "open" / "a").stat().st_mode & 0o777 == 0o666 & ~_umask()


@pytest.mark.parametrize(
    ("cell", "is_told"),
    [
        ("=1+1", True),
        ("+1a", True),
        ("-a", True),
        ("@a", True),
        ("\ta", True),
        ("-0.5", False),
        ("+0.036 (+0.017 to +0.059)", False),
        ("−0.1 (−0.2 to +0.4)", False),
        ("+0.1 (=1+1)", True),
        ("+1e-3", False),
        ("a=b", False),
        ("", False),
        (-1, False),
    ],
)
def test_a_cell_that_a_spreadsheet_may_run_is_written_as_it_is_and_told_once(tmp_path, caplog, cell, is_told):
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        write = row_writer(stream)
        write(["name", "x"])
        write([cell, "1"])
        write([cell, "2"])
    with (tmp_path / "a.csv").open(newline="") as stream:
        assert [row[0] for row in csv.reader(stream)] == ["name", str(cell), str(cell)]
    assert caplog.text.count("which spreadsheets may run as formulas") == is_told


def test_a_manifest_keeps_its_ids_and_tells_of_formulas(tmp_path, caplog):
    table = pd.DataFrame({"image_id": ["=a", "b"], "path": ["/a.jpg", "/b.jpg"], "target": ["NV", "MEL"]})
    Manifest(table, origin="memory").write(tmp_path / "m.csv")
    assert Manifest.read(tmp_path / "m.csv").table["image_id"].tolist() == ["=a", "b"]
    assert "m.csv has cells that begin with" in caplog.text


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_a_killed_writer_of_a_file_left_goes_with_the_next_write_and_a_living_one_s_stays(tmp_path):
    (tmp_path / ".a.txt.0123abcd.partial").write_text("half")
    (tmp_path / ".a.txt.draft.partial").write_text("mine")
    with new_file(tmp_path / "a.txt") as first:
        first.write_text("first")
        write_text(tmp_path / "a.txt", "second")
    assert names(tmp_path) == [".a.txt.draft.partial", "a.txt"]
    assert (tmp_path / "a.txt").read_text() == "first"
