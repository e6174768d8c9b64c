"""Where a model fails, as a bundle keeps it: figures of subgroups, and melanoma against the nevi that are hard."""

from typing import Final

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import Evaluation
from lentigo.wording import counted

MOST: Final = 120  # a bundle holds 200 figures
FIGURES: Final = ("sensitivity", "specificity")


def where_it_fails(evaluation: Evaluation) -> dict[str, Estimate]:
    """Return the figures of each judged subgroup but sources, which a bundle has anyway, and of melanoma against nevus.

    Args:
        evaluation: on test.

    Example:
        >>> all(name.startswith("by ") for name in where_it_fails(Evaluation.read(run / "evaluation.json")))
        True
    """
    detail, found = evaluation.detail, dict[str, Estimate]()
    for table in detail.subgroups.tables if detail is not None and detail.subgroups is not None else ():
        for group in table.groups if table.key != "source" else ():
            of = f"by {table.name.split(' (')[0]}: {group.value[:60]}"
            counts = f"({counted(group.n_images, 'image')}, {group.n_malignant:,} malignant)"
            figures = {name: getattr(group, name) for name in FIGURES}
            found |= {f"{of} {counts}, {name}": figure for name, figure in figures.items() if figure.is_defined}
    for one in detail.contrasts.found if detail is not None and detail.contrasts is not None else ():
        found[f"by nevi: melanoma ({one.n_melanomas:,}) against {one.name[:90]} ({one.n_nevi:,}), AUROC"] = one.auroc
    return dict(list(found.items())[:MOST])
