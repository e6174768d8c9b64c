"""Public sets, from their publishers' servers to a folder that `read_data` understands.

The sets are data (`catalogue.toml`): addresses, sizes, checksums, licence and citation. A download that is cut goes on
where it stopped; nothing stands under its final name before it is whole and verified; licence, citation and the
checksums of what came are written beside the files.
"""

from lentigo.fetch.archive import fetch_archive
from lentigo.fetch.catalogue import PublicSet, RemoteFile, find_set, public_sets
from lentigo.fetch.fetching import fetch
from lentigo.fetch.record import Fetched, FetchedFile

__all__ = ["Fetched", "FetchedFile", "PublicSet", "RemoteFile", "fetch", "fetch_archive", "find_set", "public_sets"]
