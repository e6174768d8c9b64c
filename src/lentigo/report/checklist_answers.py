"""What a run knows about each item of the checklist, in a sentence or two; an empty text where it knows nothing."""

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Final

from lentigo.evaluation import OperatingPointScores
from lentigo.report.answer import answer_of, intervals_note
from lentigo.report.audit_section import comparison_text
from lentigo.report.audit_words import left_out_text, level_counts, second_look_text
from lentigo.report.cohort import LABELS, flow_of, histology_share, is_recorded
from lentigo.report.inputs import Facts
from lentigo.report.learning import best_record
from lentigo.report.subgroup_section import worst_subgroup
from lentigo.report.words import count, join, percent, probability_text, share, show_score, show_share
from lentigo.taxonomy import CODES

if TYPE_CHECKING:
    from lentigo.metrics import Estimate

__all__ = [
    "abstract", "architecture", "artefacts", "availability", "baselines", "calibration", "diagnoses", "disjointness",
    "doubts", "ensembling", "exclusions", "failures", "flow", "imbalance", "initial_weights", "intended_use",
    "limitations", "metrics", "missing", "partitions", "people", "performance", "preprocessing", "reference_standard",
    "robustness", "sample_size", "selection", "software", "sources", "subgroups", "tests", "thresholds", "title",
    "training", "uncertainty",
]  # fmt: skip

PEOPLE: Final = {"age": "age", **LABELS}


def title(facts: Facts) -> str:
    """Return a draft of the title."""
    what = "diagnosis" if facts.has_diagnoses else "malignancy"
    network = facts.inputs.config.model.backbone
    return (
        f"Draft: {what.capitalize()} of skin lesions in dermatoscopic photographs by deep learning ({network}): "
        "development and internal evaluation."
    )


def abstract(facts: Facts) -> str:
    """Return what the model does and how well."""
    answer = answer_of(facts)
    return f"{answer.does} {performance(facts)}"


def intended_use(facts: Facts) -> str:
    """Return what the model must not be used for."""
    notes = answer_of(facts).not_for
    return f"Research only. Not for: {join([note.title.rstrip('.').lower() for note in notes])}."


def sources(facts: Facts) -> str:
    """Return the sources that the data name."""
    manifest = facts.inputs.manifest
    if not is_recorded(manifest, "source"):
        return ""
    counts = manifest.table["source"].value_counts()
    return f"Images by source: {join([f'{name} {n:,}' for name, n in counts.items()])}."


def exclusions(facts: Facts) -> str:
    """Return what was left out and why."""
    left_out = [f"{-n:,} {name}" for name, n, _ in flow_of(facts).steps if n < 0]
    n_found = flow_of(facts).steps[0][1] if flow_of(facts).steps else len(facts.inputs.manifest)
    return f"Of {count(n_found, 'image')}, left out: {join(left_out) if left_out else 'none'}."


def preprocessing(facts: Facts) -> str:
    """Return the way from a file to the network's input."""
    image = facts.inputs.config.image
    return (
        f"Turned upright by EXIF, to RGB, to {image.size} x {image.size} pixels by '{image.fit}', minus mean "
        f"{_numbers(image.mean)}, over standard deviation {_numbers(image.std)} of each channel."
    )


def artefacts(facts: Facts) -> str:
    """Return how often rulers, ink and the like were found."""
    audit = facts.inputs.audit
    if audit is None:
        return ""
    shown = [f"{flag.name} {percent(flag.share)}" for flag in audit.flags if flag.n_images]
    return f"Estimated by the audit: {join(shown)}." if shown else "The audit flagged none."


def missing(facts: Facts) -> str:
    """Return what is not recorded for how many images."""
    table = facts.inputs.manifest.table
    gaps = [f"{word} of {int(table[c].isna().sum()):,}" for c, word in PEOPLE.items() if c in table]
    gaps = [gap for gap in gaps if not gap.endswith(" of 0")]
    absent = [word for c, word in PEOPLE.items() if c not in table]
    words = [f"not recorded for some of {len(table):,} images: {join(gaps)}"] if gaps else []
    words += [f"recorded for none: {join(absent)}"] if absent else []
    text = "; ".join(words)
    return f"{text[:1].upper()}{text[1:]}. None of these enters the model." if text else "No image lacks a value."


def reference_standard(facts: Facts) -> str:
    """Return what malignant means, and the share that histology proved."""
    proven = histology_share(facts.inputs.manifest)
    shares = f" {proven} of the test diagnoses are proven by histology." if proven else ""
    return f"{facts.inputs.taxonomy.describe()}{shares}" if facts.names_diagnoses else shares.strip()


def doubts(facts: Facts) -> str:
    """Return what the audit found about the labels."""
    audit = facts.inputs.audit
    if audit is None:
        return ""
    conflicts = [finding.title for finding in audit.findings if finding.code.startswith("conflict")]
    found = f"Confident learning names {count(len(audit.doubts), 'label')} that the other images contradict."
    return " ".join([found, *conflicts])


def diagnoses(facts: Facts) -> str:
    """Return the classes, and which diagnoses are not among them."""
    if not facts.has_diagnoses:
        return "Benign and malignant; which diagnoses are behind them is in the data, not in the model's answer."
    absent = [code for code in CODES if code not in facts.classes and code != "UNK"]
    return f"Included: {join(facts.classes)}. Not included: {join(absent) if absent else 'none'}."


def sample_size(facts: Facts) -> str:
    """Return the number of malignant images, and how sure the sensitivity is with them."""
    n_malignant = int(facts.is_malignant.sum())
    n_benign = len(facts.test) - n_malignant
    text = f"No calculation was made before. Test: {n_malignant:,} malignant and {n_benign:,} benign images"
    if facts.point is None or not facts.point["sensitivity"].has_interval:
        return f"{text}."
    sensitivity = facts.point["sensitivity"]
    return f"{text}; the interval of the sensitivity is {100 * (sensitivity.high - sensitivity.low):.1f} points wide."


def partitions(facts: Facts) -> str:
    """Return the sizes of the three splits and what each was for."""
    boxes = flow_of(facts).splits
    parts = [f"{box.title.lower()} {box.n_images:,} ({box.n_malignant:,} malignant)" for box in boxes]
    return f"{join(parts).capitalize()}. Validation chose model, calibration and thresholds; test was looked at once."


def disjointness(facts: Facts) -> str:
    """Return what the splits do not share."""
    audit = facts.inputs.audit
    level = f"Kept apart by {facts.unit}" + (
        ", and copies of a picture by their pixels."
        if audit is not None
        else "; copies of a picture were not looked for."
    )
    text = left_out_text(audit) if audit is not None else ""
    return f"{level} {text}".strip()


def architecture(facts: Facts) -> str:
    """Return the network."""
    config = facts.inputs.config
    return f"{config.model.backbone} of timm with one linear layer for {join(facts.classes)}."


def software(facts: Facts) -> str:
    """Return versions and hardware."""
    environment = facts.inputs.environment
    packages = environment.get("packages") or {}
    names = [f"lentigo {environment.get('lentigo', '?')}", f"Python {environment.get('python', '?')}"]
    names += [f"{name} {version}" for name, version in packages.items()]
    device = environment.get("device")
    return f"{join(names)}{f'; on {device}' if device else ''}."


def initial_weights(facts: Facts) -> str:
    """Return what the network started from."""
    weights = facts.inputs.config.model.weights
    known = {"imagenet": "ImageNet weights of timm", "none": "Random weights"}
    return f"{known.get(weights, 'A local file: ' + weights.replace(chr(92), '/').rsplit('/', maxsplit=1)[-1])}."


def training(facts: Facts) -> str:
    """Return the optimisation in a sentence."""
    config = facts.inputs.config
    train = config.train
    if train.method == "probe":
        return f"Backbone frozen; a logistic head on its features, penalties tried: {_numbers(config.probe.penalties)}."
    return (
        f"{train.epochs} epochs of {train.optimizer}, batches of {train.batch_size}, learning rate {train.lr:g} with "
        f"{train.layer_decay:g} a stage, weight decay {train.weight_decay:g}, {train.schedule} schedule, seed "
        f"{config.seed}; augmentation and all else in config.toml."
    )


def selection(facts: Facts) -> str:
    """Return how the checkpoint was chosen."""
    best = best_record(facts.inputs.history)
    if not best:
        return ""
    if "penalty" in best:
        return f"The penalty with the least validation loss: {best['penalty']:g}."
    return f"The epoch with the best validation AUROC: {best['epoch']}, {best['val_auroc']:.3f}."


def ensembling(facts: Facts) -> str:
    """Return whether several answers are averaged."""
    if facts.inputs.config.predict.views == 8:
        return "One network; the mean of its logits over the eight flips and quarter turns."
    return "None."


def imbalance(facts: Facts) -> str:
    """Return what was done about rare classes."""
    done = {
        "none": "Nothing; probabilities follow the shares of the training data",
        "weights": "The loss of a class weighs inversely to its frequency, which shifts probabilities",
        "sampler": "Classes are drawn equally often, which shifts probabilities",
    }[facts.inputs.config.train.imbalance]
    return f"{done}; calibrated on validation afterwards."


def thresholds(facts: Facts) -> str:
    """Return the thresholds and how they were chosen."""
    points = facts.inputs.evaluation.operating_points
    rows = [f"{probability_text(p['threshold'])} for {percent(p['target_sensitivity'], digits=0)}" for p in points
            if not isnan(p["target_sensitivity"])]  # fmt: skip
    if not rows:
        return ""
    return f"Calibrated probabilities; malignant from {join(rows)} sensitivity, chosen on validation."


def calibration(facts: Facts) -> str:
    """Return how probabilities were calibrated, and to what effect."""
    found = facts.inputs.calibration
    return (
        f"On {count(found.n_images, 'validation image')}: negative log likelihood {found.nll_before:.3f} before and "
        f"{found.nll_after:.3f} after, ECE {found.ece_before:.3f} and {found.ece_after:.3f}. The model was not updated."
    )


def metrics(facts: Facts) -> str:
    """Return the figures that are reported."""
    del facts
    return (
        "AUROC, average precision, sensitivity, specificity, PPV and NPV at thresholds chosen beforehand, balanced "
        "accuracy, Brier score, log likelihood and calibration error, with curves."
    )


def uncertainty(facts: Facts) -> str:
    """Return how intervals were made."""
    return intervals_note(facts)


def subgroups(facts: Facts) -> str:
    """Return for which groups figures are given, and the worst of them."""
    detail = facts.inputs.evaluation.detail
    if detail is None or detail.subgroups is None or not detail.subgroups.tables:
        return ""
    given = join([table.name for table in detail.subgroups.tables])
    return f"Figures by {given}. {worst_subgroup(facts)}".strip()


def robustness(facts: Facts) -> str:
    """Return what the model says when the lesion is covered."""
    return second_look_text(facts.inputs.second_look) if facts.inputs.second_look else ""


def tests(facts: Facts) -> str:
    """Return what kind of test it was."""
    return f"Internal: {count(len(facts.test), 'image')} held out of the same data. No external data in this report."


def flow(facts: Facts) -> str:
    """Return the flow in a sentence; the report has it as a figure."""
    found, *later = flow_of(facts).steps or [("used", len(facts.inputs.manifest), len(facts.inputs.manifest))]
    steps = [f"{found[1]:,} {found[0]}", *(f"{-n:,} {name}, {left:,} left" for name, n, left in later if n < 0)]
    return f"{'; '.join(steps)}. Figure in the report."


def people(facts: Facts) -> str:
    """Return what is known about the people, and the estimated skin tone."""
    recorded = [word for column, word in PEOPLE.items() if is_recorded(facts.inputs.manifest, column)]
    text = f"Table in the report: {join(recorded)}." if recorded else ""
    audit = facts.inputs.audit
    if audit is None or not audit.skin_tone.counts:
        return text
    counts = audit.skin_tone.counts
    tones = [f"{name} {share(n, sum(counts.values()))}" for name, n in counts.items()]
    return f"{text} Skin tone estimated from the pictures: {join(tones)}.".strip()


def performance(facts: Facts) -> str:
    """Return AUROC, sensitivity and specificity with intervals."""
    evaluation = facts.inputs.evaluation
    found = [f"AUROC {show_score(evaluation.metrics['auroc'])}", *_reached(facts.point)]
    return f"{', '.join(found)}; n = {len(facts.test):,}."


def baselines(facts: Facts) -> str:
    """Return the model's AUROC beside that of the strongest shortcut."""
    return comparison_text(facts)


def failures(facts: Facts) -> str:
    """Return how many were missed and flagged needlessly."""
    n_missed = int((facts.is_malignant & ~facts.is_flagged).sum())
    n_needless = int((~facts.is_malignant & facts.is_flagged).sum())
    return f"{n_missed:,} malignant images missed and {n_needless:,} benign ones flagged; the surest are shown."


def limitations(facts: Facts) -> str:
    """Return the titles of what to beware of."""
    notes = [note.title.rstrip(".").lower() for note in answer_of(facts).beware]
    audit = facts.inputs.audit
    found = f" Audit: {level_counts(audit, with_notes=True) or 'nothing found'}." if audit is not None else ""
    return f"In the report: {join(notes)}.{found}"


def availability(facts: Facts) -> str:
    """Return the fingerprint of the data and the licence of the code."""
    fingerprint = facts.inputs.environment.get("pixels_sha256")
    data = f" Images used: sha256 {fingerprint}." if fingerprint else ""
    return f"Code: lentigo, Apache-2.0. Settings, splits and predictions of every image are in the run folder.{data}"


def _reached(point: OperatingPointScores | None) -> list[str]:
    if point is None:
        return []
    figures: list[tuple[str, Estimate]] = [("sensitivity", point["sensitivity"]), ("specificity", point["specificity"])]
    return [f"{name} {show_share(figure)}" for name, figure in figures]


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
