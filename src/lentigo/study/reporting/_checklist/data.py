"""What a run knows about its data, for the checklist: where they come from, what was left out, who is in them."""

from typing import Final

from lentigo.data.manifest import independence
from lentigo.study.auditing import UNUSED_IDS
from lentigo.study.reporting._audit.words import leakage_text, no_doubts_text
from lentigo.study.reporting._cohort import LABELS, flow_of, histology_share, is_recorded
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._words import join, percent, share
from lentigo.taxonomy import CODES, GATHERED
from lentigo.wording import counted, figure_text

PEOPLE: Final = {"age": "age", **LABELS, "dx_type": "how the diagnosis was made"}


def sources(facts: RunFacts) -> str:
    """Return the sources that the data name."""
    manifest = facts.inputs.manifest
    if not is_recorded(manifest, "source"):
        return ""
    counts = manifest.table["source"].value_counts()
    return f"Images by source: {join([f'{name} {n:,}' for name, n in counts.items()])}."


def exclusions(facts: RunFacts) -> str:
    """Return what was left out and why."""
    flow = flow_of(facts)
    left_out = [f"{-n:,} {name}" for name, n, _ in flow.steps if n < 0]
    n_found = flow.steps[0][1] if flow.steps else len(facts.inputs.manifest)
    lost = f" {flow.gap:,} more are not accounted for." if flow.gap > 0 else ""
    return f"Of {counted(n_found, 'image')}, excluded: {join(left_out) if left_out else 'none'}.{lost}"


def artefacts(facts: RunFacts) -> str:
    """Return how often rulers, ink and the like were found."""
    audit = facts.inputs.audit
    if audit is None:
        return ""
    shown = [f"{flag.name} {percent(flag.share)}" for flag in audit.flags if flag.n_images]
    return f"Estimated by the audit: {join(shown)}." if shown else "The audit flagged none."


def missing(facts: RunFacts) -> str:
    """Return what is not recorded for how many images."""
    table = facts.inputs.manifest.table
    gaps = [f"{word} of {int(table[c].isna().sum()):,}" for c, word in PEOPLE.items() if c in table]
    gaps = [gap for gap in gaps if not gap.endswith(" of 0")]
    absent = [word for c, word in PEOPLE.items() if c not in table]
    words = [f"not recorded for some of {counted(len(table), 'image')}: {join(gaps)}"] if gaps else []
    words += [f"not recorded for any image: {join(absent)}"] if absent else []
    text = "; ".join(words)
    if not text:
        return "No image lacks a value."
    kept = "It does not enter" if len(gaps) + len(absent) == 1 else "None of these enters"
    used = facts.inputs.config.fuse.columns
    end = f"The model was offered {join(list(used))} beside the image." if used else f"{kept} the model."
    return f"{text[:1].upper()}{text[1:]}. {end}"


def reference_standard(facts: RunFacts) -> str:
    """Return what malignant means, and the share that histology proved."""
    proven = histology_share(facts.inputs.manifest)
    shares = f" {proven} of the test diagnoses are proven by histology." if proven else ""
    return f"{facts.inputs.taxonomy.describe()}{shares}" if facts.names_diagnoses else shares.strip()


def doubts(facts: RunFacts) -> str:
    """Return what the audit found about the labels."""
    audit = facts.inputs.audit
    if audit is None:
        return ""
    conflicts = [finding.title for finding in audit.findings if finding.code.startswith("conflict")]
    n_doubts = len(audit.doubts)
    rest = ("; it may be right" if n_doubts == 1 else "; some of them may be right") if n_doubts else ""
    found = f"Confident learning puts {counted(n_doubts, 'label')} in doubt{rest}." if n_doubts else ""
    found = found or f"Confident learning: {no_doubts_text(audit)}."
    return " ".join([found, *conflicts])


def diagnoses(facts: RunFacts) -> str:
    """Return the classes, and which diagnoses are not among them."""
    if not facts.has_diagnoses:
        known = "the diagnoses are in the data, not in the model's output" if facts.names_diagnoses else "no diagnoses"
        return f"Benign and malignant; {known}."
    absent = [code for code in CODES if code not in facts.classes and code not in {*GATHERED, "UNK"}]
    return f"Included: {join(facts.classes)}. Not included: {join(absent) if absent else 'none'}."


def sample_size(facts: RunFacts) -> str:
    """Return the number of malignant images, and how sure the sensitivity is with them."""
    n_malignant = int(facts.is_malignant.sum())
    n_benign = len(facts.test) - n_malignant
    text = (
        f"This run contains no sample size calculation. Test: {n_malignant:,} malignant and "
        f"{counted(n_benign, 'benign image')}"
    )
    if facts.point is None or not facts.point.sensitivity.has_interval:
        return f"{text}."
    sensitivity = facts.point.sensitivity
    points = 100 * (sensitivity.high - sensitivity.low)
    width = figure_text(points, 1 if points < 10 else 0)
    return f"{text}; the interval of the sensitivity is {width} points wide."


def partitions(facts: RunFacts) -> str:
    """Return the sizes of the three splits and what each was for."""
    boxes = flow_of(facts).splits
    parts = [f"{box.title.lower()} {box.n_images:,} ({box.n_malignant:,} malignant)" for box in boxes]
    looks = facts.inputs.looks.sentence()
    return f"{join(parts).capitalize()}. Validation chose model, calibration and thresholds. {looks}"


def disjointness(facts: RunFacts) -> str:
    """Return what the splits do not share."""
    audit = facts.inputs.audit
    level = f"Kept apart by {independence(facts.inputs.manifest.table, facts.unit)}" + (
        ", and copies of a picture by their pixels."
        if audit is not None
        else "; copies of a picture were not searched for."
    )
    text = leakage_text(audit) if audit is not None else ""
    unused = [finding.title for finding in audit.findings if finding.code == UNUSED_IDS] if audit is not None else []
    return " ".join(filter(None, [level, text, *unused]))


def flow(facts: RunFacts) -> str:
    """Return the flow in a sentence; the report has it as a figure."""
    found, *later = flow_of(facts).steps or [("used", len(facts.inputs.manifest), len(facts.inputs.manifest))]
    steps = [f"{found[1]:,} {found[0]}", *(f"{-n:,} {name}, {left:,} left" for name, n, left in later if n < 0)]
    return f"{'; '.join(steps)}. Figure in the report."


def people(facts: RunFacts) -> str:
    """Return what is known about the people, and the estimated skin tone."""
    recorded = [word for column, word in PEOPLE.items() if is_recorded(facts.inputs.manifest, column)]
    text = f"By partition in the report (Classes and origin of the images): {join(recorded)}." if recorded else ""
    audit = facts.inputs.audit
    if audit is None or not audit.skin_tone.counts:
        return text
    counts = audit.skin_tone.counts
    tones = [f"{name} {share(n, sum(counts.values()))}" for name, n in counts.items()]
    return f"{text} Skin tone estimated from all pictures found: {join(tones)}.".strip()
