"""The settings, the taxonomy and the run folder that go with an opened model."""

import dataclasses

from lentigo.config import Config
from lentigo.model import Model
from lentigo.stages._run_folder import Run
from lentigo.taxonomy import BENIGN, MALIGNANT, Side, Taxonomy


def settings_of(model: Model, config: Config | None) -> Config:
    """Return the settings that go with a model and other images: a run's own, else those given, or the defaults.

    What is given about the other images (columns, aliases, rows without a diagnosis) holds for a run as well.
    """
    own, given = run_of(model), config or Config()
    if own is None:
        return given
    settings = own.config()
    data = dataclasses.replace(
        settings.data,
        aliases={**settings.data.aliases, **given.data.aliases},
        columns=given.data.columns,
        undiagnosed=given.data.undiagnosed,
    )
    return dataclasses.replace(settings, data=data)


def run_of(model: Model) -> Run | None:
    """Return the run folder behind a model; None for other kinds, which do not keep their data."""
    return Run.open(model.folder) if model.kind == "run" else None


def taxonomy_of_model(model: Model, config: Config) -> Taxonomy:
    """Return the taxonomy that the `[data]` settings describe, with the model's own side of its own classes."""
    malignant = model.decision.malignant_classes
    sides: dict[str, Side] = {name: MALIGNANT if name in malignant else BENIGN for name in model.classes}
    return Taxonomy(
        ak=sides.get("AK", config.data.ak),
        akiec=sides.get("AKIEC", config.data.akiec),
        aliases=config.data.aliases,
    )
