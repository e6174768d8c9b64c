"""For whom the model is not, and what to beware of: general points, and those that these data and figures call for."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lentigo.data.manifest import independence
from lentigo.model.decision import Estimate
from lentigo.numbers.metrics import CLAIMS, say
from lentigo.study.auditing import UNUSED_IDS
from lentigo.study.reporting._audit.section import audit_notes
from lentigo.study.reporting._cohort import histology_share, is_recorded, other_bases, unrecorded_share
from lentigo.study.reporting._inputs import RunFacts, weights_name
from lentigo.study.reporting._prevalence import is_too_few, ppv_at
from lentigo.study.reporting._subgroup_section import worst_subgroup
from lentigo.study.reporting._trivial_baselines import accuracy_beside, one_answer, one_answer_before
from lentigo.study.reporting._words import frequency, join, percent, show_score, show_share
from lentigo.wording import counted

FEW_IMAGES = 30
"""Below this many images of a class the report warns: a share of 30 has an interval about 30 points wide."""

FEW_MALIGNANT = 100
"""The least number of events for an external validation by Vergouwe et al. (2005) and Collins et al. (2016)."""

# About a general practice (`_prevalence.PREVALENCES`); most test sets have several times as many
RARE_PREVALENCE = 0.05


@dataclass(frozen=True, slots=True)
class Note:
    """One point to heed: a few words, then a sentence.

    Example:
        >>> Note("Research use only.", "It is not a medical device.").title
        'Research use only.'
    """

    title: str
    text: str


def not_for(facts: RunFacts) -> Iterator[Note]:
    """Yield the uses and people that the model is not for."""
    manifest = facts.inputs.manifest
    yield Note("Decisions about a patient.", "No prospective or reader study supports it; a person must decide.")
    yield Note(
        "Other photographs.",
        "Overview, telephone or histology pictures, or skin without a lesion: it may give predictions for these as "
        "well. Do not use them.",
    )
    if facts.has_diagnoses:
        kinds = join(facts.classes, last="or")
        yield Note("Other diagnoses.", f"It predicts {kinds}; it has no class for “none of these”.")
    else:
        yield Note(
            "Naming a diagnosis.",
            "It predicts malignant or benign, not the diagnosis, and it has no class for “neither”.",
        )
    unknown = [word for column, word in _PEOPLE.items() if not is_recorded(manifest, column)]
    if unknown:
        yield Note(
            "People unlike those in the data.",
            f"Not recorded: {join(unknown)}. It is therefore unknown for whom it fails.",
        )
    if is_recorded(manifest, "age"):
        ages = pd.to_numeric(manifest.table.loc[manifest.table["split"] == "train", "age"], errors="coerce")
        n_minors, n_unknown = int((ages < 18).sum()), int(ages.isna().sum())
        rest = f", age unknown for {n_unknown:,} more" if n_unknown else ""
        known = f"{len(ages) - n_unknown:,} whose age is known{rest}" if n_unknown else f"{len(ages):,}"
        yield Note("Children.", f"Training images of people under 18: {n_minors:,} of {known}.")


_PEOPLE = {"skin_type": "skin type", "age": "age", "sex": "sex", "site": "body site"}


def beware(facts: RunFacts) -> Iterator[Note]:
    """Yield what a reader of the figures should keep in mind, the gravest first."""
    inputs, evaluation = facts.inputs, facts.inputs.evaluation
    yield Note("Research use only.", "It is not a medical device and has no approval.")
    yield from _useless(facts)
    yield from _worth_nothing(facts)
    yield from _shortfall(facts)
    yield from _teacher(facts)
    yield from _learned_before(facts)
    yield from (Note(title, text) for title, text in audit_notes(facts))
    if worst := worst_subgroup(facts.inputs.evaluation):
        yield Note("The lowest subgroup.", worst)
    yield _same_data(facts)
    yield _prevalence(facts)
    yield from _not_kept_apart(facts)
    if not facts.names_diagnoses:
        yield Note(
            "What malignant means.",
            "The data say only benign or malignant; the diagnoses, and whether actinic keratosis counts as malignant, "
            "are not recorded.",
        )
    else:
        yield Note("What malignant means.", inputs.taxonomy.describe().removeprefix("Malignant means ").strip())
    n_malignant = int(facts.is_malignant.sum())
    if n_malignant < FEW_MALIGNANT:
        yield Note("Few malignant images.", f"The test has {n_malignant}; at least {FEW_MALIGNANT} are advised.")
    elif small := list(_small_classes(evaluation.support)):
        yield Note("Small classes.", " ".join(small))
    proven = histology_share(inputs.manifest)
    if proven is not None:
        unknown = unrecorded_share(inputs.manifest, "dx_type")
        parts = [f"{proven} of the test diagnoses are proven by histology", *other_bases(inputs.manifest)]
        parts += [f"for {unknown} the basis is not recorded"] if unknown else []
        yield Note("Truth.", f"{'; '.join(parts)}.")


def _small_classes(support: Mapping[str, int]) -> Iterator[str]:
    """Yield which classes have too few test images for a precise figure, and which have none."""
    few = [f"{name} {n}" for name, n in support.items() if 0 < n < FEW_IMAGES]
    if few:
        yield f"Test images: {', '.join(few)}. Their results are imprecise."
    if absent := [name for name, n in support.items() if n == 0]:
        yield f"No test image: {', '.join(absent)}. How well the model finds it is unknown."


def _learned_before(facts: RunFacts) -> Iterator[Note]:
    """Yield that the model behind embeddings or initial weights may know the test images, unless it is ImageNet's."""
    config = facts.inputs.config
    if config.train.method == "features":
        which = f"the model that made the embeddings ({config.features.origin})"
    elif config.model.weights in {"imagenet", "none"} or config.model.weights.startswith("efficientnet-lite"):
        return
    else:
        which = f"the model whose weights training started from ({weights_name(facts)})"
    yield Note(
        "What was learned before.",
        f"lentigo cannot tell what {which} has learned from. If these images, or others of the same lesions, were "
        "among it, all figures are too optimistic.",
    )


def _same_data(facts: RunFacts) -> Note:
    """Return that the test is not another clinic's; "one collection" only where the data name one source or none."""
    table = facts.inputs.manifest.table
    of_test = table.loc[table["split"] == "test", "source"] if is_recorded(facts.inputs.manifest, "source") else None
    n_sources, n_known = (0, 0) if of_test is None else (of_test.nunique(), table["source"].nunique())
    if of_test is not None and n_sources == 1 < n_known and of_test.notna().all():
        title, part = "One source.", f"all of {of_test.iloc[0]}, one of {counted(n_known, 'source')} of the data"
    elif n_sources > 1:
        title, part = (
            "The same sources.",
            f"a held-out part of {counted(n_sources, 'source')} of the data",
        )
    else:
        title, part = "One collection.", "a held-out part of the same data"
    return Note(title, f"Test images are {part}; with other cameras, clinics or people, results may be worse.")


def _not_kept_apart(facts: RunFacts) -> Iterator[Note]:
    """Yield what may have stood in training and test at once, because nobody knows who is the same."""
    audit = facts.inputs.audit
    for finding in audit.findings if audit is not None else ():
        if finding.code == UNUSED_IDS:
            yield Note("A column that may be an id.", f"{finding.title} {finding.detail}")
    if facts.unit == "image":
        yield _images_alone(facts)
        return
    kept_apart = independence(facts.inputs.manifest.table, facts.unit)
    if kept_apart != facts.unit:
        yield Note(
            "Patients unknown.",
            f"Training and test were kept apart by {kept_apart}: photographs of one patient can be in both, and "
            "figures on new patients may be worse.",
        )


def _useless(facts: RunFacts) -> Iterator[Note]:
    """Yield that the model knows nothing, or that nothing shows that it does; both rest on the interval."""
    auroc = facts.inputs.evaluation.metrics["auroc"]
    # A perfect ranking has no interval either, and few images have a note of their own; 0.5 or less needs none to warn.
    if not auroc.has_interval and not auroc.value <= 0.5:
        return
    n_images = f"{facts.inputs.evaluation.n_images:,}"
    what = "this representation" if facts.inputs.config.train.method == "features" else "this model"
    words: dict[str, Any] = {"shown": show_score(auroc), "n": n_images, "what": what, "What": what.capitalize()}
    judged, _ = say("better than chance", auroc, **words)
    if judged == "holds":
        return
    is_useless, sentence = say("useless", auroc, **words)
    lesions = facts.inputs.evaluation.lesions
    by_lesion = lesions.metrics.get("auroc") if lesions is not None else None
    if is_useless == "holds":
        yield Note("Useless.", sentence)
    elif by_lesion is not None and CLAIMS["better than chance"].judge(by_lesion) == "holds":
        yield Note(
            "Better than chance by lesion only.",
            f"The interval of the AUROC by lesion, {show_score(by_lesion)}, lies above chance (0.5); that by image, "
            f"{show_score(auroc)}, does not rule chance out.",
        )
    else:
        yield Note("Not shown to be better than chance.", CLAIMS["better than chance"].undecided.format(**words))


def _worth_nothing(facts: RunFacts) -> Iterator[Note]:
    """Yield that the decision is the same for all test images, or that one answer is right as often as the model."""
    point = facts.point
    if point is not None:
        before = next((one for one in facts.inputs.calibration.operating_points if one.name == point.name), None)
        sentences = [one_answer(point), "" if before is None else one_answer_before(before)]
        if any(sentences):
            yield Note("One decision for all.", " ".join(filter(None, sentences)))
    if sentence := accuracy_beside(facts.inputs.evaluation):
        yield Note("Accuracy.", sentence)


def _shortfall(facts: RunFacts) -> Iterator[Note]:
    point = facts.point
    if point is None or not point.sensitivity.has_interval:
        return
    wanted, reached = point.target_sensitivity, point.sensitivity
    if math.isnan(wanted):
        return
    words = {"wanted": percent(wanted, digits=0), "shown": show_share(reached)}
    if reached.high < wanted:
        yield Note("Finds fewer malignant images than its target.", CLAIMS["target reached"].fails.format(**words))
        return
    judged, sentence = say("target reached", reached, limit=wanted + CLAIMS["target reached"].limit, **words)
    if judged != "holds":
        yield Note("May find fewer malignant images than its target.", sentence)


def _teacher(facts: RunFacts) -> Iterator[Note]:
    n_seen = facts.inputs.environment.get("n_val_labels_seen_by_teacher", 0)
    if n_seen:
        yield Note(
            "Validation was known to the teacher.",
            f"It was trained on the predictions of a teacher network that had seen the labels of {n_seen:,} of the "
            f"{counted(facts.inputs.calibration.n_images, 'validation image')}. Results on validation are too "
            "optimistic, and the threshold chosen there finds fewer malignant lesions than its target. The teacher had "
            "not seen the test images.",
        )


def _images_alone(facts: RunFacts) -> Note:
    narrow = "intervals count each image as independent, which makes them too narrow where a lesion has several."
    if any(is_recorded(facts.inputs.manifest, column) for column in ("lesion_id", "patient_id")):
        return Note("Images, not lesions.", narrow.capitalize())
    which = (
        "pictures of one lesion"
        if facts.inputs.audit is None
        else "several pictures of one lesion (other than the copies that the audit found)"
    )
    return Note(
        "Images, not lesions.",
        f"The data have no lesion ids: {which} may be in both training and test, which would make all results too "
        f"optimistic, and {narrow}",
    )


def _malignant_among_flagged(sensitivity: Estimate, specificity: Estimate) -> str:
    """Return how many flagged lesions are malignant where few are, between the near and the far ends of both."""
    rare = f"{RARE_PREVALENCE:.0%}"
    if is_too_few(sensitivity, specificity):
        return (
            f" These images are too few to estimate how many flagged lesions are malignant at a prevalence of {rare}."
        )
    ends = [
        (one, other) for one in (sensitivity.low, sensitivity.high) for other in (specificity.low, specificity.high)
    ]
    values = [ppv_at(*pair, RARE_PREVALENCE) for pair in ((sensitivity.value, specificity.value), *ends)]
    if any(math.isnan(value) for value in values):
        return ""
    least, most = (frequency(value).text for value in (min(values), max(values)))
    return (
        f" At a prevalence of {rare}, about {frequency(values[0]).text} of 100 flagged lesions are malignant "
        f"({least} at the lower and {most} at the upper ends of the intervals of sensitivity and specificity)."
    )


def _prevalence(facts: RunFacts) -> Note:
    share_here = percent(float(facts.is_malignant.mean()), digits=0)
    text = f"{share_here} of the test images are malignant; this reflects the collection, not clinical practice."
    if facts.point is not None:
        text += _malignant_among_flagged(facts.point.sensitivity, facts.point.specificity)
    return Note("How common malignancy is.", text)
