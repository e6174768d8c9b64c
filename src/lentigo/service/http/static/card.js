/** The model card as it is written in the bundle, and the few lines of it that stand on the page. */

import { getText } from "./api.js";
import { byId, h, put } from "./dom.js";
import { percent1 } from "./numbers.js";
import { count, errorSentences, diagnosis, isTwoSided, join } from "./words.js";

/** Open the card; it is fetched when it is wanted. */
export async function openCard() {
  const place = byId("card-text");
  put(place, h("p", {}, "Fetching the card …"));
  byId("card").showModal();
  try {
    put(place, markdown(await getText("v1/card")));
  } catch (error) {
    put(place, h("p", {}, errorSentences(error).join(" ")));
  }
}

/** Headings, lists and bold text of Markdown as elements; everything else stays text. */
export function markdown(text) {
  const blocks = [];
  let list = null;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^(#{1,4}) +(.*)$/.exec(line);
    const item = /^[-*] +(.*)$/.exec(line);
    if (item) {
      if (!list) blocks.push((list = h("ul")));
      list.append(h("li", {}, inline(item[1])));
      continue;
    }
    list = null;
    if (heading) blocks.push(h(`h${Math.min(heading[1].length + 1, 4)}`, {}, inline(heading[2])));
    else if (line.trim()) blocks.push(h("p", {}, inline(line)));
  }
  return blocks;
}

const inline = (text) => text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
  if (/^\*\*.+\*\*$/.test(part)) return h("strong", {}, part.slice(2, -2));
  return /^`.+`$/.test(part) ? h("code", {}, part.slice(1, -1)) : part;
});

/** What the model is, knows and may be used for. */
export function aboutModel(model) {
  const classes = isTwoSided(model.classes) ? "malignant or benign, no diagnosis" : join(model.classes.map((name) => diagnosis(name).toLowerCase()));
  const rows = [
    ["Model", `${model.name}, ${model.network.backbone}, exported ${model.created}`],
    ["Classes", classes],
    ...splits(model.data.images),
    ["Sides", model.data.sides],
    ["On its test images", figures(model.metrics)],
    ["Evaluations on test", model.data["test images"]],
    ["Use of the weights", model.licence.use],
  ];
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** What it learned from, was chosen on and was tested on, apart: "train 8271, val 1852, test 2598". */
function splits(images) {
  const n = Object.fromEntries([...(images ?? "").matchAll(/(train|val|test) (\d+)/g)].map(([, split, size]) => [split, count(Number(size), "image")]));
  return [["Trained on", n.train ?? images ?? "not stated"], ["Chosen and calibrated on", n.val], ["Tested on", n.test]];
}

function figures(metrics) {
  const { auroc, accuracy } = metrics ?? {};
  const three = (value) => value.toFixed(3);
  const parts = [];
  if (auroc?.value) parts.push(`AUROC ${three(auroc.value)}${range(auroc, three)}`);
  if (accuracy?.value) parts.push(`accuracy ${percent1(accuracy.value)}`);
  for (const [name, figure] of Object.entries(metrics ?? {})) {
    const side = name.match(/^(sensitivity|specificity) at /);
    if (side && figure.value !== null) parts.push(`${side[1]} ${percent1(figure.value)}${range(figure, percent1)}`);
  }
  return parts.join(", ");
}

const range = ({ low, high }, format) => (low === null ? "" : ` (${format(low)} to ${format(high)})`);
