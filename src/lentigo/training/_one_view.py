"""Teaching a network to answer from one view of an image as it answers from eight.

The mean over the eight flips and quarter turns is a better answer than that of one view, and costs eight times the
arithmetic. Of a trained network, the mean is the teacher and one view drawn at random the pupil (knowledge distillation
from an ensemble, Hinton et al. 2015, where the ensemble is the network itself under the symmetries of a lesion).
"""

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.progress import Track, silent
from lentigo.training._classifier import Classifier, read_checkpoint, write_checkpoint
from lentigo.training._examples import Examples
from lentigo.training._ranks import Ranks
from lentigo.training._trainer import finetune
from lentigo.wording import counted

logger = logging.getLogger(__name__)

ALL_VIEWS: Final = 8  # the flips and quarter turns, which show one lesion in all its orientations
RATE: Final = 0.2  # of train.lr: the answers are to stay, only their spread over the views is to go
_WRITTEN: Final = ("schema_version", "sha256")  # by `write_checkpoint` itself


def teach_one_view(
    train: Examples,
    val: Examples,
    *,
    classes: tuple[str, ...],
    malignant: tuple[str, ...],
    config: Config,
    folder: Path,
    ranks: Ranks | None = None,
    resume: bool = False,
    track: Track = silent,
    report: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Replace `checkpoint/best` in `folder` by a network that answers from one view as it did from eight.

    The targets are the answers of `checkpoint/best` over eight views of each training image as it is, so that the
    labels have no further part in it. The only augmentation is one of the eight views, and images are drawn as often
    as they are, so that probabilities stay those that were learned. Its own checkpoints and history stay in
    `checkpoint/one-view`, from which a run that was killed goes on.

    Args:
        train: what is learned from.
        val: what its history is measured on, from one view.
        classes: names of the outputs.
        malignant: which of them are malignant.
        config: of the run; `train.view_epochs` is the number of epochs.
        folder: the run folder, or that of a fold.
        ranks: those that train together; this process alone when left out.
        resume: go on from a checkpoint where there is one.
        track: draws progress, on the first rank.
        report: called with each epoch's history record, on the first rank.
    """
    ranks = ranks or Ranks().on(config.train.device)
    best, own = folder / "checkpoint" / "best", folder / "checkpoint" / "one-view"
    teacher = Classifier.load(best, device=str(ranks.device), views=ALL_VIEWS)
    logger.info("Training one view on the mean of eight views of %s.", counted(len(train), "image"))
    soft = _said(teacher, train, ranks, config.predict.batch_size, track if ranks.is_first else silent)
    with ranks.stage():
        if ranks.is_first:
            own.mkdir(parents=True, exist_ok=True)
    finetune(
        dataclasses.replace(train, soft=soft.astype(np.float32)),
        val,
        network=teacher.network,
        classes=classes,
        malignant=malignant,
        config=_settings(config),
        folder=own,
        ranks=ranks,
        resume=resume,
        track=track,
        report=report,
    )
    with ranks.stage():
        if ranks.is_first:
            about, _ = read_checkpoint(best, [])
            _, tables = read_checkpoint(own / "checkpoint" / "best", ["model"])
            write_checkpoint(best, tables, {key: value for key, value in about.items() if key not in _WRITTEN})


def _settings(config: Config) -> Config:
    """Return the settings of the lesson: every image equally often, in one of its eight views and else as it is."""
    train = config.train
    quiet = {f"augment.{field.name}": 0.0 for field in dataclasses.fields(config.augment) if field.name != "flips"}
    return config.changed(
        {
            **quiet,
            "augment.flips": True,
            "train.epochs": train.view_epochs,
            "train.lr": train.lr * RATE,
            "train.label_smoothing": 0.0,
            "train.imbalance": "none",
            "train.balance_sources": False,
            "train.source_prior": "learned",
            "train.initial_share": 0.0,
            "train.schedule": "cosine",
            "train.keep": "last",
            "train.patience": 0,
        }
    )


def _said(teacher: Classifier, train: Examples, ranks: Ranks, batch_size: int, track: Track) -> NDArray[np.float64]:
    """Return the teacher's probabilities (N, K); each rank asks about its share of the batches."""
    said = np.zeros((len(train), len(teacher.classes)))
    mine = range(0, len(train), batch_size)[ranks.rank :: ranks.size]
    for start in track(mine, "Predicting from eight views", len(train), unit=batch_size * ranks.size):
        part = slice(start, start + batch_size)
        said[part] = teacher.probabilities(train.take(part))
    return ranks.total(said)
