"""What is wrong with a data set, found before a model learns from it. Knows no networks.

survey      one pass over the files: thumbnails, traits, quality
duplicates  which images show the same picture
overlap     photographs of one set that stand in another too
leaks       copies and ids, judged: leaks, conflicts, what must stay together
shortcuts   how well the class is told without the lesion
doubts      labels that the rest of the data contradicts
quality     blur, exposure, rulers, ink, hair, skin tone
flow        from found to split, and who the images show
parts       what an audit is made of: findings, pairs, scores, doubts, flaws
record      the result and its file, audit.json
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.audit.examining import Examined, examine, find_copies
    from lentigo.audit.flow import flow_steps
    from lentigo.audit.leaks import leaking, refuse_leaks
    from lentigo.audit.overlap import find_shared
    from lentigo.audit.parts import Finding
    from lentigo.audit.record import Audit

__all__ = [
    "Audit", "Examined", "Finding", "examine", "find_copies", "find_shared", "flow_steps", "leaking", "refuse_leaks",
]  # fmt: skip

_WHERE = {
    "examining": ("Examined", "examine", "find_copies"),
    "flow": ("flow_steps",),
    "leaks": ("leaking", "refuse_leaks"),
    "overlap": ("find_shared",),
    "parts": ("Finding",),
    "record": ("Audit",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
