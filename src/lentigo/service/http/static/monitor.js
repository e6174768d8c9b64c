/** The drift page: what /v1/monitor says, the answer first. */

import { get, ServiceError } from "./api.js";
import { histogram, rates, timeline } from "./charts.js";
import { byId, h, put } from "./dom.js";
import { switchTheme } from "./masthead.js";
import { grouped, has, interval, percent1 } from "./numbers.js";
import { count, errorSentences } from "./words.js";

const VERDICTS = {
  "stable": "Yes: the distribution of scores matches that of the validation images.",
  "moderate": "The distribution of scores differs somewhat from that of the validation images.",
  "shifted": "No: the distribution of scores differs from that of the validation images.",
  "too few": "Too few photographs to tell.",
  "no reference": "This bundle cannot be compared: it contains no validation scores.",
};

async function look() {
  put(byId("alert"));
  let drift;
  try {
    drift = await get("v1/monitor");
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    put(byId("figures"));
    if (error.code === "drift_off") off(error);
    else put(byId("alert"), h("p", {}, errorSentences(error).join(" ")), h("button", { type: "button", class: "button", onclick: look }, "Try again"));
    return;
  }
  show(drift);
}

/** Without a log there is nothing to show; say what it would be and how to get it. */
function off(error) {
  put(byId("headline"), "The drift log is off.");
  put(byId("lead"), "The service keeps no record of its predictions, so drift cannot be measured.");
  put(byId("figures"), h("section", { class: "off" },
    h("h2", {}, "What it would show"),
    h("ul", {}, [
      "how often the service refers, calls benign-looking or cannot assess, compared with the shares at export;",
      "the distribution of malignant probabilities, compared with validation images, with the population stability index;",
      "sensitivity and specificity on lesions whose outcome was reported.",
    ].map((text) => h("li", {}, text))),
    h("h2", {}, "How to switch it on"),
    h("p", {}, error.message),
    h("p", { class: "fine" }, "It keeps a score, a decision and reasons of each prediction on the server’s own disk. It keeps no photograph, no file name and no patient data.")));
}

function show(drift) {
  const { window: seen, scores, rates: rows, outcomes, days } = drift;
  put(byId("model-name"), drift.model);
  put(byId("headline"), VERDICTS[scores.verdict] ?? scores.note);
  put(byId("lead"), seen.n ? `From the last ${count(seen.n, "answer").replace(/^\d+/, grouped)}${period(seen)}.` : "No photographs yet.");
  byId("live").textContent = byId("headline").textContent;
  put(byId("figures"),
    section("Scores", "Malignant probabilities of the photographs seen, in the bins that divide those of validation images.",
      index(scores), scores.reference || seen.n ? histogram(scores) : null),
    section("Decisions", "Bars: how often, with 95% interval. Orange mark: how often at export.", rates(rows.filter((row) => row.kind === "decision"))),
    section("Why it could not assess", "The same for its reasons; a photograph may have several.", rates(rows.filter((row) => row.kind === "reason"))),
    section("Outcomes", outcomes.note, outcomeFigures(outcomes)),
    days.length > 1 && section("By day", "Predictions of each day, by decision.", timeline(days)));
}

const period = ({ first_day: first, last_day: last }) => (first ? (first === last ? `, all of ${first}` : `, from ${first} to ${last}`) : "");

const section = (title, lead, ...content) => h("section", {}, h("h2", {}, title), h("p", { class: "fine" }, lead), content);

/** The population stability index on a line with its usual bounds. */
function index({ psi, psi_by_chance: chance, note, verdict }) {
  if (psi === null) return h("p", { class: "note" }, note);
  const at = (value) => `${Math.min(100, value * 200).toFixed(1)}%`;
  return h("div", { class: "psi" },
    h("p", {}, h("span", { class: "figure" }, psi.toFixed(3)), h("span", { class: "of-what" }, "population stability index"), h("span", { class: `verdict is-${verdict.replace(" ", "-")}` }, verdict)),
    h("div", { class: "line", "aria-hidden": "true" },
      h("i", { class: "stable" }), h("i", { class: "moderate" }), h("i", { class: "shifted" }),
      chance !== null && h("i", { class: "chance", style: { left: at(chance) } }), h("i", { class: "needle", style: { left: at(psi) } })),
    h("div", { class: "bounds", "aria-hidden": "true" }, h("span", {}, "stable"), h("span", {}, "moderate, from 0.1"), h("span", {}, "shifted, above 0.25")),
    h("p", { class: "note" }, note, chance !== null && ` A sample of this size reaches ${chance.toFixed(3)} by chance in 5 of 100 cases (dashed).`));
}

function outcomeFigures({ n, not_assessed: notAssessed, sensitivity, specificity }) {
  if (!n) return h("p", {}, "No outcome has been reported yet. Send them to POST /v1/outcomes with the answer’s id, and sensitivity and specificity appear here.");
  return [
    h("dl", { class: "figures" }, outcome("Sensitivity", sensitivity, "malignant"), outcome("Specificity", specificity, "benign")),
    h("p", { class: "fine" }, `${count(n, "outcome").replace(/^\d+/, grouped)}${notAssessed ? `, ${notAssessed} of them of photographs it could not assess` : ""}.`),
  ];
}

function outcome(name, figure, of) {
  const { at_export: before } = figure;
  return h("div", {}, h("dt", {}, name), h("dd", {},
    h("span", { class: "value" }, percent1(figure.value)), " ", h("span", { class: "interval" }, interval(figure)),
    h("span", { class: "meaning" }, figure.n ? `of ${count(figure.n, `${of} lesion`)} with a reported outcome` : `no ${of} lesion reported`),
    before.value !== null && h("span", { class: "meaning" }, `at export ${percent1(before.value)}${has(before) ? ` (${interval(before)})` : ""}`)));
}

byId("again").addEventListener("click", look);
switchTheme();
look();
