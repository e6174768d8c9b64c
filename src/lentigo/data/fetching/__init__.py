"""Public sets, from their publishers' servers to a folder that `read_data` understands.

The sets are data (`catalogue.toml`): addresses, sizes, checksums, licence and citation. A download that is cut goes on
where it stopped; nothing stands under its final name before it is whole and verified; licence, citation and the
checksums of what came are written beside the files.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.data.fetching._archive import fetch_archive
    from lentigo.data.fetching._catalogue import PublicSet, RemoteFile, find_set, public_sets
    from lentigo.data.fetching._download import Meter
    from lentigo.data.fetching._fetch import fetch
    from lentigo.data.fetching._fetched import SOURCE_JSON, FetchedFile, FetchedSet

__all__ = [
    "SOURCE_JSON",
    "FetchedFile",
    "FetchedSet",
    "Meter",
    "PublicSet",
    "RemoteFile",
    "fetch",
    "fetch_archive",
    "find_set",
    "public_sets",
]

_WHERE = {
    "_archive": ("fetch_archive",),
    "_catalogue": ("PublicSet", "RemoteFile", "find_set", "public_sets"),
    "_download": ("Meter",),
    "_fetch": ("fetch",),
    "_fetched": ("FetchedSet", "FetchedFile", "SOURCE_JSON"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
