"""Evaluation by lesion: several photographs of one lesion are one answer, by a rule that validation chose."""

import logging
from collections.abc import Sequence
from pathlib import Path

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import PredictionsError
from lentigo.numbers.predictions import RULES, Predictions, choose_rule, fuse_lesions
from lentigo.stages._lesion_table import LesionTable, read_lesion_table
from lentigo.stages._run_folder import taxonomy_of
from lentigo.wording import counted

logger = logging.getLogger(__name__)


def fused(predictions: Predictions, lesions: LesionTable, rule: str, malignant: Sequence[str]) -> Predictions:
    """Return one row per lesion; photographs without a lesion stay for themselves, kinds of photograph count alike.

    Raises:
        PredictionsError: the table has no lesions, or the images of one are of different classes.
    """
    lesion, kind = _known_lesions(predictions, lesions)
    found = fuse_lesions(predictions, lesion, rule, malignant=malignant, kind=kind)
    logger.info("%s of %s, fused by %s.", counted(len(predictions), "image"), counted(len(found), "lesion"), rule)
    return found


def chosen_rule(validation: str | Path, groups_from: str | Path, config: Config | None = None) -> str:
    """Return the rule that is best on the predictions of labelled validation images: the least NLL over lesions.

    Args:
        validation: predictions of images that are not evaluated.
        groups_from: the table with their lesions.
        config: spellings of diagnoses.

    Raises:
        PredictionsError: no image has a target, or the table has no lesions.
    """
    taxonomy = taxonomy_of(config or Config())
    said = Predictions.read_with_notes(validation, taxonomy)[0].labelled()
    if len(said) == 0:
        raise PredictionsError(f"{validation} has no row with a target. A rule is chosen on labelled images.")
    lesion, kind = _known_lesions(said, read_lesion_table(groups_from, said, taxonomy))
    rule, losses = choose_rule(said, lesion, malignant=taxonomy.malignant(said.classes), kind=kind)
    told = ", ".join(f"{name} {losses[name]:.4f}" for name in RULES)
    logger.info("Rule for several images of a lesion: %s, by the lowest NLL on validation (%s).", rule, told)
    return rule


def _known_lesions(predictions: Predictions, lesions: LesionTable) -> tuple[list[str], list[str] | None]:
    """Return the lesion and the kind of photograph of each image.

    Raises:
        PredictionsError: no image has a lesion.
    """
    table = lesions.manifest.table.set_index("image_id").loc[predictions.image.tolist()]
    if table["lesion_id"].isna().all():
        raise PredictionsError(f"{lesions.manifest.origin} has no lesion_id. Give a table that has it with --groups.")
    return lesion_and_kind(lesions.manifest, predictions)


def lesion_and_kind(manifest: Manifest, predictions: Predictions) -> tuple[list[str], list[str] | None]:
    """Return the lesion of each predicted image, itself where it has none, and its kind; None without kinds.

    Args:
        manifest: that has all these images.
        predictions: of them.
    """
    table = manifest.table.set_index("image_id").loc[predictions.image.tolist()]
    alone = [f"image {image}" for image in predictions.image.tolist()]
    lesion = table["lesion_id"].astype(object).where(table["lesion_id"].notna(), alone).astype(str).tolist()
    if "image_type" not in table or table["image_type"].isna().all():
        return lesion, None
    return lesion, table["image_type"].astype(object).where(table["image_type"].notna(), "").astype(str).tolist()
