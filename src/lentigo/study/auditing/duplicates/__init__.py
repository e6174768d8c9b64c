"""Images that show the same picture: the same bytes, the same pixels, or one photograph changed.

Two stages, because no one number does both: a small descriptor finds a few possible partners of every image in nearly
linear time and may be wrong; then the pixels of each pair are laid over each other and decide.

thumbnails   what is kept of an image: 64 x 64 colour pixels
descriptor    low frequencies of a thumbnail or of a window of it, blind to the eight flips and turns
candidates    index of whole pictures, asked with windows of each: pairs worth a look
alignment    one picture registered on another: scale and shift, by Gauss-Newton
verdict    is it the same photograph, and what was done to it
search    `find_duplicates`: all of it
record    `Duplicates`: pairs and clusters
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.study.auditing.duplicates._duplicates import Duplicates
    from lentigo.study.auditing.duplicates._search import find_duplicates
    from lentigo.study.auditing.duplicates._thumbnails import THUMB_SIDE, thumbnail

__all__ = [
    "THUMB_SIDE",
    "Duplicates",
    "find_duplicates",
    "thumbnail",
]

_WHERE = {
    "_duplicates": ("Duplicates",),
    "_search": ("find_duplicates",),
    "_thumbnails": ("THUMB_SIDE", "thumbnail"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
