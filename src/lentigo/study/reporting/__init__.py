"""A run, an audit of data or a stress test as pages for people: `report.html`, `audit.html`, `stress.html`, and more.

A page opens with an answer that fits one sheet of paper and gives the evidence below it. It needs no network and no
JavaScript, prints, and reads on a telephone. Figures are drawn by matplotlib without pyplot, bars by the page itself;
the same inputs give the same bytes.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.study.reporting._audit.page import render_audit
    from lentigo.study.reporting._audit.text import audit_summary
    from lentigo.study.reporting._inputs import ReportInputs
    from lentigo.study.reporting._page import render_card, render_checklist, render_report
    from lentigo.study.reporting._paper.figures import PaperInputs, drawings_of, write_figures
    from lentigo.study.reporting._paper.table_text import write_tables
    from lentigo.study.reporting._stress.page import render_stress
    from lentigo.study.reporting._stress.text import stress_summary
    from lentigo.study.reporting._terminal.ablation import ablation_table
    from lentigo.study.reporting._terminal.comparison import comparison_table
    from lentigo.study.reporting._terminal.evaluation import evaluation_table, format_table
    from lentigo.study.reporting._terminal.external_validation import external_table
    from lentigo.study.reporting._terminal.leaderboard import leaderboard_table

__all__ = [
    "PaperInputs",
    "ReportInputs",
    "ablation_table",
    "audit_summary",
    "comparison_table",
    "drawings_of",
    "evaluation_table",
    "external_table",
    "format_table",
    "leaderboard_table",
    "render_audit",
    "render_card",
    "render_checklist",
    "render_report",
    "render_stress",
    "stress_summary",
    "write_figures",
    "write_tables",
]

_WHERE = {
    "_audit.page": ("render_audit",),
    "_audit.text": ("audit_summary",),
    "_inputs": ("ReportInputs",),
    "_page": (
        "render_card",
        "render_checklist",
        "render_report",
    ),
    "_paper.figures": (
        "PaperInputs",
        "drawings_of",
        "write_figures",
    ),
    "_paper.table_text": ("write_tables",),
    "_stress.page": ("render_stress",),
    "_stress.text": ("stress_summary",),
    "_terminal.ablation": ("ablation_table",),
    "_terminal.comparison": ("comparison_table",),
    "_terminal.evaluation": (
        "evaluation_table",
        "format_table",
    ),
    "_terminal.external_validation": ("external_table",),
    "_terminal.leaderboard": ("leaderboard_table",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
