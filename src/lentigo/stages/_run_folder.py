"""`Run`: a training folder, how far it has come, and how each of its files is read."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.sources import Choices
from lentigo.errors import BundleError, CheckpointError, LentigoError, StorageError
from lentigo.model import Fields
from lentigo.model.decision import DecisionRule, Fusion
from lentigo.notebook import table_html
from lentigo.numbers.calibration import Calibration
from lentigo.stages._run_paths import RunPaths
from lentigo.storage import read_json, recover_folder
from lentigo.study.auditing import SCHEMA_VERSION as AUDIT_VERSION
from lentigo.study.auditing import Audit
from lentigo.taxonomy import Taxonomy

if TYPE_CHECKING:
    from lentigo.numbers.evaluation import LooksAtTest

RESUME: Final = "Continue it with: lentigo train --out {folder} --resume"
LABELS_SEEN: Final = "n_val_labels_seen_by_teacher"  # in environment.json of a run that has a teacher
HELD_OUT_INDEX: Final = "sources.json"  # beside the predictions on held-out sources: which, and how
FOLD: Final = "cv_fold"  # column of the manifest: the fold whose network has not seen the image, -1 for test

# Further predictions on test images, and how their AUROC is called.
SECOND_LOOK: Final = {
    "test-masked": "this model, lesion masked out",
    "test-centre": "this model, centre only",
}


@dataclass(frozen=True, slots=True)
class Run(RunPaths):
    """A training folder.

    Args:
        folder: where it lies; it need not be complete.

    Example:
        >>> Run(folder).report_path.name
        'report.html'
    """

    def _repr_html_(self) -> str:
        """Return what a notebook shows: what has been reached, and where."""
        files = {"report": self.report_path, "model card": self.card_path, "checklist": self.checklist_path}
        rows: dict[str, object] = {"folder": self.folder, "epochs": len(self.history())}
        return table_html("Run", rows | {name: path for name, path in files.items() if path.is_file()})

    @classmethod
    def open(cls, folder: str | Path) -> "Run":
        """Return the run in `folder`.

        Raises:
            CheckpointError: the folder holds no run.
        """
        if not (Path(folder) / "config.toml").is_file():
            recover_folder(Path(folder))  # a kill may have come while it was replaced
        if not (Path(folder) / "config.toml").is_file():
            if not Path(folder).exists():
                raise CheckpointError(f"{folder} does not exist. Check the path, or make a run with 'lentigo train'.")
            raise CheckpointError(
                f"{folder} is not a run folder: it has no config.toml. Make one with 'lentigo train'."
            )
        return cls(Path(folder))

    @property
    def is_started(self) -> bool:
        """Whether the folder is a run: one that `train` made, not one that merely has a config.toml."""
        try:
            environment = read_json(self.environment_path)
            Config.read(self.config_path)
        except LentigoError:
            return False
        return not {"pixels_sha256", "features_sha256"}.isdisjoint(environment)

    def refuse_removed(self) -> None:
        """Raise when the folder has gone while it was filled.

        Raises:
            StorageError: it has.
        """
        if not self.config_path.is_file():
            raise StorageError(f"{self.folder} was removed during training and cannot be resumed.")

    @property
    def is_finished(self) -> bool:
        """Whether training has come to its end: a run that was stopped on the way has no figures yet."""
        return self.is_started and self.calibration_path.is_file() and self.evaluation_path.is_file()

    def refuse_unfinished(self) -> None:
        """Raise where training was stopped before the run could answer.

        Raises:
            CheckpointError: it was; the message says how far it came and how it goes on.
        """
        if self.calibration_path.is_file() or not self.is_started:
            return
        raise CheckpointError(f"{self.folder} is unfinished: {self.progress()}. {RESUME.format(folder=self.folder)}")

    def progress(self) -> str:
        """Return how far training has come, in words."""
        n_epochs = max((int(record.get("epoch", 0)) for record in self.history()), default=0)
        config = self.config()
        if config.train.method != "finetune" or not n_epochs or config.train.folds:
            return "training was stopped, or is still under way"
        return f"training was stopped, or is still under way, after epoch {n_epochs} of {config.train.epochs}"

    @property
    def has_last_checkpoint(self) -> bool:
        """Whether training has come as far as a first checkpoint, from which a resumed run goes on."""
        return any((run.folder / "checkpoint" / "last").exists() for run in (self, Run(self.fold_folder(0))))

    def _best_checkpoint(self, whole: Path) -> Path:
        best = self.folder / "checkpoint" / "best"
        recover_folder(best)
        if not (best / "checkpoint.json").is_file():
            raise CheckpointError(
                f"{self.folder} has no checkpoint yet. Finish it with 'lentigo train --resume --out {whole}'."
            )
        return best

    def checkpoints(self) -> list[Path]:
        """Return the folders of the best checkpoints: one, or one per fold.

        Raises:
            CheckpointError: the run, or one of its folds, has none yet.
        """
        n_folds = self.config().train.folds
        runs = [Run(self.fold_folder(k)) for k in range(n_folds)] if n_folds else [self]
        return [run._best_checkpoint(self.folder) for run in runs]

    def config(self) -> Config:
        """Return the settings of the run."""
        return Config.read(self.config_path)

    def manifest(self) -> Manifest:
        """Return the frozen table of images."""
        return Manifest.read(self.manifest_path)

    def audit(self) -> Audit | None:
        """Return the audit of the data; None for a run of a lentigo that made none."""
        payload = read_json(self.audit_path, error=CheckpointError)
        return Audit.from_json(payload) if payload.get("schema_version") == AUDIT_VERSION else None

    def name_of_test(self) -> str:
        """Return a short name of the set of test images."""
        from lentigo.numbers.evaluation import name_of_images

        return name_of_images(self.manifest().subset("test").table["image_id"].astype(str))

    def looks(self) -> "LooksAtTest":
        """Return how often the test images were looked at, as far as that is known."""
        from lentigo.numbers.evaluation import LooksAtTest

        return LooksAtTest.read(self.folder, self.name_of_test(), was_evaluated=self.evaluation_path.exists())

    def calibration(self) -> Calibration:
        """Return temperature and operating points.

        Raises:
            CheckpointError: the run is unfinished.
        """
        self.refuse_unfinished()
        return Calibration.read(self.calibration_path)

    def fusion(self) -> Fusion | None:
        """Return how columns are joined with the image; None where the image is used alone.

        Raises:
            CheckpointError: fusion.json is damaged.
        """
        if not self.fusion_path.is_file():
            return None
        payload = read_json(self.fusion_path, error=CheckpointError)
        try:
            return Fields(payload, self.fusion_path.name).optional("fusion", Fusion.from_fields)
        except BundleError as error:
            raise CheckpointError(f"{self.fusion_path} is damaged: {error} Run 'lentigo fuse' again.") from error

    def beside_in_words(self) -> str:
        """Return what was found of columns beside the image, in sentences; empty where none was tried."""
        if not self.fusion_path.is_file():
            return ""
        return " ".join(map(str, read_json(self.fusion_path, error=CheckpointError).get("sentences", [])))

    def rule(self) -> DecisionRule:
        """Return the decision rule: calibration, operating points, and the columns that are used beside the image."""
        return dataclasses.replace(self.calibration().rule, fusion=self.fusion())

    def taxonomy(self) -> Taxonomy:
        """Return on which side the run puts each diagnosis."""
        return taxonomy_of(self.config())

    def history(self) -> list[dict[str, Any]]:
        """Return one record per epoch, or per penalty of a probe; empty before the first."""
        if not self.history_path.exists():
            return []
        return [json.loads(line) for line in self.history_path.read_text(encoding="utf-8").splitlines()]


def choices_of(config: Config) -> Choices:
    """Return what the `[data]` settings say about columns and about rows without a diagnosis."""
    return Choices(config.data.columns, config.data.undiagnosed)


def taxonomy_of(config: Config) -> Taxonomy:
    """Return the taxonomy that the `[data]` settings describe."""
    return Taxonomy(ak=config.data.ak, akiec=config.data.akiec, aliases=config.data.aliases)
