"""The audit as one page for people: the verdict, what to do, and the pictures that prove it."""

from dataclasses import dataclass
from typing import Any, Final

from lentigo.data.manifest import SPLITS, Manifest
from lentigo.study.auditing import Audit
from lentigo.study.reporting._audit.bars import shortcut_bars
from lentigo.study.reporting._audit.pairs import pair_groups, side_of
from lentigo.study.reporting._audit.quality import examples, flag_rows, tone_rows
from lentigo.study.reporting._audit.tables import compositions, flow_of_audit
from lentigo.study.reporting._audit.words import no_doubts_text, shortcut_text, state, tone_text, verdict
from lentigo.study.reporting._pictures import Thumbnail, Thumbnails
from lentigo.study.reporting._rendering import render
from lentigo.study.reporting._words import FormattedEstimate, join, probability_text, show_score
from lentigo.taxonomy import MALIGNANT
from lentigo.wording import counted

SHOWN_DOUBTS: Final = 24
OPEN_PAIRS: Final = 12
SIDE: Final = 192


def render_audit(audit: Audit, manifest: Manifest, *, with_pictures: bool = True) -> str:
    """Return the audit as one HTML file that needs nothing else.

    Args:
        audit: what was found.
        manifest: all images that were audited: where their files lie, and their classes and splits as found.
        with_pictures: whether images are shown as thumbnails; without, the page holds no image of a person.

    Example:
        >>> audit, manifest = Audit.read(run / "audit.json"), Manifest.read(run / "manifest.csv")
        >>> render_audit(audit, manifest, with_pictures=False).splitlines()[0]
        '<!doctype html>'
    """
    album = Thumbnails.of(manifest, side=SIDE, with_pictures=with_pictures)
    return render("audit.html.j2", _texts(audit) | _pictures(audit, manifest, album) | _numbers(audit, manifest))


@dataclass(frozen=True, slots=True)
class _Tally:
    name: str
    shown: FormattedEstimate
    meaning: str


@dataclass(frozen=True, slots=True)
class _ShownLabelError:
    picture: Thumbnail
    target: str
    side: str
    suggested: str
    confidence: str


def _texts(audit: Audit) -> dict[str, Any]:
    return {
        "audit": audit,
        "title": audit.data,
        "verdict": verdict(audit),
        "state": state(audit),
        "tallies": _tallies(audit),
        "pairs_lead": _pairs_lead(audit),
        "shortcut_text": shortcut_text(audit),
        "tone_text": tone_text(audit),
        "flawless": join([flag.name for flag in audit.flags if not flag.n_images]),
        "side_of": lambda name: side_of(name, audit),
    }


def _pictures(audit: Audit, manifest: Manifest, album: Thumbnails) -> dict[str, Any]:
    target_of = dict(zip(manifest.table["image_id"], manifest.table["target"], strict=True))
    return {
        "with_pictures": album.with_pictures,
        "groups": pair_groups(audit, album),
        "open_pairs": OPEN_PAIRS,
        "doubts": [
            _ShownLabelError(
                album.picture(doubt.image),
                doubt.target,
                side_of(doubt.target, audit),
                doubt.suggested,
                probability_text(doubt.self_confidence),
            )
            for doubt in audit.doubts[:SHOWN_DOUBTS]
        ],
        "examples": examples(audit, album, target_of),
    }


def _numbers(audit: Audit, manifest: Manifest) -> dict[str, Any]:
    sides = {side_of(name, audit) for name in audit.classes}
    return {
        "bars": shortcut_bars(audit),
        "flags": flag_rows(audit),
        "flag_splits": [name for name in SPLITS if any(name in flag.by_split for flag in audit.flags)],
        "tones": tone_rows(audit),
        "flow": flow_of_audit(audit, manifest),
        "tables": compositions(audit, manifest),
        "has_sides": len(sides) > 1 and MALIGNANT in sides,
    }


def _tallies(audit: Audit) -> list[_Tally]:
    n_leaks = sum(pair.is_leak for pair in audit.pairs)
    tallies = [
        _Tally(
            "Images",
            FormattedEstimate(f"{audit.n_images:,}", "", ""),
            "all readable" if audit.n_readable == audit.n_images else f"{audit.n_readable:,} readable",
        ),
        _Tally(
            "Pairs of the same picture",
            FormattedEstimate(f"{audit.n_pairs:,}", "", ""),
            f"{n_leaks:,} of them in two splits" if n_leaks else "none found in two splits",
        ),
    ]
    strongest = audit.strongest_shortcut
    if strongest is not None:
        tallies.append(_Tally("Strongest shortcut", show_score(strongest.auroc), f"AUROC of “{strongest.name}” alone"))
    meaning = "the other images contradict them" if audit.doubts else no_doubts_text(audit)
    tallies.append(_Tally("Labels in doubt", FormattedEstimate(f"{len(audit.doubts):,}", "", ""), meaning))
    return tallies


def _pairs_lead(audit: Audit) -> str:
    n_pairs = counted(audit.n_pairs, "pair")
    text = f"{n_pairs} of images show the same picture, also if rotated, mirrored, cropped or saved again."
    if audit.n_pairs > len(audit.pairs):
        text += f" The most serious {len(audit.pairs):,} are counted below."
    return text
