/** Age, sex and other columns that the model uses beside the photograph: fields to fill in, and what each of them did. */

import { byId, h, put } from "./dom.js";

/** The columns that somebody can fill in; none for a model of the image alone. */
export const asked = (model) => (model?.fusion?.terms ?? []).filter((term) => term.kind !== "context");

/** Whether the patient's other photographs count. */
export const hasContext = (model) => (model?.fusion?.terms ?? []).some((term) => term.kind === "context");

/** What is sent beside photographs: every column once for each of them. */
export const texts = (photos, model) => asked(model).flatMap(({ name }) => photos.map((photo) => [name, photo.beside[name] ?? ""]));

/** The fields of the chosen photograph; `onchange(photo, isAll)` after every change. */
export function fields(photo, model, isMany, onchange) {
  const place = byId("beside");
  const terms = asked(model);
  place.hidden = !terms.length;
  if (!terms.length || place.dataset.of === photo.url) return; // a field may be in use
  place.dataset.of = photo.url;
  const change = (name) => (event) => {
    photo.beside[name] = event.target.value;
    onchange(photo, false);
  };
  put(place,
    h("h3", {}, "Beside the photograph"),
    h("div", { class: "fields" }, terms.map((term) => h("label", {}, h("span", {}, term.name), field(term, photo.beside[term.name] ?? "", change(term.name))))),
    h("p", { class: "fine" }, "What is left unknown counts as the average. ",
      isMany && h("button", { type: "button", class: "link", id: "beside-all", onclick: () => onchange(photo, true) }, "Use for all photographs")));
}

function field(term, value, onchange) {
  if (term.kind === "number") {
    return h("input", { type: "number", step: "any", inputmode: "decimal", placeholder: "unknown", value, onchange, name: term.name });
  }
  return h("select", { onchange, name: term.name }, ["", ...term.values].map((one) => h("option", { value: one, selected: one === value }, one || "unknown")));
}

/** What each column added to the malignant log-odds, in a sentence; nothing for a model of the image alone. */
export function contributions(answer, model) {
  const parts = Object.entries(answer.contributions ?? {});
  if (!parts.length) return null;
  const signed = (value) => `${value < -0.05 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
  const note = model.fusion?.note;
  return h("p", { class: "fine", id: "contributions" },
    `Added to the log-odds of the image: ${parts.map(([name, value]) => `${name} ${signed(value)}`).join(", ")}. Above 0 speaks for malignant.`,
    note && ` ${note[0].toUpperCase()}${note.slice(1)}.`);
}
