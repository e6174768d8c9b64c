/** The differential as bars, and the cases that look most alike. */

import { h } from "./dom.js";
import { sharePercent } from "./numbers.js";
import { count, diagnosis, isTwoSided, join } from "./words.js";

const side = (name, model) => (model.malignant_classes.includes(name) ? "malignant" : "benign");

/** A mark that tells the sides apart by shape. */
export const mark = (of) => h("i", { class: `side ${of}`, "aria-hidden": "true" });

/** The diagnoses as bars: the malignant ones together first, because the decision rests on their sum, then the benign. */
export function differential({ probabilities, malignant, least, called }, model) {
  const ranked = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  const plain = isTwoSided(model.classes);
  const sides = ["malignant", "benign"].map((of) => [of, ranked.filter(([name]) => side(name, model) === of)]);
  const sums = { malignant, benign: 1 - malignant };
  return [
    h("h3", {}, plain ? "Malignant or benign" : "What it could be"),
    h("table", { class: "bars" },
      h("caption", { class: "hidden" }, "Probability of each diagnosis, the malignant ones together first"),
      h("thead", { class: "hidden" }, h("tr", {}, ["Diagnosis", "Side", "Probability"].map((text) => h("th", { scope: "col" }, text)))),
      sides.map(([of, rows]) => h("tbody", {},
        !plain && rows.length > 1 && total(of, sums[of], least),
        rows.map(([name, value]) => row(name, value, model, least))))),
    called && h("p", {}, "Class: ", h("strong", {}, diagnosis(called.name)), ` (${called.rule}).`),
    h("p", { class: "fine" }, mark("malignant"), " malignant   ", mark("benign"), " benign",
      plain ? ". This model knows no diagnoses, only the two sides." : ". The decision rests on all malignant ones together."),
  ];
}

function total(of, value, least) {
  return h("tr", { class: `${of} total` },
    h("th", { scope: "row" }, mark(of), h("span", { class: "name" }, `${of === "malignant" ? "Malignant" : "Benign"}, together`)),
    h("td", { class: "hidden" }, of),
    h("td", {}, amount(value, least)));
}

const amount = (value, least) => h("span", { class: "amount" },
  h("span", { class: "rail", "aria-hidden": "true" }, h("i", { style: { width: `${(100 * value).toFixed(2)}%` } })),
  h("span", { class: "value" }, sharePercent(value, least)));

function row(name, value, model, least) {
  const of = side(name, model);
  const words = diagnosis(name);
  return h("tr", { class: of },
    h("th", { scope: "row" }, mark(of), h("span", { class: "name" }, words), " ", words.toLowerCase() !== name.toLowerCase() && h("span", { class: "code" }, name)),
    h("td", { class: "hidden" }, of),
    h("td", {}, amount(value, least)));
}

/** The most similar training cases: their diagnoses, their similarity, and pictures where available. */
export function similarCases(cases, model) {
  const heading = h("h3", { id: "similar-title" }, "Most similar cases");
  if (!cases.length) return [heading, h("p", { class: "quiet" }, "This model contains no reference cases.")];
  const tally = new Map();
  for (const { diagnosis: name } of cases) tally.set(name, (tally.get(name) ?? 0) + 1);
  const ranked = [...tally].sort((a, b) => b[1] - a[1]);
  const parts = ranked.map(([name, n]) => `${n} × ${diagnosis(name).toLowerCase()}`);
  return [
    heading,
    h("p", { class: "quiet" }, ranked.length === 1
      ? `The ${count(cases.length, "case")} it was trained on that look most similar have the same diagnosis: ${diagnosis(ranked[0][0]).toLowerCase()}.`
      : `Of the ${count(cases.length, "case")} it was trained on that look most similar: ${join(parts)}.`),
    h("ol", { class: "cases" }, cases.map((one) => similarCase(one, model))),
  ];
}

function similarCase(one, model) {
  const of = side(one.diagnosis, model);
  const words = diagnosis(one.diagnosis);
  return h("li", { class: of },
    one.picture && h("img", { src: one.picture, alt: `Reference case: ${words.toLowerCase()}`, width: 96, height: 96 }),
    h("p", { class: "name" }, mark(of), words, h("span", { class: "hidden" }, `, ${of}`)),
    h("p", { class: "fine" }, `${one.similarity.toFixed(2)} alike`),
    h("p", { class: "fine id" }, one.image_id));
}
