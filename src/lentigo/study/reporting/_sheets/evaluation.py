"""An evaluation of anyone's predictions as a page."""

import numpy as np

from lentigo.numbers.evaluation import Evaluation, OperatingPointScores
from lentigo.study.reporting._consequences import net_benefit_of
from lentigo.study.reporting._paper.figures import PaperInputs, drawings_of
from lentigo.study.reporting._paper.tables import tables_of
from lentigo.study.reporting._sheets.sheet import Section, Sheet, render_sheet
from lentigo.study.reporting._subgroup_section import subgroup_section
from lentigo.study.reporting._words import FormattedEstimate, show_score, show_share
from lentigo.wording import counted, units_drawn, units_in_words

_CAPTIONS = {
    "roc": "ROC. Band: pointwise interval. Dashed: guessing.",
    "precision-recall": "Precision and recall of the malignant images. Dashed: flagging all.",
    "reliability": "Reliability. Dots on the dashed line would be perfect; below it, probabilities are too high.",
    "decision-curve": "Net benefit. Dashed: biopsying all; zero: none.",
}


def render_evaluation(inputs: PaperInputs, *, title: str) -> str:
    """Return the evaluation of a predictions file as one HTML file that needs nothing else.

    Args:
        inputs: the evaluation and what it was computed from.
        title: name of what was evaluated.

    Example:
        >>> from lentigo.stages._evaluate import evaluate_labelled
        >>> inputs = PaperInputs.of_predictions(*evaluate_labelled(predictions_csv))
        >>> render_evaluation(inputs, title="preds.csv").splitlines()[0]
        '<!doctype html>'
    """
    evaluation = inputs.evaluation
    assumed = evaluation.provenance.get("assumed", ())
    sections = evidence_of(inputs)
    n_malignant = int(inputs.is_malignant.sum())
    how = evaluation.resampling
    start = f"{counted(evaluation.n_images, 'image')}, {n_malignant:,} of them malignant."
    paragraphs = [
        f"{start} Intervals resample {units_drawn(how.n_units, how.unit)}.",
        *(f"Assumed: {text}." for text in assumed),
    ]
    return render_sheet(
        Sheet("evaluation", title, headline_of(evaluation), paragraphs, tallies_of(evaluation), sections)
    )


def evidence_of(inputs: PaperInputs) -> list[Section]:
    """Return the sections with every drawing and table of an evaluation."""
    has_band = bool(np.isfinite(inputs.evaluation.curves["roc"].low).any())
    units = units_in_words(inputs.evaluation.resampling.unit)
    captions = _CAPTIONS if has_band else {**_CAPTIONS, "roc": f"ROC. No band: too few {units}. Dashed: guessing."}
    drawn = [(one, captions[one.name]) for one in drawings_of(inputs) if one.name in captions]
    tables = {table.name: table for table in tables_of(inputs)}
    return [
        Section("Discrimination and calibration", "", tuple(drawn)),
        *_consequences(inputs.evaluation),
        Section("Every figure", tables=(tables["performance"],)),
        *_subgroups(inputs.evaluation),
        Section("Images", tables=(tables["cohort"],)),
    ]


def _consequences(evaluation: Evaluation) -> list[Section]:
    """Return the section on what operating points mean at a prevalence; none without operating points."""
    found = net_benefit_of(evaluation)
    if found is None or not found.rows:
        return []
    lead = f"{found.whose[:1].upper()}{found.whose[1:]}."
    return [Section(f"At a prevalence of {found.prevalence}", lead, net_benefit=found)]


def _subgroups(evaluation: Evaluation) -> list[Section]:
    """Return the section on subgroups, with the lowest of them; none where there are no groups."""
    found, how = subgroup_section(evaluation), evaluation.resampling
    if found is None or not found.blocks:
        return []
    interval, units = f"{how.confidence * 100:g}% interval", units_in_words(how.unit)
    return [Section("Subgroups", found.lead, subgroups=found, interval=interval, units=units)]


def headline_of(evaluation: Evaluation) -> str:
    """Return the result in one sentence: at the operating point where there is one, else the AUROC."""
    if evaluation.operating_points:
        point = evaluation.operating_points[0]
        return (
            f"It finds {show_share(point.sensitivity)} of the malignant images and leaves "
            f"{show_share(point.specificity)} of the benign ones alone."
        )
    return f"It separates malignant from benign images with an AUROC of {show_score(evaluation.metrics['auroc'])}."


def tallies_of(evaluation: Evaluation) -> list[tuple[str, FormattedEstimate, str]]:
    """Return the figures that come first on a page."""
    tallies = [("AUROC", show_score(evaluation.metrics["auroc"]), "malignant against benign")]
    point: OperatingPointScores | None = evaluation.operating_points[0] if evaluation.operating_points else None
    if point is not None:
        tallies += [
            ("Sensitivity", show_share(point.sensitivity), f"of {counted(point.tp + point.fn, 'malignant image')}"),
            ("Specificity", show_share(point.specificity), f"of {counted(point.tn + point.fp, 'benign image')}"),
        ]
    if "malignant_ece" in evaluation.metrics:
        tallies.append(("ECE, malignant", show_score(evaluation.metrics["malignant_ece"]), "0 is perfect"))
    return tallies
