/** What both pages have at the top: the switch between light and dark. */

import { byId } from "./dom.js";

const KEPT = "lentigo-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

function show() {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
}

/** Make the theme button work; the choice lives as long as the tab. */
export function switchTheme() {
  byId("theme").addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    sessionStorage.setItem(KEPT, theme);
    show();
  });
  system.addEventListener("change", show);
  show();
}
