"""The training curves as TensorBoard events, for those who watch several runs at once."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lentigo.errors import MissingExtraError


@contextlib.contextmanager
def event_writer(folder: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yield a function that writes the numbers of a history record as events; with no folder it does nothing.

    Raises:
        MissingExtraError: TensorBoard is not installed.
    """
    if folder is None:
        yield lambda _: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError("tensorboard", extra="tensorboard", purpose="write its events") from error
    writers: list[SummaryWriter] = []  # made with the first record: until then the run folder has to stay free

    def write(record: dict[str, Any]) -> None:
        if not writers:
            writers.append(SummaryWriter(str(folder)))
        for name, value in record.items():
            if name != "epoch":
                writers[0].add_scalar(name, value, record["epoch"])
        writers[0].flush()

    try:
        yield write
    finally:
        for writer in writers:
            writer.close()
