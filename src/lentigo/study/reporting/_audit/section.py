"""The audit in a run's report and model card: what was wrong with the data, beside what the model made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lentigo.numbers.metrics import CLAIMS
from lentigo.study.auditing import HOLDS_LESION, Audit, Finding
from lentigo.study.reporting._audit.bars import Bar, Kind, shortcut_bars
from lentigo.study.reporting._audit.pairs import ShownPair, show_pair, varied
from lentigo.study.reporting._audit.words import (
    estimate_of,
    has_leaks_left,
    leakage_text,
    level_counts,
    occlusion_text,
    relies_on_surroundings,
    shortcut_text,
)
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._pictures import Thumbnails
from lentigo.study.reporting._words import show_score
from lentigo.wording import counted

SHOWN_PAIRS: Final = 6
SECOND_LOOKS: Final[dict[str, tuple[str, Kind]]] = {
    "whole": ("the pictures as they are, all of the test", "second"),
    "centre": ("only the centre kept", "second"),
    "masked": ("the lesion covered", "strongest"),
}


@dataclass(frozen=True, slots=True)
class DataAudit:
    """The section "Data audit".

    Args:
        lead: what the audit came to, and what became of images that leak.
        findings: errors and warnings.
        n_notes: findings that are only good to know.
        comparison: the model's AUROC beside the strongest shortcut; empty without one.
        bars: the model first, then the shortcuts.
        looks: the model asked again without the lesion.
        look: what that means.
        n_looked: images it was asked about.
        pairs: the first that leak.
        n_leaks: how many pairs leak.

    Example:
        >>> DataAudit("", (), 0, "", (), (), "", 0, (), 0).pairs
        ()
    """

    lead: str
    findings: tuple[Finding, ...]
    n_notes: int
    comparison: str
    bars: tuple[Bar, ...]
    looks: tuple[Bar, ...]
    look: str
    n_looked: int
    pairs: tuple[ShownPair, ...]
    n_leaks: int


def data_audit(facts: RunFacts, *, with_pictures: bool = True) -> DataAudit | None:
    """Return the section, or None for a run without an audit and without a second look."""
    inputs = facts.inputs
    audit, second_look = inputs.audit, inputs.second_look or {}
    looks = tuple(_look_bars(facts))
    if audit is None:
        text = occlusion_text(second_look)
        return DataAudit("", (), 0, "", (), looks, text, int(second_look.get("n_images", 0)), (), 0) if looks else None
    leaks = varied([pair for pair in audit.pairs if pair.is_leak])
    manifest = inputs.audited or inputs.manifest
    album = Thumbnails.of(manifest, limits=inputs.config.image, with_pictures=with_pictures)
    bars = shortcut_bars(audit)
    model = Bar.of("the model", inputs.evaluation.metrics["auroc"], "model", "on test")
    return DataAudit(
        lead=" ".join(filter(None, (_lead(audit), leakage_text(audit)))),
        findings=tuple(finding for finding in audit.findings if finding.level != "note"),
        n_notes=sum(finding.level == "note" for finding in audit.findings),
        comparison=comparison_text(facts),
        bars=(model, *bars) if bars else (),
        looks=looks,
        look=occlusion_text(second_look),
        n_looked=int(second_look.get("n_images", 0)),
        pairs=tuple(show_pair(pair, audit, album) for pair in leaks[:SHOWN_PAIRS]),
        n_leaks=len(leaks),
    )


def _lead(audit: Audit) -> str:
    counts = level_counts(audit, with_notes=True) or "nothing found"
    return f"Problems of the data found before training: {counts}. Features of images are estimated from the pixels."


def _look_bars(facts: RunFacts) -> Iterator[Bar]:
    for key, (name, kind) in SECOND_LOOKS.items():
        estimate = estimate_of(facts.inputs.second_look or {}, key)
        if estimate is not None:
            yield Bar.of(name, estimate, kind)


def comparison_text(facts: RunFacts) -> str:
    """Return the model's AUROC beside the strongest shortcut's, and beside all together where they reach more."""
    audit = facts.inputs.audit
    strongest = audit.strongest_shortcut if audit else None
    if strongest is None:
        return ""
    model = show_score(facts.inputs.evaluation.metrics["auroc"])
    text = f"The model: {model}; “{strongest.name}” alone: {show_score(strongest.auroc)}"
    together = next((score.auroc for score in audit.shortcuts if score.key == "all"), None) if audit else None
    if together is not None and together.value > strongest.auroc.value:
        text += f"; all such features together: {show_score(together)}"
    return f"{text}."


def audit_notes(facts: RunFacts) -> Iterator[tuple[str, str]]:
    """Yield what to beware of, as title and text: leaks left in, a shortcut, a model that looks beside the lesion."""
    audit, second_look = facts.inputs.audit, facts.inputs.second_look
    if audit is not None:
        if has_leaks_left(audit):
            yield "Leaks.", leakage_text(audit)
        strongest = audit.strongest_shortcut
        if strongest is not None and _is_grave(audit, strongest.key):
            shown = show_score(strongest.auroc)
            text = f"“{strongest.name}” alone separates malignant from benign with an AUROC of {shown}"
            text += "; some or all of the model's results may come from this."
            if _may_be_the_lesion(audit, strongest.key):
                lesion = "The lesion influences these features as well, so not all of this need be a shortcut."
                yield "A possible shortcut in the data.", f"{text} {lesion}"
            else:
                yield "A shortcut in the data.", text
        elif strongest is not None and strongest.auroc.value >= CLAIMS["nothing stops learning"].limit:
            yield "A shortcut is not ruled out.", shortcut_text(audit)
    second_look = second_look or {}
    whole = estimate_of(second_look, "whole")
    if whole is not None and CLAIMS["a lead to lose"].judge(whole) == "holds" and relies_on_surroundings(second_look):
        masked = estimate_of(second_look, "masked")
        is_sure = masked is not None and CLAIMS["beside the lesion"].judge(masked) == "fails"
        title = "Uses regions outside the lesion." if is_sure else "May use regions outside the lesion."
        yield title, occlusion_text(second_look)


def _may_be_the_lesion(audit: Audit, key: str) -> bool:
    """Return whether the lesion may be what a group of features tells; an uneven ruler is a shortcut all the same."""
    uneven = any(one.code.startswith("shortcut.artefact.") and one.level != "note" for one in audit.findings)
    return key in HOLDS_LESION and not (key == "artefacts" and uneven)


def _is_grave(audit: Audit, key: str) -> bool:
    return any(finding.code == f"shortcut.{key}" and finding.level != "note" for finding in audit.findings)


def audit_rows(facts: RunFacts) -> Iterator[tuple[str, str]]:
    """Yield what the model card says of the audit: two cells a row."""
    audit = facts.inputs.audit
    if audit is not None:
        yield "findings", level_counts(audit, with_notes=True) or "none"
        yield from (
            (finding.level, finding.title) for finding in audit.findings if finding.level in {"error", "warning"}
        )
        if text := leakage_text(audit):
            yield "leaks", text
        yield "same picture twice", counted(audit.n_pairs, "pair")
        if text := comparison_text(facts):
            yield "AUROC beside a shortcut", text
    for key, (name, _) in SECOND_LOOKS.items():
        estimate = estimate_of(facts.inputs.second_look or {}, key)
        if estimate is not None:
            yield f"AUROC, {name}", str(show_score(estimate))
