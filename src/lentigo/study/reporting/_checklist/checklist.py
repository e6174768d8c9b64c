"""A draft of the checklist that a journal asks for: four published lists in one table, `checklist.md`.

An item whose answer lies in the run is filled in; what only a person can know says "to be written". `LISTS` says which
version of each list the numbers are of, to be compared with what is published. STARD-AI extends STARD 2015 and is cited
by the numbers of STARD; CLEAR Derm is named by its four groups.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lentigo.study.reporting import _checklist_results as results
from lentigo.study.reporting._checklist import answers, data
from lentigo.study.reporting._inputs import RunFacts

Answer = Callable[[RunFacts], str]

LISTS: Final = (
    ("TRIPOD+AI", "2024", "16 April 2024", "Collins et al., BMJ 385, e078378"),
    ("CLAIM", "2024 update", "29 May 2024", "Tejani et al., Radiology: Artificial Intelligence 6, e240300"),
    ("STARD-AI", "2025, by the numbers of STARD 2015", "15 September 2025", "Sounderajah et al., Nature Medicine 31"),
    ("CLEAR Derm", "2022, by its groups", "1 January 2022", "Daneshjou et al., JAMA Dermatology 158, 90"),
)
"""Name, version, date and publication of each list."""


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


def checklist_sections(facts: RunFacts) -> list[ChecklistSection]:
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


def _items(facts: RunFacts, rows: tuple["_Row", ...]) -> Iterator[ChecklistItem]:
    for row in rows:
        answer = row.answer(facts) if row.answer else ""
        lists = (
            ("TRIPOD+AI", row.tripod), ("CLAIM", row.claim), ("STARD-AI", row.stard), ("CLEAR Derm", row.clear),
        )  # fmt: skip
        where = " · ".join(f"{name} {number}" for name, number in lists if number)
        yield ChecklistItem(row.topic, where, answer, row.to_write or ("" if answer else row.otherwise))


@dataclass(frozen=True, slots=True)
class _Row:
    """One item: `to_write` always needs a person, `otherwise` only where the run has no answer."""

    topic: str
    tripod: str = ""
    claim: str = ""
    clear: str = ""
    stard: str = ""
    answer: Answer | None = None
    to_write: str = ""
    otherwise: str = "not known to this run"


_LIST: Final[dict[str, tuple[_Row, ...]]] = {
    "Title and introduction": (
        _Row("Title", "1", "1", "", stard="1", answer=answers.title),
        _Row(
            "Structured abstract",
            "2",
            "2",
            "",
            stard="2",
            answer=answers.abstract,
            to_write="background and conclusions",
        ),
        _Row(
            "Clinical context, intended use and users",
            "3a, 3b",
            "3",
            "application",
            stard="3",
            answer=answers.intended_use,
            to_write="the place in the pathway of care, and the standard of care there",
        ),
        _Row("Known health inequalities", "3c", "", "application", to_write="between which groups of people"),
        _Row(
            "Objectives, study goal and design",
            "4",
            "4-6",
            "",
            stard="4, 5",
            to_write="hypotheses; prospective or retrospective",
        ),
    ),
    "Data": (
        _Row(
            "Sources and dates", "5a, 5b, 6a", "7", "data", stard="8", answer=data.sources, to_write="clinics and dates"
        ),
        _Row(
            "Inclusion and exclusion",
            "6b",
            "8",
            "data",
            stard="6, 7, 9",
            answer=data.exclusions,
            to_write="clinical criteria",
        ),
        _Row("Treatment before the photograph", "6c", "", "", to_write="whether lesions were treated"),
        _Row("Preparation of the images", "7, 12b", "9, 10", "technique", stard="10a", answer=answers.preprocessing),
        _Row(
            "Image type, acquisition and artefacts",
            "9b",
            "13",
            "data",
            stard="10a",
            answer=data.artefacts,
            to_write="devices, light and distance",
        ),
        _Row(
            "Devices and sources",
            "5a",
            "7, 13",
            "data",
            stard="8",
            answer=results.devices,
            otherwise="camera, dermatoscope and light, which these data do not name",
        ),
        _Row("De-identification", "", "11", "data", to_write="how, and that no face or tattoo can be recognised"),
        _Row("Missing data", "11", "12", "", stard="16", answer=data.missing),
        _Row(
            "Reference standard",
            "8a",
            "14, 15",
            "data",
            stard="10b, 11, 12b, 22",
            answer=data.reference_standard,
            to_write="why this standard, and the time between photograph and diagnosis",
        ),
        _Row(
            "Annotators, blinding, agreement",
            "8b, 8c",
            "16-18",
            "data",
            stard="13a, 13b",
            to_write="who, and how well they agree",
        ),
        _Row("Doubtful labels", "", "18", "data", answer=data.doubts),
        _Row("Diagnoses included and excluded", "", "", "data", answer=data.diagnoses),
        _Row("Sample size", "10, 21", "21", "technical assessment", stard="18", answer=data.sample_size),
        _Row("Partitions", "12a", "19", "technique", answer=data.partitions),
        _Row("Disjointness of partitions", "12a", "20", "technique", answer=data.disjointness),
    ),
    "Model": (
        _Row("Architecture", "12c, 22", "22", "technique", stard="10a", answer=answers.architecture),
        _Row("Software and hardware", "12c", "23", "technique", answer=answers.software),
        _Row("Initial weights", "12c", "24", "technique", answer=answers.initial_weights),
        _Row("Training", "12c", "25", "technique", answer=answers.training),
        _Row("Choice of the final model", "12c", "26", "technique", answer=answers.selection),
        _Row("Ensembling", "12c", "27", "technique", answer=answers.ensembling),
        _Row("Class imbalance", "13", "", "", answer=answers.imbalance),
        _Row("Output and thresholds", "15", "", "technique", stard="12a", answer=answers.thresholds),
        _Row("Cut-offs chosen before the test", "12e, 15", "", "technique", stard="12a", answer=results.cutoffs),
        _Row("Indeterminate answers", "27a", "", "technical assessment", stard="15", answer=results.indeterminate),
        _Row("Calibration and updating", "12f, 24", "", "", answer=answers.calibration),
    ),
    "Evaluation": (
        _Row("Metrics", "12e", "28", "technical assessment", stard="14", answer=answers.metrics),
        _Row("Uncertainty", "12e", "29", "technical assessment", stard="24", answer=answers.uncertainty),
        _Row(
            "Fairness and subgroups",
            "14, 23b",
            "",
            "technical assessment",
            stard="17",
            answer=answers.subgroups,
            otherwise="figures by sex, age, site and skin tone, which these data do not hold",
        ),
        _Row("Robustness", "12e", "30", "technical assessment", stard="17", answer=answers.robustness),
        _Row("Explanations", "", "31", "technical assessment", otherwise="'lentigo explain', and how it was validated"),
        _Row("Internal and external test", "12f, 16", "32, 33", "technical assessment", answer=answers.tests),
    ),
    "Results": (
        _Row("Baseline by partition", "20b", "36", "data", stard="20", answer=results.baseline),
        _Row("Cross table", "23a", "38", "technical assessment", stard="23", answer=results.cross_table),
        _Row("What differs in other sets", "20c", "33", "data", answer=results.external),
        _Row("Flow of images", "20a", "35", "data", stard="19", answer=data.flow),
        _Row("People and lesions by partition", "20b, 20c", "36", "data", stard="20, 21", answer=data.people),
        _Row("Performance", "23a", "37, 38", "technical assessment", stard="24", answer=answers.performance),
        _Row("Comparison with trivial models", "", "37", "technical assessment", answer=answers.baselines),
        _Row("Comparison with clinicians", "", "37", "technical assessment", to_write="a reader study, if any"),
        _Row("Failure analysis", "", "39", "technical assessment", answer=answers.failures),
    ),
    "Discussion": (
        _Row("Limitations", "26", "40", "application", stard="26", answer=answers.limitations),
        _Row(
            "Interpretation and practice",
            "25",
            "41",
            "application",
            stard="27",
            to_write="what it would change, and for whom",
        ),
        _Row(
            "Poor input and user interaction",
            "27a, 27b",
            "",
            "application",
            to_write="what a user needs to know, and what happens to a poor photograph",
        ),
        _Row("Further research", "27c", "", "application", to_write="what is needed next"),
    ),
    "Other": (
        _Row("Ethics approval", "17", "", "application", to_write="committee and number"),
        _Row("Protocol and registration", "18c, 18d", "34, 42", "", stard="28, 29", to_write="where they can be read"),
        _Row(
            "Availability of data, code and model",
            "18e, 18f",
            "43",
            "application",
            answer=answers.availability,
            to_write="where data and weights can be had",
        ),
        _Row("Funding and conflicts of interest", "18a, 18b", "44", "", stard="30", to_write="who paid"),
        _Row("Harms of photograph or reference standard", "", "", "", stard="25", to_write="adverse events, if any"),
        _Row("Patients and public", "19", "", "application", to_write="how they were involved"),
    ),
}
