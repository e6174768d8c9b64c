"""What the pages of one sheet have in common: a headline, figures in a row, and sections of drawings and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lentigo.study.reporting._consequences import NetBenefit
from lentigo.study.reporting._drawing import Drawing
from lentigo.study.reporting._paper.tables import PaperTable
from lentigo.study.reporting._rendering import render
from lentigo.study.reporting._subgroup_section import SubgroupSection
from lentigo.study.reporting._words import FormattedEstimate


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page.

    Args:
        title: its heading.
        lead: a sentence or two below it; may be empty.
        drawings: with a caption each.
        tables: each with its own caption.
        subgroups: as the report shows them, with `interval` and `units`.
        net_benefit: what operating points mean at a prevalence, as the report shows it.
        interval: what the intervals are called.
        units: what they resample.

    Example:
        >>> Section("Figures").lead
        ''
    """

    title: str
    lead: str = ""
    drawings: tuple[tuple[Drawing, str], ...] = ()
    tables: tuple[PaperTable, ...] = ()
    subgroups: SubgroupSection | None = None
    net_benefit: NetBenefit | None = None
    interval: str = ""
    units: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page.

    Args:
        kind: "external test".
        title: what was evaluated.
        headline: the result in one sentence.
        paragraphs: what has to be known to read it.
        tallies: name, figure, what it rests on.
        sections: the evidence.
        alerts: what makes the figures too good.

    Example:
        >>> Sheet("comparison", "A and B", "A is better.").sections
        ()
    """

    kind: str
    title: str
    headline: str
    paragraphs: Sequence[str] = ()
    tallies: Sequence[tuple[str, FormattedEstimate, str]] = ()
    sections: Sequence[Section] = field(default=())
    alerts: Sequence[str] = ()


def render_sheet(sheet: Sheet) -> str:
    """Return a page as one HTML file that needs nothing else and holds no photograph.

    Example:
        >>> render_sheet(Sheet("comparison", "A and B", "A is better.")).splitlines()[0]
        '<!doctype html>'
    """
    return render("sheet.html.j2", {"sheet": sheet, "title": sheet.title, "with_pictures": False})
