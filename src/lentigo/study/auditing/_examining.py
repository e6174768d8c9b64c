"""The audit itself: one pass over the files, then every question asked of what it brought back."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.config import ImageConfig
from lentigo.data.manifest import Manifest, Suspect, find_suspects
from lentigo.errors import name_offenders
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.study.auditing._audit import Audit
from lentigo.study.auditing._findings import LEVELS, UNUSED_IDS, DuplicatePair, Finding, LabelError
from lentigo.study.auditing._kept_examinations import keep_examination, kept_examination, key_of
from lentigo.study.auditing._label_errors import find_doubts
from lentigo.study.auditing._leaks import group_findings, leaking, pair_findings, sort_pairs
from lentigo.study.auditing._participant_flow import flow_steps, tabulate
from lentigo.study.auditing._shortcuts import measure_shortcuts, shortcut_findings
from lentigo.study.auditing._survey import Survey, survey
from lentigo.study.auditing.duplicates import Duplicates, find_duplicates
from lentigo.study.auditing.quality import flags as flag_images
from lentigo.study.auditing.quality import quality_findings, summarize_flags, summarize_tone, tone_classes

logger = logging.getLogger(__name__)

MOST_PAIRS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class ExaminedData:
    """An audit, and what it was made from.

    Args:
        audit: the result.
        groups: the patient, else lesion, else cluster of copies of each image, shape (N,): what must stay together.
        problems: what is wrong with unreadable images, by row.
        columns: what an evaluation makes subgroups of: `skin_tone` (estimated), `width` and `height` of the file,
            upright or not, in pixels; missing where unreadable.

    Example:
        >>> ExaminedData.__slots__
        ('audit', 'groups', 'problems', 'columns')
    """

    audit: Audit
    groups: npt.NDArray[np.str_]
    problems: dict[int, str]
    columns: pd.DataFrame

    def added_to(self, manifest: Manifest) -> Manifest:
        """Return the examined manifest with these columns, except those it has already."""
        fresh = self.columns[[name for name in self.columns if name not in manifest.table]]
        return Manifest(manifest.table.join(fresh), manifest.origin, manifest.classes, manifest.left_out)


def examine(
    manifest: Manifest,
    *,
    malignant: tuple[str, ...],
    image: ImageConfig | None = None,
    columns: Mapping[str, str] | None = None,
    predictions: Predictions | None = None,
    seed: int = 0,
    track: Track = silent,
) -> ExaminedData:
    """Return everything that can be found out about a data set without a network.

    Args:
        manifest: all images, with or without splits.
        malignant: the classes on the malignant side.
        image: limits of decoding.
        columns: what the user has said about columns (`data.columns`).
        predictions: out-of-fold or held-out predictions of a better model than the audit's own, for label errors.
        seed: of folds and resamples.
        track: draws progress.

    Example:
        >>> from lentigo.data.sources import read_data
        >>> examine(read_data(phantom), malignant=("MEL", "BCC")).audit.n_readable
        120
    """
    limits, stated = image or ImageConfig(), columns or {}
    key = key_of(manifest, malignant=malignant, image=limits, columns=stated, seed=seed)
    if predictions is None and (kept := kept_examination(key, manifest)) is not None:
        logger.info("These images were audited before; the audit is the one that was kept.")
        return kept
    seen, copies = find_copies(manifest, image=limits, track=track)
    groups, unit = manifest.groups(clusters=copies.clusters())
    is_malignant = manifest.table["target"].isin(malignant).to_numpy(dtype=bool)
    pairs = sort_pairs(_pairs(copies, manifest))
    scores = measure_shortcuts(seen, manifest, is_malignant=is_malignant, groups=groups, seed=seed, track=track)
    doubts = find_doubts(seen, manifest, groups=groups, seed=seed, predictions=predictions, track=track)
    flags = summarize_flags(flag_images(seen.quality, seen.traits), seen.quality, manifest, seen.is_readable)
    findings = [
        *_unreadable(seen, manifest),
        *pair_findings(pairs),
        *group_findings(manifest),
        *map(unused_ids, find_suspects(manifest.table, columns)),
        *shortcut_findings(scores),
        *quality_findings(flags, malignant=malignant),
        *_doubt_findings(doubts),
    ]
    is_leaking = leaking(manifest, groups) & seen.is_readable
    audit = Audit(
        data=Path(manifest.origin).name,
        n_images=len(manifest),
        n_readable=int(seen.is_readable.sum()),
        classes=manifest.classes,
        malignant=tuple(malignant),
        unit=unit,
        findings=tuple(sorted(findings, key=lambda finding: LEVELS.index(finding.level))),
        pairs=tuple(pairs[:MOST_PAIRS]),
        n_pairs=len(pairs),
        shortcuts=scores,
        doubts=doubts,
        flags=flags,
        skin_tone=summarize_tone(seen.quality),
        flow=flow_steps(
            manifest.select(seen.is_readable & ~is_leaking),
            n_found=len(manifest),
            n_unreadable=len(seen.problems),
            n_leaking=int(is_leaking.sum()),
            left_out=manifest.left_out,
        ),
        tables=tabulate(manifest, tones=tone_classes(seen.quality)),
    )
    found = ExaminedData(audit, groups, seen.problems, _columns(seen))
    if predictions is None:
        keep_examination(key, found, seen.digests)
    return found


def _columns(seen: Survey) -> pd.DataFrame:
    is_readable = pd.Series(seen.is_readable)
    tones = pd.Series(tone_classes(seen.quality), dtype=object)
    return pd.DataFrame(
        {
            "skin_tone": tones.where(is_readable, None),
            "width": seen.traits["file_width"].where(is_readable),
            "height": seen.traits["file_height"].where(is_readable),
        }
    )


def find_copies(
    manifest: Manifest, *, image: ImageConfig | None = None, track: Track = silent
) -> tuple[Survey, Duplicates]:
    """Return what one pass over the files of a manifest brought back, and which images show the same picture.

    Example:
        >>> from lentigo.data.sources import read_data
        >>> find_copies(read_data(phantom))[1].n_images
        120
    """
    seen = survey(manifest.paths, image=image, track=track)
    copies = find_duplicates(
        seen.thumbs,
        digests=seen.digests,
        pixel_digests=seen.pixel_digests,
        is_readable=seen.is_readable,
        track=track,
    )
    return seen, copies


def _pairs(copies: Duplicates, manifest: Manifest) -> list[DuplicatePair]:
    ids, targets = manifest.table["image_id"].tolist(), manifest.table["target"].tolist()
    splits = manifest.table["split"].tolist()
    return [
        DuplicatePair(
            ids[i], ids[j], kind, float(similarity), str(change), (splits[i], splits[j]), (targets[i], targets[j])
        )
        for i, j, kind, similarity, change in zip(
            copies.first.tolist(),
            copies.second.tolist(),
            copies.kind.tolist(),
            copies.similarity.tolist(),
            copies.change.tolist(),
            strict=True,
        )
    ]


def _unreadable(seen: Survey, manifest: Manifest) -> list[Finding]:
    if not seen.problems:
        return []
    ids = manifest.table["image_id"].iloc[list(seen.problems)]
    count = f"{len(ids)} image{'s' if len(ids) > 1 else ''}"
    return [
        Finding(
            "unreadable",
            "error",
            f"{count} cannot be read.",
            name_offenders(seen.problems.values(), limit=2, width=300),
            "Replace them, or exclude them: --set data.unreadable=drop.",
            tuple(ids),
        )
    ]


def unused_ids(suspect: Suspect) -> Finding:
    """Return the finding of a column that behaves like an id and is not used."""
    return Finding(UNUSED_IDS, "warning", suspect.title, suspect.detail, suspect.remedy, ())


def _doubt_findings(doubts: tuple[LabelError, ...]) -> list[Finding]:
    if not doubts:
        return []
    return [
        Finding(
            "doubt.label",
            "note",
            f"{len(doubts)} {'labels contradict' if len(doubts) > 1 else 'label contradicts'} what the rest of the "
            "data suggests.",
            "Found by confident learning from out-of-fold predictions; some of them may be right.",
            "Have an expert review the first few; predictions of a trained network (--predictions) rank them better.",
            tuple(doubt.image for doubt in doubts),
        )
    ]
