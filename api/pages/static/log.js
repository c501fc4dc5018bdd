// Checks in the reader's own browser that an entry is under the seal: its path of fingerprints, step by step, to the
// signed seal (RFC 6962, RFC 9162 section 2.1.3.2, C2SP signed-note). Nothing is trusted but the key.

const CODES = new TextEncoder();
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (base64) => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
const same = (one, other) => hex(one) === hex(other);

async function sha256(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((start, part) => (all.set(part, start), start + part.length), 0);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

// Yields what is found step by step: {words, hash, ok}, `ok` null where a step has nothing to compare with yet.
export async function* checked(proof, entry, vkey) {
  let hash = await sha256([0], CODES.encode(entry));
  yield { words: `The fingerprint of entry ${proof.position}, as it stands above`, hash, ok: null };
  let node = proof.position - 1, last = proof.tree_size - 1;
  for (const neighbour of proof.path.map(bytesOf)) {
    const left = node % 2 === 1 || node === last;
    hash = left ? await sha256([1], neighbour, hash) : await sha256([1], hash, neighbour);
    if (left) while (node && node % 2 === 0) [node, last] = [node >> 1, last >> 1];
    [node, last] = [node >> 1, last >> 1];
    yield { words: `With the fingerprint of its neighbours ${left ? "before" : "after"} it`, hash, ok: null };
  }
  const [text, signatures] = halves(proof.checkpoint);
  const [, size, root] = text.split("\n");
  const reached = last === 0 && Number(size) === proof.tree_size && same(hash, bytesOf(root));
  yield { words: `The seal over entries 1 to ${size}`, hash: bytesOf(root), ok: reached };
  yield { words: "The signature under the seal", hash: null, ok: await isSigned(text, signatures, vkey) };
}

// Whether the content is the one that the entry was recorded with; null once it was erased.
export async function holds(proof, entry) {
  if (proof.data === null) return null;
  const hash = await sha256([2], bytesOf(proof.salt), CODES.encode(proof.data));
  return entry.includes(`"data_hash":"${hex(hash)}"`);
}

function halves(note) {
  const middle = note.lastIndexOf("\n\n");
  return [note.slice(0, middle + 1), note.slice(middle + 2)];
}

// Null where the browser knows no Ed25519.
async function isSigned(text, signatures, vkey) {
  const [name, id, ...rest] = vkey.split("+");
  const key = bytesOf(rest.join("+"));
  for (const line of signatures.split("\n").filter((line) => line.startsWith(`— ${name} `))) {
    const signature = bytesOf(line.split(" ")[2]);
    if (hex(signature.slice(0, 4)) !== id) continue;
    try {
      const imported = await crypto.subtle.importKey("raw", key.slice(1), { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature.slice(4), CODES.encode(text));
    } catch (error) {
      if (error.name === "NotSupportedError") return null;
      throw error;
    }
  }
  return false;
}

const VERDICTS = new Map([[true, ["right", "✓ matches"]], [false, ["wrong", "✗ differs"]], [null, ["", ""]]]);

class Check {
  constructor(section) {
    this.section = section;
    this.form = section.querySelector("form");
    this.entry = section.querySelector("textarea");
    this.steps = section.querySelector("ol");
    this.verdict = section.querySelector("output");
    this.turn = 0;
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.fetch()));
    this.entry.addEventListener("input", () => this.show());
    section.querySelector("[data-change]").addEventListener("click", () => this.change());
    section.querySelector("[data-restore]").addEventListener("click", () => this.restore());
    this.form.hidden = false;
  }

  async fetch() {
    const number = this.form.elements.entry.value;
    const answer = await fetch(`${this.section.dataset.base}/v1/events/${number}/proof`);
    this.section.querySelector("[data-found]").hidden = !answer.ok;
    if (!answer.ok) return this.tell("wrong", `There is no entry ${number}.`);
    this.proof = await answer.json();
    this.restore();
  }

  restore() {
    this.entry.value = this.proof.entry;
    this.show();
  }

  // The last digit of the time of recording, say: one character, anywhere, is enough.
  change() {
    const text = this.entry.value, at = text.lastIndexOf('"recorded_at":"') + '"recorded_at":"'.length + 25;
    this.entry.value = text.slice(0, at) + ((Number(text[at]) + 1) % 10) + text.slice(at + 1);
    this.show();
  }

  async show() {
    const turn = ++this.turn, found = [];
    for await (const step of checked(this.proof, this.entry.value, this.section.dataset.vkey)) found.push(step);
    const content = await holds(this.proof, this.entry.value);
    if (turn !== this.turn) return; // The reader has typed on.
    const reached = found.find((step) => step.ok === false) === undefined;
    this.steps.replaceChildren(...found.map((step) => row(step, reached)));
    const signed = found.at(-1).ok;
    if (!reached) return this.tell("wrong", "✗ This is not what was recorded: it does not lead to the signed seal.");
    const words = [`✓ Entry ${this.proof.position} is under the seal`];
    words.push(signed === null ? ", whose signature this browser cannot check" : ", which the key of this log signed");
    words.push({ true: ", and its content is the one it was recorded with.", false: ", but its content is another one.",
      null: "; its content was erased." }[content]);
    this.tell(content === false ? "wrong" : "right", words.join(""));
  }

  tell(verdict, words) {
    this.verdict.className = verdict;
    this.verdict.textContent = words;
  }
}

function row(step, reached) {
  const item = document.createElement("li");
  const [verdict, words] = VERDICTS.get(step.ok);
  item.className = verdict || (reached ? "right" : "wrong");
  item.append(step.words);
  if (words) item.append(` ${words}`);
  if (step.hash) {
    const code = document.createElement("code");
    code.textContent = hex(step.hash);
    item.append(code);
  }
  return item;
}

if (globalThis.document) {
  const section = document.querySelector("#check");
  if (globalThis.crypto?.subtle) new Check(section);
  else section.querySelector("[data-insecure]").hidden = false;
}
