"""A seeded few of what benchmarks/hostile_dicom.py sends by the thousand, through C-STORE as raw bytes."""

import io
import time

import numpy as np
import pytest

from lentigo.images.dicom import SYNTAXES

DERMOSCOPIC, LITTLE = "1.2.840.10008.5.1.4.1.1.77.1.7", "1.2.840.10008.1.2.1"
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def raw(start):
    """A receiver, and what sends it any bytes as a data set; returns the status, or None where it hung up."""
    from pynetdicom import AE
    from pynetdicom.dimse_primitives import C_STORE

    receiver, entity = start(max_object_bytes=2_000_000, timeout_s=30.0), AE()
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 120
    for syntax in SYNTAXES:
        entity.add_requested_context(DERMOSCOPIC, syntax)
    open_ones = [entity.associate("127.0.0.1", receiver.port, ae_title="LENTIGO")]

    def send(data, syntax=LITTLE, uid="1.2.3.4.5.6"):
        if not open_ones[-1].is_established:
            open_ones.append(entity.associate("127.0.0.1", receiver.port, ae_title="LENTIGO"))
        association = open_ones[-1]
        context = next(c for c in association.accepted_contexts if c.transfer_syntax[0] == syntax)
        request = C_STORE()
        request.MessageID, request.Priority = 1, 2
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = DERMOSCOPIC, uid
        request.DataSet = io.BytesIO(data)
        association._reactor_checkpoint.clear()  # as pynetdicom's own send_c_store does, which wants a data set
        while not association._is_paused:
            time.sleep(0.001)
        association.dimse.send_msg(request, context.context_id)
        _, answer = association.dimse.get_msg(block=True)
        association._reactor_checkpoint.set()
        return None if answer is None else answer.Status

    yield send
    open_ones[-1].abort()


def body(content):
    """The data set in a file of explicit VR little endian."""
    return content[144 + int.from_bytes(content[140:144], "little") :]


def test_damaged_objects_get_a_status_and_the_next_good_one_its_answer(raw, make_dicom):
    good = body(make_dicom(uid="1.2.3.4.5.6"))
    rng = np.random.default_rng(0)
    assert raw(good) == 0
    seen = set()
    for k in range(60):
        damaged = bytearray(good[: rng.integers(1, len(good))] if k % 3 == 0 else good)
        for _ in range(0 if k % 3 == 0 else rng.integers(1, 20)):
            damaged[rng.integers(len(damaged))] ^= 1 << rng.integers(8)
        syntax = LITTLE if k % 5 else SYNTAXES[rng.integers(len(SYNTAXES))]
        seen.add(raw(bytes(damaged), syntax))
    assert seen <= {0, 0xA700, 0xA900, 0xC000, None}
    assert 0xC000 in seen
    assert raw(good) == 0


def test_nesting_and_lengths_that_lie_are_answered(raw, make_dicom):
    good = body(make_dicom(uid="1.2.3.4.5.6"))
    place = good.rindex(b"\xe0\x7f\x10\x00")
    sequence = b"\x40\x00\x00\x01SQ\0\0\xff\xff\xff\xff"
    item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    for extra in (
        (sequence + item) * 20_000,
        sequence + item[:4] + b"\0\0\0\0" * 200_000,
        sequence[:8] + b"\xfe\xff\xff\xff",
    ):
        assert raw(good[:place] + extra + good[place:]) == 0xC000
    assert raw(good) == 0


def test_an_object_under_another_uid_than_the_message_says_is_refused(raw, make_dicom):
    assert raw(body(make_dicom(uid="1.2.3.4.5.6")), uid="1.2.3.4.5.7") == 0xA900
