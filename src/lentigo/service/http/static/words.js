/** Every word that depends on what the service says: diagnoses, reasons and what to do, errors. */

/** The codes of lentigo.taxonomy; a test keeps both alike. */
export const DIAGNOSES = {
  MEL: "melanoma",
  NV: "melanocytic nevus",
  BCC: "basal cell carcinoma",
  AK: "actinic keratosis",
  AKIEC: "actinic keratosis or intraepithelial carcinoma",
  BKL: "benign keratosis",
  DF: "dermatofibroma",
  VASC: "vascular lesion",
  SCC: "squamous cell carcinoma",
  BEN_OTH: "other benign proliferation",
  MAL_OTH: "other malignant proliferation",
  INF: "inflammatory or infectious condition",
  UNK: "other or unknown",
};

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A class for people: "Melanoma"; a class that is not a known code as it is called. */
export const diagnosis = (code) => capital(DIAGNOSES[code] ?? code.replaceAll("_", " "));

/** Whether a bundle's classes are only the two sides. */
export const isTwoSided = (classes) => classes.every((name) => ["benign", "malignant"].includes(name));

/**
 * The rules of the input gate (lentigo.model._input_gate), then the out-of-distribution score: the service's words, how a
 * photograph that passes and one that fails is described, and what to do then. A test keeps the words alike.
 */
export const CHECKS = [
  { key: "too_small", words: "too small", good: "Large enough", bad: "Too small",
    advice: "Take it closer or at a higher resolution. Enlarging a small picture adds nothing." },
  { key: "grey_scale", words: "without colour", good: "In colour", bad: "Without colour",
    advice: "Send the colour original; the model reads colours." },
  { key: "under_exposed", words: "under-exposed", good: "Bright enough", bad: "Too dark",
    advice: "Switch on the dermatoscope’s light or expose longer, and take it again." },
  { key: "over_exposed", words: "over-exposed", good: "Not overexposed", bad: "Too bright",
    advice: "Expose less or avoid the reflection (polarised light, more contact fluid), and take it again." },
  { key: "blurred", words: "out of focus", good: "In focus", bad: "Out of focus",
    advice: "Clean the lens, rest it on the skin, wait for the focus, and take it again." },
  { key: "no_lesion", words: "no lesion stands out in the middle", good: "A lesion in the middle", bad: "No lesion in the middle",
    advice: "Put the lesion in the middle, so that it fills about half of the picture." },
  { key: "cut_off", words: "cut off: more stands out on the frame than in the middle", good: "Whole lesion in view", bad: "Cut off",
    advice: "Move back until the whole lesion and some skin around it are in the picture, and remove what reaches in from the edge." },
  { key: "unlike", words: "colours and texture unlike the skin photographs it knows", good: "Familiar colours and texture", bad: "Unfamiliar colours and texture",
    advice: "Use a dermatoscopic photograph of one lesion, without filters. The model was trained only on such photographs." },
  { key: "odd", words: "unlike all training images", good: "Like the training images", bad: "Unlike all training images",
    advice: "Another photograph seldom helps: this may be a rare lesion, or not a lesion. A person must examine it." },
];

export const CLOSE = {
  key: "close", words: "too close to the threshold to call", bad: "Too close to the threshold to call",
  advice: "The probability lies where the model is often wrong. Another photograph may give a clear result; if not, a person must examine the lesion.",
};

/** What a reason means and what to do, also for reasons this page does not know. */
export function reason(words) {
  return [...CHECKS, CLOSE].find((check) => check.words === words) ?? { key: "", words, bad: capital(words), advice: "" };
}

const DECISIONS = {
  "refer": "Refer",
  "benign-looking": "Benign-looking",
  "cannot assess": "Cannot assess",
};

export const decision = (said) => DECISIONS[said] ?? capital(said);

/** What is wrong with a photograph that could not be opened. */
const UNREADABLE = {
  image_too_large: ["The photograph is too large.", "Crop or shrink it and try again."],
  image_damaged: ["The file is damaged or incomplete.", "Copy it again from the camera, or take another photograph."],
  image_unreadable: ["The file is not a photograph this service can open.", "Use JPEG, PNG, TIFF, WebP or DICOM."],
};

export const unreadable = (code) => UNREADABLE[code] ?? UNREADABLE.image_unreadable;

const ERRORS = {
  ...UNREADABLE,
  unreachable: ["The service does not answer.", "Check that it is running and that this device is on its network."],
  unauthorized: ["The service requires a token.", "Its operator can give you one."],
  busy: ["The service is busy.", "Nothing is lost: the photographs are still here."],
  draining: ["The service is shutting down.", "Try again when it has been restarted; the photographs are still here."],
  worker_lost: ["The service lost the process that was reading this photograph.", "It has started another. If the same file fails again, remove it."],
  timed_out: ["The service took too long.", "Try again, or with fewer photographs at a time."],
  slow_body: ["The photographs did not arrive in time.", "Check the connection, or send fewer photographs at a time."],
  body_too_large: ["The photographs are larger than this service takes at once.", "Send fewer at a time, or smaller ones."],
  too_many_images: ["These are more photographs than this service takes at once.", "Send fewer."],
  unsupported_media_type: ["The service does not accept this kind of file.", "Use JPEG, PNG, TIFF, WebP or DICOM."],
  no_image: ["No photograph arrived.", "Choose the file again; it may have been moved or deleted."],
  cancelled: ["No token was given, so no photograph was sent.", "Try again to enter it."],
  gone: ["The file can no longer be read.", "It was moved, changed or deleted since it was chosen. Choose it again."],
};

/** An error of the service as two sentences: what happened, what to do. */
export function errorSentences(error) {
  const known = ERRORS[error.code];
  if (known) {
    const wait = error.retryAfter ? ` Wait ${error.retryAfter === 1 ? "a second" : `${error.retryAfter} seconds`}.` : "";
    return [known[0] + wait, known[1]];
  }
  return [error.message || "Something went wrong.", ""];
}

export const count = (n, noun) => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;

/** ["a", "b", "c"] as "a, b and c". */
export const join = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);
