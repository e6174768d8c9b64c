"""The folder of a bundle: every file, card and record last, and its own name only when it can be read back."""

from collections.abc import Mapping
from pathlib import Path

from lentigo.bundling._card import render_bundle_card
from lentigo.model import CARD, MODEL, BundleRecord, Model, open_model, write_record
from lentigo.storage import new_folder, write_bytes, write_text


def write_bundle(place: Path, record: BundleRecord, contents: Mapping[str, bytes], *, force: bool = False) -> Model:
    """Return the bundle made of a record and its files; write it to `place`, complete or not at all.

    Args:
        place: the folder to make.
        record: everything it says about itself.
        contents: model, and reference cases and typical embeddings where the record has them; by file name.
        force: replace a bundle that stands there.

    Raises:
        BundleError: the parts do not fit each other; nothing is written.
    """
    with new_folder(place, force=force) as partial:
        for name, content in contents.items():
            write_bytes(partial / name, content)
        write_text(partial / CARD, render_bundle_card(record, len(contents[MODEL])))
        write_record(partial, record.json())
        open_model(partial)  # what cannot be read back is not published
    return open_model(place)
