"""Scoring at scale: a bundle, any number of photographs, a folder of tables; on one machine or on a Ray cluster.

plan        what is scored, by which bundle, into which tables; written first and compared by --resume
shards      the tables: written whole, read again, counted
process     inside a worker process: one bundle, one thread of the network
worker      a worker process seen from outside: replaced when it dies, the photograph that kills it found
local       engine: worker processes of this machine
on_ray      engine: Ray Data
scored      the result: what score.json holds
job         `score`, from a source to score.json
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.service.scoring._job import score
    from lentigo.service.scoring._scored import Scored

__all__ = [
    "Scored",
    "score",
]

_WHERE = {
    "_job": ("score",),
    "_scored": ("Scored",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
