"""`lentigo export` of a run that learned from embeddings."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from lentigo.errors import CheckpointError, ConfigError
from lentigo.model import Embeddings, read_embeddings
from lentigo.numbers.evaluation import Evaluation, measured_by
from lentigo.stages._by_lesion import lesion_rule
from lentigo.stages._calibrate import image_predictions
from lentigo.stages._fit_features import head_of_run
from lentigo.stages._manifest_columns import with_columns
from lentigo.stages._run_folder import Run
from lentigo.stages._train_features import NOT_STATED
from lentigo.storage import read_json

if TYPE_CHECKING:
    from lentigo.bundling import EmbeddedCases
    from lentigo.model import Licence, Model
    from lentigo.model.decision import Estimate

logger = logging.getLogger(__name__)

MOST_VALIDATION: Final = 20_000


def export_features(
    runs: Sequence[Run],
    out: Path,
    *,
    storage: str,
    n_references: int,
    data_licence: str,
    data: dict[str, str],
    metrics: "dict[str, Estimate]",
    force: bool,
) -> "Model":
    """Return the bundle of a run of embeddings; arguments as of `export`.

    Args:
        runs: one run.
        out: the folder to make.
        storage: float32.
        n_references: reference cases to keep.
        data_licence: of the training images.
        data: fingerprint and sizes.
        metrics: figures on test.
        force: replace a bundle that stands at `out`.

    Raises:
        ConfigError: several runs, or another storage.
    """
    from lentigo.bundling import ExportFacts, build_head_bundle

    if len(runs) > 1:
        raise ConfigError(
            "runs on embeddings cannot form an ensemble. Train one run on all tables (--features for each), or "
            "with --set train.folds=5."
        )
    if storage != "float32":
        raise ConfigError(f"a head on embeddings is stored as float32, not as {storage}. Omit --storage.")
    run = runs[0]
    run.refuse_unfinished()
    config, head, embeddings = run.config(), head_of_run(run), _embeddings_of(run)
    facts = ExportFacts(
        name=run.folder.resolve().name[:100],
        backbone=config.network,
        decision=run.rule(),
        data={**data, "embeddings of": config.features.origin[:200]},
        metrics=metrics,
        measured=measured_by(Evaluation.read(run.evaluation_path)) if run.evaluation_path.is_file() else (),
        licence=_licence(run, data_licence),
        lesion=lesion_rule(run, config),
    )
    return build_head_bundle(
        out,
        head,
        facts,
        val=with_columns(run, _cases(run, embeddings, "val", MOST_VALIDATION)),
        references=_cases(run, embeddings, "train", n_references) if n_references else None,
        n_heads=max(1, config.train.folds),
        image=config.image,
        force=force,
    )


def _embeddings_of(run: Run) -> Embeddings:
    """Return the embeddings of a run's images, in the order of its manifest.

    Raises:
        CheckpointError: they are not those that the run learned from.
    """
    embeddings = read_embeddings(run.config().features.tables, run.manifest().table["image_id"].tolist())
    if embeddings.fingerprint() != read_json(run.environment_path, error=CheckpointError).get("features_sha256"):
        raise CheckpointError(f"the embeddings of {run.folder} have changed since it was trained. Train it again.")
    return embeddings


def _cases(run: Run, embeddings: Embeddings, split: str, most: int) -> "EmbeddedCases":
    """Return embeddings of one split, some by chance where there are more."""
    from lentigo.bundling import EmbeddedCases

    whole = run.manifest()
    rows = np.flatnonzero((whole.table["split"] == split).to_numpy())
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(run.config().seed).permutation(rows)[:most])
    ids, unseen = tuple(whole.table["image_id"].iloc[rows].astype(str)), None
    if split == "val" and run.config().train.folds:
        said = image_predictions(run, "val")
        row_of = {image: row for row, image in enumerate(said.image.tolist())}
        unseen = said.probabilities[[row_of[image] for image in ids]]
    return EmbeddedCases(embeddings.matrix[rows], ids, whole.targets[rows], unseen)


def _licence(run: Run, data_licence: str) -> "Licence":
    from lentigo.bundling import combine_licences, data_sources, stated_source

    features = run.config().features
    origin, licence = (("" if text == NOT_STATED else text) for text in (features.origin, features.licence))
    model = stated_source(f"model that made the embeddings: {origin or NOT_STATED}"[:400], licence)
    return combine_licences([*data_sources(run.manifest().paths, stated=data_licence), model])
