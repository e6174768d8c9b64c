"""What a survey measures on each photograph, as loops compiled by numba (the extra `fast`), for many photographs.

NumPy's way stays: it measures where numba is missing or there is little to measure, and is what tests compare with.

measuring  all measures of quality of one photograph
traits     colours of the whole, the ring and the corners
types      of the loops' arguments
look       everything that needs no groups of pixels, in one loop
order      one value of many
light      field, exposure, colour, corners
blur       how edges fade
shapes     strokes and characters: pixels that touch
rows       ticks in a row
colour     skin and ink
rim        the numbers behind the traits
readiness  whether they are used at all
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.study.auditing.compiled._readiness import are_loops_ready

__all__ = ["are_loops_ready"]

_WHERE = {"_readiness": ("are_loops_ready",)}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
