/** All photographs of the tab: a row of small ones to choose from, or those of one patient side by side. */

import { h, icon } from "./dom.js";
import { useOf } from "./lesion.js";
import { apartFrom } from "./numbers.js";
import { measure, noPicture } from "./photograph.js";
import { atPrevalence, isTrusted } from "./verdict.js";
import { count, decision, join } from "./words.js";

/** What the whole tray holds, in a sentence. */
export function tally(photos) {
  const said = ["refer", "benign-looking", "cannot assess"].map((name) => [name, photos.filter((photo) => stateOf(photo) === name).length]);
  const parts = said.filter(([, n]) => n).map(([name, n]) => `${n} ${name}`);
  const waiting = photos.filter((photo) => stateOf(photo) === "waiting").length;
  const failed = photos.filter((photo) => stateOf(photo) === "failed").length;
  if (waiting) parts.push(`${waiting} to come`);
  if (failed) parts.push(`${failed} without an answer`);
  return `${count(photos.length, "photograph")}: ${join(parts)}`;
}

/** "refer", "benign-looking", "cannot assess", "waiting" or "failed". */
export function stateOf(photo) {
  if (photo.state === "answered") return photo.answer.error ? "cannot assess" : photo.answer.decision;
  return photo.state === "failed" ? "failed" : "waiting";
}

const STATE_WORDS = { waiting: "Predicting …", failed: "No answer yet" };

/** One button a photograph; the chosen one is pressed. */
export function tray(photos, chosen, { model, prevalence, patient, isLesion, onchoose }) {
  const farthest = Math.max(...photos.map((photo) => photo.standsOut?.distance ?? 0), 1e-9);
  return photos.map((photo, place) => {
    const state = isLesion ? "joined" : stateOf(photo);
    const isOdd = patient?.odd === photo;
    return h("li", { class: `card is-${state.replace(" ", "-")}${isOdd ? " odd" : ""}` },
      h("button", { type: "button", "aria-pressed": String(photo === chosen), onclick: () => onchoose(photo) },
        h("span", { class: "thumb" }, thumbnail(photo), isOdd && h("span", { class: "flag" }, "Stands out")),
        h("span", { class: "state" }, isLesion ? useOf(place) : [icon(state), STATE_WORDS[state] ?? decision(state)]),
        !isLesion && h("span", { class: "fine share" }, shareOf(photo, model, prevalence)),
        isLesion && photo.kind && h("span", { class: "fine" }, photo.kind),
        h("span", { class: "fine id" }, photo.name),
        patient && photo.standsOut && distance(photo.standsOut, farthest)));
  });
}

/** The malignant probability of a photograph in words; nothing where it is not to be relied on. */
export function shareOf(photo, model, prevalence) {
  if (photo.state !== "answered" || !isTrusted(photo.answer)) return "";
  const { malignant, threshold, least } = atPrevalence(photo.answer, model, prevalence);
  return `${apartFrom(malignant, threshold, least)} malignant`;
}

function thumbnail(photo) {
  if (!photo.isShown) return noPicture(photo);
  const image = h("img", { src: photo.url, alt: "" });
  measure(photo, image, () => image.replaceWith(noPicture(photo)));
  return image;
}

function distance({ distance: value }, farthest) {
  return h("span", { class: "distance" }, h("span", { class: "rail", "aria-hidden": "true" }, h("i", { style: { width: `${(100 * value) / farthest}%` } })), h("span", { class: "fine" }, `${value.toFixed(2)} from the others`));
}

/** What the comparison within one patient says. */
export function oddOneOut(photos, odd) {
  if (odd) {
    return [h("strong", {}, `${odd.name} stands out. `), "It is less like this patient’s other lesions than they are like each other (“ugly duckling”), by the network’s embedding. That is a reason to compare them, not a finding: the answer of each stands for itself."];
  }
  const n = photos.filter((photo) => photo.standsOut).length;
  return n < 3
    ? "With fewer than three photographs that can be compared, none can stand out."
    : "None of them clearly stands out from the others. That is not a finding either: the answer of each stands for itself.";
}
