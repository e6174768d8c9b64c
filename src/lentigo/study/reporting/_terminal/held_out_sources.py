"""Collections that were left out of training, for a terminal."""

import textwrap

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import Evaluation
from lentigo.study.reporting._held_out_section import held_out_section
from lentigo.study.reporting._terminal.layout import show

_COLUMNS = ("sensitivity", "specificity", "auroc", "cannot_assess")
_HEADS = ("sensitivity", "specificity", "AUROC", "cannot assess")


def format_held_out_sources(evaluation: Evaluation) -> str:
    """Return the block for a terminal; empty where no collection was left out.

    Args:
        evaluation: what to show.
    """
    told = held_out_section(evaluation)
    if told is None:
        return ""
    entries = evaluation.held_out_sources
    label = min(20, max(len("collection"), *(len(str(entry["source"])) for entry in entries)))
    lines = ["in a collection it has not learned from", _row("collection", "images", _HEADS, label)]
    for entry in entries:
        cells = [_show(entry.get(name)) for name in _COLUMNS]
        lines.append(_row(str(entry["source"])[:label], f"{int(entry['n']):,}", cells, label))
    lines += [f"  {name}: {words}" for name, words in told.over]
    return "\n".join([*(line.rstrip() for line in lines), *textwrap.wrap(told.lead, 80)])


def _row(name: str, n: str, cells: "tuple[str, ...] | list[str]", label: int) -> str:
    return "  " + "  ".join([name.ljust(label), n.rjust(6), *(cell.ljust(17) for cell in cells)])


def _show(payload: "dict[str, object] | None") -> str:
    if not payload:
        return "n/a"
    figure = Estimate.from_json(payload)
    return show(figure, 2)
