"""A trained run, opened as a model: torch, and the same answers as its bundle gives."""

import dataclasses
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model import Computation, Model, Outputs, choose_precision
from lentigo.stages._run_folder import Run
from lentigo.storage import sha256_of

if TYPE_CHECKING:  # torch is loaded when a run is opened, not before
    from lentigo.training import Classifier


NAME: Final = "torch"


@dataclass(frozen=True, slots=True)
class _TorchNetwork:
    classifier: "Classifier"

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        return Outputs(self.classifier.logits(pixels), None, np.zeros((len(pixels), 0), np.float32))


class _TorchBackend:
    """The backend of run folders: no input gate, no out-of-distribution score; those are fitted by the export."""

    marker = "config.toml"

    def open(
        self,
        folder: Path,
        *,
        threads: int | None = None,  # noqa: ARG002
        spin: bool = True,  # noqa: ARG002
        views: int | None = None,
        precision: str | None = None,
    ) -> Model:
        """Return the network and the calibration of a finished run; torch chooses its threads by itself.

        Raises:
            CheckpointError: the folder is not a finished run.
            ConfigError: another precision than float32 is asked for.
        """
        chosen = choose_precision(precision, runtime=NAME)
        run = Run.open(folder)
        config = run.config()
        if config.train.method == "features":
            from lentigo.stages._features_backend import open_features_run

            return open_features_run(run)
        from lentigo.training import Classifier

        run.refuse_unfinished()
        own = config.predict.views
        classifier = dataclasses.replace(Classifier.load(run.checkpoints(), views=own), views=views or own)
        rule = dataclasses.replace(run.rule(), low_confidence=None)
        return Model(
            folder=run.folder,
            kind="run",
            name=run.folder.resolve().name,
            preprocess=classifier.preprocess,
            decision=rule,
            network=_TorchNetwork(classifier),
            batch_size=config.predict.batch_size,
            provenance={
                "model": run.folder.resolve().name,
                "views": classifier.views,
                "views_of_model": own,
                "calibration_sha256": sha256_of(run.calibration_path),
            },
            computation=Computation(NAME, chosen, metadata.version(NAME)),
        )


BACKEND: Final = _TorchBackend()
