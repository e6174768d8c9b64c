"""What a study asks for, and how many independent cases each aim needs, with its formula."""

from lentigo.errors import ConfigError
from lentigo.numbers.planning._sample_size import auroc_interval_size, noninferiority_size, wald_size, wilson_size

Aim = tuple[str, str, int, str]
"""Which lesions ("sensitivity", "specificity" or "auroc"), the aim in words, independent cases, formula and source."""


def aims_of(
    sensitivity: float,
    specificity: float | None,
    auroc: float | None,
    width: float,
    prevalence: float,
    confidence: float,
    margin: float | None,
    discordance: float | None,
    power: float,
) -> list[Aim]:
    """Return (which lesions, aim, independent cases, source) of everything that is asked for."""
    aims = list[Aim]()
    for side, share in (("sensitivity", sensitivity), ("specificity", specificity)):
        if share is None:
            continue
        aims.append((side, *_interval_aim(side, share, width, confidence)))
        if margin is not None:
            apart = 2 * share * (1 - share) if discordance is None else discordance
            aims.append((side, *_comparison_aim(side, apart, margin, power, confidence)))
    if auroc is not None:
        aims.append(("auroc", *_auroc_aim(auroc, width, prevalence, confidence)))
    return aims


def _interval_aim(side: str, share: float, width: float, confidence: float) -> tuple[str, int, str]:
    by_wald = wald_size(share, width=width, confidence=confidence)
    return (
        f"{side} {share:.4g}, interval {width:.3g} wide",
        wilson_size(share, width=width, confidence=confidence),
        f"Wilson (1927), width solved exactly; Buderer (1996), by the normal approximation: {by_wald:,}",
    )


def _auroc_aim(auroc: float, width: float, prevalence: float, confidence: float) -> tuple[str, int, str]:
    """Return the aim by whichever standard error asks for more."""
    newcombe, hanley = (
        auroc_interval_size(auroc, width=width, prevalence=prevalence, confidence=confidence, method=method)
        for method in ("newcombe", "hanley-mcneil")
    )
    by_newcombe = f"{newcombe:,}, Newcombe (2006) as in Riley et al. (2021)"
    source = f"the larger of {by_newcombe}, and {hanley:,}, Hanley and McNeil (1982)"
    return f"AUROC {auroc:.3g}, interval {width:.3g} wide", max(newcombe, hanley), source


def _comparison_aim(side: str, apart: float, margin: float, power: float, confidence: float) -> tuple[str, int, str]:
    return (
        f"{side} not lower than another model's by {margin:.3g}, power {power:.0%}",
        noninferiority_size(discordance=apart, margin=margin, power=power, confidence=confidence),
        "Liu et al. (2002), restricted likelihood, same lesions for both models",
    )


def check_numbers(
    sensitivity: float,
    width: float,
    prevalence: float,
    specificity: float | None,
    auroc: float | None,
    confidence: float,
    margin: float | None,
    discordance: float | None,
    power: float,
) -> None:
    """Refuse what is not strictly between its bounds.

    Raises:
        ConfigError: a number is not.
    """
    ranges = {
        "sensitivity": (sensitivity, 0.0), "width": (width, 0.0), "prevalence": (prevalence, 0.0),
        "specificity": (specificity, 0.0), "AUROC": (auroc, 0.5), "confidence": (confidence, 0.0),
        "margin": (margin, 0.0), "discordance": (discordance, 0.0), "power": (power, 0.5),
    }  # fmt: skip
    for name, (value, low) in ranges.items():
        if value is not None and not low < value < 1:
            raise ConfigError(f"{name} must lie between {low:g} and 1; got {value:g}. Give 95% as 0.95.")
