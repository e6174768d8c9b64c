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

from lentigo.audit.duplicates.record import Duplicates
from lentigo.audit.duplicates.search import find_duplicates
from lentigo.audit.duplicates.thumbnails import THUMB_SIDE, thumbnail

__all__ = ["THUMB_SIDE", "Duplicates", "find_duplicates", "thumbnail"]
