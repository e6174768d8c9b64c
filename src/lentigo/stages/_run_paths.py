"""Where things lie in a run folder.

::

    run/
    ├── config.toml           every setting, resolved
    ├── manifest.csv          the images, their classes and splits, frozen
    ├── audited.csv           the images as they were found, those left out included
    ├── environment.json      versions, hardware, data fingerprint
    ├── audit.json            what is wrong with the data, and their flow from found to split
    ├── history.jsonl         one record an epoch (or a penalty of a probe)
    ├── checkpoint/best/      model.safetensors, checkpoint.json
    ├── checkpoint/last/      the same and the optimiser, for --resume
    ├── folds/0/, 1/, ...     checkpoint and history of each network, where train.folds asks for several
    ├── predictions/val.csv   uncalibrated probabilities
    ├── predictions/test.csv
    ├── predictions/val-image.csv, test-image.csv     the image alone, where the others are of image and columns
    ├── fusion.json           columns beside the image: what they add, whether they are used, and how
    ├── predictions/test-masked.csv   the same network asked about test images without their lesion,
    ├── predictions/test-centre.csv   and with their centre only
    ├── predictions/held-out/         each source, by a network that did not learn from it: SOURCE.csv, what the same
    │                                 network said of validation of the others: SOURCE-validation.csv; sources.json
    ├── held-out/SOURCE/              checkpoint and history of that network, where it was trained and no probe
    ├── looks.jsonl           each look at the test images: when, by which command, at what
    ├── calibration.json      calibrated probabilities, operating points, low-confidence band, conformal sets
    ├── evaluation.json       figures with intervals
    ├── report.html           one self-contained file
    ├── model_card.md
    └── checklist.md          draft of TRIPOD+AI, CLAIM, STARD-AI and CLEAR Derm
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunPaths:
    """The places of a run's files.

    Args:
        folder: where the run lies; it need not be complete.

    Example:
        >>> RunPaths(folder).history_path.name
        'history.jsonl'
    """

    folder: Path  # as text, too

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))

    @property
    def config_path(self) -> Path:
        """Where the resolved settings lie."""
        return self.folder / "config.toml"

    @property
    def manifest_path(self) -> Path:
        """Where the frozen manifest lies."""
        return self.folder / "manifest.csv"

    @property
    def environment_path(self) -> Path:
        """Where versions and hardware lie."""
        return self.folder / "environment.json"

    @property
    def audit_path(self) -> Path:
        """Where the audit of the data lies."""
        return self.folder / "audit.json"

    @property
    def audited_path(self) -> Path:
        """Where the table of the audited images lies."""
        return self.folder / "audited.csv"

    @property
    def history_path(self) -> Path:
        """Where the records of the epochs lie."""
        return self.folder / "history.jsonl"

    @property
    def calibration_path(self) -> Path:
        """Where temperature and operating points lie."""
        return self.folder / "calibration.json"

    @property
    def evaluation_path(self) -> Path:
        """Where the figures on test lie."""
        return self.folder / "evaluation.json"

    @property
    def report_path(self) -> Path:
        """Where the HTML report lies."""
        return self.folder / "report.html"

    @property
    def card_path(self) -> Path:
        """Where the model card lies."""
        return self.folder / "model_card.md"

    @property
    def checklist_path(self) -> Path:
        """Where the draft of the reporting checklist lies."""
        return self.folder / "checklist.md"

    @property
    def fusion_path(self) -> Path:
        """Where what columns add, and how they are used, lies."""
        return self.folder / "fusion.json"

    def image_predictions_path(self, split: str) -> Path:
        """Return where the predictions by the image alone lie: beside those of image and columns, or the only ones."""
        path = self.folder / "predictions" / f"{split}-image.csv"
        return path if path.is_file() else self.predictions_path(split)

    def predictions_path(self, split: str) -> Path:
        """Return where the uncalibrated predictions of a split lie."""
        return self.folder / "predictions" / f"{split}.csv"

    @property
    def held_out_folder(self) -> Path:
        """Where the predictions on sources by networks that did not learn from them lie."""
        return self.folder / "predictions" / "held-out"

    def fold_folder(self, fold: int) -> Path:
        """Return where checkpoint and history of one fold's network lie."""
        return self.folder / "folds" / str(fold)
