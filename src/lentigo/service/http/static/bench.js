/** Which part of the page shows what of the state. Controls are never replaced while they are in use. */

import { askAgain, askLesion, comparePatient, explain } from "./asking.js";
import { fields, hasContext } from "./beside.js";
import { basis, prevalenceWords, thousand } from "./consequences.js";
import { differential, similarCases } from "./differential.js";
import { byId, h, put } from "./dom.js";
import { canJoin, joinedWords, kindField, subject, subjectModel } from "./lesion.js";
import { expectedPoint, share } from "./numbers.js";
import { checks, mapControl, overlay, picture } from "./photograph.js";
import { operatingPoint, state } from "./store.js";
import { oddOneOut, shareOf, stateOf, tally, tray } from "./tray.js";
import { atPrevalence, failure, isTrusted, probability, verdict } from "./verdict.js";
import { count, decision, errorSentences } from "./words.js";

let shownPhoto = null;
let shownWhy = null;

/** Show everything; `actions` are what its buttons do: choose(photo), retry(). */
export function render(actions) {
  const isEmpty = !state.photos.length;
  byId("welcome").hidden = !isEmpty;
  byId("bench").hidden = isEmpty;
  placePrevalence(isEmpty);
  if (isEmpty) {
    put(byId("tray"));
    shownPhoto = null;
    shownWhy = null;
    return;
  }
  renderTray(actions);
  renderPatient();
  renderLesion();
  renderAnswer(actions);
  if (shownPhoto !== state.chosen.url) put(byId("picture"), picture(state.chosen));
  shownPhoto = state.chosen.url;
  renderWhy();
}

function renderTray({ choose }) {
  const { photos, chosen, model, prevalence } = state;
  const place = byId("tray");
  const isMany = photos.length > 1;
  put(byId("tally"), isMany && !state.isLesion ? tally(photos) : count(photos.length, "photograph"));
  byId("patient-switch").hidden = !isMany;
  byId("patient").checked = state.isPatient;
  byId("lesion-switch").hidden = !isMany || !canJoin(model);
  byId("lesion").checked = state.isLesion;
  byId("print-all").hidden = !isMany || state.isLesion;
  byId("print").lastChild.textContent = state.isLesion ? "Print or save the answer as PDF" : "Print or save as PDF";
  place.className = state.isPatient ? "tray side-by-side" : "tray";
  place.hidden = !isMany;
  if (!isMany) {
    put(place);
    return;
  }
  const focused = [...place.querySelectorAll("button")].indexOf(document.activeElement);
  put(place, tray(photos, chosen, { model, prevalence, patient: state.isPatient ? { odd: state.odd } : null, isLesion: state.isLesion, onchoose: choose }));
  place.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
}

function renderPatient() {
  const place = byId("patient-answer");
  place.hidden = !state.isPatient;
  if (state.patientError) {
    put(place, h("strong", {}, errorSentences(state.patientError).join(" ")), " ", h("button", { type: "button", class: "button", onclick: comparePatient }, "Compare again"));
  } else {
    put(place, state.photos.some((photo) => photo.standsOut) ? oddOneOut(state.photos, state.odd) : "Comparing …");
  }
}

function renderLesion() {
  const place = byId("lesion-answer");
  place.hidden = !state.isLesion;
  if (state.isLesion) put(place, state.lesion ? joinedWords(state.lesion) : state.lesionError ? errorSentences(state.lesionError).join(" ") : "Predicting …");
}

function renderAnswer({ retry }) {
  const { chosen, model, prevalence } = state;
  const about = subject();
  const hadFocus = byId("decision") === document.activeElement;
  const here = about.state === "answered" && model ? atPrevalence(about.answer, subjectModel(), prevalence) : null;
  const again = state.isLesion ? askLesion : retry;
  put(byId("verdict"), about.state === "failed" ? failure(about, again) : about.state === "answered" && model ? verdict(about, operatingPoint()) : asking(about));
  if (hadFocus) byId("decision").focus({ preventScroll: true });
  kindField(chosen, askLesion);
  fields(chosen, model, state.photos.length > 1, askAbout);
  byId("reading").hidden = !here;
  put(byId("checks"), chosen.state === "answered" && model ? checks(chosen.answer, model) : []);
  if (!here) return;
  const isOpen = isTrusted(about.answer);
  byId("untrusted").hidden = isOpen;
  settle(byId("numbers"), byId(isOpen ? "trusted" : "untrusted-numbers"));
  renderNumbers();
}

/** Ask again where what is known beside a photograph has changed: of it, or of all, which then get the same. */
function askAbout(photo, isAll) {
  if (isAll) for (const other of state.photos) other.beside = { ...photo.beside };
  const isWide = isAll || (state.isPatient && hasContext(state.model));
  askAgain(isWide ? state.photos : [photo]);
}

const asking = (photo) => [
  h("p", { class: "eyebrow" }, photo.name),
  h("h2", { class: "decision is-waiting", id: "decision", tabindex: "-1" }, "Predicting …"),
];

/** What moves with the prevalence while the slider is dragged, and nothing else. */
export function renderNumbers() {
  const { model, photos, prevalence } = state;
  const about = state.chosen && subject();
  put(byId("thousand-title"), `Of 1,000 lesions, where ${share(prevalence)} are malignant`);
  const own = operatingPoint();
  const expected = expectedPoint(subjectModel(), own);
  put(byId("thousand"), thousand(expected, prevalence));
  put(byId("thousand-basis"), basis(subjectModel(), own, prevalence));
  put(byId("prevalence-words"), prevalenceWords(expected, prevalence));
  document.querySelectorAll("#tray .share").forEach((place, i) => put(place, shareOf(photos[i], model, prevalence)));
  const here = about?.state === "answered" ? atPrevalence(about.answer, subjectModel(), prevalence) : null;
  if (!here) return;
  put(byId("probability"), probability(about.answer, subjectModel(), prevalence));
  put(byId("differential"), differential(here, model));
}

/** The map and the similar cases, or that they are on their way. */
export function renderWhy() {
  const photo = state.chosen;
  const place = byId("similar");
  place.hidden = state.isLesion || photo.state !== "answered" || !isTrusted(photo.answer);
  const why = state.isLesion ? "of one lesion" : photo.explanation ?? photo.explainError ?? (photo.isExplaining ? `asking ${photo.url}` : photo);
  if (why === shownWhy) return; // the slider of the map may be in use
  shownWhy = why;
  for (const old of document.querySelectorAll("#picture .map")) old.remove();
  if (state.isLesion) { // map and similar cases explain the answer about a single photograph
    put(byId("map"));
    return;
  }
  if (!photo.explanation) {
    const words = photo.explainError ? errorSentences(photo.explainError).join(" ") : photo.isExplaining ? "Computing the explanation …" : "";
    put(byId("map"), words && h("p", { class: "fine" }, words));
    put(place, h("h3", {}, "Most similar cases"), h("p", { class: "quiet" }, words, " ", photo.explainError && h("button", { type: "button", class: "button", onclick: () => explain(photo, { again: true }) }, "Explain again")));
    return;
  }
  const shown = overlay(photo.explanation.map, state.opacity);
  if (photo.isShown) document.querySelector("#picture .frame").append(shown);
  put(byId("map"), mapControl(photo.explanation, state.opacity, (opacity) => {
    state.opacity = opacity;
    shown.style.setProperty("opacity", String(opacity));
  }));
  put(place, similarCases(photo.explanation.similar_cases, state.model));
}

/** The slider exists once; it stands beside the answer, or above the thousand lesions while there is none. */
function placePrevalence(isEmpty) {
  settle(byId("prevalence-control"), byId(isEmpty ? "prevalence-below" : "prevalence-beside"));
}

/** Put an element where it belongs, unless it is there: to be moved costs the focus of what is inside. */
function settle(element, home) {
  if (element.parentElement !== home) home.append(element);
}

/** Say what has been answered to those who hear the page. */
export function announce() {
  const { chosen, photos } = state;
  if (!chosen) return;
  const about = subject();
  const said = stateOf(about);
  if (state.isLesion && said === "waiting") return; // the photographs come first, the lesion after them
  const words = `${about.name}: ${said === "failed" ? errorSentences(about.error).join(" ") : `${decision(said)}.`}`;
  if (state.isLesion) {
    byId("live").textContent = words;
    return;
  }
  const odd = state.isPatient && state.odd ? ` ${state.odd.name} stands out.` : "";
  byId("live").textContent = photos.length > 1 ? `${tally(photos)}. ${words}${odd}` : words;
}
