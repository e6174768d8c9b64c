/** Several photographs of one lesion as one answer: what is decided about, the kind of each, which of them count. */

import { asked } from "./beside.js";
import { byId, h, icon, put } from "./dom.js";
import { state } from "./store.js";
import { count, join, reason, unreadable } from "./words.js";

const KINDS = ["", "dermoscopic", "clinical: close-up", "clinical: overview"];

/** Whether the model joins photographs, so that the page offers it. */
export const canJoin = (model) => Boolean(model?.lesion);

/** What the answer is about: the lesion, as if it were a photograph, or the chosen photograph. */
export function subject() {
  if (!state.isLesion) return state.chosen;
  const { lesion, lesionError } = state;
  return {
    name: `${count(state.photos.length, "photograph")} of one lesion`,
    state: lesionError ? "failed" : lesion ? "answered" : "waiting",
    answer: lesion?.answer,
    error: lesionError,
    when: lesion?.when,
  };
}

/** The model with prevalence, threshold and band of what the answer is about; what was measured elsewhere is of images. */
export function subjectModel() {
  const { isLesion, model } = state;
  if (!isLesion || !model) return model;
  const { operating_points, low_confidence, prevalence } = model.lesion;
  return { ...model, operating_points, low_confidence, prevalence, measured: [], isLesion };
}

/** What is sent of the kind of each photograph. */
export const kindTexts = (photos) => (hasField(state.model) ? [] : photos.map((photo) => ["image_type", photo.kind]));

/** Whether the kind of photograph is a column that the model uses beside the photograph, with a field there. */
const hasField = (model) => asked(model).some(({ name }) => name === "image_type");

/** The kind of the chosen photograph; `onchange()` after every change. */
export function kindField(photo, onchange) {
  const place = byId("kind");
  place.hidden = !state.isLesion || hasField(state.model);
  if (place.hidden || place.dataset.of === photo.url) return;
  place.dataset.of = photo.url;
  const change = (event) => {
    photo.kind = event.target.value;
    onchange();
  };
  put(place,
    h("h3", {}, "Kind of this photograph"),
    h("div", { class: "fields" }, h("label", {}, h("span", {}, photo.name),
      h("select", { onchange: change, name: "image_type" }, KINDS.map((one) => h("option", { value: one, selected: one === photo.kind }, one || "unknown"))))),
    h("p", { class: "fine" }, "Kinds count alike: two dermoscopic photographs weigh as much together as one clinical photograph."));
}

/** How the photographs were joined, in a sentence. */
export function joinedWords(lesion) {
  const { photographs, rule } = lesion;
  const n = photographs.filter((one) => one.is_used).length;
  const left = photographs.length - n;
  const how = rule === "max_malignant" ? "The most suspicious photograph decides." : "Their predictions are averaged.";
  const rest = left ? ` ${left === 1 ? "One is" : `${left} are`} left out because the model cannot assess ${left === 1 ? "it" : "them"}.` : "";
  return [h("strong", {}, "One answer for the lesion. "), n > 1 ? `${count(n, "photograph")} are joined. ${how}` : n ? "One photograph counts." : "No photograph counts.", rest];
}

/** Whether a photograph counts, for its card. */
export function useOf(place) {
  const one = state.lesion?.photographs[place];
  if (!one) return [icon(state.lesionError ? "failed" : "waiting"), state.lesionError ? "No answer yet" : "Predicting …"];
  const why = one.error_code ? unreadable(one.error_code)[0] : join(one.reasons.map((words) => reason(words).bad));
  return one.is_used ? [icon("yes"), "Used"] : [icon("no"), h("span", {}, "Left out", h("span", { class: "fine" }, why))];
}
