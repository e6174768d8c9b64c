"""model_card.md of a bundle: what it is, what it may be used for, when it refuses, and how far it can be believed."""

from collections.abc import Iterator

from lentigo.model import CALIBRATED_ON, RULES, BundleRecord
from lentigo.model.decision import KEPT_IN, Fusion, OperatingPoint
from lentigo.wording import counted, figure_text, percent_text

FAILING = "by "  # how the name of a figure of a group begins
_COMMERCIAL = {"yes": "allowed by the sources", "no": "not allowed", "unknown": "unknown"}


def render_bundle_card(record: BundleRecord, n_bytes: int) -> str:
    """Return the card as Markdown.

    Args:
        record: of the bundle.
        n_bytes: size of model.onnx.
    """
    lines = [
        f"# {_line(record.name)}",
        "",
        f"A classifier of {_subject(record)}. **Research use only; not a medical device.**",
        "",
        record.headline().text,
        "",
        *_section("What the weights may be used for", _licence(record)),
        *_section("Model", _model(record, n_bytes)),
        *_section("Decision", _decision(record)),
        *_section("When it cannot assess", _refusals(record)),
        *_section("Figures on test", _figures(record)),
        *_section("Where it fails: figures on test by group", _failures(record)),
        *_section("Same predictions as its source", _parity(record)),
        *(_section("Lower precision", _reduced(record)) if record.reduced else []),
        *_section("Data", _data(record)),
    ]
    return "\n".join(lines)


def _subject(record: BundleRecord) -> str:
    is_embedded = record.network.asks_for == "embeddings"
    return "dermatoscopic photographs by their embeddings" if is_embedded else "dermatoscopic photographs"


def _section(title: str, points: Iterator[str]) -> list[str]:
    return [f"## {title}", "", *(f"- {point}" for point in points), ""]


def _licence(record: BundleRecord) -> Iterator[str]:
    yield record.licence.use
    yield f"commercial use: {_COMMERCIAL[record.licence.is_commercial]}"
    for source in record.licence.sources:
        yield f"{_line(source.what)}: {_line(source.licence)}"


def _model(record: BundleRecord, n_bytes: int) -> Iterator[str]:
    network, image = record.network, record.image
    yield f"classes: {', '.join(record.classes)}; malignant: {', '.join(record.malignant_classes)}"
    members = f", mean of {counted(network.n_networks, 'network')}" if network.n_networks > 1 else ""
    yield f"network: {network.backbone}{members}, weights stored as {network.storage}, {n_bytes / 2**20:.1f} MB"
    if network.asks_for == "embeddings":
        yield f"input: embeddings, {network.embedding_size} numbers per image, of {record.data.get('embeddings of')}"
    else:
        yield f"input: {image.size} x {image.size} pixels, fitted by '{image.fit}'"
        eight = "probabilities are the mean over eight flips and quarter turns"
        yield eight if network.views == 8 else "one view per image"
    yield "class-activation maps: " + ("yes" if network.map_side else f"no, because {network.map_reason}")
    yield f"calibration: {record.decision.probability_map.method}"
    yield f"exported by lentigo {record.lentigo} on {record.created}"


def _decision(record: BundleRecord) -> Iterator[str]:
    if (rule := record.decision.class_rule) is not None:
        yield (
            f"the class that is called: {rule.words}; balanced accuracy on validation folds it was not fitted on "
            f"{rule.balanced_accuracy}, against {rule.plain} for the most probable class"
        )
    decision = record.decision
    if decision.fusion is not None:
        yield from _beside(decision.fusion)
    for place, point in enumerate(decision.operating_points):
        first = "decides" if place == 0 else "also stored"
        kept = KEPT_IN.get(point.source, "")
        said = f"{first}; its sensitivity is kept{kept}" if kept else first
        yield (
            f"{_line(point.name)} ({said}): refer at a malignant probability of "
            f"{figure_text(point.threshold, 4)} or more; on {_chosen_on(record)}{_sides(point)} "
            f"sensitivity {point.sensitivity}, specificity {point.specificity}"
        )
    band = decision.low_confidence
    if band is not None and band.low < band.high:
        share = f"{percent_text(band.expected_share, 1)} of {_chosen_on(record)}"
        low, high = figure_text(band.low, 4), figure_text(band.high, 4)
        yield f"between {low} and {high} the result is too close to call ({share})"
    share = percent_text(decision.prevalence)
    yield f"probabilities apply where {share} of lesions are malignant; elsewhere use --prevalence"


def _beside(fusion: Fusion) -> Iterator[str]:
    names = ", ".join(term.name for term in fusion.terms)
    gain = fusion.gain
    value, low, high = (figure_text(each, signed=True) for each in (gain.value, gain.low, gain.high))
    interval = f"[{low}, {high}]" if gain.has_interval else "(too few images for an interval)"
    shown = f"{value} {interval} against" if gain.is_defined else "not compared with that of"
    yield (
        f"beside the image it uses: {_line(names)}; AUROC on validation {shown} the image alone, in nested folds. "
        "A value that is unknown counts as the average"
    )
    if fusion.note:
        yield _line(fusion.note)
    for term in fusion.terms:
        known = term.values or tuple(f"{value:.4g}" for value in term.at)
        curve = ", ".join(f"{_line(name)} {effect:+.2f}" for name, effect in zip(known, term.effect, strict=True))
        yield f"{_line(term.name)}, in logits: {curve}"


def _refusals(record: BundleRecord) -> Iterator[str]:
    for rule in RULES:
        if rule.key in record.gate.limits:
            yield f"{rule.words}: {percent_text(record.gate.rates[rule.key], 1)} of {_images(record)}"
    refused = percent_text(record.gate.expected_rate, 1)
    yield f"any of these: {refused} of {_images(record)} (n = {record.gate.n_images:,})"
    if (odd := record.oddness) is not None:
        share = f"{percent_text(odd.expected_rate, 1)} of {_chosen_on(record)} (n = {odd.n_images:,})"
        yield f"beside these, unlike all training images: {share}"
    yield from _elsewhere(record)
    if record.network.asks_for == "embeddings":
        yield "the photographs behind the embeddings are not seen, so that blur, light and framing are not checked"
        return
    if any(one.kinds and not one.is_left_out for one in record.measured):
        yield "figures on test were measured without these checks: photographs that they refuse come on top"
    yield "a photograph that passes may still show something that the network has never seen"


def _elsewhere(record: BundleRecord) -> Iterator[str]:
    judge = record.gate.judge
    if judge is None:
        yield "the limits were not tested on a source held out of fitting; of other cameras more may be refused"
        return
    shares = ", ".join(f"{_line(name)} {percent_text(share, 1)}" for name, share in judge.left_out.items())
    yield f"photographs refused of a source not used to fit the limits, each held out in turn: {shares}"
    refused = percent_text(judge.others_refused, 1)
    yield f"drawn pictures and spoilt photographs refused: {refused} of those that the limits were fitted to"


def _sides(point: OperatingPoint) -> str:
    """Return on how many images of either side a threshold was chosen; nothing where an old bundle does not say."""
    n_malignant, n_benign = point.n_malignant, point.n_benign
    return f" ({n_malignant:,} malignant, {n_benign:,} benign)" if n_malignant and n_benign else ""


def _chosen_on(record: BundleRecord) -> str:
    """Return on which images thresholds, band and the limit of the out-of-distribution score were chosen."""
    return "the images it was calibrated to" if CALIBRATED_ON in record.data else "validation images"


def _images(record: BundleRecord) -> str:
    """Return which images the limits of the gate were fitted to."""
    chosen = _chosen_on(record)
    return chosen if CALIBRATED_ON in record.data or record.gate.judge is None else "photographs of all sources"


def _figures(record: BundleRecord) -> Iterator[str]:
    if record.metrics and str(record.data.get("views", "")).startswith("1;"):
        yield "these and the headline are of eight views of each image; this bundle takes one (views, under Data)"
    for name, figure in record.metrics.items():
        if not name.startswith(FAILING):
            yield f"{_line(name)}: {figure}"
    if not record.metrics:
        is_local = CALIBRATED_ON in record.data
        yield (
            "none, because it was recalibrated to other images: `lentigo evaluate FOLDER --data` evaluates it on more "
            "such images"
            if is_local
            else "none: the run was not evaluated"
        )


def _failures(record: BundleRecord) -> Iterator[str]:
    told = [f"{_line(name.removeprefix(FAILING))}: {figure}" for name, figure in record.metrics.items()
            if name.startswith(FAILING)]  # fmt: skip
    yield from told or ["not measured: the data name no groups, or too few images of each"]


def _parity(record: BundleRecord) -> Iterator[str]:
    parity = record.parity
    yield (
        f"largest difference on {counted(parity.n_images, 'image')}, against torch: probability "
        f"{parity.probabilities:.1e}, logit {parity.logits:.1e} and map {parity.maps:.1e} of the largest"
    )
    if parity.decisions_changed is not None:
        lost = [
            f"{name} {'n/a' if value is None else f'{value:+.4f}'}"
            for name, value in (("AUROC", parity.auroc_lost), ("sensitivity", parity.sensitivity_lost))
        ]
        changed = f"decisions changed {percent_text(parity.decisions_changed, 2)}"
        yield f"lost by storing weights as {record.network.storage}, on validation: {', '.join(lost)}; {changed}"


def _reduced(record: BundleRecord) -> Iterator[str]:
    for one in record.reduced:
        yield (
            f"{one.precision} ({one.runtime} {one.runtime_version}), on {counted(one.n_images, 'validation image')}: "
            f"{counted(one.n_changed, 'decision')} changed, {counted(one.n_again, 'image')} "
            f"near a border computed again in float32 (without that {one.n_changed_alone} would change); largest error "
            f"of the malignant log-odds {figure_text(one.logits)}"
        )


def _data(record: BundleRecord) -> Iterator[str]:
    for name, value in record.data.items():
        yield f"{_line(name)}: {_line(value)}"
    if record.references is not None:
        pictures = "with small pictures" if record.references.picture_side else "without pictures"
        yield f"{record.references.n_cases} reference cases {pictures}: embedding, diagnosis and id of each"


def _line(text: str) -> str:
    return " ".join(text.split())
