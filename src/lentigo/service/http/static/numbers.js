/** Arithmetic of the page, the same as the service's, and numbers as people read them. Nothing here touches the page. */

export const LEAST_PREVALENCE = 0.001;
export const MOST_PREVALENCE = 0.5;

/**
 * Probabilities where another share of the lesions is malignant: the odds of malignancy times one number
 * (Elkan 2001; as in lentigo.model.mapping). The order within either side stays.
 */
export function shiftOdds(probabilities, malignant, source, target) {
  const weighed = Object.entries(probabilities).map(([name, value]) => [
    name,
    value * (malignant.includes(name) ? target / source : (1 - target) / (1 - source)),
  ]);
  const total = weighed.reduce((sum, [, value]) => sum + value, 0);
  return Object.fromEntries(weighed.map(([name, value]) => [name, value / total]));
}

/** One malignant probability, or threshold, at another prevalence. */
export function shift(probability, source, target) {
  return shiftOdds({ malignant: probability, benign: 1 - probability }, ["malignant"], source, target).malignant;
}

/** Sum over the malignant classes, at most 1. */
export function malignantShare(probabilities, malignant) {
  return Math.min(1, malignant.reduce((sum, name) => sum + (probabilities[name] ?? 0), 0));
}

/** Share of referred lesions that are malignant (Bayes); null where none is referred. */
export function ppv(sensitivity, specificity, prevalence) {
  const found = sensitivity * prevalence;
  const referred = found + (1 - specificity) * (1 - prevalence);
  return referred > 0 ? found / referred : null;
}

/** Share of lesions not referred that are benign; null where all are referred. */
export function npv(sensitivity, specificity, prevalence) {
  const left = specificity * (1 - prevalence);
  const all = left + (1 - sensitivity) * prevalence;
  return all > 0 ? left / all : null;
}

/** The threshold that decides, with what it reached on test where the model says so, else on the images that chose it. */
export function decidingPoint(model) {
  const [point] = model.operating_points;
  const where = model.reached?.measured_on ?? "validation";
  return { ...point, ...(where === "test" ? model.reached : {}), measured_on: where };
}

/**
 * The figures to expect where the model is used: at the threshold, in the collection with the fewest malignant lesions
 * found among those that a network had not learned from (as the headline), else those of `point` itself.
 */
export function expectedPoint(model, point) {
  const found = (one) => one.kinds?.malignant?.refer ?? one.sensitivity;
  const away = (model.measured ?? []).filter((one) => one.is_left_out && isKnown(found(one)));
  if (!away.length) return point;
  const lowest = away.reduce((low, one) => (found(one).value < found(low).value ? one : low));
  const { sensitivity, specificity } = lowest;
  if (!isKnown(sensitivity) || !isKnown(specificity)) return point;
  return { ...point, sensitivity, specificity, measured_on: "left out", source: lowest.name, n: lowest.n_images, n_sources: away.length };
}

const isKnown = (figure) => figure?.value !== null && figure?.value !== undefined;

/**
 * What an operating point does to lesions of which a share is malignant. Ends of intervals come from the ends of both
 * sensitivity and specificity together, so they are a little wide.
 */
export function consequences(point, prevalence) {
  const { sensitivity, specificity } = point;
  const both = (value) => ({
    value: value(sensitivity.value, specificity.value, prevalence),
    low: has(sensitivity) && has(specificity) ? value(sensitivity.low, specificity.low, prevalence) : null,
    high: has(sensitivity) && has(specificity) ? value(sensitivity.high, specificity.high, prevalence) : null,
  });
  const found = 1000 * prevalence * sensitivity.value;
  const needless = 1000 * (1 - prevalence) * (1 - specificity.value);
  return {
    ppv: both(ppv),
    npv: both(npv),
    of1000: { found, missed: 1000 * prevalence - found, needless, left: 1000 * (1 - prevalence) - needless },
  };
}

/** Whether a figure has an interval. */
export const has = (figure) => figure.low !== null && figure.low !== undefined && figure.high !== null && figure.high !== undefined;

/** Four whole numbers that add up to 1,000, as near to the shares as can be (largest remainders). */
export function wholeThousand({ found, missed, needless, left }) {
  const values = [found, missed, needless, left];
  const whole = values.map(Math.floor);
  const order = [0, 1, 2, 3].sort((a, b) => values[b] - whole[b] - (values[a] - whole[a]));
  const lacking = 1000 - whole.reduce((sum, value) => sum + value, 0);
  for (const i of order.slice(0, lacking)) whole[i] += 1;
  return { found: whole[0], missed: whole[1], needless: whole[2], left: whole[3] };
}

/**
 * A share times 100 with decimals, 0 or 100 only where it is exactly that: what would be rounded to either gets one more
 * digit, then "<" or ">". As lentigo.wording.percent_text.
 */
export function inHundred(value, digits = 0) {
  const hundred = 100 * value;
  const bound = hundred < 50 ? 0 : 100;
  const gap = hundred - bound;
  if (Math.abs(gap) <= 1e-7) return bound.toFixed(digits);
  for (const places of [digits, digits + 1]) {
    if (Number(hundred.toFixed(places)) !== bound) return hundred.toFixed(places);
  }
  const least = 10 ** -(digits + 1);
  return gap > 0 ? `<${least.toFixed(digits + 1)}` : `>${(bound - least).toFixed(digits + 1)}`;
}

/** A share as so many of 100 in brackets: "<1" and ">99" for nearly none or all. As lentigo.wording.of_hundred_text. */
export function ofHundred(value) {
  const nearest = Math.round(100 * value);
  if (nearest === 0 && value > 1e-9) return "<1";
  return nearest === 100 && value < 1 - 1e-9 ? ">99" : String(nearest);
}

/** In per cent, with as many digits as tell it from 0 and from 100: 18%, 0.04%, >99.9%. */
export function percent(value) {
  if (value === null || value === undefined) return "n/a";
  const hundred = 100 * value;
  if (value === 0 || value === 1 || (hundred >= 1 && hundred <= 99)) return `${hundred.toFixed(0)}%`;
  if (hundred > 99) return hundred > 99.95 ? ">99.9%" : `${hundred.toFixed(1)}%`;
  return hundred < 0.01 ? "<0.01%" : `${Number(hundred.toPrecision(1))}%`;
}

/**
 * The least probability that is shown as such: what a sample of some hundred malignant images can tell, moved along with
 * the prevalence, and never finer than 1 % unless the threshold itself is so low. As in lentigo.bundle.answer.
 */
export function finest(model, prevalence, threshold) {
  const n = model.gate.n_images * model.prevalence; // malignant images of validation
  const bySample = shift(Math.min(0.2, Math.max(0.01, 1 / Math.max(n, 1))), model.prevalence, prevalence);
  return Math.min(Math.max(bySample, 0.01), threshold / 2);
}

/** In per cent, or "below 1%" and "above 99%" beyond what the sample tells. */
export function sharePercent(value, least) {
  if (value < least) return `below ${percent(least)}`;
  return value > 1 - Math.max(least, 0.01) ? `above ${percent(1 - Math.max(least, 0.01))}` : percent(value);
}

/** With one decimal: 95.2%. */
export const percent1 = (value) => (value === null || value === undefined ? "n/a" : `${inHundred(value, 1)}%`);

/**
 * A threshold, with a decimal: one of 43.4 % does not refer a photograph of 42.8 %, which is 43 % as well; with more
 * digits below 1 %. As lentigo.study.reporting._words.threshold_text.
 */
export const thresholdPercent = (value) => (value >= 0.01 && value <= 0.99 ? `${(100 * value).toFixed(1)}%` : percent(value));

/** A probability beside its threshold, with as many digits as show on which side of it it lies. */
export function apartFrom(value, threshold, least) {
  const shown = sharePercent(value, least);
  // 43% beside 43.4% looks lower than it, whichever it is
  if (!/^\d/.test(shown) || value < 0.01 || Math.round(100 * value) !== Math.round(100 * threshold)) return shown;
  const digits = [1, 2, 3].find((places) => (100 * value).toFixed(places) !== (100 * threshold).toFixed(places));
  return value === threshold || digits === undefined ? thresholdPercent(value) : `${(100 * value).toFixed(digits)}%`;
}

/** "92.2 to 97.1%", or nothing where there is no interval. */
export function interval(figure, digits = 1) {
  return has(figure) ? `${inHundred(figure.low, digits)} to ${inHundred(figure.high, digits)}%` : "";
}

/** A prevalence with up to two significant digits: 0.1%, 7%, 19%. */
export const share = (value) => {
  const shown = Number((100 * value).toPrecision(2));
  return shown === 100 || shown === 0 ? `${inHundred(value)}%` : `${shown}%`;
};

/** A share as a frequency that can be pictured: ["31", "100"], ["4", "1,000"], ["fewer than 1", "10,000"]. */
export function frequency(value) {
  for (const whole of [100, 1000, 10000]) {
    const n = Math.round(value * whole);
    if (value === 1) return ["100", "100"];
    if (n >= whole) return [`more than ${grouped(whole - 1)}`, grouped(whole)];
    if (n >= 2 || (n === 1 && whole === 100 && value >= 0.0095)) return [grouped(n), grouped(whole)];
  }
  return value === 0 ? ["none", "10,000"] : ["fewer than 2", "10,000"];
}

/** "1 in 19": of how many one is; null for none. */
export function oneIn(value) {
  if (!value) return null;
  const n = 1 / value;
  const digits = n < 3 ? 1 : 0;
  const rounded = n >= 1000 ? Number(n.toPrecision(2)) : Number(n.toFixed(digits));
  return `1 in ${grouped(rounded)}`;
}

/**
 * How many of those called benign-looking are malignant, by the far end: "about 1 in 250, at most 1 in 120". A point
 * value alone reassures most where there were fewest cases.
 */
export function missedWords(npv) {
  if (npv.value === null) return "an unknown share";
  if (!has(npv) || npv.low >= 1) return npv.value < 1 ? `about ${oneIn(1 - npv.value)}` : "an unknown share";
  const worst = `at most ${oneIn(1 - npv.low)}`;
  return npv.value < 1 ? `about ${oneIn(1 - npv.value)}, ${worst},` : worst;
}

/** A count below 10 as it is, with "fewer than 1" for what rounds to nothing. */
export function about(value) {
  if (value > 0 && value < 0.5) return "fewer than 1";
  return grouped(Math.round(value));
}

export const grouped = (n) => n.toLocaleString("en-US");

const logit = (p) => Math.log(p / (1 - p));

/** Where a probability stands on an axis of log-odds from `low` to `high`, 0 to 1, kept inside. */
export function onOddsAxis(probability, low, high) {
  const place = (logit(Math.min(Math.max(probability, 1e-9), 1 - 1e-9)) - logit(low)) / (logit(high) - logit(low));
  return Math.min(1, Math.max(0, place));
}

/** Position 0 to 1 of the slider for a prevalence, logarithmic; and back. */
export function sliderOf(prevalence, most = MOST_PREVALENCE) {
  return Math.log(prevalence / LEAST_PREVALENCE) / Math.log(most / LEAST_PREVALENCE);
}
export function prevalenceOf(position, most = MOST_PREVALENCE) {
  return Number((LEAST_PREVALENCE * (most / LEAST_PREVALENCE) ** position).toPrecision(2));
}
