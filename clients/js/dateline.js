/**
 * A client of Dateline: one module, no dependencies, for browsers, Deno, Bun and Node 18 or newer.
 *
 *   import { Dateline } from "./dateline.js";
 *   const dateline = new Dateline("http://127.0.0.1:8470", { token: "dl_…" });
 *   for await (const one of dateline.items("/v1/announcements", { state: "overdue" })) console.log(one.title);
 */

const AGAIN = new Set([429, 502, 503, 504]);
const ATTEMPTS_MAX = 6;
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 30_000;
/** The service sends a line every 15 s: a stream that is silent for longer is broken, and opened again. */
const SILENCE_MAX_MS = 45_000;

/** The service refused a request (RFC 9457): `code` is for programs, `errors` names places in the request. */
export class Problem extends Error {
  constructor(status, told = {}) {
    super(`${status} ${told.code ?? ""}: ${told.detail ?? ""}`);
    Object.assign(this, { name: "Problem", status, code: told.code, detail: told.detail, errors: told.errors ?? [] });
  }
}

/** A cursor is of another history of the log, which was restored from a backup: read everything anew. */
export class HistoryChanged extends Error {
  name = "HistoryChanged";
}

export class Dateline {
  #url;
  #headers;
  #timeout;

  /** A service at `url`. Without a token it reads what is public. */
  constructor(url, { token, timeout = 30_000 } = {}) {
    if (token) requireVisible("token", token);
    this.#url = String(url).replace(/\/+$/, "");
    this.#headers = token ? { Authorization: `Bearer ${token}` } : {};
    this.#timeout = timeout;
  }

  /**
   * What is at a path, such as `/v1/announcements/bridge`: JSON as values, everything else as a string. Lists of values
   * repeat a parameter. Throws `Problem`.
   */
  async get(path, parameters) {
    return this.#ask(path + query(parameters), {});
  }

  /** Every item of a list, page after page. */
  async *items(path, parameters = {}) {
    for (let cursor; cursor !== null; ) {
      const page = await this.get(path, { ...parameters, ...(cursor && { cursor }) });
      yield* page.items;
      cursor = page.next;
    }
  }

  /**
   * Writes, and gives the receipt. Sent again under the same key when no answer came, which is always safe. With a
   * `key` of your own, kept, it is safe after a crash, too.
   */
  async write(path, body, { key = `client:${crypto.randomUUID()}`, method = "POST" } = {}) {
    requireVisible("key", key);
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    return this.#ask(path, { method, headers, body: JSON.stringify(body) });
  }

  /** Carries out up to 500 commands as one commit, all or none. */
  async batch(commands, options) {
    return this.write("/v1/batch", { commands }, options);
  }

  /**
   * Facts as they are recorded, for ever: those after `cursor`, or from `from` (`start`, `head`, …) on; `parameters`
   * are the feed's filters. Each is a CloudEvent with `cursor`, to go on after it; `{caughtUp: position}` says that
   * what follows is live. A broken connection is opened again; nothing is told twice or left out.
   */
  async *follow({ cursor, signal, ...parameters } = {}) {
    for (let pause = PAUSE_MS; !signal?.aborted; pause = Math.min(2 * pause, PAUSE_MAX_MS)) {
      try {
        for await (const told of this.#stream(cursor, parameters, signal)) {
          pause = PAUSE_MS;
          if (told.cursor) cursor = told.cursor;
          else if (!cursor) parameters.from = told.caughtUp;
          yield told;
        }
      } catch (error) {
        if (error instanceof HistoryChanged || (error instanceof Problem && !AGAIN.has(error.status))) throw error;
      }
      await wait(pause * (0.5 + Math.random() / 2), signal);
    }
  }

  async *#stream(cursor, { from, ...parameters }, signal) {
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    let silent = setTimeout(abort, SILENCE_MAX_MS);
    try {
      const answer = await fetch(this.#url + "/v1/feed" + query(cursor ? parameters : { from, ...parameters }), {
        headers: { ...this.#headers, Accept: "text/event-stream", ...(cursor && { "Last-Event-ID": cursor }) },
        signal: stop.signal,
        cache: "no-store",
      });
      if (!answer.ok) throw await problem(answer);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = "", part; !(part = await reader.read()).done; ) {
        clearTimeout(silent);
        silent = setTimeout(abort, SILENCE_MAX_MS);
        const frames = (text + part.value).split("\n\n");
        text = frames.pop();
        for (const frame of frames) {
          const { event, id, data } = fields(frame);
          if (event === "bye") return;
          if (event === "reset") throw new HistoryChanged(`the log has no entry ${cursor}`);
          if (event === "caught-up") yield { caughtUp: JSON.parse(data).position };
          else if (data) yield { ...JSON.parse(data), cursor: id };
        }
      }
    } finally {
      clearTimeout(silent);
      signal?.removeEventListener("abort", abort);
      abort();
    }
  }

  async #ask(target, { headers, ...request }) {
    if (!target.startsWith("/")) throw new TypeError(`a path begins with a slash: ${target}`);
    for (let attempt = 1, pause = PAUSE_MS; ; attempt++, pause *= 2) {
      let failure, after;
      try {
        const signal = AbortSignal.timeout(this.#timeout);
        const sent = { ...request, headers: { ...this.#headers, ...headers }, signal };
        const answer = await fetch(this.#url + target, sent);
        if (answer.ok) return await value(answer);
        failure = await problem(answer);
        after = answer.headers.get("Retry-After") * 1000;
      } catch (error) {
        failure = error;
      }
      if (attempt === ATTEMPTS_MAX || (failure instanceof Problem && !AGAIN.has(failure.status))) throw failure;
      await wait(after || pause * (0.5 + Math.random() / 2));
    }
  }
}

function query(parameters = {}) {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const given = String(new URLSearchParams(pairs.filter(([, value]) => value != null)));
  return given && `?${given}`;
}

function fields(frame) {
  const lines = frame.split("\n").map((line) => /^(\w+): ?(.*)$/s.exec(line) ?? []);
  return Object.fromEntries(lines.map(([, name, value]) => [name, value]));
}

/** Said at once: what no header can carry would look like a service that does not answer. */
function requireVisible(what, text) {
  if (!/^[!-~]+$/.test(text)) throw new TypeError(`a ${what} has visible ASCII characters, and nothing else`);
}

async function value(answer) {
  if (answer.status === 204) return null;
  const text = await answer.text();
  if (/json/.test(answer.headers.get("Content-Type"))) return JSON.parse(text);
  if (!text) throw new Error("the answer was cut off");
  return text;
}

async function problem(answer) {
  return new Problem(answer.status, await answer.json().catch(() => ({})));
}

function wait(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
