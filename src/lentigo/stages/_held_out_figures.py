"""What was kept of held-out sources, as figures and as what they say of a threshold; files only, never torch."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from lentigo.config import Config
from lentigo.errors import CheckpointError
from lentigo.numbers.evaluation import held_out_figures
from lentigo.numbers.predictions import Predictions
from lentigo.stages._calibrate import groups_of
from lentigo.stages._run_folder import HELD_OUT_INDEX, Run
from lentigo.storage import read_json

logger = logging.getLogger(__name__)


class Kept(NamedTuple):
    """What a network said that had not learned from a source.

    Args:
        about: the source's name, and what was left out of it.
        said: of the source.
        others: of validation images of the other sources.
    """

    about: Mapping[str, Any]
    said: Predictions
    others: Predictions


def kept_sources(run: Run) -> Iterator[Kept]:
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
        yield Kept({**about, "by": payload["by"], "start": payload["start"]}, said, others)


def figures_of_sources(run: Run, config: Config) -> tuple[dict[str, Any], ...]:
    """Return the figures of each source that was held out, for evaluation.json."""
    manifest = run.manifest()
    found = []
    for about, said, others in kept_sources(run):
        groups, unit = groups_of(manifest, said)
        figures = held_out_figures(
            said,
            others,
            malignant=run.taxonomy().malignant(said.classes),
            settings=config.calibrate,
            groups=groups,
            unit=unit,
            n_resamples=config.evaluate.n_resamples,
            confidence=config.evaluate.confidence,
            seed=config.seed,
        )
        kept = {name: about[name] for name in ("source", "by", "start", "n_shared", "n_learned")}
        found.append(kept | figures)
        missing = sorted(set(np.unique(said.target)) - set(np.unique(others.target)))
        if missing:
            logger.info("%s has classes that the others lack in validation: %s.", about["source"],
                        ", ".join(said.classes[k] for k in missing))  # fmt: skip
    return tuple(found)
