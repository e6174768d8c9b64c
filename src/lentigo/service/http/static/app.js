/** The page begins here: what its buttons do, what comes in, what is printed. */

import { get, ServiceError } from "./api.js";
import { askAgain, askAll, askLesion, comparePatient, explain, onChange, showJudged } from "./asking.js";
import { hasContext } from "./beside.js";
import { announce, render, renderNumbers, renderWhy } from "./bench.js";
import { aboutModel, openCard } from "./card.js";
import { known, prevalenceControl } from "./consequences.js";
import { byId, h, put } from "./dom.js";
import { listen, refusal } from "./intake.js";
import { subject } from "./lesion.js";
import { switchTheme } from "./masthead.js";
import { decidingPoint } from "./numbers.js";
import { records } from "./records.js";
import { MOST, operatingPoint, photograph, state } from "./store.js";
import { count, errorSentences } from "./words.js";

const TITLE = document.title;
const actions = { choose, retry };

function add(files) {
  const refused = files.map((file) => refusal(file, state.model)).filter(Boolean);
  const good = files.filter((file) => !refusal(file, state.model));
  const room = MOST - state.photos.length;
  if (good.length > room) refused.push(`The page holds ${MOST} photographs at most: ${count(good.length - room, "file")} not added.`);
  if (state.model) warn(refused);
  const added = good.slice(0, room).map(photograph);
  if (!added.length) return;
  const isFirst = !state.photos.length;
  state.photos.push(...added);
  state.chosen ??= added[0];
  show();
  if (isFirst) byId("decision").focus();
  if (!state.model) begin(); // which goes on with the photographs
  else if (state.isPatient) comparePatient().then(askAll);
  else askAll();
  if (state.isLesion) askLesion();
}

function remove(photo) {
  const place = state.photos.indexOf(photo);
  state.photos.splice(place, 1);
  URL.revokeObjectURL(photo.url);
  if (state.photos.length < 2) Object.assign(state, { isPatient: false, isLesion: false });
  state.chosen = state.photos[Math.min(place, state.photos.length - 1)] ?? null;
  warn([]);
  show();
  (state.chosen ? byId("decision") : byId("choose")).focus();
  if (state.isPatient) comparePatient();
  if (state.isLesion) askLesion();
}

function clear() {
  for (const photo of state.photos) URL.revokeObjectURL(photo.url);
  Object.assign(state, { photos: [], chosen: null, isPatient: false, odd: null, patientError: null, isLesion: false, lesion: null });
  warn([]);
  show();
  byId("choose").focus();
}

function choose(photo) {
  state.chosen = photo;
  show();
  byId("decision").focus({ preventScroll: true });
}

function retry() {
  for (const photo of state.photos) if (photo.state === "failed") photo.state = "waiting";
  show();
  byId("decision").focus();
  askAll();
}

function show() {
  render(actions);
  if (!state.isLesion) explain(state.chosen);
  state.photos.forEach(showJudged);
}

function warn(sentences) {
  put(byId("alert"), sentences.map((text) => h("p", {}, text)));
}

// ---------------------------------------------------------------------------------------------------- printing

let printed = null; // what the print button asked for; all photographs where the browser's own menu did

function renderRecords() {
  const photos = state.isLesion ? [{ ...subject(), plates: state.photos }] : (printed ?? state.photos);
  put(byId("records"), state.model ? records(photos, { ...state, point: operatingPoint() }) : []);
  if (photos.length === 1) document.title = `lentigo ${photos[0].name}`;
}

async function print(photos) {
  for (const photo of photos) {
    await showJudged(photo);
    if (!state.isLesion) await explain(photo, { again: true });
  }
  printed = photos;
  window.print();
}

window.addEventListener("beforeprint", renderRecords);
window.addEventListener("afterprint", () => {
  printed = null;
  document.title = TITLE;
});

// ---------------------------------------------------------------------------------------------------- beginning

async function begin() {
  warn([]);
  try {
    state.model = await get("v1/model");
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    put(byId("alert"), h("p", {}, errorSentences(error).join(" ")), h("button", { type: "button", class: "button", onclick: begin }, "Try again"));
    return;
  }
  const { model } = state;
  const point = decidingPoint(model);
  state.prevalence = model.service.prevalence;
  put(byId("model-name"), model.name);
  put(byId("headline"), model.headline.answers);
  put(byId("headline-rest"), [model.headline.melanoma, model.headline.worst, model.headline.where].filter(Boolean).join(" "));
  for (const place of document.querySelectorAll(".keeps")) put(place, model.service.keeps);
  put(byId("known"), known(point));
  put(byId("about-model"), aboutModel(model));
  put(byId("prevalence-control"), prevalenceControl(model, (prevalence) => {
    state.prevalence = prevalence;
    renderNumbers();
  }));
  byId("use").hidden = false;
  renderNumbers();
  show();
  askAll();
}

const CLICKS = {
  "remove": () => remove(state.chosen),
  "clear": clear,
  "print": () => print([state.chosen]),
  "print-all": () => print(state.photos),
  "open-card": openCard,
  "open-card-below": openCard,
};

for (const [id, act] of Object.entries(CLICKS)) byId(id).addEventListener("click", act);
byId("patient").addEventListener("change", (event) => {
  Object.assign(state, { isPatient: event.target.checked, isLesion: false });
  comparePatient();
  if (!state.isPatient && hasContext(state.model)) askAgain(state.photos); // each for itself again
});
byId("lesion").addEventListener("change", (event) => {
  const isEachAgain = state.isPatient && hasContext(state.model); // the photographs are decided beside each other no more
  Object.assign(state, { isLesion: event.target.checked, isPatient: false, odd: null });
  if (isEachAgain) askAgain(state.photos);
  else askLesion();
});
document.addEventListener("unshown", () => state.photos.forEach(showJudged));
onChange((photo) => {
  if (!photo) show();
  else if (photo === state.chosen) renderWhy();
}, announce);
listen(add);
switchTheme();
begin();
