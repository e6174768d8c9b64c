"""What an audit says in sentences: the verdict, the strongest shortcut, the tone of the skin, and the second look."""

import math
from collections.abc import Mapping
from typing import Any, Final

from lentigo.model.decision import Estimate
from lentigo.numbers.metrics import say
from lentigo.study.auditing import LEAKING, Audit
from lentigo.study.reporting._words import join, percent, show_score
from lentigo.wording import counted

MOST_CLASSES: Final = 9
MOSTLY: Final = 0.5
_FEWEST_TO_DOUBT: Final = 200
"""Readable images: of 60 in three classes no label could reach the probability that a doubt needs."""


def level_counts(audit: Audit, *, with_notes: bool = False) -> str:
    """Return how many findings of each level there are: "3 errors, 2 warnings"; empty for none."""
    levels = ("error", "warning", "note") if with_notes else ("error", "warning")
    counts = [(sum(finding.level == level for finding in audit.findings), level) for level in levels]
    return ", ".join(counted(n, level) for n, level in counts if n)


def verdict(audit: Audit) -> str:
    """Return what the audit comes to, in one sentence."""
    if audit.worst == "error":
        return f"These data need work before training: {level_counts(audit)}."
    if audit.worst == "warning":
        return f"These data can be used for training, but review them first: {level_counts(audit)}."
    strongest = audit.strongest_shortcut
    found = strongest.auroc if strongest is not None else Estimate.undefined("not measured")
    return say("nothing stops learning", found, name="" if strongest is None else strongest.name)[1]


def state(audit: Audit) -> str:
    """Return what was looked at: images, classes, and what was kept together."""
    unreadable = audit.n_images - audit.n_readable
    read = "all readable" if not unreadable else f"{unreadable:,} of them unreadable"
    together = {
        "patient": "Images of one patient were kept together wherever figures were cross-validated.",
        "lesion": (
            "Images of one lesion were kept together wherever figures were cross-validated; patients are unknown, so "
            "those of one patient were not."
        ),
    }.get(audit.unit, "The data have neither lesion nor patient ids, so only copies of a picture were kept together.")
    return f"{counted(audit.n_images, 'image')}, {read}, {classes_text(audit)}. {together}"


def classes_text(audit: Audit) -> str:
    """Return the classes in words, and which of them are malignant."""
    if len(audit.classes) > MOST_CLASSES:
        named = f"{counted(len(audit.classes), 'class', 'classes')}"
    elif len(audit.classes) == 1:
        named = f"all {audit.classes[0]}"
    else:
        named = f"{counted(len(audit.classes), 'class', 'classes')}: {join(audit.classes)}"
    if not audit.malignant or audit.malignant == ("malignant",):
        return named
    return f"{named} (malignant: {join(audit.malignant)})"


def leakage_text(audit: Audit) -> str:
    """Return what became of the images that leak, in a sentence; empty where nothing leaks."""
    n_left_out = _n_left_out(audit)
    if n_left_out:
        what = "image was" if n_left_out == 1 else "images were"
        same = {"image": "picture", "lesion": "picture or lesion"}.get(audit.unit, "picture, lesion or patient")
        return (
            f"{n_left_out:,} {what} excluded from training (or validation), because a later split contains the same "
            f"{same}, or a copy of one that is excluded."
        )
    if has_leaks_left(audit):
        return "The images that leak were kept: results on test may be better than on new patients."
    return ""


def no_doubts_text(audit: Audit) -> str:
    """Return what it means that no label is in doubt: nothing, where there are few images."""
    if audit.n_readable < _FEWEST_TO_DOUBT:
        return f"no label is in doubt, but among so few images ({audit.n_readable:,}) hardly any could be"
    return "no label is contradicted by the other images"


def has_leaks_left(audit: Audit) -> bool:
    """Return whether something leaks and nothing was left out."""
    return any(finding.code.startswith("leak.") for finding in audit.findings) and not _n_left_out(audit)


def _n_left_out(audit: Audit) -> int:
    return -sum(step.n_images for step in audit.flow if step.step == LEAKING)


def shortcut_text(audit: Audit) -> str:
    """Return the sentences that name the strongest shortcut."""
    strongest = audit.strongest_shortcut
    if strongest is None:
        return "Not measured: this needs enough benign and malignant images."
    what = f", above all by {strongest.strongest}" if strongest.strongest else ""
    auroc = strongest.auroc
    is_perfect = auroc.value >= 1 and not auroc.has_interval  # all resamples agree
    judged = Estimate(auroc.value, auroc.value, auroc.value, auroc.n) if is_perfect else auroc
    return say(
        "no shortcut", judged, name=strongest.name, shown=show_score(auroc), what=what, n=f"{auroc.n:,}",
    )[1]  # fmt: skip


def tone_text(audit: Audit) -> str:
    """Return the estimated tone of the skin, and how little it is known; empty where nothing was estimated."""
    tone = audit.skin_tone
    total = sum(tone.counts.values())
    if not total or math.isnan(tone.median):
        return ""
    unsure = f"; one image's estimate is uncertain by about ±{tone.uncertainty:.0f}°" * (
        not math.isnan(tone.uncertainty)
    )
    n_uncertain = tone.counts.get("uncertain", 0)
    none = f" For {percent(n_uncertain / total, digits=0)} of the images no class could be determined." * bool(
        n_uncertain
    )
    return (
        "Estimated from the colour of the skin around the lesion (individual typology angle): median "
        f"{tone.median:.0f}°{unsure}.{none} Light, camera and white balance shift it: it describes photographs and "
        "does not classify people."
    )


def occlusion_text(second_look: Mapping[str, Any]) -> str:
    """Return what it means that the model was asked again without the lesion, in one sentence; empty where undefined.

    Args:
        second_look: JSON of an `Estimate` under "whole" (the pictures as they are), "masked" (lesion covered) and
            "centre" (only the centre kept); any may be missing.

    Example:
        >>> look = {name: Estimate(value, value - 0.03, value + 0.03, n=600).json()
        ...         for name, value in {"whole": 0.9, "masked": 0.52}.items()}
        >>> occlusion_text(look)[:60]
        'With the lesion covered, the model is hardly better than cha'
    """
    masked, kept = estimate_of(second_look, "masked"), _kept(second_look)
    if masked is None:
        return ""
    words: dict[str, Any] = {"shown": show_score(masked), "n": f"{masked.n:,}"}
    whole = estimate_of(second_look, "whole")
    if whole is not None and whole.has_interval:
        judged, sentence = say("a lead to lose", whole, **words | {"whole": show_score(whole)})
        if judged != "holds":
            return sentence
    if kept is None:
        return ""
    if relies_on_surroundings(second_look):  # the value warns; that it is so, the near end has to show
        return say("beside the lesion", masked, **words)[1]
    judged, sentence = say("coin without the lesion", masked, **words)
    if judged == "holds":
        return sentence
    return say("mostly the lesion", _kept_at_worst(second_look, kept), **words)[1]


def relies_on_surroundings(second_look: Mapping[str, Any]) -> bool:
    """Return whether the model keeps at least half of what it has over a coin when the lesion is covered.

    Example:
        >>> relies_on_surroundings({})
        False
    """
    kept = _kept(second_look)
    return kept is not None and kept >= MOSTLY


def _kept(second_look: Mapping[str, Any]) -> float | None:
    """Return the part of the model's lead over a coin that is left without the lesion; None where it has no lead."""
    whole, masked = (estimate_of(second_look, key) for key in ("whole", "masked"))
    if whole is None or masked is None or whole.value <= 0.5:
        return None
    return (masked.value - 0.5) / (whole.value - 0.5)


def _kept_at_worst(second_look: Mapping[str, Any], kept: float) -> Estimate:
    """Return the part of the lead that is left, with an interval: the lead at its lower end, what is left at both."""
    whole, masked = (estimate_of(second_look, key) for key in ("whole", "masked"))
    if whole is None or masked is None or not masked.has_interval:
        return Estimate(kept, math.nan, math.nan, 0)
    lead = (whole.low if whole.has_interval else whole.value) - 0.5
    if lead <= 0:
        return Estimate(kept, math.nan, math.nan, masked.n)
    return Estimate(kept, (masked.low - 0.5) / (whole.value - 0.5), (masked.high - 0.5) / lead, masked.n)


def estimate_of(second_look: Mapping[str, Any], key: str) -> Estimate | None:
    """Return one figure of the second look; None where it is missing or undefined."""
    payload = second_look.get(key)
    estimate = Estimate.from_json(payload) if payload else None
    return estimate if estimate is not None and estimate.is_defined else None
