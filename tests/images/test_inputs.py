import pytest

from lentigo.errors import DataError
from lentigo.images import find_images


def test_a_list_names_a_path_a_line_from_its_own_folder(tmp_path):
    (tmp_path / "list.txt").write_text("b.jpg\n\n/else/where/a, b.png\ndeep/c.jpg\n", encoding="utf-8-sig")
    names, paths = find_images([tmp_path / "list.txt"])
    assert names == ["b.jpg", "/else/where/a, b.png", "deep/c.jpg"]
    assert [str(path) for path in paths] == [f"{tmp_path}/b.jpg", "/else/where/a, b.png", f"{tmp_path}/deep/c.jpg"]


def test_a_list_of_dicom_files_without_suffix_is_known_by_its_folders(tmp_path):
    (tmp_path / "list.txt").write_text("study/IM000001\nIM000002\n")
    assert find_images([tmp_path / "list.txt"])[0] == ["study/IM000001", "IM000002"]


def test_a_text_file_with_a_header_is_a_table_still(tmp_path):
    (tmp_path / "table.txt").write_text("isic_id\tfile\nx\ta/b.jpg\n")
    assert find_images([tmp_path / "table.txt"]) == (["x"], [tmp_path / "a" / "b.jpg"])
    (tmp_path / "notes.txt").write_text("these are notes\nand no images\n")
    with pytest.raises(DataError, match="not a table of images"):
        find_images([tmp_path / "notes.txt"])


def test_the_only_path_of_a_list_is_named_where_it_does_not_exist(tmp_path):
    (tmp_path / "list.txt").write_text("IM000001\n")
    with pytest.raises(DataError, match=r"only line is 'IM000001', and .*/IM000001 does not exist.*no header"):
        find_images([tmp_path / "list.txt"])
    (tmp_path / "IM000001").touch()
    assert find_images([tmp_path / "list.txt"]) == (["IM000001"], [tmp_path / "IM000001"])
    (tmp_path / "list.txt").write_text("path\n")
    with pytest.raises(DataError, match="has a header and no rows"):
        find_images([tmp_path / "list.txt"])


def test_a_list_may_not_lead_outside_its_folder(tmp_path):
    (tmp_path / "list.txt").write_text("a.jpg\n../secret.jpg\n")
    with pytest.raises(DataError, match=r"outside the table's folder: \.\./secret\.jpg"):
        find_images([tmp_path / "list.txt"])


def test_an_id_with_two_files_is_refused_and_never_one_of_them_taken(tmp_path):
    (tmp_path / "table.csv").write_text("image_id\nIMG_1\n")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "IMG_1.jpg").write_bytes(b"x")
    (tmp_path / "b" / "IMG_1.jpg").write_bytes(b"another picture")
    with pytest.raises(DataError, match=r"IMG_1 is at a/IMG_1\.jpg, b/IMG_1\.jpg\. Remove one"):
        find_images([tmp_path / "table.csv"])
    (tmp_path / "table.csv").write_text("image_id\n../../secret\n")
    with pytest.raises(DataError, match="outside the table's folder"):
        find_images([tmp_path / "table.csv"])


def test_a_table_written_on_windows_names_the_same_files(tmp_path):
    (tmp_path / "table.csv").write_text("image_id,path\nx,a\\b.jpg\n")
    assert find_images([tmp_path / "table.csv"]) == (["x"], [tmp_path / "a" / "b.jpg"])


def test_images_in_parquet_and_pictures_that_lie_in_two_folders_are_found(tmp_path, monkeypatch):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    monkeypatch.setenv("LENTIGO_CACHE", str(tmp_path / "cache"))
    rows = [{"bytes": b"\xff\xd8\xff%d" % number, "path": None} for number in range(2)]
    pq.write_table(pa.table({"image": rows}), tmp_path / "a.parquet")
    names, paths = find_images([tmp_path / "a.parquet"])
    assert names == ["a-0", "a-1"]
    assert [path.read_bytes() for path in paths] == [row["bytes"] for row in rows]
    for name in ("part_1/x.jpg", "part_2/x.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"the same")
    (tmp_path / "list.csv").write_text("image_id\nx\n")
    assert find_images([tmp_path / "list.csv"])[1] == [tmp_path / "part_1/x.jpg"]
