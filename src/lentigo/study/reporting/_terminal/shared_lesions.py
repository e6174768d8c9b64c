"""What a test list shares with the photographs outside it, for a terminal."""

from collections.abc import Mapping

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import FIGURES, SharedLesions
from lentigo.study.reporting._terminal.layout import show
from lentigo.wording import counted, percent_text


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
        f"{shared.n_images:,} of {counted(n_images, 'image')} ({percent_text(shared.n_images / n_images, 1)}) show "
        f"one of {shared.n_groups:,} {unit}s\nthat have {shared.n_outside:,} further photographs outside this list"
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
    rows = [f"  {text:{label}}  {show(whole[key]):{cell}}  {show(shared.alone[key])}" for key, text in names.items()]
    return "\n".join([title, head, *rows])
