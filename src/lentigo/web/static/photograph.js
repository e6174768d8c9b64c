/** The photograph, the map over it, and what the input gate saw. */

import { h, icon, put } from "./dom.js";
import { CHECKS, diagnosis } from "./words.js";

/** Insertion less deletion below which a map says hardly more than one drawn at random. */
const SAYS_LITTLE = 0.05;
/** Of 59 photographs of HAM10000 the share on the lesion was below 0.22 in one of twenty: small lesions have small shares. */
const BESIDE = 0.15;
/** The outermost eighth is 44 % of the area; a map that is there more than its share believes the frame. */
const ON_BORDER = 0.5;

/** The picture with room for its map. Files that browsers cannot show, such as DICOM, get a plain surface. */
export function picture(photo) {
  const frame = h("div", { class: "frame" });
  const image = h("img", { src: photo.url, alt: `Photograph ${photo.name}`, class: "photo" });
  image.addEventListener("load", () => frame.style.setProperty("--ratio", String(image.naturalWidth / image.naturalHeight)));
  measure(photo, image, () => put(frame, noPicture()));
  frame.append(photo.isShown ? image : noPicture());
  return frame;
}

/** Learn from an image how wide a photograph is, or that it cannot be shown; then call `onfail`. */
export function measure(photo, image, onfail) {
  image.addEventListener("load", () => Object.assign(photo, { ratio: image.naturalWidth / image.naturalHeight }));
  image.addEventListener("error", () => {
    photo.isShown = false;
    onfail();
  });
}

export const noPicture = () => h("div", { class: "no-picture" }, icon("image"), h("span", {}, "Browsers cannot show this kind of file"));

/** The map as an image over the part of the photograph that it covers. */
export function overlay(map, opacity) {
  const [left, top, width, height] = map.box.map((value) => `${100 * value}%`);
  return h("img", { class: "map", src: map.png, alt: "", style: { left, top, width, height, opacity: String(opacity) } });
}

/** Slider and words about the map. */
export function mapControl(explanation, opacity, onchange) {
  const { sanity, explained_class: name, method } = explanation;
  const [words, isDoubtful] = believable(sanity);
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
    h("p", { class: "fine legend" }, h("i", { class: "for" }), ` speaks for ${diagnosis(name).toLowerCase()}  `, h("i", { class: "against" }), ` against it  (${method})`),
    h("p", { class: `fine sanity${isDoubtful ? " doubtful" : ""}`, id: "map-words" }, isDoubtful && h("strong", {}, "Do not rely on this map. "), words),
  ];
}

/** Whether a map can be believed, in a sentence; from insertion and deletion, and where it lies. */
export function believable(sanity) {
  const signed = sanity.score === null ? "n/a" : `${sanity.score < 0 ? "−" : "+"}${Math.abs(sanity.score).toFixed(2)}`;
  if (sanity.score === null || sanity.score < SAYS_LITTLE) return [`Covering what it marks changes the answer no more than covering anything else (score ${signed}).`, true];
  if (sanity.on_border !== null && sanity.on_border > ON_BORDER) return [`${share(sanity.on_border)} of it lies on the edge of the picture, not on the lesion.`, true];
  if (sanity.in_lesion !== null && sanity.in_lesion < BESIDE) return [`Only ${share(sanity.in_lesion)} of it lies on the lesion.`, true];
  const where = sanity.in_lesion === null ? "" : `, and ${share(sanity.in_lesion)} of it lies on the lesion`;
  return [`The answer does depend on what it marks (score ${signed})${where}. It shows where the model looked, not whether it was right.`, false];
}

const share = (value) => `${Math.round(100 * value)}%`;

/** What was checked before the photograph was judged. */
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
