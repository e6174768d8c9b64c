"""From examples to networks and what they say of images they have not seen: one network, or one for each fold.

With folds, train and val are shared out anew, patients and lesions whole; each network learns from all folds but one
and predicts that one. Validation predictions then cover every image that is not test, each made by a network that never
saw it, and thresholds rest on several times as many images. Test is asked of all networks, whose logits are averaged.
"""

import dataclasses
import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError, LeakageError, name_offenders
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track
from lentigo.stages._histories import lines_of, mean_history
from lentigo.stages._prepare import PreparedImages
from lentigo.stages._run_folder import FOLD, Run
from lentigo.storage import read_json, write_json, write_text
from lentigo.training import (
    Classifier,
    Examples,
    Ranks,
    describe,
    finetune,
    predict_finally,
    probe,
    starting_network,
    teach_one_view,
    write_checkpoint,
)
from lentigo.wording import counted

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

logger = logging.getLogger(__name__)

Report = Callable[[dict[str, Any]], None]
Floats = NDArray[np.float64]


def fit(
    run: Run,
    config: Config,
    prepared: PreparedImages,
    network: "nn.Module",
    *,
    ranks: Ranks,
    resume: bool,
    track: Track,
    report_epoch: Report | None = None,
) -> Classifier | None:
    """Return the trained classifier, after writing checkpoints, history and the predictions on val and test.

    All ranks train; the first one alone writes and predicts, and the others get None.

    Args:
        run: where to.
        config: all settings.
        prepared: the images.
        network: what training starts from; with folds, what the first fold starts from.
        ranks: those that train together.
        resume: go on from the last checkpoints.
        track: draws progress.
        report_epoch: called with each record of the history, and with its `fold` (from 1) where there are folds.
    """
    one = _Fit(run, config, prepared, ranks, resume, track, report_epoch)
    if config.train.folds:
        return one.folds(network)
    train, val = one.examples(prepared.manifest, "train"), prepared.examples("val")
    classifier = one.network(run.folder, config, network, train, val)
    if classifier is None:
        return None
    one.write("val", one.chances(classifier, val, "val"), prepared.manifest.subset("val").table["image_id"])
    one.predict_test(classifier)
    return classifier


@dataclasses.dataclass(frozen=True, slots=True)
class _Fit:
    """One call of `fit`."""

    run: Run
    config: Config
    prepared: PreparedImages
    ranks: Ranks
    resume: bool
    track: Track
    report: Report | None

    def folds(self, network: "nn.Module") -> Classifier | None:
        prepared, config = self.prepared, self.config
        rows = np.flatnonzero((prepared.manifest.table["split"] != "test").to_numpy())
        pool = prepared.manifest.select(rows)
        fold = pool.table[FOLD].to_numpy(dtype=np.int64)
        everything = Examples(
            prepared.pixels.array, prepared.rows[rows], pool.targets, prepared.sources[rows], self.soft(pool)
        )
        said = np.zeros((len(pool), len(pool.classes)))
        for k in range(config.train.folds):
            logger.info("Fold %d of %d.", k + 1, config.train.folds)
            inner = config.changed({"seed": config.seed + k})
            is_told = not self.ranks.is_first  # the weights of the first rank are the ones that all start from
            report = self.report and functools.partial(_of_fold, self.report, k + 1)
            start = network if k == 0 else starting_network(inner, len(pool.classes), is_resumed=is_told)
            train, val = everything.select(fold != k), everything.select(fold == k)
            classifier = dataclasses.replace(self, report=report).network(
                self.run.fold_folder(k), inner, start, train, val
            )
            with self.ranks.stage():
                if classifier is not None:
                    said[fold == k] = self.chances(classifier, val, f"fold {k + 1}")
        if not self.ranks.is_first:
            return None
        self.write("val", said, pool.table["image_id"])
        write_text(self.run.history_path, lines_of(mean_history(self.run, config.train.folds)))
        classifier = Classifier.load(self.run.checkpoints(), device=config.train.device, views=config.predict.views)
        self.predict_test(classifier)
        return classifier

    def examples(self, manifest: Manifest, split: str) -> Examples:
        return dataclasses.replace(self.prepared.examples(split), soft=self.soft(manifest.subset(split)))

    def soft(self, part: Manifest) -> NDArray[np.float32] | None:
        if not self.config.train.teacher:
            return None
        return soft_targets(Run.open(self.config.train.teacher), part, self.prepared.manifest, self.config.train.soft)

    def network(
        self, folder: Path, config: Config, network: "nn.Module", train: Examples, val: Examples
    ) -> Classifier | None:
        """Return the classifier of one network, whose checkpoint and history are in `folder`; on the first rank."""
        classes = self.prepared.manifest.classes
        if config.train.method == "probe":
            return self._probe(folder, config, network, train, val)
        options: dict[str, Any] = {
            "classes": classes,
            "malignant": self.run.taxonomy().malignant(classes),
            "config": config,
            "folder": folder,
            "ranks": self.ranks,
            "resume": self.resume,
            "track": self.track,
            "report": self.report,
        }
        finetune(train, val, network=network, **options)
        if config.train.view_epochs:
            teach_one_view(train, val, **options)
        if not self.ranks.is_first:
            return None
        best = folder / "checkpoint" / "best"
        return Classifier.load(best, device=config.train.device, views=config.predict.views)

    def _probe(self, folder: Path, config: Config, network: "nn.Module", train: Examples, val: Examples) -> Classifier:
        classes = self.prepared.manifest.classes
        classifier, history = probe(train, val, network=network, classes=classes, config=config, track=self.track)
        model = config.model
        about = describe(classes, model.backbone, config.image, pooling=model.pooling) | {"history": history}
        write_checkpoint(folder / "checkpoint" / "best", {"model": classifier.network.state_dict()}, about)
        write_text(folder / "history.jsonl", lines_of(history))
        if self.report is not None:
            for record in history:
                self.report(record)
        return classifier

    def chances(self, classifier: Classifier, examples: Examples, part: str) -> Floats:
        said = predict_finally(classifier, examples, self.config, track=self.track, what=f"Predicting {part}")
        environment = read_json(self.run.environment_path)
        predicted = {**environment.get("predictions", {}), part: said.json()}
        write_json(self.run.environment_path, {**environment, "predictions": predicted})
        return said.probabilities

    def predict_test(self, classifier: Classifier) -> None:
        examples = self.prepared.examples("test")
        images = self.prepared.manifest.subset("test").table["image_id"]
        self.write("test", self.chances(classifier, examples, "test"), images)

    def write(self, split: str, chances: Floats, images: "pd.Series[str]") -> None:
        self.run.refuse_removed()
        names = images.to_numpy(dtype=str)
        manifest = self.prepared.manifest
        target = dict(zip(manifest.table["image_id"], manifest.targets, strict=True))
        targets = np.array([target[name] for name in names])
        Predictions(names, targets, chances, manifest.classes).write(self.run.predictions_path(split))


def _of_fold(report: Report, fold: int, record: dict[str, Any]) -> None:
    report({**record, "fold": fold})


def soft_targets(teacher: Run, part: Manifest, whole: Manifest, share: float) -> NDArray[np.float32]:
    """Return what to learn of each image instead of its class alone, shape (N, K), rows summing to one.

    It is `share` of what the teacher says of the image and the rest its label. The teacher's validation predictions are
    used: with folds, each was made by networks that had not seen the image, so that a wrong label is not repeated.

    Args:
        teacher: a finished run.
        part: the manifest of the images to learn from.
        whole: all images of the new run.
        share: 0 for the labels, 1 for the teacher alone.

    Raises:
        ConfigError: the teacher knows other classes, or none of the images.
        LeakageError: it was trained on test images of the new run.
    """
    said = Predictions.read(teacher.image_predictions_path("val"))
    if said.classes != part.classes:
        known, wanted = ", ".join(said.classes), ", ".join(part.classes)
        raise ConfigError(
            f"the teacher {teacher.folder} has the classes {known}, and the data have {wanted}. "
            "Use a teacher with the same classes."
        )
    test = set(whole.table.loc[whole.table["split"] == "test", "image_id"])
    seen = sorted(test & _seen_by(teacher))
    if seen:
        raise LeakageError(
            f"the teacher {teacher.folder} was trained on {counted(len(seen), 'test image')}: {name_offenders(seen)}. "
            "Train it on a manifest with the same test split."
        )
    row_of = dict(zip(said.image.tolist(), said.probabilities, strict=True))
    images = part.table["image_id"].tolist()
    labels = np.eye(len(part.classes))[part.targets]
    n_known = sum(image in row_of for image in images)
    if n_known == 0:
        raise ConfigError(
            f"{teacher.folder} has no validation predictions on the training images. Use a "
            "teacher that was trained on the same data."
        )
    logger.info("The teacher has predictions for %d of %s.", n_known, counted(len(images), "image"))
    mixed = [
        share * row_of[image] + (1 - share) * label if image in row_of else label
        for image, label in zip(images, labels, strict=True)
    ]
    return np.stack(mixed).astype(np.float32)


def labels_seen_by_teacher(teacher: Run, manifest: Manifest, *, has_folds: bool = False) -> int:
    """Return how many validation labels of a new run its teacher has seen; warn where there are any.

    The pupil learns from the teacher's word about other images, in which these labels have a share. What it says of
    validation images is then better than of new ones, and so are the threshold and the figures that are chosen there.

    Args:
        teacher: a finished run.
        manifest: all images of the new run.
        has_folds: whether the new run has folds: all its images but test are for validation then.
    """
    split = manifest.table["split"]
    val = set(manifest.table.loc[split != "test" if has_folds else split == "val", "image_id"])
    n_seen = len(val & _seen_by(teacher))
    if n_seen:
        logger.warning(
            "The teacher %s has seen the labels of %d of %s: the threshold chosen on them will find "
            "fewer malignant lesions than reported. Train the teacher on a manifest in which they are test images, "
            "or rely on the test results only.",
            teacher.folder, n_seen, counted(len(val), "validation image"),
        )  # fmt: skip
    return n_seen


def _seen_by(run: Run) -> set[str]:
    table = run.manifest().table
    return set(table.loc[table["split"] != "test", "image_id"])
