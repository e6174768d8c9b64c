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
    from lentigo.study.reporting._cohort import counted_cohort
    from lentigo.study.reporting._inputs import ReportInputs
    from lentigo.study.reporting._page import render_card, render_checklist, render_report
    from lentigo.study.reporting._paper.comparison import write_comparison
    from lentigo.study.reporting._paper.figures import PaperInputs, write_figures
    from lentigo.study.reporting._paper.table_text import write_tables
    from lentigo.study.reporting._sheets.answers import refuse_many, render_answers, row_of_answer
    from lentigo.study.reporting._sheets.comparison import render_comparison
    from lentigo.study.reporting._sheets.evaluation import render_evaluation
    from lentigo.study.reporting._sheets.external import render_external
    from lentigo.study.reporting._stress.page import render_stress
    from lentigo.study.reporting._stress.text import stress_summary
    from lentigo.study.reporting._terminal.ablation import ablation_table
    from lentigo.study.reporting._terminal.changes import changes_table
    from lentigo.study.reporting._terminal.comparison import comparison_table
    from lentigo.study.reporting._terminal.evaluation import evaluation_table
    from lentigo.study.reporting._terminal.external_validation import external_table
    from lentigo.study.reporting._terminal.leaderboard import leaderboard_table
    from lentigo.study.reporting._terminal.summary import evaluation_summary

__all__ = [
    "PaperInputs",
    "ReportInputs",
    "ablation_table",
    "audit_summary",
    "changes_table",
    "comparison_table",
    "counted_cohort",
    "evaluation_summary",
    "evaluation_table",
    "external_table",
    "leaderboard_table",
    "refuse_many",
    "render_answers",
    "render_audit",
    "render_card",
    "render_checklist",
    "render_comparison",
    "render_evaluation",
    "render_external",
    "render_report",
    "render_stress",
    "row_of_answer",
    "stress_summary",
    "write_comparison",
    "write_figures",
    "write_tables",
]

_WHERE = {
    "_audit.page": ("render_audit",),
    "_audit.text": ("audit_summary",),
    "_cohort": ("counted_cohort",),
    "_inputs": ("ReportInputs",),
    "_page": (
        "render_card",
        "render_checklist",
        "render_report",
    ),
    "_paper.comparison": ("write_comparison",),
    "_paper.figures": (
        "PaperInputs",
        "write_figures",
    ),
    "_paper.table_text": ("write_tables",),
    "_sheets.answers": (
        "refuse_many",
        "render_answers",
        "row_of_answer",
    ),
    "_sheets.comparison": ("render_comparison",),
    "_sheets.evaluation": ("render_evaluation",),
    "_sheets.external": ("render_external",),
    "_stress.page": ("render_stress",),
    "_stress.text": ("stress_summary",),
    "_terminal.ablation": ("ablation_table",),
    "_terminal.changes": ("changes_table",),
    "_terminal.comparison": ("comparison_table",),
    "_terminal.evaluation": ("evaluation_table",),
    "_terminal.external_validation": ("external_table",),
    "_terminal.leaderboard": ("leaderboard_table",),
    "_terminal.summary": ("evaluation_summary",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
