// Before the first paint: the theme chosen in this tab, so that a dark page never flashes white.
"use strict";
(() => {
  const kept = sessionStorage.getItem("lentigo-theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
