"""How well the malignant side can be told without looking at the lesion: the figure to hold beside every model's.

The numbers of one group (the file, the border ring, ...) go through gradient boosting in grouped, stratified folds; the
AUROC is that of the pooled out-of-fold answers, with an interval over patients, lesions or copies. Boosting, because
shortcuts are thresholds and combinations more often than slopes (the border ring of the original set: 0.87 by logistic
regression, 0.91 by boosting and by extremely randomised trees, which take five times as long), and because it takes
missing values as they are.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import Manifest
from lentigo.data.splits import k_folds
from lentigo.errors import DataError
from lentigo.model.decision import Estimate
from lentigo.numbers.metrics import Ranking, Resampler, auroc, bootstrap, bootstrap_estimate, scarcest
from lentigo.progress import Track, silent
from lentigo.study.auditing._findings import HOLDS_LESION, Finding, Level, ShortcutScore
from lentigo.study.auditing._survey import Survey
from lentigo.wording import figure_text

NAMES: Final[Mapping[str, str]] = {
    "file": "file",
    "border": "border ring",
    "corners": "corners",
    "colour": "mean colours",
    "artefacts": "image quality and artefacts",
    "source": "source and device",
    "all": "all of these together",
}
PREFIXES: Final[Mapping[str, str]] = {"file": "file_", "border": "ring_", "corners": "corner_", "colour": "colour_"}
# Where and with what a photograph was taken. Age, sex and site are clinical information and no shortcuts; how the
# diagnosis was confirmed (dx_type) follows from the suspicion and is in no photograph.
SOURCES: Final = (
    "source", "image_type", "attribution", "dataset", "collection", "camera", "device", "dermatoscope", "manufacturer",
    "hospital", "institution", "clinic", "centre", "center", "copyright_license", "license", "licence",
)  # fmt: skip
NOT_ARTEFACTS: Final = ("ita", "short_side")  # the skin and the size
MOST_VALUES: Final = 20  # of a text column; rarer values are one
MOST_IMAGES: Final = 20_000  # more only narrow an interval that is 0.01 wide
MOST_RESAMPLES: Final = 1000
FOLDS: Final = 5
# Of the interval's lower end. Without a shortcut, phantoms stay below 0.50, and below 0.65 where the lesion has a part;
# with one, they reach 0.69 (ink) to 0.96. ISIC 2017: 0.57. HAM10000, where malignant lesions often fill the frame: 0.81
ERROR_FROM, WARNING_FROM = 0.85, 0.65
REMEDIES: Final[Mapping[str, str]] = {
    "file": "Save all images in the same way: size, format, compression.",
    "border": "Crop the rim off, or collect both classes in the same places.",
    "corners": "Crop the corners off, or collect both classes in the same places.",
    "source": "Collect both classes from every source, or train and report per source.",
}
AT_BORDER: Final = frozenset({"border", "corners"})
"""Groups of numbers from the rim of the picture: on 1,500 images of one set a lesion reached it in a third of them."""

PARTS: Final = {"ring": "ring", "corner": "corners"}
STATISTICS: Final = {
    "mean": "mean",
    "spread": "spread of",
    "q10": "10th percentile of",
    "q50": "median",
    "q90": "90th percentile of",
}
BESIDE: Final = "Report every model's AUROC beside this one, and test it on images from elsewhere."

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def measure_shortcuts(
    survey: Survey,
    manifest: Manifest,
    *,
    is_malignant: Bools,
    groups: npt.NDArray[np.str_],
    seed: int = 0,
    track: Track = silent,
) -> tuple[ShortcutScore, ...]:
    """Return how well each group of numbers tells malignant from benign, all together last.

    A group whose numbers are the same for all images is left out. Nothing is returned when a side has fewer than five
    groups of images, for then no cross-validation is possible.

    Args:
        survey: what was measured on the images.
        manifest: the images.
        is_malignant: their side, shape (N,).
        groups: what stays together, shape (N,).
        seed: of folds and resamples, and of the choice among more than 20,000 images; `n` of a score says how many.
        track: draws progress.

    Example:
        >>> from lentigo.study.auditing._survey import survey
        >>> from lentigo.data.sources import read_data
        >>> manifest = read_data(phantom)
        >>> is_malignant = manifest.table["target"].isin(["MEL", "BCC"]).to_numpy()
        >>> scores = measure_shortcuts(
        ...     survey(manifest.paths), manifest, is_malignant=is_malignant, groups=manifest.groups()[0]
        ... )
        >>> [score.key for score in scores]
        ['file', 'border', 'corners', 'colour', 'artefacts', 'source', 'all']
    """
    rows = _choose(np.flatnonzero(survey.is_readable), groups, seed)
    truth, names = is_malignant[rows], groups[rows]
    sides = manifest.table.iloc[rows].assign(target=np.where(truth, "malignant", "benign"))
    blocks = _blocks(survey, manifest, rows)
    if truth.all() or not truth.any() or not blocks:
        return ()
    try:
        fold = k_folds(Manifest(sides, manifest.origin), FOLDS, seed, groups=names)
    except DataError:
        return ()
    blocks["all"] = pd.concat(blocks.values(), axis=1)
    resampler = Resampler.of(truth.astype(np.int64), names, n_resamples=MOST_RESAMPLES, seed=seed)
    scores = []
    for key in track(blocks, "Looking for shortcuts", len(rows) * len(blocks), unit=len(rows)):
        estimate = _interval(truth, _out_of_fold(blocks[key], truth, fold, seed), resampler)
        strongest = "" if key == "all" else _in_words(_strongest(blocks[key], truth))
        scores.append(ShortcutScore(NAMES[key], key, estimate, blocks[key].shape[1], strongest))
    return tuple(scores)


def shortcut_findings(scores: Iterable[ShortcutScore]) -> list[Finding]:
    """Return a finding for each group that tells the class well, the best first.

    The lower end of the interval decides: from 0.85 it is an error, from 0.65 a warning. Numbers in which the lesion
    has a part, such as the mean colour, are a warning at most.

    Example:
        >>> score = ShortcutScore("border ring", "border", Estimate(0.91, 0.90, 0.92, n=9), 16, "mean blue of the ring")
        >>> shortcut_findings([score])[0].title
        'From the border ring alone, malignant images are separated with AUROC 0.91 [0.90, 0.92].'
    """
    single = [score for score in scores if score.key != "all" and score.auroc.is_defined]
    single.sort(key=lambda score: -score.auroc.value)
    return [_finding(score) for score in single if _floor(score.auroc) >= WARNING_FROM]


def _finding(score: ShortcutScore) -> Finding:
    has_lesion = score.key in HOLDS_LESION
    level: Level = "error" if _floor(score.auroc) >= ERROR_FROM and not has_lesion else "warning"
    value, low, high = (figure_text(each, 2) for each in (score.auroc.value, score.auroc.low, score.auroc.high))
    figures = f"AUROC {value}{f' [{low}, {high}]' * score.auroc.has_interval}"
    meaning = (
        "The lesion influences these features as well, so not all of this need be a shortcut."
        if has_lesion
        else "A network can learn this instead of the disease. A lesion that reaches the border has a part in it."
        if score.key in AT_BORDER
        else "A network can learn this instead of the disease."
    )
    strongest = f"The most informative single feature: {score.strongest}. " if score.strongest else ""
    return Finding(
        f"shortcut.{score.key}",
        level,
        f"From the {score.name} alone, malignant images are separated with {figures}.",
        strongest + meaning,
        f"{REMEDIES[score.key]} {BESIDE}" if score.key in REMEDIES else BESIDE,
    )


def _floor(estimate: Estimate) -> float:
    """Return the lower end; the value itself where all resamples agree, as they do on a perfect AUROC."""
    return estimate.low if estimate.has_interval else estimate.value


def _choose(rows: npt.NDArray[np.int64], groups: npt.NDArray[np.str_], seed: int) -> npt.NDArray[np.int64]:
    """Return the rows, or of more than `MOST_IMAGES` whole groups by chance that make up about as many."""
    if len(rows) <= MOST_IMAGES:
        return rows
    _, group = np.unique(groups[rows], return_inverse=True)
    place = np.random.default_rng(seed).permutation(group.max() + 1)[group]
    n_before = np.cumsum(np.bincount(place))
    return rows[n_before[place] <= MOST_IMAGES]


def _blocks(survey: Survey, manifest: Manifest, rows: npt.NDArray[np.int64]) -> dict[str, pd.DataFrame]:
    """Return the numbers of each group for some images; a group in which nothing varies is left out."""
    traits, quality, table = survey.traits.iloc[rows], survey.quality.iloc[rows], manifest.table.iloc[rows]
    tables = {key: traits[[c for c in map(str, traits) if c.startswith(prefix)]] for key, prefix in PREFIXES.items()}
    tables["artefacts"] = quality[[c for c in map(str, quality) if not c.startswith(NOT_ARTEFACTS)]]
    tables["source"] = table[[c for c in table if c in SOURCES]]
    blocks = {key: _numbers(columns.reset_index(drop=True)) for key, columns in tables.items()}
    return {key: block for key, block in blocks.items() if block.shape[1]}


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of floats: texts as one yes/no column a frequent value, constant columns left out."""
    columns = {}
    for name in map(str, table):
        values = table[name]
        if pd.api.types.is_numeric_dtype(values):
            columns[name] = values.astype(float)
            continue
        texts = values.astype(object).where(values.notna() & (values != ""), "none")
        for value in texts.value_counts().index[:MOST_VALUES]:
            columns[f"{name}={value}"] = (texts == value).astype(float)
    numbers = pd.DataFrame(columns, index=table.index, dtype=float)
    n_values = numbers.nunique(dropna=False)
    return numbers.loc[:, n_values > 1]


def _out_of_fold(block: pd.DataFrame, truth: Bools, fold: npt.NDArray[np.int64], seed: int) -> Floats:
    """Return the malignant probability of each image from a model that saw none of its fold."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    values = block.to_numpy(dtype=np.float32)
    answer = np.zeros(len(truth))
    with threadpool_limits(1):  # threads that wait for each other cost more than they bring at this size
        for k in np.unique(fold):
            n_rarer = np.bincount(truth[fold != k], minlength=2).min()
            model = HistGradientBoostingClassifier(
                max_iter=150, max_leaf_nodes=16, max_bins=63, l2_regularization=1.0, early_stopping=False,
                # No leaf may need more images than the rarer side has: with 20, the default, a source that only
                # the 15 malignant of 415 images come from stays unseen, AUROC 0.50. Noise stays at 0.50 with fewer.
                min_samples_leaf=max(2, min(20, n_rarer // 2)), random_state=seed,
            )  # fmt: skip
            model.fit(values[fold != k], truth[fold != k])
            answer[fold == k] = model.predict_proba(values[fold == k])[:, 1]
    return answer


def _interval(truth: Bools, answer: Floats, resampler: Resampler) -> Estimate:
    ranking = Ranking.of(truth, answer)
    replicates = bootstrap(lambda weights: {"auroc": ranking.weigh(weights).auroc()}, resampler)["auroc"]
    sides = [resampler.support(truth, "malignant images"), resampler.support(~truth, "benign images")]
    scarce = scarcest(sides)
    return bootstrap_estimate(
        auroc(truth, answer),
        replicates,
        n=len(truth),
        n_clusters=scarce.n_clusters,
        effective_clusters=scarce.effective,
        unit="group",
        is_ranking=True,
        sides=sides,
    )


def _strongest(block: pd.DataFrame, truth: Bools) -> str:
    """Return the column that tells the sides apart best by itself, a missing value being its median."""
    filled = block.fillna(block.median())
    return max(map(str, filled), key=lambda name: abs(auroc(truth, filled[name].to_numpy()) - 0.5))


def _in_words(column: str) -> str:
    """Return the name of a number as one says it: "mean blue of the ring", "bytes per pixel", "source is clinic a"."""
    name, _, value = column.partition("=")
    group, _, rest = name.partition("_")
    if group in {"ring", "corner", "colour"}:
        colour, _, statistic = rest.rpartition("_")
        what = f"{STATISTICS[statistic]} {colour}" if colour else rest
        return f"{what} of the {PARTS[group]}" if group in PARTS else what
    words = name.removeprefix("file_").replace("_", " ")
    return f"{words} is {value}" if value else words
