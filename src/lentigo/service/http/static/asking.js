/** Requests to the service and their timing; every change is reported to all listeners. */

import { post, ServiceError } from "./api.js";
import { texts } from "./beside.js";
import { kindTexts } from "./lesion.js";
import { MOST, state } from "./store.js";
import { isTrusted } from "./verdict.js";

// A request: the first answers are there before the last photographs are sent, and no body is too large for a service.
const AT_ONCE = 8;
const BYTES_AT_ONCE = 24e6;

let changed = () => {};
let finished = () => {};

/** Be told of every change, and when all is answered. */
export function onChange(onchange, onfinish) {
  changed = onchange;
  finished = onfinish;
}

let isAsking = false;

/** Ask about every waiting photograph, some at a time, until none is left. */
export async function askAll() {
  if (isAsking) return;
  isAsking = true;
  try {
    for (let batch = waiting(); batch.length; batch = waiting()) await askSome(portion(batch));
  } finally {
    isAsking = false;
  }
  finished();
}

function portion(photos) {
  let bytes = 0;
  const fitting = photos.slice(0, AT_ONCE).filter(({ file }) => (bytes += file.size) <= BYTES_AT_ONCE);
  return fitting.length ? fitting : photos.slice(0, 1);
}

const waiting = () => state.photos.filter((photo) => photo.state === "waiting");

async function askSome(batch) {
  const error = await trying(async () => take(batch, await post("v1/predict", "images", batch.map((photo) => photo.file), texts(batch, state.model))));
  if (error && batch.length > 1 && isOfOneFile(error)) {
    for (const photo of batch) await askSome([photo]);
    return;
  }
  if (error) {
    // What stops one request stops the next as well, unless it is the file: then the others go on.
    const stopped = isOfOneFile(error) ? batch : waiting();
    for (const photo of stopped) Object.assign(photo, { state: "failed", error });
  }
  changed();
}

/** Whether leaving out one file may help: it is gone, too large, or of a kind that is not taken. */
const isOfOneFile = (error) => error.code === "gone" || (error.status >= 400 && error.status < 500 && error.status !== 401);

function take(batch, payload) {
  state.point = payload.operating_point;
  state.sha256 = payload.model_sha256;
  batch.forEach((photo, i) => Object.assign(photo, { state: "answered", answer: payload.answers[i], error: null, when: new Date() }));
}

/** Run a request; return what the service complained of, or null. */
async function trying(request) {
  try {
    await request();
    return null;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

/** Ask again about photographs whose columns have changed; those of one patient count for each other. */
export async function askAgain(photos) {
  for (const photo of photos) Object.assign(photo, { state: "waiting", answer: null, explanation: null, explainError: null });
  changed();
  await askAll();
  if (state.isPatient) await comparePatient();
  if (state.isLesion) await askLesion();
}

/** Ask about all photographs as those of one lesion. */
export async function askLesion() {
  Object.assign(state, { lesion: null, lesionError: null });
  changed();
  const photos = state.photos.slice(0, MOST);
  if (!state.isLesion || !photos.length) return;
  const question = (state.lesionQuestion = {}); // a later one makes this one stale
  const error = await trying(async () => {
    const payload = await post("v1/lesion", "images", photos.map((photo) => photo.file), [...texts(photos, state.model), ...kindTexts(photos)]);
    if (state.lesionQuestion !== question || !state.isLesion) return;
    state.sha256 = payload.model_sha256;
    state.lesion = { ...payload, when: new Date() };
  });
  if (state.lesionQuestion !== question || !state.isLesion) return;
  state.lesionError = error;
  changed();
  finished();
}

/** Compare the photographs as those of one patient. */
export async function comparePatient() {
  Object.assign(state, { odd: null, patientError: null });
  for (const photo of state.photos) photo.standsOut = null;
  changed();
  const photos = state.photos.slice(0, MOST);
  if (!state.isPatient || photos.length < 2) return;
  state.patientError = await trying(async () => {
    const payload = await post("v1/patient", "images", photos.map((photo) => photo.file), texts(photos, state.model));
    const isStale = !state.isPatient || photos.length !== state.photos.length || photos.some((photo, i) => photo !== state.photos[i]);
    if (isStale) return; // another comparison is under way
    take(photos, payload);
    payload.answers.forEach((answer, i) => Object.assign(photos[i], { standsOut: answer.stands_out ?? null }));
    state.odd = photos[payload.odd_one_out ?? -1] ?? null;
  });
  changed();
  finished();
}

/** Ask why, once a photograph and only where the answer is one; again after an error only when `again` is set. */
export async function explain(photo, { again = false } = {}) {
  const isWanted = photo?.state === "answered" && isTrusted(photo.answer) && !photo.explanation && !photo.isExplaining;
  if (!isWanted || (photo.explainError && !again)) return;
  Object.assign(photo, { isExplaining: true, explainError: null });
  changed(photo);
  photo.explainError = await trying(async () => {
    photo.explanation = await post("v1/explain", "image", [photo.file], texts([photo], state.model));
  });
  photo.isExplaining = false;
  changed(photo);
}

/** Ask the service to show what browsers cannot, once a photograph and only where it could be opened. */
export async function showJudged(photo) {
  if (photo.isShown || photo.isPreviewAsked || photo.state !== "answered" || photo.answer.error) return;
  photo.isPreviewAsked = true;
  await trying(async () => {
    const preview = await post("v1/preview", "image", [photo.file]);
    URL.revokeObjectURL(photo.url);
    Object.assign(photo, { preview, url: preview.png, ratio: preview.ratio, isShown: true });
  });
  changed();
}
