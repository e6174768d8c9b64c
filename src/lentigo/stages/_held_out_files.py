"""The files of held-out sources in a run: what networks said that had not learned from one."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lentigo.errors import CheckpointError
from lentigo.numbers.predictions import Predictions
from lentigo.stages._run_folder import HELD_OUT_INDEX, Run
from lentigo.storage import read_json


class HeldOutPredictions(NamedTuple):
    """What a network said that had not learned from a source.

    Args:
        about: the source's name, and what was left out of it.
        said: of the source.
        others: of validation images of the other sources.
    """

    about: Mapping[str, Any]
    said: Predictions
    others: Predictions


def kept_sources(run: Run) -> Iterator[HeldOutPredictions]:
    """Yield what was kept of each source that was held out; nothing where none was.

    Raises:
        CheckpointError: a file is missing.
    """
    index = run.held_out_folder / HELD_OUT_INDEX
    if not index.is_file():
        return
    payload = read_json(index, error=CheckpointError)
    for about in payload["sources"]:
        paths = [run.held_out_folder / f"{about['file']}{which}.csv" for which in ("", "-validation")]
        for path in paths:
            if not path.is_file():
                raise CheckpointError(f"{path} is missing. Train the run again.")
        said, others = map(Predictions.read, paths)
        shared: dict[str, Any] = {key: payload[key] for key in ("by", "start", "epochs", "size") if key in payload}
        yield HeldOutPredictions({**about, **shared}, said, others)
