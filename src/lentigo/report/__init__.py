"""A run as one page for people: `report.html`, complete in itself, and `model_card.md`.

The page opens with an answer that fits one sheet of paper (what the model does, how well, for whom not, what to beware
of) and gives the evidence below it. It needs no network and no JavaScript, prints, and reads on a telephone. Figures
are drawn by matplotlib without pyplot; the same inputs give the same bytes.
"""

from lentigo.report.inputs import ReportInputs
from lentigo.report.page import render_card, render_report

__all__ = ["ReportInputs", "render_card", "render_report"]
