"""The model card: one content, shown at the end of the report and written as model_card.md as Hugging Face has it.

What the data tell is filled in; what only a person can know says "to be written", so that nobody mistakes a gap for an
answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lentigo.study.reporting._answer import answer_of, intervals_note
from lentigo.study.reporting._audit.section import audit_rows
from lentigo.study.reporting._cohort import flow_of
from lentigo.study.reporting._held_out_section import held_out_section
from lentigo.study.reporting._inputs import RunFacts, weights_name
from lentigo.study.reporting._subgroup_section import subgroup_section
from lentigo.study.reporting._tables import overall_scores, point_rows
from lentigo.study.reporting._words import join, show_score, threshold_text
from lentigo.wording import counted

_ETHICS = (
    "A missed melanoma can cost a life, and an unnecessary excision leaves a scar. The threshold trades one for the "
    "other; people must choose it. Public collections show mostly light skin, and a model performs worse on kinds of "
    "images that are rare in its training data. A confident prediction can mislead a reader who would have been right "
    "without it."
)
_FIGURES = ("sensitivity", "specificity", "AUROC")
_LICENCE = (
    "The code of lentigo is under Apache-2.0. This does not cover these weights: the licences of the training "
    "images (parts of the ISIC Archive are CC BY-NC){weights} may forbid commercial use."
)


@dataclass(frozen=True, slots=True)
class CardSection:
    """One section of the card.

    Args:
        title: its heading.
        paragraphs: running text.
        points: a title and a sentence each; the title may be empty.
        rows: two cells each: what, and its value.
        to_write: what a person has to add.
        is_above: whether the report has said all of it before it comes to the card.

    Example:
        >>> CardSection("Licence", to_write=("the licence of the weights",)).paragraphs
        ()
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    to_write: tuple[str, ...] = ()
    is_above: bool = False


def card_sections(facts: RunFacts) -> list[CardSection]:
    """Return the sections of the card."""
    answer = answer_of(facts)
    first = tuple(filter(None, (answer.headline, answer.headline_rest, answer.does)))
    return [
        CardSection("Model", first, rows=tuple(_model_rows(facts)), to_write=("who made it, and a contact",)),
        CardSection(
            "Intended use",
            ("Research on classifying dermatoscopic photographs, teaching, and comparison with other models.",),
            to_write=("the question and the setting it was made for",),
        ),
        CardSection("Out of scope", points=tuple((note.title, note.text) for note in answer.not_for), is_above=True),
        _data(facts),
        *([CardSection("Data audit", rows=rows, is_above=True)] if (rows := tuple(audit_rows(facts))) else []),
        CardSection(
            "Metrics",
            (intervals_note(facts),),
            rows=tuple((f"{name} ({what})", str(shown)) for name, shown, what in overall_scores(facts)),
            is_above=True,
        ),
        *_elsewhere(facts),
        *_operating_points(facts),
        *_where_it_fails(facts),
        CardSection("Limits", points=tuple((note.title, note.text) for note in answer.beware), is_above=True),
        CardSection(
            "Ethical caveats",
            (_ETHICS,),
            to_write=("consent and approval for the images", "figures by skin type, age, sex and site, where recorded"),
        ),
        CardSection(
            "Licence",
            (_LICENCE.format(weights=" and of the initial weights" * (facts.inputs.config.model.weights != "none")),),
            to_write=("the licence of these weights",),
        ),
    ]


def _model_rows(facts: RunFacts) -> Iterator[tuple[str, str]]:
    config, environment = facts.inputs.config, facts.inputs.environment
    yield "classes", join([_named(facts, name) for name in facts.classes])
    if facts.has_diagnoses:
        yield "malignant", join(facts.inputs.evaluation.malignant_classes)
    if config.train.method == "features":
        yield "network", config.network
        yield "embeddings", f"{environment.get('n_features', '?')} numbers per image, made by: {config.features.origin}"
        yield "licence of that model", config.features.licence
    else:
        yield "network", f"{config.model.backbone}, started from {weights_name(facts)}"
    method = "" if config.recipe == config.train.method else f" ({config.train.method})"
    yield "recipe", f"{config.recipe}{method}, seed {config.seed}"
    if config.train.method != "features":
        yield "input", f"{config.image.size} x {config.image.size} pixels, fitted by '{config.image.fit}'"
    sources = "".join(f" and {source.source} (held out)" for source in facts.inputs.calibration.left_out)
    if uses := facts.inputs.evaluation.provenance.get("uses"):
        yield "beside the image", f"{', '.join(map(str, uses))}. {facts.inputs.beside}"
    yield "calibration", f"{facts.inputs.calibration.probability_map.describe()}, fitted on validation{sources}"
    yield "made with", f"lentigo {environment.get('lentigo', 'of unknown version')}"


def _named(facts: RunFacts, name: str) -> str:
    full = facts.full_name(name)
    return name if full == name else f"{name} ({full})"


def _data(facts: RunFacts) -> CardSection:
    rows = []
    for box in flow_of(facts).splits:
        details = f", {box.details}" if box.details else ""
        malignant = f"{box.n_malignant:,} malignant, {box.malignant_share}"
        rows.append((box.title.lower(), f"{counted(box.n_images, 'image')} ({malignant}){details}"))
    rows.append(("looks at the test", facts.inputs.looks.sentence()))
    environment = facts.inputs.environment
    fingerprint = environment.get("pixels_sha256") or environment.get("features_sha256")
    if fingerprint:
        rows.append(("fingerprint of the files", f"sha256 {fingerprint}"))
    sides = (
        facts.inputs.taxonomy.describe()
        if facts.names_diagnoses
        else "The data contain no diagnoses, only benign and malignant."
    )
    return CardSection(
        "Data",
        (sides,),
        rows=tuple(rows),
        to_write=("where the images come from, and under which licence", "how the diagnoses were made"),
    )


def _elsewhere(facts: RunFacts) -> Iterator[CardSection]:
    told = held_out_section(facts.inputs.evaluation)
    if told is None:
        return
    names = ("sensitivity", "specificity", "AUROC", "cannot assess")
    rows = [
        (
            f"{source} ({counted(n, 'image')}, {n_malignant:,} malignant)",
            ", ".join(f"{name} {cell}" for name, cell in zip(names, cells, strict=True)),
        )
        for source, n, n_malignant, cells in told.rows
    ]
    over = [(f"{name} over collections", words) for name, words in told.over]
    yield CardSection("In a collection it has not learned from", (told.lead,), rows=(*rows, *over), is_above=True)


def _where_it_fails(facts: RunFacts) -> Iterator[CardSection]:
    detail = facts.inputs.evaluation.detail
    section = subgroup_section(facts.inputs.evaluation)
    rows = [
        (
            f"{block.name}: {row.value} ({counted(row.n_images, 'image')}, {row.n_malignant:,} malignant)",
            ", ".join(f"{name} {cell}" for name, cell in zip(_FIGURES, row.cells, strict=True)),
        )
        for block in (section.blocks if section is not None else ())
        for row in block.rows
    ]
    contrasts = detail.contrasts.found if detail is not None and detail.contrasts is not None else ()
    rows += [
        (
            f"melanoma against {one.name} ({one.n_melanomas:,} and {counted(one.n_nevi, 'image')})",
            f"AUROC {show_score(one.auroc)}",
        )
        for one in contrasts
    ]
    if rows:
        lead = (
            section.lead if section is not None else "Melanoma against nevus, all of them and those that were excised."
        )
        yield CardSection("Subgroups", (lead,), rows=tuple(rows), is_above=True)


def _operating_points(facts: RunFacts) -> Iterator[CardSection]:
    for point in point_rows(facts):
        yield CardSection(
            f"Operating point for {point.wanted}",
            (
                f"A lesion is flagged at or above a calibrated malignant probability of {point.threshold:.4g}.",
                "The threshold was chosen on validation; PPV and NPV hold at the prevalence of the test only.",
            ),
            rows=tuple((name, f"{shown}, {evidence}") for name, shown, evidence in point.cells),
            is_above=True,
        )


def model_name(facts: RunFacts) -> str:
    """Return the title on one line, for places that hold one line only.

    Control characters would end a line in Markdown and YAML.
    """
    visible = "".join(letter if letter.isprintable() else " " for letter in facts.inputs.title)
    return " ".join(visible.split()) or "model"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure for the front matter of the card.

    Example:
        >>> Metric("roc_auc", "AUROC", 0.957).kind
        'roc_auc'
    """

    kind: str
    name: str
    value: float


def card_metrics(facts: RunFacts) -> list[Metric]:
    """Return the figures for the front matter of the card; undefined ones are left out."""
    metrics, point = facts.inputs.evaluation.metrics, facts.point
    found = [
        ("accuracy", "Accuracy", metrics["accuracy"]),
        ("roc_auc", "AUROC, malignant against benign", metrics["auroc"]),
        ("average_precision", "Average precision, malignant against benign", metrics["average_precision"]),
        ("brier_score", "Brier score", metrics["brier"]),
    ]
    if point is not None:
        at = f"at a malignant probability of {threshold_text(point.threshold)}"
        found += [
            ("sensitivity", f"Sensitivity {at}", point.sensitivity),
            ("specificity", f"Specificity {at}", point.specificity),
        ]
    return [Metric(kind, name, round(e.value, 4)) for kind, name, e in found if e.is_defined]
