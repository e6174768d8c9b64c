"""What a test list shares with the photographs outside it, for a terminal."""

from collections.abc import Mapping

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import FIGURES, SharedLesions
from lentigo.wording import counted


def format_shared(shared: SharedLesions, whole: Mapping[str, Estimate], n_images: int) -> str:
    """Return the block for a terminal: the counts in a sentence, and both columns of figures.

    Args:
        shared: what was found.
        whole: the figures of all evaluated images.
        n_images: how many these are.
    """
    unit = shared.unit
    if not shared.n_images:
        return f"no {unit} of these images has photographs outside them in the table"
    title = (
        f"{shared.n_images:,} of {counted(n_images, 'image')} ({100 * shared.n_images / n_images:.1f} %) show one of "
        f"{shared.n_groups:,} {unit}s\nthat have {shared.n_outside:,} further photographs outside this list"
    )
    if not shared.alone:
        return (
            f"{title}\n  the {counted(shared.n_alone, 'other image is', 'other images are')} "
            "too few to evaluate separately"
        )
    names = {key: label for key, label in FIGURES.items() if key in shared.alone and key in whole}
    label, cell = max(map(len, names.values())), 24
    everything = f"all {counted(n_images, 'image')}"
    head = f"  {'':{label}}  {everything:{cell}}  {shared.n_alone:,} whose {unit} is nowhere else"
    rows = [f"  {text:{label}}  {_show(whole[key]):{cell}}  {_show(shared.alone[key])}" for key, text in names.items()]
    return "\n".join([title, head, *rows])


def _show(figure: Estimate) -> str:
    if not figure.is_defined:
        return "n/a"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]" if figure.has_interval else f"{figure.value:.3f}"
