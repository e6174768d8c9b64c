"""What is wrong with a data set, found before a model learns from it. Knows no networks.

survey      one pass over the files: thumbnails, traits, quality
duplicates  which images show the same picture
overlap     photographs of one set that stand in another too
columns     skin tone and size of the photographs, for subgroups
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
    from lentigo.study.auditing._audit import SCHEMA_VERSION, Audit
    from lentigo.study.auditing._examining import ExaminedData, examine, find_copies
    from lentigo.study.auditing._findings import HOLDS_LESION, UNUSED_IDS, DuplicatePair, Finding, QualityFlag
    from lentigo.study.auditing._image_columns import image_columns
    from lentigo.study.auditing._leaks import leaking, refuse_leaks
    from lentigo.study.auditing._masking import only_centre, without_lesion
    from lentigo.study.auditing._overlap import find_shared
    from lentigo.study.auditing._participant_flow import LEAKING, flow_steps
    from lentigo.study.auditing._survey import WORTH_PROCESSES
    from lentigo.study.auditing._without_images import equal_rows, examine_table

__all__ = [
    "HOLDS_LESION",
    "LEAKING",
    "SCHEMA_VERSION",
    "UNUSED_IDS",
    "WORTH_PROCESSES",
    "Audit",
    "DuplicatePair",
    "ExaminedData",
    "Finding",
    "QualityFlag",
    "equal_rows",
    "examine",
    "examine_table",
    "find_copies",
    "find_shared",
    "flow_steps",
    "image_columns",
    "leaking",
    "only_centre",
    "refuse_leaks",
    "without_lesion",
]

_WHERE = {
    "_audit": ("Audit", "SCHEMA_VERSION"),
    "_examining": ("ExaminedData", "examine", "find_copies"),
    "_findings": ("Finding", "QualityFlag", "DuplicatePair", "HOLDS_LESION", "UNUSED_IDS"),
    "_image_columns": ("image_columns",),
    "_leaks": ("leaking", "refuse_leaks"),
    "_masking": ("only_centre", "without_lesion"),
    "_overlap": ("find_shared",),
    "_participant_flow": ("LEAKING", "flow_steps"),
    "_survey": ("WORTH_PROCESSES",),
    "_without_images": ("equal_rows", "examine_table"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
