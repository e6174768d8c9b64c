/** What the operating point means where the page is used: prevalence, and a thousand lesions as dots. */

import { h, s } from "./dom.js";
import * as numbers from "./numbers.js";
import { grouped } from "./numbers.js";
import { count } from "./words.js";

const STEPS = 1000;
const PRESETS = [
  ["Screening", 0.02],
  ["Referral clinic", 0.07],
];
const COLUMNS = 25;

/** Slider, presets and a line of words; `onchange` gets the prevalence. */
export function prevalenceControl(model, onchange) {
  const most = Math.max(numbers.MOST_PREVALENCE, model.prevalence, model.service.prevalence);
  const { prevalence: start, is_prevalence_given: isGiven } = model.service;
  const own = isGiven && !PRESETS.some(([, value]) => value === start) ? [["This service", start]] : [];
  const presets = [...own, ...PRESETS, ["The model’s validation data", model.prevalence]];
  const shown = h("output", { class: "value", for: "prevalence" });
  const slider = h("input", { type: "range", id: "prevalence", min: 0, max: STEPS, step: 1, "aria-describedby": "prevalence-words" });
  const chips = presets.map(([name, value]) => h("button", { type: "button", class: "chip", onclick: () => choose(value) }, name, h("b", {}, ` ${numbers.share(value)}`)));
  const words = h("p", { class: "fine", id: "prevalence-words" });

  function choose(value) {
    slider.value = Math.round(STEPS * numbers.sliderOf(value, most));
    say(value);
    onchange(value);
  }
  function say(value) {
    shown.value = numbers.share(value);
    slider.setAttribute("aria-valuetext", `${numbers.share(value)} malignant`);
    chips.forEach((chip, i) => chip.setAttribute("aria-pressed", String(presets[i][1] === value)));
    words.textContent = prevalenceWords(numbers.expectedPoint(model, numbers.decidingPoint(model)), value);
  }
  slider.addEventListener("input", () => {
    const value = numbers.prevalenceOf(slider.value / STEPS, most);
    say(value);
    onchange(value);
  });
  slider.value = Math.round(STEPS * numbers.sliderOf(Math.min(Math.max(start, numbers.LEAST_PREVALENCE), most), most));
  say(start);
  return [
    h("div", { class: "slider" }, h("label", { for: "prevalence" }, "Malignant among the lesions you see"), slider, shown),
    h("div", { class: "presets", role: "group", "aria-label": "Usual shares" }, chips),
    words,
    !isGiven && h("p", { class: "fine" }, "It starts at a typical value for a referral clinic, not a measured one: set your own."),
  ];
}

/** What a decision means at a prevalence, in a sentence. */
export function prevalenceWords(point, prevalence) {
  const { ppv, npv } = numbers.consequences(point, prevalence);
  const referred = ppv.value ? `${numbers.oneIn(ppv.value)} referred lesions` : "no referred lesion";
  return `Then, as in ${measuredIn(point)}, ${referred} is malignant, and ${numbers.missedWords(npv)} of those called benign-looking.`;
}

/** What the figures were measured in, for the middle of a sentence. */
export function measuredIn(point) {
  if (point.measured_on === "left out") return `${point.source} by a network trained without it`;
  if (point.measured_on === "test") return "its own test";
  return point.measured_on === "calibration" ? "the images it was calibrated on" : "its validation images";
}

/** From which sensitivity and specificity the thousand lesions follow, and what its own test would say instead. */
export function basis(model, own, prevalence) {
  const point = numbers.expectedPoint(model, own);
  const rates = ({ sensitivity, specificity }) => `sensitivity ${rate(sensitivity)} and specificity ${rate(specificity)}`;
  const note = "Lesions that it cannot assess count by the threshold. Intervals combine the ends of both intervals, so they are slightly too wide.";
  if (point.measured_on !== "left out") return `From ${rates(point)} in ${measuredIn(point)}; no other collection was tried. ${note}`;
  const lowest = point.n_sources > 1 ? `, the lowest sensitivity of ${point.n_sources} collections` : "";
  const { ppv, npv } = numbers.consequences(own, prevalence);
  return [
    `From ${rates(point)} in ${point.source} (${count(point.n, "image")}), by a network trained without it${lowest}. ${note}`,
    ` In ${measuredIn(own)}: ${rates(own)}; malignant among the referred ${rate(ppv)}, benign among the benign-looking ${rate(npv)}.`,
  ].join("");
}

function rate(figure) {
  if (figure.value === null) return "n/a";
  return numbers.has(figure) ? `${numbers.percent1(figure.value)} (${numbers.interval(figure)})` : numbers.percent1(figure.value);
}

/** A thousand lesions, sorted by what the model would say, with the figures behind. */
export function thousand(point, prevalence) {
  const { ppv, npv, of1000 } = numbers.consequences(point, prevalence);
  const whole = numbers.wholeThousand(of1000);
  const { found, missed, needless, left } = of1000;
  return [
    h("div", { class: "blocks" },
      block("Referred", whole.found, whole.needless, `${numbers.about(found)} malignant`, `${numbers.about(needless)} benign, referred unnecessarily`),
      block("Benign-looking", whole.missed, whole.left, `${numbers.about(missed)} malignant, missed`, `${numbers.about(left)} benign`)),
    h("dl", { class: "figures" },
      figure("Malignant among the referred", ppv, "positive predictive value", ppv.value && `one malignant lesion for every ${numbers.grouped(Number((1 / ppv.value).toPrecision(ppv.value > 0.01 ? 2 : 1)))} referred (number needed to refer)`),
      figure("Benign among the benign-looking", npv, "negative predictive value", npv.value !== null && `${numbers.missedWords(npv)} of them is malignant`)),
  ];
}

function block(title, malignant, benign, first, second) {
  const total = malignant + benign;
  const rows = Math.max(1, Math.ceil(total / COLUMNS));
  const dot = (i) => `M${(i % COLUMNS) + 0.5} ${Math.floor(i / COLUMNS) + 0.5}h0`;
  const dots = (from, to) => Array.from({ length: to - from }, (_, i) => dot(from + i)).join("");
  return h("figure", { class: "block" },
    h("figcaption", {}, h("strong", {}, title), ` ${grouped(total)}`),
    s("svg", { viewBox: `0 0 ${COLUMNS} ${rows}`, class: "dots", "aria-hidden": "true" },
      s("path", { class: "benign", d: dots(malignant, total) }), s("path", { class: "malignant", d: dots(0, malignant) })),
    h("p", {}, h("i", { class: "side malignant" }), first), h("p", {}, h("i", { class: "side benign" }), second));
}

/** A figure with its interval and what it means. */
export function figure(name, value, term, meaning) {
  const digits = value.value > 0.99 ? 2 : 1;
  const shown = value.value === null ? "n/a" : `${numbers.inHundred(value.value, digits)}%`;
  return h("div", {},
    h("dt", {}, name, h("span", { class: "term" }, term)),
    h("dd", {}, h("span", { class: "value" }, shown), " ", h("span", { class: "interval" }, numbers.interval(value, digits)),
      meaning && h("span", { class: "meaning" }, meaning)));
}

/** Sensitivity and specificity of the operating point, each with its interval on a line from 0 to 100. */
export function known(point, noun = "images") {
  const wanted = point.wanted_sensitivity;
  return [
    h("dl", { class: "figures" },
      whisker("Sensitivity", point.sensitivity, "malignant lesions at or above the threshold"),
      whisker("Specificity", point.specificity, "benign lesions below the threshold")),
    h("p", { class: "fine" }, `${measured(point, wanted, noun)} no promise for another clinic, camera or skin tone.`),
  ];
}

/** On which images both figures were measured, and what that makes of them. */
function measured(point, wanted, noun) {
  const aim = wanted ? ` to find ${numbers.share(wanted)} of the malignant ones` : "";
  if (point.measured_on === "test") return `Measured on its own test images, not on the images used to choose the threshold${aim && `, which was chosen${aim}`}:`;
  const images = point.measured_on === "calibration" ? `the ${noun} that the model was calibrated on` : point.n ? count(point.n, `validation ${noun.slice(0, -1)}`) : `validation ${noun}`;
  return `Measured on ${images}${aim && `, where the threshold was chosen${aim}`}: for that reason slightly too optimistic, and`;
}

function whisker(name, value, meaning) {
  const at = (x) => 100 * x;
  return h("div", {},
    h("dt", {}, name),
    h("dd", {}, h("span", { class: "value" }, numbers.percent1(value.value)), " ", h("span", { class: "interval" }, numbers.interval(value)),
      value.value !== null && s("svg", { class: "whisker", viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
        s("path", { class: "rail", d: "M0 6h100" }),
        numbers.has(value) && s("path", { class: "span", d: `M${at(value.low)} 6H${at(value.high)}` }),
        s("path", { class: "tick", d: `M${at(value.value)} 1v10` })),
      h("span", { class: "meaning" }, meaning)));
}
