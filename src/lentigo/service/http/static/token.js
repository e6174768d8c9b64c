/** Asks for the token of a service: one dialog, made when it is first wanted. */

import { h, put } from "./dom.js";

const refused = h("p", { id: "token-refused", class: "refused", role: "alert" });
const field = h("input", { type: "password", id: "token-field", autocomplete: "off", spellcheck: "false" });
const dialog = h("dialog", { id: "token", "aria-labelledby": "token-title" },
  h("form", { method: "dialog" },
    h("h2", { id: "token-title" }, "This service requires a token"),
    h("p", {}, "Its operator can give you one. The token is kept only in this tab, until you close it."),
    refused,
    h("p", {}, h("label", { for: "token-field" }, "Token"), " ", field),
    h("p", { class: "actions" },
      h("button", { class: "button primary", value: "give" }, "Continue"), " ",
      h("button", { class: "button", value: "", formnovalidate: true }, "Cancel"))));

let asking = null;

/** The token that was given, or "" when none was; asked for once, however many requests wait for it. */
export function askForToken(wasRefused) {
  asking ??= new Promise((resolve) => {
    if (!dialog.isConnected) document.body.append(dialog);
    put(refused, wasRefused ? "That token was not accepted." : "");
    field.value = "";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      asking = null;
      const given = dialog.returnValue === "give" ? field.value.trim() : "";
      field.value = "";
      resolve(given);
    }, { once: true });
    dialog.showModal();
    field.focus();
  });
  return asking;
}
