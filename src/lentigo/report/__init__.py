"""A run, an audit of data or a stress test as pages for people: `report.html`, `audit.html`, `stress.html`, and more.

A page opens with an answer that fits one sheet of paper and gives the evidence below it. It needs no network and no
JavaScript, prints, and reads on a telephone. Figures are drawn by matplotlib without pyplot, bars by the page itself;
the same inputs give the same bytes.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.report.audit_page import render_audit
    from lentigo.report.audit_text import audit_summary
    from lentigo.report.comparing_text import comparison_table
    from lentigo.report.evaluation_text import evaluation_table, format_table
    from lentigo.report.external_text import external_table
    from lentigo.report.inputs import ReportInputs
    from lentigo.report.page import render_card, render_checklist, render_report
    from lentigo.report.stress_page import render_stress
    from lentigo.report.stress_text import stress_summary

__all__ = [
    "ReportInputs",
    "audit_summary",
    "comparison_table",
    "evaluation_table",
    "external_table",
    "format_table",
    "render_audit",
    "render_card",
    "render_checklist",
    "render_report",
    "render_stress",
    "stress_summary",
]

_WHERE = {
    "audit_page": ("render_audit",),
    "audit_text": ("audit_summary",),
    "comparing_text": ("comparison_table",),
    "evaluation_text": ("evaluation_table", "format_table"),
    "external_text": ("external_table",),
    "inputs": ("ReportInputs",),
    "page": ("render_card", "render_checklist", "render_report"),
    "stress_page": ("render_stress",),
    "stress_text": ("stress_summary",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
