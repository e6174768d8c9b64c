/** The printed record: one page a photograph, made of what the page knows when it is printed. */

import { h } from "./dom.js";
import { figure, known } from "./consequences.js";
import { differential, similarCases } from "./differential.js";
import { subjectModel } from "./lesion.js";
import * as numbers from "./numbers.js";
import { noPicture, overlay, shown } from "./photograph.js";
import { atPrevalence, isTrusted, probability, verdict } from "./verdict.js";
import { diagnosis } from "./words.js";

/** One page for each photograph with an answer. */
export function records(photos, { model, sha256, point, prevalence, opacity }) {
  const answered = photos.filter((photo) => photo.state === "answered");
  return answered.map((photo) => record(photo, { model: photo.plates ? subjectModel() : model, sha256, point, prevalence, opacity }));
}

function record(photo, { model, sha256, point, prevalence, opacity }) {
  const { answer, explanation } = photo;
  const here = atPrevalence(answer, model, prevalence);
  const isShown = here && isTrusted(answer);
  const answerPart = verdict(photo, point);
  answerPart[1].removeAttribute("id");
  return h("article", { class: "record" },
    h("header", {}, h("p", { class: "brand" }, "lentigo"), h("p", {}, "For research use. Not a medical device.")),
    h("div", { class: "columns" },
      h("div", {}, photo.plates ? photo.plates.map((one) => plate(one)) : plate(photo), explanation && opacity > 0 && plate(photo, explanation.map, opacity), known(point, photo.plates ? "lesions" : "images")),
      h("div", {}, answerPart, isShown && [probability(answer, model, prevalence), differential(here, model), predictive(numbers.expectedPoint(model, point), prevalence)])),
    explanation && h("div", { class: "alike" }, similarCases(explanation.similar_cases, model)),
    explanation && opacity > 0 && h("p", { class: "fine" }, `Map: ${explanation.method} for ${diagnosis(explanation.explained_class).toLowerCase()}, orange for it, blue against. ${explanation.map_words}`),
    h("footer", { class: "fine" },
      h("p", {}, `Model ${model.name}, ${model.network.backbone}, SHA-256 ${sha256}.`),
      h("p", {}, `Predicted ${photo.when.toLocaleString()}${answer.answer_id ? `, answer ${answer.answer_id}` : ""}. Prevalence set to ${numbers.share(prevalence)}; predictive values as in ${numbers.expectedPoint(model, point).source ?? "the figures above"}.`)));
}

function plate(photo, map, opacity) {
  return h("div", { class: "frame", style: { "--ratio": String(photo.ratio) } }, photo.isShown ? shown(photo, "") : noPicture(photo), map && overlay(map, opacity));
}

function predictive(point, prevalence) {
  const { ppv, npv } = numbers.consequences(point, prevalence);
  return h("dl", { class: "figures" },
    figure("Malignant among the referred", ppv, `positive predictive value at ${numbers.share(prevalence)}`, ""),
    figure("Benign among the benign-looking", npv, `negative predictive value at ${numbers.share(prevalence)}`, ""));
}
