/** The photograph, the map over it, and what the input gate saw. */

import { h, icon, put } from "./dom.js";
import { CHECKS, diagnosis } from "./words.js";

/** The picture with room for its map. What browsers cannot show, such as DICOM, the service shows as it was judged. */
export function picture(photo) {
  const frame = h("div", { class: "frame" });
  frame.style.setProperty("--ratio", String(photo.ratio));
  if (!photo.isShown) {
    frame.append(noPicture(photo));
    return frame;
  }
  const image = shown(photo, `Photograph ${photo.name}${photo.preview ? ", as the model sees it" : ""}`);
  if (!photo.preview) {
    image.addEventListener("load", () => frame.style.setProperty("--ratio", String(image.naturalWidth / image.naturalHeight)));
    measure(photo, image, () => put(frame, noPicture(photo)));
  }
  frame.append(image);
  return [frame, photo.preview && h("p", { class: "fine" }, "Shown as the model sees it, because browsers cannot open this kind of file.")];
}

/** The photograph as an image; one that the service had to show stands where its pixels belong. */
export function shown(photo, alt) {
  if (!photo.preview) return h("img", { src: photo.url, alt, class: "photo" });
  const [left, top, width, height] = photo.preview.box.map((value) => `${100 * value}%`);
  return h("img", { src: photo.url, alt, class: "photo judged", style: { left, top, width, height } });
}

/** Learn from an image how wide a photograph is, or that it cannot be shown; then call `onfail`. */
export function measure(photo, image, onfail) {
  image.addEventListener("load", () => Object.assign(photo, { ratio: image.naturalWidth / image.naturalHeight }));
  image.addEventListener("error", () => {
    if (photo.preview) return;
    photo.isShown = false;
    onfail();
    document.dispatchEvent(new CustomEvent("unshown")); // whoever asks the service may ask it for a picture
  });
}

export const noPicture = (photo) => h("div", { class: "no-picture" }, icon("image"),
  h("span", {}, photo?.state === "answered" && photo.answer.error ? "This file cannot be opened" : "Browsers cannot show this kind of file"));

/** The map as an image over the part of the photograph that it covers. */
export function overlay(map, opacity) {
  const [left, top, width, height] = map.box.map((value) => `${100 * value}%`);
  return h("img", { class: "map", src: map.png, alt: "", style: { left, top, width, height, opacity: String(opacity) } });
}

/** Slider and words about the map. */
export function mapControl(explanation, opacity, onchange) {
  const { explained_class: name, map_words: words, method, sanity } = explanation;
  const shown = h("output", { class: "value", for: "opacity" }, `${Math.round(100 * opacity)}%`);
  const slider = h("input", {
    type: "range", id: "opacity", min: 0, max: 100, step: 5, value: Math.round(100 * opacity), "aria-describedby": "map-words",
    oninput: (event) => {
      shown.value = `${event.target.value}%`;
      onchange(event.target.value / 100);
    },
  });
  return [
    h("div", { class: "slider" }, h("label", { for: "opacity" }, "Map over the photograph"), slider, shown),
    h("p", { class: "fine legend" }, h("i", { class: "for" }), ` supports ${diagnosis(name).toLowerCase()}  `, h("i", { class: "against" }), ` against it  (${method})`),
    h("p", { class: `fine sanity${sanity.is_doubtful ? " doubtful" : ""}`, id: "map-words" }, h(sanity.is_doubtful ? "strong" : "span", {}, words)),
  ];
}

/** What was checked before the photograph was assessed. */
export function checks(answer, model) {
  if (answer.error) return [];
  const known = CHECKS.filter(({ key }) => (key === "odd" ? model.oddness !== null : key in model.gate.limits));
  const rows = known.map((check) => ({ ...check, isBad: answer.reasons.includes(check.words) }));
  const n = rows.filter((row) => row.isBad).length;
  const score = answer.out_of_distribution_score;
  const title = n ? `${n} of ${rows.length} checks of the photograph failed` : `All ${rows.length} checks of the photograph passed`;
  return h("details", { class: "checks", open: n > 0 },
    h("summary", {}, title),
    h("ul", {}, rows.map(({ good, bad, isBad, key }) => h("li", { class: isBad ? "bad" : "" }, icon(isBad ? "no" : "yes"),
      h("span", {}, isBad ? bad : good, h("span", { class: "hidden" }, isBad ? ": failed" : ": passed"),
        key === "odd" && score !== null && h("span", { class: "fine" }, ` (${score.toFixed(2)} of at most ${model.oddness.limit.toFixed(2)})`))))));
}
