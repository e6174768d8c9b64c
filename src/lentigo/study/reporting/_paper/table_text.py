"""A table as the text of a file: CSV, Markdown, LaTeX, or HTML that a word processor takes as a table."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from markupsafe import escape

from lentigo.storage import row_writer, write_text
from lentigo.study.reporting._paper.figures import PaperInputs
from lentigo.study.reporting._paper.tables import PaperTable, tables_of

_LATEX: Final = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "−": "$-$",
}  # fmt: skip
_STYLE: Final = (
    "table{border-collapse:collapse;font-family:serif;border-top:1.5pt solid;border-bottom:1.5pt solid}"
    "thead th{border-bottom:.75pt solid}th,td{padding:2pt 8pt;text-align:right}"
    "tfoot tr:first-child td{border-top:.75pt solid}"
    "th:first-child,td:first-child{text-align:left}caption{text-align:left;caption-side:top}"
)


def write_tables(inputs: PaperInputs, folder: Path, *, formats: tuple[str, ...]) -> list[str]:
    """Return the names of the files written into a folder that exists; with "csv" also all figures as numbers."""
    names = []
    for table in tables_of(inputs):
        for form in formats:
            name = f"{table.name}.{ENDINGS.get(form, form)}"
            write_text(folder / name, WRITERS[form](table))
            names.append(name)
    if "csv" in formats:
        write_text(folder / "numbers.csv", inputs.evaluation.to_frame().to_csv(index=False, lineterminator="\n"))
        names.append("numbers.csv")
    return names


def as_csv(table: PaperTable) -> str:
    """Return the table as CSV; a heading fills the first column only, notes have a column of their own."""
    stream = io.StringIO()
    write = row_writer(stream)
    write([cell.strip() for cell in (*table.header, *(["note"] if table.notes else []))])
    for number, row in enumerate(map(_filled(table), table.rows)):
        write([cell.strip() for cell in (*row, *([table.note_of(number)] if table.notes else []))])
    return stream.getvalue()


def as_markdown(table: PaperTable) -> str:
    """Return the table in GitHub's Markdown, details indented, its notes below."""

    def plain(text: str) -> str:
        return text.replace("|", "\\|").replace("<", "&lt;")

    def line(cells: tuple[str, ...], number: int = -1, *, is_heading: bool = False) -> str:
        texts = [f"{plain(cell)}{_mark(table, number, k, '<sup>{}</sup>')}" for k, cell in enumerate(cells)]
        texts[0] = f"**{texts[0]}**" if is_heading else texts[0].replace("  ", "&emsp;", 1)
        return f"| {' | '.join(texts)} |"

    rule = "|".join(["---", *["--:"] * (len(table.header) - 1)])
    body = [line(_filled(table)(row), number, is_heading=len(row) == 1) for number, row in enumerate(table.rows)]
    below = [f"<sup>{number}</sup> {plain(note)}  " for number, note in enumerate(table.notes, start=1)]
    return "\n".join([table.caption, "", line(table.header), f"|{rule}|", *body, *([""] if below else []), *below, ""])


def as_latex(table: PaperTable) -> str:
    r"""Return a LaTeX table, which needs \usepackage{booktabs}; notes stand below it, as wide as it is."""
    width = len(table.header)

    def line(cells: tuple[str, ...], number: int = -1) -> str:
        if len(cells) == 1:
            return rf"\multicolumn{{{width}}}{{l}}{{\textit{{{_latex(cells[0])}}}}} \\"
        indent = r"\quad " if cells[0].startswith("  ") else ""
        mark = r"\textsuperscript{{{}}}"
        texts = [f"{_latex(cell.strip())}{_mark(table, number, k, mark)}" for k, cell in enumerate(cells)]
        return f"{indent}{' & '.join(texts)} \\\\"

    notes = [
        rf"\par\smallskip\noindent\textsuperscript{{{number}}} {_latex(note)}"
        for number, note in enumerate(table.notes, start=1)
    ]
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        rf"\caption{{{_latex(table.caption)}}}",
        rf"\begin{{tabular}}{{l{'r' * (width - 1)}}}",
        r"\toprule",
        line(table.header),
        r"\midrule",
        *(line(row, number) for number, row in enumerate(table.rows)),
        r"\bottomrule",
        r"\end{tabular}",
        *([r"{\footnotesize", *notes, r"\par}"] if notes else []),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def as_html(table: PaperTable) -> str:
    """Return a page with the table, to be opened in or pasted into a word processor; its notes are its last rows."""

    def line(cells: tuple[str, ...], number: int) -> str:
        if len(cells) == 1:
            return f'<tr><td colspan="{len(table.header)}"><em>{escape(cells[0])}</em></td></tr>'
        indent = "&emsp;" if cells[0].startswith("  ") else ""
        texts = [f"{escape(cell.strip())}{_mark(table, number, k, '<sup>{}</sup>')}" for k, cell in enumerate(cells)]
        return f"<tr>{''.join(f'<td>{text}</td>' for text in (indent + texts[0], *texts[1:]))}</tr>"

    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    notes = "".join(
        f'<tr><td colspan="{len(table.header)}"><sup>{number}</sup> {escape(note)}</td></tr>\n'
        for number, note in enumerate(table.notes, start=1)
    )
    body = "\n".join(line(row, number) for number, row in enumerate(table.rows))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(table.name)}</title>'
        f"<style>{_STYLE}</style></head><body>\n<table><caption>{escape(table.caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
        f"{f'<tfoot>{chr(10)}{notes}</tfoot>' if notes else ''}</table>\n</body></html>\n"
    )


def _mark(table: PaperTable, row: int, column: int, form: str) -> str:
    """Return the number of a cell's note as it stands behind it, a dash before it in an empty cell; else nothing."""
    number = table.mark(row, column)
    if not number:
        return ""
    return f"{'' if table.rows[row][column].strip() else '–'}{form.format(number)}"


WRITERS: Final[Mapping[str, Callable[[PaperTable], str]]] = {
    "csv": as_csv, "md": as_markdown, "latex": as_latex, "html": as_html,
}  # fmt: skip
ENDINGS: Final = {"latex": "tex"}


def _filled(table: PaperTable) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    return lambda row: (*row, *[""] * (len(table.header) - len(row)))


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
