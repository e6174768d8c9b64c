"""After training: each source of the data, as a network says of it that has not learned from it.

The finished network has seen every source, so it cannot say what happens in another one. One network a source starts
where training started and learns from the other sources alone: a logistic head on frozen features ("probe"; the
features are the same for all of them and are computed once), or the whole network for a few epochs ("finetune").
What it says is kept, and `evaluate` makes figures of it without a network (`_held_out_figures`).
"""

import dataclasses
import functools
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.model import is_shipped
from lentigo.model.decision import softmax
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track
from lentigo.stages._prepare import PreparedImages
from lentigo.stages._run_folder import HELD_OUT_INDEX, Run
from lentigo.stages._source_parts import LeftOutPart, parts_of
from lentigo.storage import write_json
from lentigo.training import (
    Classifier,
    Examples,
    Ranks,
    example_weights,
    finetune,
    fit_head,
    frozen_features,
    predict_finally,
    prior_shift,
    starting_network,
)

logger = logging.getLogger(__name__)


Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def hold_out(run: Run, config: Config, prepared: PreparedImages, *, ranks: Ranks, resume: bool, track: Track) -> None:
    """Write what networks that have not learned from a source say of it, for each source of several.

    Args:
        run: where to; predictions that stand there already are kept.
        config: all settings.
        prepared: the images.
        ranks: those that train together; the first one alone predicts and writes.
        resume: go on from the last checkpoints.
        track: draws progress.
    """
    how = config.train.held_out_sources
    if how == "none":
        return
    malignant = run.taxonomy().malignant(prepared.manifest.classes)
    parts = parts_of(prepared.manifest, malignant, config)
    if not parts:
        logger.info("No source is held out: the data have one source, or too few images of each.")
        return
    config = held_out_settings(config)
    if is_shipped(config.model.weights):
        logger.warning(
            "Training starts from the weights shipped with lentigo, which were trained on public collections: figures "
            "of a held-out source that is one of these are too optimistic."
        )
    one = _HeldOut(run, config, prepared, ranks, resume, track)
    (one.by_probes if how == "probe" else one.by_training)(parts)
    with ranks.stage():
        if ranks.is_first:
            about = [{"source": part.name, "file": part.file, "n_shared": part.n_shared,
                      "n_learned": int(part.is_learned.sum())} for part in parts]  # fmt: skip
            write_json(
                run.held_out_folder / HELD_OUT_INDEX,
                {"schema_version": 1, "by": how, "start": config.model.weights, **_how(config), "sources": about},
            )


def held_out_settings(config: Config) -> Config:
    """Return the settings of the networks that learn from all sources but one: from weights that know none of them."""
    weights = config.train.held_out_weights
    return config.changed({"model.weights": weights}) if weights else config


def _how(config: Config) -> dict[str, int]:
    """Return what a reader needs beside the figures of networks that were trained for them."""
    is_trained = config.train.held_out_sources == "finetune"
    return {"epochs": config.train.held_out_epochs, "size": config.image.size} if is_trained else {}


def _of_head(
    features: NDArray[np.float32], weight: NDArray[np.float32], bias: NDArray[np.float32], mask: Bools
) -> Floats:
    """Return what a head says of some images, from their features."""
    return np.asarray(softmax(features[mask] @ weight.T + bias), dtype=np.float64)


@dataclasses.dataclass(frozen=True, slots=True)
class _HeldOut:
    """One call of `hold_out`."""

    run: Run
    config: Config
    prepared: PreparedImages
    ranks: Ranks
    resume: bool
    track: Track

    def by_probes(self, parts: list[LeftOutPart]) -> None:
        """Fit a head for each source on frozen features of the weights that training started from."""
        if self.config.train.source_prior == "removed":
            logger.info("Heads for held-out sources learn how common malignancy is in a source, unlike the network.")
        with self.ranks.stage():
            if not self.ranks.is_first or all(map(self._is_done, parts)):
                return
            everything = self._everything()
            network = starting_network(self.config, len(self.prepared.manifest.classes))
            features = frozen_features(
                everything, network=network, config=self.config, track=self.track, what="Features of all sources"
            )
            for part in parts:
                classes, targets, is_learned, is_val = self._task(part)
                train = dataclasses.replace(everything.select(is_learned), targets=targets[is_learned])
                weight, bias, _ = fit_head(
                    features[is_learned], targets[is_learned], features[is_val], targets[is_val],
                    penalties=self.config.probe.penalties,
                    weights=example_weights(train, len(classes), self.config.train),
                    shift=prior_shift(train, len(classes), self.config.train),
                )  # fmt: skip
                self._write(part, classes, functools.partial(_of_head, features, weight, bias))

    def by_training(self, parts: list[LeftOutPart]) -> None:
        """Train a network for each source, all ranks together."""
        everything = self._everything()
        changes = {"train.method": "finetune", "train.epochs": self.config.train.held_out_epochs, "train.teacher": ""}
        config = self.config.changed(changes)
        for k, part in enumerate(parts):
            if self.ranks.from_first(functools.partial(self._is_done, part)):
                continue
            logger.info("Held-out source %d of %d: %s.", k + 1, len(parts), part.name)
            classes, targets, is_learned, is_val = self._task(part)
            train, val = (
                dataclasses.replace(everything.select(mask), targets=targets[mask]) for mask in (is_learned, is_val)
            )
            folder = self.run.folder / "held-out" / part.file
            is_told = not self.ranks.is_first  # the weights of the first rank are the ones that all start from
            finetune(
                train,
                val,
                network=starting_network(config, len(classes), is_resumed=is_told),
                classes=classes,
                malignant=self.run.taxonomy().malignant(classes),
                config=config,
                folder=folder,
                ranks=self.ranks,
                resume=self.resume,
                track=self.track,
                report=None,
            )
            with self.ranks.stage():
                if self.ranks.is_first:
                    device, views = config.train.device, config.predict.views
                    classifier = Classifier.load(folder / "checkpoint" / "best", device=device, views=views)
                    self._write(part, classes, functools.partial(self._asked, classifier, everything))

    def _everything(self) -> Examples:
        prepared = self.prepared
        return Examples(prepared.pixels.array, prepared.rows, prepared.manifest.targets, prepared.sources)

    def _task(self, part: LeftOutPart) -> tuple[tuple[str, ...], NDArray[np.int64], Bools, Bools]:
        """Return the classes that the other sources have, each image's among them, and what is learned and chosen on.

        An image of a class that they lack is -1: it is neither learned from nor chosen on, and yet asked.
        """
        manifest = self.prepared.manifest
        found = np.unique(manifest.targets[part.is_learned])
        targets = np.full(len(manifest.targets), -1)
        for k, target in enumerate(found.tolist()):
            targets[manifest.targets == target] = k
        return tuple(manifest.classes[k] for k in found), targets, part.is_learned, part.is_val & (targets >= 0)

    def _asked(self, classifier: Classifier, everything: Examples, mask: Bools) -> Floats:
        examples = everything.select(mask)
        config = self.config.changed({"train.method": "finetune"})  # how these networks are trained
        what = "Predicting a held-out source"
        return predict_finally(classifier, examples, config, track=self.track, what=what).probabilities

    def _write(self, part: LeftOutPart, classes: tuple[str, ...], ask: Callable[[Bools], Floats]) -> None:
        """Write both files of a source, the one that says that it is done last."""
        self.run.refuse_removed()
        manifest = self.prepared.manifest
        columns = [manifest.classes.index(name) for name in classes]
        for mask, path in ((part.is_val, self._path(part, "-validation")), (part.is_asked, self._path(part))):
            chances = np.zeros((int(mask.sum()), len(manifest.classes)))
            said = np.asarray(ask(mask), dtype=np.float64)
            chances[:, columns] = said / said.sum(axis=1, keepdims=True)
            images = manifest.table.loc[mask, "image_id"].to_numpy(dtype=str)
            Predictions(images, manifest.targets[mask], chances, manifest.classes).write(path)

    def _is_done(self, part: LeftOutPart) -> bool:
        return self._path(part).is_file() and self._path(part, "-validation").is_file()

    def _path(self, part: LeftOutPart, which: str = "") -> Path:
        return self.run.held_out_folder / f"{part.file}{which}.csv"
