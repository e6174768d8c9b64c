"""What a photograph is like, apart from the lesion: sharp, well lit, whole, free of rulers, ink, hair and text.

measuring   all measures of one photograph
picture     a photograph at working size, and where it shows something
light       blur, exposure, colour, dark corners
connecting  groups of what touches
strokes     thin lines: hair, and what may be ticks
ruler       ticks in a row
text        characters in a row
skin        the skin around the lesion: tone and colour cast
ink         marks on it
rules       from measures to flags
summary     flags over a data set, and what follows from them
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.study.auditing.quality._measuring import measure, measure_tone
    from lentigo.study.auditing.quality._rules import flags
    from lentigo.study.auditing.quality._skin import summarize_tone, tone_classes
    from lentigo.study.auditing.quality._summary import quality_findings, summarize_flags

__all__ = [
    "flags",
    "measure",
    "measure_tone",
    "quality_findings",
    "summarize_flags",
    "summarize_tone",
    "tone_classes",
]

_WHERE = {
    "_measuring": ("measure", "measure_tone"),
    "_rules": ("flags",),
    "_skin": ("summarize_tone", "tone_classes"),
    "_summary": ("quality_findings", "summarize_flags"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
