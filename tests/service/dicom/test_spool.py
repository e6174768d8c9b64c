import pytest

from lentigo.errors import DicomError
from lentigo.service.dicom._spool import Spool, file_name


def test_answers_come_out_in_the_order_they_went_in(tmp_path):
    spool = Spool(tmp_path / "spool", max_bytes=1000)
    for uid in ("1.2", "1.3", "1.1"):
        spool.put("report", uid, uid.encode())
    taken = []
    while (path := spool.oldest()) is not None:
        taken.append(path.read_bytes())
        spool.done(path)
    assert taken == [b"1.2", b"1.3", b"1.1"]


def test_an_answer_that_waits_already_is_not_kept_twice(tmp_path):
    spool = Spool(tmp_path, max_bytes=1000)
    spool.put("report", "1.2", b"x")
    spool.put("report", "1.2", b"x")
    assert spool.n_bytes() == 1


def test_a_full_spool_says_so_and_counts_what_failed_too(tmp_path):
    spool = Spool(tmp_path, max_bytes=10)
    spool.put("report", "1.2", b"123456")
    with pytest.raises(DicomError, match="spool of answers is full"):
        spool.put("report", "1.3", b"123456")
    spool.set_aside(spool.oldest())
    assert spool.oldest() is None
    with pytest.raises(DicomError, match="full"):
        spool.put("report", "1.4", b"123456")


def test_what_a_killed_process_half_wrote_is_removed(tmp_path):
    (tmp_path / ".a.dcm.1234.partial").write_bytes(b"half")
    Spool(tmp_path, max_bytes=10)
    assert not list(tmp_path.glob(".*.partial"))


def test_names_are_hashes_whatever_the_uid_says():
    for uid in ("../../etc/passwd", "a/b", "\0", "1.2.3"):
        name = file_name("report", uid)
        assert name.replace("-", "").replace(".", "").isalnum()
        assert len(name) == len("report-.dcm") + 32


def test_answers_are_for_their_owner_only(tmp_path):
    spool = Spool(tmp_path / "spool", max_bytes=1000)
    spool.put("report", "1.2", b"name")
    spool.set_aside(spool.oldest())
    spool.put("report", "1.3", b"name")
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "spool").rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {(tmp_path / "spool" / name).stat().st_mode & 0o777 for name in (".", "failed")} == {0o700}
