/** Elements made without markup in strings: nothing that a service or a file name says can become code. */

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: h("p", {class: "lead"}, "text", other). */
export const h = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);

/** An SVG element. */
export const s = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

export const byId = (id) => document.getElementById(id);

/** Replace what an element holds. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

// Shapes that differ without colour: a diamond asks for attention, a ring does not, a broken square has no answer.
const SHAPES = {
  "refer": [["path", { d: "M12 2.2 21.8 12 12 21.8 2.2 12z", class: "solid" }], ["path", { d: "M12 7.2v6M12 16.3v.4", class: "mark" }]],
  "benign-looking": [["circle", { cx: 12, cy: 12, r: 8.6, class: "ring" }]],
  "cannot assess": [
    ["rect", { x: 3.4, y: 3.4, width: 17.2, height: 17.2, rx: 2, class: "dashed" }],
    ["path", { d: "M9.3 9.6a2.8 2.8 0 1 1 4.2 2.5c-.9.6-1.5 1-1.5 2.1M12 17.1v.3", class: "ask" }],
  ],
  "waiting": [["circle", { cx: 12, cy: 12, r: 8.6, class: "faint" }], ["path", { d: "M12 3.4a8.6 8.6 0 0 1 8.6 8.6", class: "turning" }]],
  "failed": [["circle", { cx: 12, cy: 12, r: 8.6, class: "faint" }], ["path", { d: "M8.6 8.6l6.8 6.8M15.4 8.6l-6.8 6.8", class: "ask" }]],
  "add": [["path", { d: "M12 5v14M5 12h14", class: "line" }]],
  "camera": [["path", { d: "M4 8h3.4L9 5.6h6L16.6 8H20v10.8H4z", class: "line" }], ["circle", { cx: 12, cy: 13, r: 3.4, class: "line" }]],
  "print": [["path", { d: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z", class: "line" }]],
  "image": [["path", { d: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4", class: "line" }]],
  "close": [["path", { d: "M6 6l12 12M18 6L6 18", class: "line" }]],
  "yes": [["path", { d: "M5 12.6l4.4 4.4L19 7.4", class: "line" }]],
  "no": [["path", { d: "M6.5 6.5l11 11M17.5 6.5l-11 11", class: "line" }]],
};

/** A small drawing; always beside words, so hidden from screen readers. */
export function icon(name) {
  const shapes = (SHAPES[name] ?? SHAPES.waiting).map(([tag, properties]) => s(tag, properties));
  return s("svg", { class: `icon icon-${name.replace(" ", "-")}`, viewBox: "0 0 24 24", "aria-hidden": "true" }, ...shapes);
}

/** A button with a drawing and words. */
export function button(name, words, onclick, kind = "") {
  return h("button", { type: "button", class: `button ${kind}`.trim(), onclick }, name && icon(name), h("span", {}, words));
}
