/** The service: requests with a token where it wants one, errors as one kind of exception. */

import { askForToken } from "./token.js";

const TOKEN = "lentigo-token";
const PATIENCE_MS = 120_000;

/** What went wrong: a stable code, the service's sentence, seconds to wait. */
export class ServiceError extends Error {
  constructor(code, message, { status = 0, retryAfter = 0 } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

const BY_STATUS = { 401: "unauthorized", 408: "slow_body", 413: "body_too_large", 415: "unsupported_media_type", 502: "unreachable", 503: "busy", 504: "timed_out" };

/** The response to a request; asks for the token when the service wants one. */
async function respond(path, options) {
  for (let refused = false; ; refused = true) {
    const token = sessionStorage.getItem(TOKEN);
    const response = await send(path, { ...options, headers: token ? { Authorization: `Bearer ${token}` } : {} });
    if (response.status !== 401) {
      if (!response.ok) throw await errorOf(response);
      return response;
    }
    // Another request may have got a token while this one was under way.
    if (sessionStorage.getItem(TOKEN) === token) await takeToken(refused || token !== null);
  }
}

async function send(path, options) {
  try {
    return await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
  } catch (error) {
    if (error.name === "TimeoutError") throw new ServiceError("timed_out", "No answer within two minutes.");
    throw new ServiceError("unreachable", String(error.message));
  }
}

async function errorOf(response) {
  const wait = Number(response.headers.get("Retry-After")) || 0;
  const said = await response.json().then((payload) => payload.error ?? {}, () => ({}));
  const code = said.code ?? BY_STATUS[response.status] ?? "unknown";
  return new ServiceError(code, said.message ?? `The service answered with status ${response.status}.`, { status: response.status, retryAfter: wait });
}

/** It lives as long as this tab. */
async function takeToken(wasRefused) {
  const given = await askForToken(wasRefused);
  if (!given) throw new ServiceError("cancelled", "No token was given.");
  sessionStorage.setItem(TOKEN, given);
}

/** JSON of a GET. */
export const get = async (path) => (await respond(path, {})).json();

/** Text of a GET. */
export const getText = async (path) => (await respond(path, {})).text();

/**
 * JSON of a POST of photographs, and of texts beside them: [name, value], once for each photograph. Their names stay here: they may say who the patient is, and the service only echoes
 * them. The suffix goes along, because some formats are known by it.
 */
export async function post(path, field, files, texts = []) {
  const form = new FormData();
  for (const [name, value] of texts) form.append(name, value);
  files.forEach((file, i) => form.append(field, file, `photograph-${i + 1}${suffix(file.name)}`));
  await readable(files);
  return (await respond(path, { method: "POST", body: form })).json();
}

const suffix = (name) => (/\.[A-Za-z0-9]{1,8}$/.exec(name) ?? [""])[0].toLowerCase();

/** A file that was moved since it was chosen would look like a broken connection. */
async function readable(files) {
  try {
    await Promise.all(files.map((file) => file.slice(0, 1).arrayBuffer()));
  } catch {
    throw new ServiceError("gone", "The file can no longer be read.");
  }
}
