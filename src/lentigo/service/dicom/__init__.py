"""DICOM in and out: what receives photographs, and what carries the answers to where they are looked at.

source      an object's attributes, parsed after they were measured
model, codes    which model answered, UIDs, diagnosis codes
filing      what all written objects share
report, overlay    the answer as Comprehensive 3D SR, the map as Secondary Capture
allowed, deidentify    what may stay when an object leaves for research
answering   explanation → files
settings, guard, spool, sending, receiver    C-STORE SCP and SCU

Reading pixels is `lentigo.images.dicom`, folders of DICOM files are `lentigo.data.sources`. Nothing here is imported
before it is needed: pydicom, highdicom and pynetdicom come with the extra `dicom`.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.service.dicom._deidentify import Deidentifier
    from lentigo.service.dicom._model import ModelIdentity
    from lentigo.service.dicom._receiver import Receiver, asker, serve
    from lentigo.service.dicom._settings import Peer, ReceiverSettings

__all__ = [
    "Deidentifier",
    "ModelIdentity",
    "Peer",
    "Receiver",
    "ReceiverSettings",
    "asker",
    "serve",
]

_WHERE = {
    "_deidentify": ("Deidentifier",),
    "_model": ("ModelIdentity",),
    "_receiver": ("Receiver", "asker", "serve"),
    "_settings": ("Peer", "ReceiverSettings"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
