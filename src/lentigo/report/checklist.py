"""A draft of the checklist that a journal asks for: TRIPOD+AI, CLAIM and CLEAR Derm in one table, `checklist.md`.

An item whose answer lies in the run is filled in; what only a person can know says "to be written". Numbers are those
of TRIPOD+AI (Collins et al., BMJ 2024) and CLAIM (Mongan, Moy and Kahn, 2020), to be compared with the published
lists; CLEAR Derm (Daneshjou et al., JAMA Dermatology 2022) is named by its four groups.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lentigo.report import checklist_answers as answers
from lentigo.report import checklist_data as data
from lentigo.report.inputs import Facts

__all__ = ["ChecklistItem", "ChecklistSection", "checklist_sections", "count_items"]

Answer = Callable[[Facts], str]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to report.

    Args:
        topic: what to report.
        where: which lists ask for it: "TRIPOD+AI 5a · CLAIM 7".
        answer: what the run knows of it; empty for nothing.
        to_write: what a person has to add; empty for nothing.

    Example:
        >>> ChecklistItem("Funding", "TRIPOD+AI 18a", "", "who paid").state
        'to be written'
    """

    topic: str
    where: str
    answer: str
    to_write: str

    @property
    def state(self) -> str:
        """How far the item is: filled, in part, or to be written."""
        if not self.answer:
            return "to be written"
        return "in part" if self.to_write else "filled"


@dataclass(frozen=True, slots=True)
class ChecklistSection:
    """The items of one part of a paper.

    Example:
        >>> ChecklistSection("Data", ()).items
        ()
    """

    title: str
    items: tuple[ChecklistItem, ...]


def checklist_sections(facts: Facts) -> list[ChecklistSection]:
    """Return the checklist, filled as far as the run allows."""
    return [ChecklistSection(title, tuple(_items(facts, rows))) for title, rows in _LIST.items()]


def count_items(sections: list[ChecklistSection]) -> dict[str, int]:
    """Return how many items are filled, in part, and to be written.

    Example:
        >>> count_items([ChecklistSection("Other", (ChecklistItem("Funding", "TRIPOD+AI 18a", "", "who paid"),))])
        {'filled': 0, 'in part': 0, 'to be written': 1}
    """
    states = [item.state for section in sections for item in section.items]
    return {state: states.count(state) for state in ("filled", "in part", "to be written")}


def _items(facts: Facts, rows: tuple["_Row", ...]) -> Iterator[ChecklistItem]:
    for row in rows:
        answer = row.answer(facts) if row.answer else ""
        lists = (("TRIPOD+AI", row.tripod), ("CLAIM", row.claim), ("CLEAR Derm", row.clear))
        where = " · ".join(f"{name} {number}" for name, number in lists if number)
        yield ChecklistItem(row.topic, where, answer, row.to_write or ("" if answer else row.otherwise))


@dataclass(frozen=True, slots=True)
class _Row:
    """One item: `to_write` always needs a person, `otherwise` only where the run has no answer."""

    topic: str
    tripod: str = ""
    claim: str = ""
    clear: str = ""
    answer: Answer | None = None
    to_write: str = ""
    otherwise: str = "not known to this run"


_LIST: Final[dict[str, tuple[_Row, ...]]] = {
    "Title and introduction": (
        _Row("Title", "1", "1", answer=answers.title),
        _Row("Structured abstract", "2", "2", answer=answers.abstract, to_write="background and conclusions"),
        _Row(
            "Clinical context, intended use and users",
            "3a, 3b",
            "3",
            "application",
            answer=answers.intended_use,
            to_write="the place in the pathway of care, and the standard of care there",
        ),
        _Row("Known health inequalities", "3c", "", "application", to_write="between which groups of people"),
        _Row("Objectives, study goal and design", "4", "4-6", to_write="hypotheses; prospective or retrospective"),
    ),
    "Data": (
        _Row("Sources and dates", "5a, 5b, 6a", "7", "data", answer=data.sources, to_write="clinics and dates"),
        _Row("Inclusion and exclusion", "6b", "8", "data", answer=data.exclusions, to_write="clinical criteria"),
        _Row("Treatment before the photograph", "6c", to_write="whether lesions were treated"),
        _Row("Preparation of the images", "7, 12b", "9, 10", "technique", answer=answers.preprocessing),
        _Row(
            "Image type, acquisition and artefacts",
            "9b",
            "11",
            "data",
            answer=data.artefacts,
            to_write="devices, light and distance",
        ),
        _Row("De-identification", "", "12", "data", to_write="how, and that no face or tattoo can be recognised"),
        _Row("Missing data", "11", "13", answer=data.missing),
        _Row(
            "Reference standard",
            "8a",
            "14, 15",
            "data",
            answer=data.reference_standard,
            to_write="why this standard, and the time between photograph and diagnosis",
        ),
        _Row("Annotators, blinding, agreement", "8b, 8c", "16-18", "data", to_write="who, and how well they agree"),
        _Row("Doubtful labels", "", "18", "data", answer=data.doubts),
        _Row("Diagnoses included and left out", "", "", "data", answer=data.diagnoses),
        _Row("Sample size", "10, 21", "19", "technical assessment", answer=data.sample_size),
        _Row("Partitions", "12a", "20", "technique", answer=data.partitions),
        _Row("Disjointness of partitions", "12a", "21", "technique", answer=data.disjointness),
    ),
    "Model": (
        _Row("Architecture", "12c, 22", "22", "technique", answer=answers.architecture),
        _Row("Software and hardware", "12c", "23", "technique", answer=answers.software),
        _Row("Initial weights", "12c", "24", "technique", answer=answers.initial_weights),
        _Row("Training", "12c", "25", "technique", answer=answers.training),
        _Row("Choice of the final model", "12c", "26", "technique", answer=answers.selection),
        _Row("Ensembling", "12c", "27", "technique", answer=answers.ensembling),
        _Row("Class imbalance", "13", answer=answers.imbalance),
        _Row("Output and thresholds", "15", "", "technique", answer=answers.thresholds),
        _Row("Calibration and updating", "12f, 24", answer=answers.calibration),
    ),
    "Evaluation": (
        _Row("Metrics", "12e", "28", "technical assessment", answer=answers.metrics),
        _Row("Uncertainty", "12e", "29", "technical assessment", answer=answers.uncertainty),
        _Row(
            "Fairness and subgroups",
            "14, 23b",
            "",
            "technical assessment",
            answer=answers.subgroups,
            otherwise="figures by sex, age, site and skin tone, which these data do not hold",
        ),
        _Row("Robustness", "12e", "30", "technical assessment", answer=answers.robustness),
        _Row("Explanations", "", "31", "technical assessment", otherwise="'lentigo explain', and how it was validated"),
        _Row("Internal and external test", "12f, 16", "32", "technical assessment", answer=answers.tests),
    ),
    "Results": (
        _Row("Flow of images", "20a", "33", "data", answer=data.flow),
        _Row("People and lesions by partition", "20b, 20c", "34", "data", answer=data.people),
        _Row("Performance", "23a", "35, 36", "technical assessment", answer=answers.performance),
        _Row("Comparison with trivial models", "", "35", "technical assessment", answer=answers.baselines),
        _Row("Comparison with clinicians", "", "35", "technical assessment", to_write="a reader study, if any"),
        _Row("Failure analysis", "", "37", "technical assessment", answer=answers.failures),
    ),
    "Discussion": (
        _Row("Limitations", "26", "38", "application", answer=answers.limitations),
        _Row("Interpretation and practice", "25", "39", "application", to_write="what it would change, and for whom"),
        _Row(
            "Poor input and user interaction",
            "27a, 27b",
            "",
            "application",
            to_write="what a user has to know, and what happens to a bad picture",
        ),
        _Row("Further research", "27c", "", "application", to_write="what is needed next"),
    ),
    "Other": (
        _Row("Ethics approval", "17", "", "application", to_write="committee and number"),
        _Row("Protocol and registration", "18c, 18d", "40, 41", to_write="where they can be read"),
        _Row("Availability of data, code and model", "18e, 18f", "41", "application", answer=answers.availability,
             to_write="where data and weights can be had"),
        _Row("Funding and conflicts of interest", "18a, 18b", "42", to_write="who paid"),
        _Row("Patients and public", "19", "", "application", to_write="how they were involved"),
    ),
}  # fmt: skip
