/** Photographs from outside: dropped, pasted, chosen, or taken with the camera. */

import { byId } from "./dom.js";

const OTHER_KINDS = /^(text|video|audio|font)\/|^application\/(pdf|zip|json|msword|vnd\.)/;

/** Why a file is not sent at all, in a sentence; empty for one that is. */
export function refusal(file, model) {
  if (OTHER_KINDS.test(file.type)) return `${file.name} is not a photograph.`;
  if (file.size === 0) return `${file.name} is empty.`;
  const most = model?.image.max_bytes;
  if (most && file.size > most) return `${file.name} is larger than ${Math.round(most / 1e6)} MB, the most this model takes.`;
  return "";
}

/** Call `onfiles` with every batch of files, however they come. */
export function listen(onfiles) {
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // so that the same file may be chosen again
      if (files.length) onfiles(files);
    });
  }
  document.addEventListener("click", (event) => {
    const opens = event.target.closest?.("[data-opens]")?.dataset.opens;
    if (opens) byId(opens).click();
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    onfiles(files);
  });
  drop(onfiles);
}

function drop(onfiles) {
  const veil = byId("veil");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0; // dragenter and dragleave also come from every element inside
  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    veil.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth = Math.max(0, depth - 1);
    veil.hidden = depth === 0;
  });
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    const files = [...event.dataTransfer.files];
    if (files.length) onfiles(files);
  });
}
