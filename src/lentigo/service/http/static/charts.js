/** Charts of the drift page: each is a table too, so that it can be heard. */

import { h } from "./dom.js";
import { grouped, percent, percent1 } from "./numbers.js";

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Charts are laid out as blocks, which takes their meaning as tables away from some browsers; roles give it back.
const heads = (names) => h("thead", { class: "hidden", role: "rowgroup" }, h("tr", { role: "row" }, names.map((name) => h("th", { role: "columnheader" }, name))));

/** Shares of the score's bins: seen as bars, validation as marks across. */
export function histogram({ edges, observed, reference }) {
  const n = observed.reduce((sum, value) => sum + value, 0);
  const seen = observed.map((value) => (n ? value / n : 0));
  const most = Math.max(...seen, ...(reference ?? []), 0.01);
  const bounds = [0, ...edges, 1];
  const columns = seen.map((value, i) => h("tr", { role: "row" },
    h("th", { role: "rowheader" }, h("span", {}, percent(bounds[i])), h("span", { class: "hidden" }, ` to ${percent(bounds[i + 1])}`)),
    h("td", { role: "cell", class: "column" },
      h("i", { class: "bar", style: { height: `${(100 * value) / most}%` } }),
      reference && h("i", { class: "expected", style: { bottom: `${(100 * reference[i]) / most}%` } }),
      h("span", { class: "hidden" }, percent1(value))),
    h("td", { role: "cell", class: "hidden" }, reference ? percent1(reference[i]) : "n/a")));
  return h("figure", { class: "chart" },
    h("table", { role: "table", class: "histogram" },
      h("caption", { class: "hidden" }, "Share of photographs in each bin of the malignant probability"),
      heads(["Malignant probability", "Seen", "Validation"]),
      h("tbody", { role: "rowgroup" }, columns)),
    h("figcaption", { class: "fine" }, h("i", { class: "key-bar" }), ` seen (${grouped(n)})`, reference && [h("i", { class: "key-expected" }), " validation images"], ". Each bin begins at the probability below it."));
}

/** Shares with their intervals beside those at export. */
export function rates(rows) {
  const most = Math.max(0.02, ...rows.map((row) => Math.max(row.high ?? 0, row.value ?? 0, row.expected ?? 0)));
  const at = (value) => `${(100 * value) / most}%`;
  return h("table", { class: "rates" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "hidden" }, "What")), h("td", { class: "rail-head" }), h("th", { scope: "col" }, "Seen"), h("th", { scope: "col" }, "At export"))),
    h("tbody", {}, rows.map((row) => h("tr", { class: isBeyond(row) ? "beyond" : "" },
      h("th", { scope: "row" }, capital(row.words)),
      h("td", { class: "rail-cell", "aria-hidden": "true" }, h("span", { class: "rail" },
        row.value !== null && h("i", { class: "bar", style: { width: at(row.value) } }),
        row.value !== null && h("i", { class: "reach", style: { left: at(row.low), width: at(row.high - row.low) } }),
        row.expected !== null && h("i", { class: "expected", style: { left: at(row.expected) } }))),
      h("td", {}, h("b", {}, percent1(row.value)), isBeyond(row) && h("span", { class: "fine" }, row.value > row.expected ? " more than expected" : " fewer than expected")),
      h("td", {}, row.expected === null ? "n/a" : percent1(row.expected))))));
}

/** Whether what was expected lies outside the interval of what was seen. */
const isBeyond = ({ expected, low, high, value }) => value !== null && expected !== null && (expected < low || expected > high);

const KINDS = ["refer", "benign-looking", "cannot assess"];

/** One stacked column a day. */
export function timeline(days) {
  const most = Math.max(...days.map((day) => day.answers), 1);
  return h("figure", { class: "chart" },
    h("table", { role: "table", class: "days" },
      h("caption", { class: "hidden" }, "Answers of each day"),
      heads(["Day", "Answers", ...KINDS]),
      h("tbody", { role: "rowgroup" }, days.map((day) => h("tr", { role: "row" },
        h("th", { role: "rowheader", class: "hidden" }, day.day),
        h("td", { role: "cell", class: "column", title: `${day.day}: ${day.answers}` },
          KINDS.map((kind) => h("i", { class: kind.replace(" ", "-"), style: { height: `${(100 * day[kind]) / most}%` } })),
          h("span", { class: "hidden" }, String(day.answers))),
        KINDS.map((kind) => h("td", { role: "cell", class: "hidden" }, String(day[kind]))))))),
    h("figcaption", { class: "fine" }, KINDS.map((kind) => [h("i", { class: `key-day ${kind.replace(" ", "-")}` }), ` ${kind}`]), `. ${days[0].day} to ${days.at(-1).day}, ${grouped(most)} on the busiest day.`));
}
