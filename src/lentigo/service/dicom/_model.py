"""Which model answered, in the words that go into reports, and the UIDs of what it writes."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lentigo import __version__
from lentigo.wording import figure_text

if TYPE_CHECKING:
    from lentigo.model import Model as Opened
    from lentigo.model.decision import OperatingPoint


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What answered.

    Args:
        name: of the bundle.
        version: day of its export and the lentigo that wrote it.
        sha256: of bundle.json, which names every other file with its hash.
        point: the operating point that decides; None where none is known.
        runtime: version of the lentigo that asks it.

    Example:
        >>> ModelIdentity("moles", "2026-01-02", "0" * 64, None).lines()[0]
        'bundle.json SHA-256 0000000000000000000000000000000000000000000000000000000000000000'
    """

    name: str
    version: str
    sha256: str
    point: "OperatingPoint | None" = None
    runtime: str = __version__

    @classmethod
    def of(cls, model: "Opened") -> "ModelIdentity":
        """Return the identity of a bundle."""
        record = model.record
        version = f"{record.created}, lentigo {record.lentigo}"
        return cls(record.name, version, model.provenance["bundle_sha256"], record.decision.point)

    def lines(self) -> list[str]:
        """Return what else a reader has to know about the algorithm, one fact a line."""
        facts = [f"bundle.json SHA-256 {self.sha256}", f"predicted by lentigo {self.runtime}"]
        if self.point is not None:
            facts.append(
                f"operating point {self.point.name}: refer from {figure_text(self.point.threshold, 4)}; on "
                f"validation sensitivity {self.point.sensitivity}, specificity {self.point.specificity}"
            )
        return facts


def derived_uid(*parts: str) -> str:
    """Return a UID that follows from texts: the same ones give the same UID, on every machine.

    It is of the form 2.25.<UUID>, which needs no registered root (PS3.5 B.2).

    Example:
        >>> derived_uid("1.2.3", "report") == derived_uid("1.2.3", "report") != derived_uid("1.2.3", "overlay")
        True
    """
    digest = hashlib.sha256("\0".join(("lentigo", *parts)).encode()).digest()
    number = int.from_bytes(digest[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76  # version 8, made as one likes (RFC 9562); Python 3.11's uuid knows 1 to 5
    number = number & ~(0b11 << 62) | 0b10 << 62
    return f"2.25.{number}"
