"""A run, or an audit of data, as pages for people: `report.html`, `model_card.md`, `checklist.md` and `audit.html`.

A page opens with an answer that fits one sheet of paper and gives the evidence below it. It needs no network and no
JavaScript, prints, and reads on a telephone. Figures are drawn by matplotlib without pyplot, bars by the page itself;
the same inputs give the same bytes.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.report.audit_page import render_audit
    from lentigo.report.audit_text import audit_summary
    from lentigo.report.inputs import ReportInputs
    from lentigo.report.page import render_card, render_checklist, render_report

__all__ = ["ReportInputs", "audit_summary", "render_audit", "render_card", "render_checklist", "render_report"]

_WHERE = {
    "audit_page": ("render_audit",),
    "audit_text": ("audit_summary",),
    "inputs": ("ReportInputs",),
    "page": ("render_card", "render_checklist", "render_report"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
