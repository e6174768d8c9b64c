import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from lentigo.data.fetching._unpack import unpack
from lentigo.errors import DataError, LentigoError


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_an_archive_of_one_folder_is_unpacked_without_doubling_it(make_zip, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({"ISIC_Input/a.jpg": b"a", "ISIC_Input/sub/b.jpg": b"b"}))
    assert unpack(tmp_path / "x.zip", tmp_path / "x") == 2
    assert names(tmp_path / "x") == ["a.jpg", "sub/b.jpg"]


def test_a_flat_archive_and_two_folders_keep_their_form(make_zip, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({"a.jpg": b"a", "one/b.jpg": b"b", "two/c.jpg": b"c"}))
    unpack(tmp_path / "x.zip", tmp_path / "x")
    assert names(tmp_path / "x") == ["a.jpg", "one/b.jpg", "two/c.jpg"]


def test_junk_and_what_is_to_be_skipped_are_left_out(make_zip, tmp_path: Path) -> None:
    members = {"in/a.jpg": b"a", "in/a_superpixels.png": b"s", "__MACOSX/in/._a.jpg": b"m", "in/.DS_Store": b"d"}
    (tmp_path / "x.zip").write_bytes(make_zip(members))
    unpack(tmp_path / "x.zip", tmp_path / "x", skip="*_superpixels.png")
    assert names(tmp_path / "x") == ["a.jpg"]


@pytest.mark.parametrize("name", ["../evil.jpg", "in/../../evil.jpg", "/etc/evil", "..\\evil.jpg", "C:/evil.jpg"])
def test_members_outside_the_folder_are_refused_before_anything_is_written(make_zip, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({"in/a.jpg": b"a", name: b"evil"}))
    with pytest.raises(DataError, match=r"x\.zip has members outside its folder: .*evil.*Nothing of it was unpacked"):
        unpack(tmp_path / "x.zip", tmp_path / "x")
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        link = zipfile.ZipInfo("in/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="not plain files: in/link"):
        unpack(tmp_path / "x.zip", tmp_path / "x")


def test_a_bomb_is_refused_from_its_own_figures(make_zip, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("lentigo.data.fetching._unpack.SMALL", 1000)
    (tmp_path / "x.zip").write_bytes(make_zip({"a.bin": bytes(1_000_000)}))
    with pytest.raises(DataError, match=r"would grow from [\d,]+ to 1,000,000 bytes in 1 file"):
        unpack(tmp_path / "x.zip", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_member_that_holds_more_than_it_says_does_not_get_through(make_zip, tmp_path: Path) -> None:
    content = make_zip({"a.bin": bytes(5000)})
    lying = content.replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    (tmp_path / "x.zip").write_bytes(lying)
    with pytest.raises(DataError, match="damaged"):
        unpack(tmp_path / "x.zip", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_damaged_archive_leaves_nothing(make_zip, tmp_path: Path) -> None:
    content = bytearray(make_zip({"a.jpg": b"abc" * 99, "b.jpg": bytes(range(256))}))
    content[38] ^= 0xFF  # in the data of the first member
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"x\.zip is damaged or is not a ZIP archive.*Download it again"):
        unpack(tmp_path / "x.zip", tmp_path / "x")
    (tmp_path / "y.zip").write_bytes(b"<html>Please log in</html>")
    with pytest.raises(DataError, match=r"y\.zip is damaged or is not a ZIP archive"):
        unpack(tmp_path / "y.zip", tmp_path / "y")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.zip", "y.zip"]


def _marked(content: bytes, *, flag: int = 0, method: int | None = None, version: int | None = None) -> bytes:
    """Return an archive of one member with a flag, a method or a version put into both of its headers."""
    changed = bytearray(content)
    for at in (0, content.index(b"PK\x01\x02") + 2):  # the directory's header has two bytes more in front
        changed[at + 6] |= flag
        if method is not None:
            changed[at + 8 : at + 10] = method.to_bytes(2, "little")
        if version is not None:
            changed[at + 4] = version
    return bytes(changed)


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ({"flag": 1}, r"x\.zip is encrypted: a\.jpg\. lentigo takes no passwords\. Unpack it with"),
        ({"method": 9}, r"x\.zip cannot be unpacked here: compression method 9 is not supported\. .*7-Zip.*: a\.jpg"),
        ({"flag": 32}, r"x\.zip cannot be unpacked here: compressed patched data.*7-Zip"),
        ({"version": 99}, r"x\.zip cannot be unpacked here: zip file version 9\.9\. .*7-Zip"),
    ],
)
def test_what_is_whole_and_cannot_be_read_here_is_not_called_damaged(make_zip, tmp_path: Path, marks, said) -> None:
    (tmp_path / "x.zip").write_bytes(_marked(make_zip({"a.jpg": b"a" * 99}), **marks))
    with pytest.raises(DataError, match=said) as refused:
        unpack(tmp_path / "x.zip", tmp_path / "x")
    assert "damaged" not in str(refused.value)
    assert not (tmp_path / "x").exists()


def test_a_full_disk_is_seen_beforehand(make_zip, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({"a.bin": b"12345"}))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("lentigo.data.fetching._unpack.shutil.disk_usage", lambda _: usage._replace(free=4))
    with pytest.raises(DataError, match="Free some space"):
        unpack(tmp_path / "x.zip", tmp_path / "x")


def test_a_folder_in_the_way_is_not_written_into(make_zip, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({"a.jpg": b"a"}))
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "thesis.tex").write_text("mine")
    with pytest.raises(LentigoError, match="cannot be unpacked into"):
        unpack(tmp_path / "x.zip", tmp_path / "x")
    assert (tmp_path / "x" / "thesis.tex").read_text() == "mine"


@pytest.mark.parametrize("name", [".", "./."])
def test_a_member_without_a_name_is_refused_before_anything_is_written(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr("x/1.txt", "one")
        archive.writestr(zipfile.ZipInfo(name), "two")
    with pytest.raises(DataError, match="members outside its folder"):
        unpack(tmp_path / "odd.zip", tmp_path / "odd", skip="*.csv")
    assert not (tmp_path / "odd").exists()


def test_damaged_bzip2_is_called_damaged_and_not_a_lack_of_space(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.bin", bytes(range(256)) * 8)
    content = bytearray((tmp_path / "x.zip").read_bytes())
    content[37] ^= 0xFF  # in the head of bzip2's stream
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"x\.zip is damaged: .*Download it again"):
        unpack(tmp_path / "x.zip", tmp_path / "x")
