/** The answer about one photograph: the decision in words, the probability and what it means, the reasons. */

import { contributions } from "./beside.js";
import { h, icon } from "./dom.js";
import * as numbers from "./numbers.js";
import { CLOSE, decision, errorSentences, reason, unreadable } from "./words.js";

const AXIS = [0.0001, 0.999];
const TICKS = [0.001, 0.01, 0.1, 0.5, 0.9, 0.99];

/** Probabilities and threshold of an answer where a share `prevalence` of the lesions is malignant. */
export function atPrevalence(answer, model, prevalence) {
  if (!answer || answer.error) return null;
  const probabilities = numbers.shiftOdds(answer.probabilities, model.malignant_classes, model.prevalence, prevalence);
  const moved = (value) => numbers.shift(value, model.prevalence, prevalence);
  const band = model.low_confidence;
  return {
    probabilities,
    called: answer.diagnosis && { name: answer.diagnosis, rule: answer.diagnosis_rule },
    malignant: numbers.malignantShare(probabilities, model.malignant_classes),
    threshold: moved(model.operating_points[0].threshold),
    band: band && [moved(band.low), moved(band.high)],
    least: numbers.finest(model, prevalence, moved(model.operating_points[0].threshold)),
  };
}

/** Whether the numbers behind an answer may be shown first: not when the photograph itself is at fault. */
export const isTrusted = (answer) => !answer.error && answer.reasons.every((words) => words === CLOSE.words);

/** Heading and sentences about the decision. */
export function verdict(photo, point) {
  const { answer } = photo;
  const said = answer.error ? "cannot assess" : answer.decision;
  return [
    h("p", { class: "eyebrow" }, photo.name),
    h("h2", { class: `decision is-${said.replace(" ", "-")}`, id: "decision", tabindex: "-1" }, icon(said), decision(said)),
    h("div", { class: "meaning-of" }, answer.error ? cannotOpen(answer) : MEANINGS[said]?.(answer, point)),
  ];
}

const MEANINGS = {
  "refer": (_, point) => [
    h("p", { class: "lead" }, "The malignant probability reaches the threshold. A dermatologist should examine this lesion."),
    h("p", { class: "caveat" }, `A referral is not a diagnosis: of 100 benign lesions it refers about ${numbers.about(100 * (1 - point.specificity.value))}${range(point.specificity)}.`),
  ],
  "benign-looking": (_, point) => [
    h("p", { class: "lead" }, "The malignant probability stays below the threshold."),
    h("p", { class: "caveat" }, `This does not exclude malignancy: of 100 malignant lesions the model calls about ${numbers.about(100 * (1 - point.sensitivity.value))}${range(point.sensitivity)} benign-looking. A lesion that changes or causes concern should be examined, whatever this page shows.`),
  ],
  "cannot assess": (answer) => [
    h("p", { class: "lead" }, isTrusted(answer) ? "The model gives no answer about this lesion." : "The model gives no answer about this photograph."),
    h("ul", { class: "reasons" }, answer.reasons.map((words) => {
      const { bad, advice } = reason(words);
      return h("li", {}, h("strong", {}, `${bad}.`), advice && ` ${advice}`);
    })),
  ],
};

/** How many of 100 are on the wrong side, from the interval of those on the right one. */
function range(figure) {
  if (!numbers.has(figure)) return "";
  return ` (${numbers.ofHundred(1 - figure.high)} to ${numbers.ofHundred(1 - figure.low)})`;
}

function cannotOpen(answer) {
  const [what, remedy] = unreadable(answer.error_code);
  return [h("p", { class: "lead" }, what, " ", remedy), h("p", { class: "caveat" }, answer.error)];
}

/** The malignant probability, in words, and where it stands on the scale. */
export function probability(answer, model, prevalence) {
  const here = atPrevalence(answer, model, prevalence);
  const isBelow = here.malignant < here.least;
  const [n, whole] = numbers.frequency(Math.max(here.malignant, here.least));
  const one = n === "1";
  return [
    h("p", { class: "chance" },
      h("span", { class: "figure" }, numbers.apartFrom(here.malignant, here.threshold, here.least)),
      h("span", { class: "of-what" }, "malignant probability")),
    h("p", { class: "in-words" }, `Of ${whole} ${model.isLesion ? "lesions" : "photographs"} with this answer, ${isBelow ? "fewer than " : /^\d/.test(n) ? "about " : ""}${n} ${model.isLesion ? `${one ? "is" : "are"} malignant` : `${one ? "shows" : "show"} a malignant lesion`}, where ${numbers.share(prevalence)} of all lesions are malignant.`),
    scale(here, model.isLesion),
    contributions(answer, model),
  ];
}

/** An axis of log-odds: another prevalence moves everything on it by the same way. */
function scale({ malignant, threshold, band, least }, isLesion) {
  const at = (value) => `${(100 * numbers.onOddsAxis(value, ...AXIS)).toFixed(2)}%`;
  const width = (low, high) => `${(100 * (numbers.onOddsAxis(high, ...AXIS) - numbers.onOddsAxis(low, ...AXIS))).toFixed(2)}%`;
  const called = malignant >= threshold - 1e-6 ? "above" : "below";
  return h("div", { class: "scale", role: "img", "aria-label": `${numbers.apartFrom(malignant, threshold, least)} is ${called} the threshold of ${numbers.thresholdPercent(threshold)}.` },
    h("div", { class: "rail" },
      h("i", { class: "zone benign", style: { width: at(threshold) } }),
      h("i", { class: "zone malignant", style: { left: at(threshold) } }),
      band && h("i", { class: "band", style: { left: at(band[0]), width: width(...band) } }),
      h("i", { class: "threshold", style: { left: at(threshold) } }),
      h("i", { class: "needle", style: { left: at(malignant) } })),
    h("div", { class: "ticks" }, TICKS.map((tick) => h("span", { style: { left: at(tick) } }, numbers.percent(tick)))),
    h("p", { class: "key" },
      h("span", {}, h("i", { class: "needle" }), isLesion ? "this lesion" : "this photograph"),
      h("span", {}, h("i", { class: "threshold" }), `refer from ${numbers.thresholdPercent(threshold)} on`),
      band && h("span", {}, h("i", { class: "band" }), "too close to call")));
}

/** An error of the service in place of the answer. */
export function failure(photo, retry) {
  const [what, remedy] = errorSentences(photo.error);
  return [
    h("p", { class: "eyebrow" }, photo.name),
    h("h2", { class: "decision is-failed", id: "decision", tabindex: "-1" }, icon("failed"), "No answer yet"),
    h("p", { class: "lead" }, what, " ", remedy),
    h("p", {}, h("button", { type: "button", class: "button primary", onclick: retry }, "Try again")),
  ];
}
