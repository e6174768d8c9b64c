/** What the page knows. It lives in memory: nothing of it outlives the tab. */

import { decidingPoint } from "./numbers.js";

export const MOST = 32; // photographs: what the service takes of one patient, and what can still be looked through

export const state = {
  model: null, // what /v1/model says
  sha256: "", // of the weights that answered
  point: null, // the operating point that came with the last answers
  prevalence: 0,
  photos: [],
  chosen: null,
  isPatient: false,
  odd: null, // the photograph that stands out among those of one patient
  patientError: null,
  isLesion: false, // whether all photographs are of one lesion, which then gets one answer
  lesion: null, // that answer, as /v1/lesion gives it
  lesionError: null,
  opacity: 0, // of the map: a map alone misleads, so it is shown when asked for
};

/** A photograph that is waiting for its answer. */
export const photograph = (file) => ({
  file,
  name: file.name,
  url: URL.createObjectURL(file),
  isShown: true, // false for what browsers cannot show, until the service has shown it
  preview: null, // what the service showed instead: png, box, ratio
  isPreviewAsked: false,
  ratio: 4 / 3, // of width to height, once it is known
  state: "waiting", // then "answered" or "failed"
  answer: null,
  when: null,
  error: null,
  explanation: null,
  isExplaining: false,
  explainError: null,
  standsOut: null,
  kind: "", // dermoscopic, clinical, ...: counts where all are of one lesion
  beside: {}, // what was filled in: age, sex, ... as texts
});

/** The operating point, from the answers or from the model while there is none. */
export const operatingPoint = () => (state.isLesion && state.lesion?.operating_point) || (state.point ?? decidingPoint(state.model));
