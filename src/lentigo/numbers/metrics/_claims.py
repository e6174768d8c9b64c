"""Sentences that are chosen by a number, all rules in one table: a reassuring one rests on the far end of an interval.

A point value reassures most where there are fewest cases. So each claim names the end of the interval that speaks
against it, and the limit that this end has to keep. Where the near end is beyond the limit the claim is false, and in
between the data do not decide: then the third sentence says so. Without an interval nothing is ever claimed.

The page of the service chooses no reassuring sentence by a number: it says the far end itself ("at most 1 in 120").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from lentigo.model.decision import Estimate

Verdict = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence that reassures, the rule by which it is chosen, and what is said otherwise.

    Args:
        figure: what is looked at.
        end: of its interval that decides: the one that speaks against the claim.
        limit: that this end has to keep; a sentence may bring a limit of its own.
        holds: said where the far end keeps the limit.
        fails: said where even the near end does not.
        undecided: said in between, and where there is no interval.
        where: the module that says it.

    Example:
        >>> calm = Claim("loss", "high", 0.05, "at most 5 points", "more than 5 points", "not known", "here")
        >>> calm.judge(Estimate(0.01, 0.0, 0.03, n=900)), calm.judge(Estimate(0.01, 0.0, 0.3, n=9))
        ('holds', 'undecided')
    """

    figure: str
    end: Literal["low", "high"]
    limit: float
    holds: str
    fails: str
    undecided: str
    where: str

    def judge(self, estimate: Estimate, limit: float | None = None) -> Verdict:
        """Return whether an interval lies on the good side of the limit, on the bad one, or on both.

        Args:
            estimate: of the figure.
            limit: in place of the claim's own.
        """
        limit = self.limit if limit is None else limit
        if not (estimate.is_defined and estimate.has_interval):
            return "undecided"
        if self.end == "high":
            return "holds" if estimate.high <= limit else "fails" if estimate.low > limit else "undecided"
        return "holds" if estimate.low >= limit else "fails" if estimate.high < limit else "undecided"


CLAIMS: Final[Mapping[str, Claim]] = {
    # 0.6: of 100 pairs 60 are ranked correctly; phantoms whose lesion alone differs stay below it with 660 images
    "coin without the lesion": Claim(
        "AUROC with the lesion covered", "high", 0.6,
        "With the lesion covered, the model is hardly better than chance ({shown}): nothing shows that it relies on "
        "what lies outside the lesion.",
        "With the lesion covered, the model still reaches {shown}: part of what it relies on lies outside the lesion.",
        "With the lesion covered the model reaches {shown}: {n} images do not decide whether what it relies on lies in "
        "the lesion.",
        "study.reporting._audit.words",
    ),
    "a lead to lose": Claim(
        "AUROC on test, of the pictures as they are", "low", 0.5,
        "",
        "With the lesion covered the model reaches {shown}, but with it {whole}, which is not better than chance: "
        "nothing follows about what it relies on.",
        "With the lesion covered the model reaches {shown}, but with it {whole}, which is not shown to be better than "
        "chance: nothing follows about what it relies on.",
        "study.reporting._audit.words",
    ),
    "mostly the lesion": Claim(
        "share of the model's lead over a coin that is left with the lesion covered", "high", 0.5,
        "With the lesion covered the model falls to {shown}: without the lesion less than half of its lead over "
        "chance is left.",
        "With the lesion covered the model still reaches {shown}: much of what it relies on lies outside the "
        "lesion, and may be absent in other data.",
        "With the lesion covered the model reaches {shown}: {n} images do not decide whether most of what it relies on "
        "lies in the lesion.",
        "study.reporting._audit.words",
    ),
    # where at least half of the lead is kept; a lower end above a coin carries the warning, anything else a doubt
    "beside the lesion": Claim(
        "AUROC with the lesion covered", "high", 0.5,
        "With the lesion covered the model falls to {shown}, no better than chance.",
        "With the lesion covered the model still reaches {shown}: much of what it relies on lies outside the "
        "lesion, and may be absent in other data.",
        "With the lesion covered the model still reaches {shown}: much of what it relies on may lie outside the "
        "lesion, but {n} images do not decide it.",
        "study.reporting._audit.words",
    ),
    "no shortcut": Claim(
        "AUROC of the strongest shortcut", "high", 0.6,
        "None separates malignant from benign much better than chance: the strongest, “{name}”, reaches {shown}.",
        "The strongest is “{name}”: alone it separates malignant from benign with an AUROC of {shown}{what}. A model "
        "can "
        "learn this instead of the disease.",
        "The strongest is “{name}” with an AUROC of {shown}: {n} images do not rule a shortcut out.",
        "study.reporting._audit.words",
    ),
    # 0.65 is where the audit begins to warn
    "nothing stops learning": Claim(
        "AUROC of the strongest shortcut", "high", 0.65,
        "Nothing here stops a model from learning.",
        "No fault was found in the images or labels, but there may be a shortcut: see “{name}”.",
        "No fault was found, but with these images a shortcut cannot be ruled out.",
        "study.reporting._audit.words",
    ),
    # 0.6: of 100 pairs 60 are ranked correctly, as where a shortcut begins to count
    "better than chance": Claim(
        "AUROC on test", "low", 0.5,
        "",
        "",
        "The AUROC of {shown} does not rule chance (0.5) out: these {n} test images do not show that {what} "
        "separates malignant from benign at all.",
        "study.reporting._cautions",
    ),
    "useless": Claim(
        "AUROC on test", "high", 0.6,
        "{What} is useless here: with an AUROC of {shown} it ranks malignant and benign images hardly better than "
        "chance (0.5), and the upper end of the interval is below 0.6.",
        "",
        "",
        "study.reporting._cautions",
    ),
    "columns add": Claim(
        "AUROC of image and columns less that of the image alone", "low", 1e-9,
        "{columns} {add} to the image: {shown} AUROC.",
        "",
        "",
        "numbers.evaluation._ablation",
    ),
    # 0.01: of 100 pairs one more is ranked correctly
    "columns add nothing": Claim(
        "AUROC of image and columns less that of the image alone", "high", 0.01,
        "{columns} {add} nothing to the image: {shown} AUROC, and the interval excludes a gain of 0.01. Do not use "
        "them.",
        "{columns} {are} not shown to add to the image: {shown} AUROC. Do not use them until more images decide.",
        "Undecided: {columns} {change} the AUROC by {shown}. The interval includes 0 and a gain of 0.01: "
        "these images are too few. Do not use the columns until more images decide.",
        "numbers.evaluation._ablation",
    ),
    "target reached": Claim(
        "sensitivity at the threshold, of the wanted one", "low", -0.05,
        "",
        "The threshold was set for {wanted} sensitivity; on test: {shown}.",
        "The threshold was set for {wanted} sensitivity; on test: {shown}. The interval reaches more than 5 points "
        "below the target.",
        "study.reporting._cautions",
    ),
    "groups alike": Claim(
        "sensitivity of the least sure subgroup, less that of all images", "low", -0.1,
        "no group's sensitivity lies more than 10 points below that of all images (corrected p = {p})",
        "sensitivity differs between the groups more than chance explains (corrected p = {p})",
        "no difference in sensitivity is shown (corrected p = {p}), but these cases do not rule out {reach}",
        "numbers.evaluation._subgroup_record",
    ),
    "endures": Claim(
        "the greatest loss of sensitivity or specificity over all corruptions", "high", 0.05,
        "In {tried} no loss of sensitivity or specificity is greater than 5 points.",
        "Greatest loss beyond chance in this sample: {name}. At strength {strength} ({amount}) {figure} falls from "
        "{before} to {after}.",
        "In {tried} no loss of sensitivity or specificity is shown to be beyond chance, but {n} images do not rule "
        "out a loss of {reach} points.",
        "study.reporting._stress.words",
    ),
    "decisions stay": Claim(
        "share of decisions changed at full strength", "high", 0.05,
        "Even at full strength fewer than 5% of decisions change under {names}.",
        "At full strength every corruption changes more than 5% of the decisions.",
        "At full strength no corruption is known to change fewer than 5% of the decisions.",
        "study.reporting._stress.words",
    ),
    "no band needed": Claim(
        "share of malignant images called benign-looking; the limit is the target share", "high", 0.02,
        "{start}, and here {shown}: the target is met.",
        "{start}, but here {shown}: the target is not met.",
        "{start}, and here {shown}: {n} malignant images do not show that the target is met.",
        "study.reporting._trivial_baselines",
    ),
    "better than one answer": Claim(
        "accuracy on test; the limit is the share of the commonest class", "low", 0.0,
        "",
        "The accuracy of {shown} is worse than always answering '{name}', which is right in {share} of these images.",
        "The accuracy of {shown} is not shown to be better than always answering '{name}', which is right in {share} "
        "of these images.",
        "study.reporting._trivial_baselines",
    ),
    "not inferior": Claim(
        "difference of two models; the limit is the margin", "low", 0.0,
        "A not inferior", "not shown", "not shown", "numbers.evaluation._compare",
    ),
}  # fmt: skip
"""Every sentence that reassures by a number, by name; one photograph is not a sample and has no entry."""


def say(claim: str, estimate: Estimate, /, *, limit: float | None = None, **words: Any) -> tuple[Verdict, str]:
    """Return how a claim fares on an estimate, and the sentence to say.

    Args:
        claim: key of `CLAIMS`.
        estimate: of its figure.
        limit: in place of the claim's own.
        **words: what the sentences name.

    Example:
        >>> say("no shortcut", Estimate(0.52, 0.5, 0.54, n=5000), name="file", shown="0.520", what="", n="5,000")[1]
        'None separates malignant from benign much better than chance: the strongest, “file”, reaches 0.520.'
    """
    rule = CLAIMS[claim]
    verdict = rule.judge(estimate, limit)
    return verdict, str(getattr(rule, verdict)).format(**words)
