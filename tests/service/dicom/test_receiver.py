import contextlib
import socket
import struct
import threading
import time

import numpy as np
import pydicom
import pytest
from PIL import Image

from lentigo.errors import ConfigError, ImageError, LentigoError
from lentigo.service.dicom import Deidentifier, Peer

# pynetdicom leaves the socket of a refused connection to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def files(tmp_path, pattern="*.dcm"):
    return sorted((tmp_path / "answers").glob(pattern))


def send(port, *contents, title="LENTIGO", caller="SENDER", statuses=None):
    """Send objects over one association of pynetdicom; return their statuses."""
    import io

    from pynetdicom import AE

    entity = AE(ae_title=caller)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 90
    data = [pydicom.dcmread(io.BytesIO(content)) for content in contents]
    for pair in {(one.SOPClassUID, one.file_meta.TransferSyntaxUID) for one in data}:
        entity.add_requested_context(*pair)
    association = entity.associate("127.0.0.1", port, ae_title=title)
    if not association.is_established:
        return None
    found = [association.send_c_store(one).get("Status") for one in data]
    association.release()
    return found


def test_dcmtk_sends_a_photograph_and_reads_the_answer(start, make_dicom, dcmtk, tmp_path):
    receiver = start()
    (tmp_path / "a.dcm").write_bytes(make_dicom(uid="1.2.3.9"))
    sent = dcmtk("storescu", "-v", "-R", "-aec", "LENTIGO", "127.0.0.1", receiver.port, tmp_path / "a.dcm")
    assert sent.returncode == 0
    assert "Success" in sent.stdout + sent.stderr
    report, overlay = files(tmp_path, "report-*")[0], files(tmp_path, "overlay-*")[0]
    text = dcmtk("dsrdump", report).stdout
    assert "Comprehensive 3D SR Document" in text
    assert '(95324001,SCT,"Skin lesion")' in text
    assert "Research use only" in text
    dump = dcmtk("dcmdump", "-M", "+P", "0008,1155", "+P", "0020,000d", "+P", "0010,0020", overlay).stdout
    assert "[1.2.3.9]" in dump  # the source image
    assert "[1.2.3.4]" in dump  # its study
    assert "[4711]" in dump
    assert receiver.n_answered == 1


def test_dcmtk_can_say_hello(start, dcmtk):
    assert dcmtk("echoscu", "-aec", "LENTIGO", "127.0.0.1", start().port).returncode == 0


def test_answers_are_sent_on_to_dcmtk(start, make_dicom, storescp, tmp_path, dcmtk):
    port, archive = storescp
    receiver = start(peer=Peer("127.0.0.1", port, "ARCHIVE"), spool=tmp_path / "spool", retry_s=0.1)
    assert send(receiver.port, make_dicom()) == [0]
    deadline = time.monotonic() + 10
    while receiver._sender.n_sent < 2 and time.monotonic() < deadline:  # then storescp has whole files
        time.sleep(0.05)
    got = [pydicom.dcmread(path).SOPClassUID.name for path in archive.iterdir()]
    assert sorted(got) == ["Comprehensive 3D SR Storage", "Secondary Capture Image Storage"]
    receiver.stop()
    assert not list((tmp_path / "spool").glob("*.dcm"))


def test_answers_wait_on_the_disk_while_the_peer_is_away_and_survive_a_restart(start, make_dicom, storescp, tmp_path):
    port, archive = storescp
    settings = {"spool": tmp_path / "spool", "retry_s": 0.1, "drain_s": 0.3, "folder": None}
    away = start(peer=Peer("127.0.0.1", 9, "AWAY"), **settings)
    content = make_dicom()
    assert send(away.port, content, content) == [0, 0]
    away.stop()
    assert len(list((tmp_path / "spool").glob("*.dcm"))) == 2  # the second was the same answer
    back = start(peer=Peer("127.0.0.1", port, "ARCHIVE"), **settings)
    deadline = time.monotonic() + 10
    while back._sender.n_sent < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(list(archive.iterdir())) == 2


def test_a_full_spool_refuses_objects_as_out_of_resources(start, make_dicom, tmp_path):
    receiver = start(
        peer=Peer("127.0.0.1", 9, "AWAY"), spool=tmp_path / "spool", max_spool_bytes=5000, drain_s=0.1, folder=None
    )
    assert send(receiver.port, make_dicom()) == [0xA700]


def test_a_damaged_image_gets_c000_and_the_next_one_its_answer(start, make_dicom, tmp_path):
    receiver = start()
    broken = make_dicom(syntax="1.2.840.10008.1.2.4.50", frame=b"\xff\xd8 no JPEG", uid="1.2.1")
    assert send(receiver.port, broken, make_dicom(uid="1.2.2")) == [0xC000, 0]
    assert len(files(tmp_path)) == 2


def test_an_object_without_a_study_cannot_be_answered(start, make_dicom):
    assert send(start().port, make_dicom(StudyInstanceUID=None)) == [0xC000]


def test_an_overlay_that_comes_back_with_its_study_is_taken_and_not_answered(start, make_dicom, tmp_path):
    receiver = start()
    assert send(receiver.port, make_dicom()) == [0]
    (overlay,) = files(tmp_path, "overlay-*")
    assert send(receiver.port, overlay.read_bytes()) == [0]
    assert len(files(tmp_path)) == 2  # the photograph's report and overlay, as before


def test_a_busy_service_asks_to_try_again(start, make_dicom):
    def busy(content):
        raise LentigoError("busy")

    def bad(content):
        raise ImageError("no")

    def broken(content):
        raise RuntimeError("bug")

    content = make_dicom()
    assert send(start(busy).port, content) == [0xA700]
    assert send(start(bad).port, content) == [0xC000]
    assert send(start(broken).port, content) == [0x0110]


def test_only_the_right_titles_may_call(start, make_dicom):
    receiver = start(allowed_callers=("SCOPE",))
    content = make_dicom()
    assert send(receiver.port, content, caller="OTHER") is None
    assert send(receiver.port, content, title="OTHER", caller="SCOPE") is None
    assert send(receiver.port, content, caller="SCOPE") == [0]


def test_other_classes_than_photographs_find_no_context(start, make_dicom):
    assert send(start().port, make_dicom(SOPClassUID="1.2.840.10008.5.1.4.1.1.2")) is None


def test_a_hostile_uid_never_becomes_a_path(start, make_dicom, tmp_path):
    before = set(tmp_path.rglob("*"))
    assert send(start().port, make_dicom(StudyInstanceUID="../../../evil")) == [0xC000]
    assert send(start().port, make_dicom(uid="1.2.3.77", SeriesInstanceUID="/tmp/evil")) == [0xC000]
    assert {path for path in tmp_path.rglob("*") if path.is_file()} <= before


def test_an_object_that_grows_too_large_is_cut_off_while_it_comes_in(start, make_dicom):
    receiver = start(max_object_bytes=100_000)
    large = make_dicom(np.zeros((400, 400, 3), np.uint8))
    assert send(receiver.port, large) in ([None], None)
    assert receiver.n_answered + receiver.n_refused == 0
    assert send(receiver.port, make_dicom()) == [0]


def read_until_closed(peer):
    with contextlib.suppress(ConnectionResetError):  # closed with bytes unread: nothing is owed to such a peer
        while peer.recv(4096):
            pass


def test_a_pdu_of_four_gigabytes_is_not_waited_for(start, make_dicom):
    receiver = start()
    for header in (struct.pack(">BBL", 1, 0, 0xFFFFFFFF), b"\x01\x00", b"GET / HTTP/1.1\r\n\r\n", b"\x04" * 64):
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as peer:
            peer.sendall(header)
            peer.shutdown(socket.SHUT_WR)
            read_until_closed(peer)
    assert send(receiver.port, make_dicom()) == [0]


def test_a_peer_that_says_nothing_is_let_go(start):
    receiver = start(timeout_s=0.5)
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as silent:
        silent.sendall(b"\x01\x00\x00")  # half a header
        begin = time.monotonic()
        read_until_closed(silent)
        assert time.monotonic() - begin < 5


def test_more_connections_than_allowed_do_not_stop_the_others(start, make_dicom):
    receiver = start(max_associations=2, timeout_s=2.0)
    idle = [socket.create_connection(("127.0.0.1", receiver.port), timeout=10) for _ in range(20)]
    try:
        deadline = time.monotonic() + 15
        while send(receiver.port, make_dicom()) != [0]:
            assert time.monotonic() < deadline
            time.sleep(0.3)
    finally:
        for connection in idle:
            connection.close()


def test_stopping_waits_for_the_object_in_hand_and_refuses_the_next(start, make_dicom, explain):
    begun, go_on = threading.Event(), threading.Event()

    def slow(content):
        begun.set()
        go_on.wait(5)
        return explain(content)

    receiver = start(slow)
    port, found = receiver.port, []
    sender = threading.Thread(target=lambda: found.append(send(receiver.port, make_dicom())))
    sender.start()
    assert begun.wait(5)
    stopper = threading.Thread(target=receiver.stop)
    stopper.start()
    time.sleep(0.2)
    go_on.set()
    stopper.join(10)
    sender.join(20)
    assert receiver.n_answered == 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_for_research_nothing_of_the_patient_is_written(start, make_dicom, tmp_path):
    receiver = start(deidentifier=Deidentifier(b"k" * 16))
    assert send(receiver.port, make_dicom(uid="1.2.3.99")) == [0]
    written = files(tmp_path)
    assert [path.name.split("-")[0] for path in written] == ["overlay", "photograph", "report"]
    for path in written:
        content = path.read_bytes()
        for secret in (b"Mustermann", b"4711", b"19700601", b"1.2.3.99", b"Doc", b"20260102"):
            assert secret not in content, (path.name, secret)
    photograph, report = (pydicom.dcmread(next(iter(files(tmp_path, f"{k}-*")))) for k in ("photograph", "report"))
    referenced = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert referenced.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == photograph.SOPInstanceUID


def test_nothing_of_the_patient_is_logged(start, make_dicom, caplog):
    caplog.set_level("DEBUG")
    receiver = start()
    broken = make_dicom(syntax="1.2.840.10008.1.2.4.50", frame=b"\xff\xd8 no JPEG", uid="1.2.1")
    assert send(receiver.port, broken, make_dicom(uid="1.2.3.99")) == [0xC000, 0]
    for secret in ("Mustermann", "4711", "1.2.3.99", "1970"):
        assert secret not in caplog.text


def test_a_receiver_on_the_network_needs_titles_and_answers_need_a_place(tmp_path):
    from lentigo.service.dicom import ReceiverSettings

    with pytest.raises(ConfigError, match="can be reached from other machines"):
        ReceiverSettings(host="0.0.0.0", folder=tmp_path)
    with pytest.raises(ConfigError, match="answers need a destination"):
        ReceiverSettings()
    with pytest.raises(ConfigError, match="spool"):
        ReceiverSettings(peer=Peer("a", 1, "B"))
    with pytest.raises(ConfigError, match="TITLE@HOST:PORT"):
        Peer.parse("host:1")
    assert ReceiverSettings(host="0.0.0.0", allowed_callers=("A",), folder=tmp_path).port == 11112


def test_a_name_of_one_word_is_filed_and_not_printed(start, make_dicom, tmp_path, capfd):
    assert send(start().port, make_dicom(PatientName="Erika")) == [0]
    assert [str(pydicom.dcmread(path).PatientName) for path in files(tmp_path)] == ["Erika", "Erika"]
    assert "Erika" not in "".join(capfd.readouterr())


def test_the_overlay_holds_the_photograph_the_network_saw(start, make_dicom, bundle, tmp_path):
    content = make_dicom()
    assert send(start().port, content) == [0]
    shown = pydicom.dcmread(files(tmp_path, "overlay-*")[0]).pixel_array
    assert shown.shape == (448, 904, 3)
    seen = Image.fromarray(bundle.look(content).pixels).resize((448, 448), Image.Resampling.BICUBIC)
    assert np.abs(shown[:, :448].astype(int) - np.asarray(seen)).max() == 0
