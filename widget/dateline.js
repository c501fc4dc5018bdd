/**
 * <dateline-timeline src="https://example.org/v1/timelines/us-japan-2024">: a timeline, live, in any page.
 *
 * The server draws everything: where the element already holds its drawing and table they are kept, elsewhere they are
 * fetched into a shadow tree. Here they only learn to move: zooming and panning ask for a drawing of another window,
 * news from the feed for the whole anew, of which only the rows that differ are replaced. So what this holds does not
 * grow with the timeline. Days are counted as the server counts them: 1 is 0001-01-01.
 */

const UNIX_DAY = 719163;
const DAY_MS = 86_400_000;
const WINDOW_DAYS_MIN = 3;
const WINDOW_DAYS_MAX = 4_000_000;
const DRAW_MS = 120;
const NEWS_MS = 300;
const TRIES_MAX = 6;
const PX_MAX = 2400;
const REOPEN_MS_MAX = 60_000;
const DRAG_PX_MIN = 5;
const SPOKEN_MAX = 3;
const KEPT = ["said_by", "as_of", "cursor", "from", "to"];
const STEPS_MAX = 500;
const HELP =
  "Drawing of the timeline. Left and right move in time, plus and minus zoom, 0 shows the whole time, up and down " +
  "choose an announcement, Enter opens it. The table below says the same.";

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** Write a day as the server reads it: years beyond 0 to 9999 signed, without leading zeros. */
export function isoDay(day) {
  const date = new Date((Math.round(day) - UNIX_DAY) * DAY_MS);
  const year = date.getUTCFullYear();
  const years = year >= 0 && year <= 9999 ? String(year).padStart(4, "0") : (year > 0 ? "+" : "") + year;
  return years + date.toISOString().slice(-20, -14);
}

/** Return the day at a place of the drawing; `knots` are its `[x, day]`, between which the axis is even. */
export function dayAt(knots, x) {
  let i = knots.findIndex(([at]) => at > x);
  i = i < 1 ? (i < 0 ? knots.length - 1 : 1) : i;
  const [[x0, day0], [x1, day1]] = [knots[i - 1], knots[i]];
  return day0 + ((x - x0) * (day1 - day0)) / (x1 - x0);
}

/** Return the window `[from, to]` that shows the axis `factor` times as large, with the place `x` where it was. */
export function zoomed(knots, factor, x) {
  const [left, right] = [knots[0][0], knots[knots.length - 1][0]];
  const centre = Math.min(Math.max(x, left), right);
  return [left, right].map((edge) => dayAt(knots, centre + (edge - centre) / factor));
}

class DatelineTimeline extends HTMLElement {
  connectedCallback() {
    const address = new URL(this.getAttribute("src"), document.baseURI);
    const [, base, slug] = address.href.match(/^(.*)\/v1\/timelines\/([a-z0-9-]+)/) ?? [];
    if (!base) throw new TypeError(`dateline-timeline: src names no timeline: ${address}`);
    Object.assign(this, { base, slug, window: null, whole: null, chosen: null, failed: 0, reopenMs: 1000 });
    this.stopped = new AbortController();
    this.rows = new Map();
    this.listen(document, "visibilitychange", () => (document.hidden ? this.pause() : this.resume()));
    if (this.querySelector(".timeline")) {
      this.root = this;
      this.kept = [...new URLSearchParams(location.search)].filter(([key]) => KEPT.includes(key));
      this.begin();
    } else {
      this.root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      this.kept = [];
      this.fetchWhole();
    }
  }

  disconnectedCallback() {
    this.stopped.abort();
    this.pause();
    clearTimeout(this.drawTimer);
    this.stage?.replaceWith(...this.stage.childNodes);
    this.tools?.remove();
    this.status?.remove();
  }

  listen(target, type, handler, options = {}) {
    target.addEventListener(type, handler, { ...options, signal: this.stopped.signal });
  }

  get timeline() { return this.root.querySelector(".timeline"); }

  get figure() { return this.root.querySelector(".figure"); }

  /** The drawing that the style sheet shows; null below 480 px. */
  get drawing() {
    return [...this.root.querySelectorAll(".figure > div > svg")].find((svg) => svg.clientWidth > 0) ?? null;
  }

  get knots() { return this.drawing?.dataset.knots?.split(" ").map((knot) => knot.split(":").map(Number)) ?? null; }

  // Asking the server.

  async ask(part, more = {}) {
    const query = new URLSearchParams([...this.kept, ["part", part]]);
    for (const [key, value] of Object.entries(more)) query.set(key, value);
    const url = `${this.base}/embed/${this.slug}?${query}`;
    const answer = await fetch(url, { headers: { accept: "text/html" }, signal: this.stopped.signal });
    if (!answer.ok) throw new Error(`dateline-timeline: ${url} answered ${answer.status}`);
    const template = make("template", { innerHTML: await answer.text() });
    const links = this.root === this ? [] : template.content.querySelectorAll(`a[href^="/"]`);
    for (const link of links) link.href = new URL(link.getAttribute("href"), url);
    return template.content.firstElementChild;
  }

  windowAsked() {
    const px = Math.min(PX_MAX, Math.round(this.figure?.clientWidth ?? 0));
    const [from, to] = this.window ?? [];
    return { ...(this.window && { from: isoDay(from), to: isoDay(to) }), ...(this.window && px > 480 && { px }) };
  }

  async fetchWhole() {
    try {
      const fresh = await this.ask("timeline");
      const style = make("link", { rel: "stylesheet", href: `${this.base}/static/dateline.css` });
      this.root.replaceChildren(style, fresh);
      this.begin();
    } catch (error) {
      if (this.stopped.signal.aborted) return;
      this.root.replaceChildren(make("a", { href: `${this.base}/timelines/${this.slug}` }, "See the timeline"));
      console.warn(error);
    }
  }

  // What is added around what the server drew.

  begin() {
    this.status = make("p", { className: "hidden" });
    this.status.setAttribute("role", "status");
    this.live = make("span", { className: "live" });
    const button = (text, label, act) => {
      const made = make("button", { type: "button", title: label, onclick: act }, text);
      made.setAttribute("aria-label", label);
      return made;
    };
    this.buttons = {
      in: button("+", "Zoom in", () => this.zoom(2)),
      out: button("−", "Zoom out", () => this.zoom(0.5)),
      earlier: button("←", "Earlier", () => this.pan(-0.5)),
      later: button("→", "Later", () => this.pan(0.5)),
      whole: button("Whole time", "Show the whole time", () => this.show(null)),
    };
    this.tools = make("div", { className: "tools" }, ...Object.values(this.buttons), ...this.slider(), this.live);
    this.stage = make("div", { className: "stage", tabIndex: 0 });
    this.stage.setAttribute("role", "group");
    this.stage.setAttribute("aria-label", HELP);
    this.root.append(this.status);
    this.settle(this.timeline);
    this.whole = this.knots && [this.knots[0][1], this.knots[this.knots.length - 1][1]];
    this.steer();
    if (!document.hidden) this.open();
  }

  /** Take a timeline into use: tools above, the drawing on its stage, rows remembered as the server wrote them. */
  settle(timeline) {
    const figure = timeline.querySelector(".figure");
    figure.before(this.tools, this.stage);
    this.stage.append(figure);
    this.rows = this.written(timeline);
    this.enable();
  }

  /** The rows as the server wrote them: what is unfolded or marked since then is no change. */
  written(timeline) {
    return new Map([...timeline.querySelectorAll("tr[data-announcement]")].map((row) => [row.id, row.outerHTML]));
  }

  enable() {
    const windowed = this.window !== null;
    for (const name of ["out", "earlier", "later", "whole"]) this.buttons[name].disabled = !windowed;
    this.stage.classList.toggle("pannable", windowed);
    this.tools.hidden = this.root.querySelector(".figure svg.drawing") === null;
  }

  // Moving in time.

  steer() {
    this.listen(this.stage, "keydown", (event) => this.onKey(event));
    this.listen(this.stage, "wheel", (event) => this.onWheel(event), { passive: false });
    this.listen(this.stage, "pointerdown", (event) => this.onPointerDown(event));
    this.listen(this.stage, "dragstart", (event) => event.preventDefault());
    this.listen(this.stage, "click", (event) => this.onClick(event), { capture: true });
  }

  onKey(event) {
    if (event.target !== this.stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => this.zoom(2),
      "-": () => this.zoom(0.5),
      0: () => this.show(null),
      ArrowLeft: () => this.pan(-0.25),
      ArrowRight: () => this.pan(0.25),
      ArrowUp: () => this.choose(-1),
      ArrowDown: () => this.choose(1),
      Enter: () => this.openDetails(this.chosen),
    };
    const act = acts[event.key === "=" ? "+" : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  onWheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const box = this.drawing.getBoundingClientRect();
      const x = ((event.clientX - box.left) * this.drawing.viewBox.baseVal.width) / box.width;
      this.zoom(2 ** (-event.deltaY / 240), x);
    } else if (event.shiftKey && this.window) {
      event.preventDefault();
      this.pan((event.deltaX || event.deltaY) / 1000);
    }
  }

  onPointerDown(event) {
    const svg = this.drawing;
    if (event.button !== 0 || !this.window || !svg) return;
    const from = event.clientX;
    const box = svg.viewBox.baseVal;
    const unit = box.width / svg.clientWidth;
    let moved = 0;
    const drag = new AbortController();
    const options = { signal: drag.signal };
    window.addEventListener("pointermove", (move) => {
      moved = from - move.clientX;
      if (Math.abs(moved) < DRAG_PX_MIN) return;
      this.dragged = true;
      svg.setAttribute("viewBox", `${moved * unit} 0 ${box.width} ${box.height}`);
    }, options);
    const end = () => {
      drag.abort();
      const [left, right] = [this.knots[0][0], this.knots[this.knots.length - 1][0]];
      if (this.dragged) this.pan((moved * unit) / (right - left));
      setTimeout(() => (this.dragged = false));
    };
    window.addEventListener("pointerup", end, options);
    window.addEventListener("pointercancel", end, options);
  }

  zoom(factor, x) {
    let knots = this.knots;
    if (!knots) return;
    const [left, right] = [knots[0][0], knots[knots.length - 1][0]];
    if (this.window) knots = [[left, this.window[0]], [right, this.window[1]]]; // Also before it has been drawn.
    this.show(zoomed(knots, factor, x ?? (left + right) / 2));
  }

  pan(share) {
    if (!this.window) return;
    const [from, to] = this.window;
    const days = (to - from) * share;
    this.show([from + days, to + days]);
  }

  /** Show a window, `[from, to]` in days, or the whole time for null. */
  show(asked) {
    const [low, high] = this.whole ?? [-Infinity, Infinity];
    let [from, to] = asked ?? [low, high];
    if (to - from < WINDOW_DAYS_MIN) [from, to] = [(from + to - WINDOW_DAYS_MIN) / 2, (from + to + WINDOW_DAYS_MIN) / 2];
    const all = asked === null || (from <= low && to >= high) || to - from > WINDOW_DAYS_MAX;
    this.window = all ? null : [from, to];
    this.kept = this.kept.filter(([key]) => key !== "from" && key !== "to");
    this.enable();
    clearTimeout(this.drawTimer);
    this.drawTimer = setTimeout(() => this.redraw(), DRAW_MS);
  }

  async redraw() {
    const asked = this.window;
    try {
      const fresh = await this.ask("drawing", this.windowAsked());
      if (asked === this.window) this.figure.replaceChildren(...fresh.childNodes);
      this.mark();
    } catch (error) {
      if (!this.stopped.signal.aborted) console.warn(error);
    }
  }

  // Moving in what had been said.

  /** A slider over the days on which something was said; the page's own form does the same, and the rest. */
  slider() {
    const times = [...this.root.querySelectorAll(".more time[datetime]")].map((time) => time.dateTime.slice(0, 10));
    const days = [...new Set(times)].sort().slice(-STEPS_MAX);
    if (this.timeline.dataset.travelling !== undefined || days.length < 2) return [];
    const last = days.length;
    const said = make("output", {}, "now");
    const range = make("input", { type: "range", min: 0, max: last, value: last });
    range.oninput = () => {
      const day = days[range.value];
      said.textContent = day ? new Date(day).toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" }) : "now";
      range.setAttribute("aria-valuetext", said.textContent);
      this.kept = [...this.kept.filter(([key]) => key !== "said_by"), ...(day ? [["said_by", day]] : [])];
      this.travelling = day !== undefined;
      this.pause();
      this.open();
      this.wanted = 0;
      this.onNews(0);
    };
    range.setAttribute("aria-valuetext", "now");
    return [make("label", { className: "travel" }, "Step back to what had been said by ", range, said)];
  }

  // Looking at one announcement.

  marks() {
    return [...(this.drawing?.querySelectorAll("[data-announcement]") ?? [])];
  }

  choose(step) {
    const marks = this.marks();
    if (!marks.length) return;
    const at = marks.findIndex((mark) => mark.dataset.announcement === this.chosen);
    const next = marks[at < 0 ? (step > 0 ? 0 : marks.length - 1) : (at + step + marks.length) % marks.length];
    this.chosen = next.dataset.announcement;
    this.mark();
    next.scrollIntoView({ block: "nearest" });
    const row = this.row(this.chosen);
    if (row) this.status.textContent = this.inWords(row);
  }

  mark() {
    for (const mark of this.marks()) mark.classList.toggle("chosen", mark.dataset.announcement === this.chosen);
  }

  onClick(event) {
    const mark = event.target.closest("[data-announcement]");
    if (!mark) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.dragged) this.openDetails(mark.dataset.announcement);
  }

  /** Open what the table says of an announcement beside its mark; Escape or a click elsewhere closes it. */
  openDetails(id) {
    const row = id && this.row(id);
    if (!row) return;
    this.chosen = id;
    this.mark();
    const title = row.querySelector(".title").cloneNode(true);
    const state = row.querySelector(".came").cloneNode(true);
    const panel = make("div", { className: "details", popover: "auto" });
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", title.textContent);
    panel.append(make("h3", {}, title), make("p", {}, row.querySelector(".date > :first-child").textContent));
    panel.append(make("div", {}, ...state.childNodes), row.querySelector(".more").cloneNode(true));
    this.timeline.append(panel);
    if (!panel.showPopover) return void (panel.remove(), row.scrollIntoView(), title.focus());
    panel.addEventListener("toggle", (event) => event.newState === "closed" && panel.remove());
    panel.showPopover();
    this.place(panel, this.marks().find((mark) => mark.dataset.announcement === id) ?? this.stage);
    title.focus({ preventScroll: true });
  }

  place(panel, mark) {
    const near = (mark.querySelector?.(".glyph") ?? mark).getBoundingClientRect();
    const [width, height] = [panel.offsetWidth, panel.offsetHeight];
    const left = Math.max(8, Math.min(near.left, innerWidth - width - 8));
    const below = near.bottom + 8 + height <= innerHeight;
    panel.style.left = `${left}px`;
    panel.style.top = `${below ? near.bottom + 8 : Math.max(8, near.top - height - 8)}px`;
  }

  row(id) {
    return this.root.querySelector(`tr[data-announcement="${CSS.escape(id)}"]`);
  }

  inWords(row) {
    const text = (selector) => row.querySelector(selector)?.textContent.trim() ?? "";
    return [text(".title"), text(".date > :first-child"), text(".state"), text(".came .moved")].filter(Boolean).join(", ");
  }

  // Live.

  open() {
    if (this.feed || this.travelling || this.timeline.dataset.travelling !== undefined) return;
    const feed = new EventSource(`${this.base}/v1/feed?from=head&timeline=${this.slug}`);
    this.feed = feed;
    feed.onopen = () => this.tell("● Live");
    feed.onmessage = (event) => this.onNews(JSON.parse(event.data).position);
    feed.addEventListener("caught-up", () => (this.reopenMs = 1000));
    feed.addEventListener("reset", () => {
      this.wanted = 0; // Positions of another history mean nothing here.
      this.reopen(true);
    });
    feed.addEventListener("bye", () => this.reopen(false));
    feed.onerror = () => {
      this.tell("○ Connecting …");
      if (feed.readyState === EventSource.CLOSED) this.reopen(true);
    };
  }

  tell(text) {
    if (this.live) this.live.textContent = text;
  }

  pause() {
    this.feed?.close();
    this.feed = null;
    this.newsTimer = clearTimeout(this.newsTimer);
    clearTimeout(this.reopenTimer);
    this.tell("");
  }

  /** Catch up first: what happened meanwhile is in the answer, and the feed goes on from there. */
  resume() {
    if (!this.status) return;
    this.open();
    if (this.feed) this.onNews(0);
  }

  reopen(refresh) {
    this.pause();
    this.reopenMs = Math.min(REOPEN_MS_MAX, this.reopenMs * 2);
    this.reopenTimer = setTimeout(() => (refresh ? this.resume() : this.open()), this.reopenMs * (0.5 + Math.random() / 2));
  }

  onNews(position) {
    this.wanted = Math.max(this.wanted ?? 0, position);
    this.newsTimer ??= setTimeout(() => {
      this.newsTimer = undefined;
      this.refresh();
    }, NEWS_MS);
  }

  /** Fetch the whole anew, at least as of the news. */
  async refresh() {
    try {
      this.renew(await this.ask("timeline", { ...this.windowAsked(), ...(this.wanted && { min_position: this.wanted }) }));
      this.failed = 0;
    } catch (error) {
      if (this.stopped.signal.aborted) return;
      console.warn(error);
      this.failed += 1;
      if (this.failed < TRIES_MAX) this.onNews(this.wanted);
    }
  }

  /** Replace what differs. Rows that do not stay as they are, with the focus and whatever is unfolded in them. */
  renew(fresh) {
    const before = this.rows;
    const returned = this.timeline.dataset.travelling !== undefined;
    const changed = [...fresh.querySelectorAll("tr[data-announcement]")].filter((row) => before.get(row.id) !== row.outerHTML);
    const table = this.root.querySelector("table.items");
    const bodies = [...(table?.tBodies ?? [])];
    const freshBodies = [...(fresh.querySelector("table.items")?.tBodies ?? [])];
    this.rows = this.written(fresh);
    this.figure.replaceChildren(...fresh.querySelector(".figure").childNodes);
    if (table && bodies.length === freshBodies.length) bodies.forEach((body, i) => this.renewBody(body, freshBodies[i], before));
    else (table ?? this.root.querySelector(".timeline > .empty")).replaceWith(fresh.querySelector("table.items, .empty"));
    this.timeline.dataset.position = fresh.dataset.position;
    this.timeline.toggleAttribute("data-travelling", fresh.dataset.travelling !== undefined);
    this.mark();
    this.enable();
    if (!document.hidden) this.open();
    if (!this.travelling && !returned) this.announce(changed.map((row) => this.root.querySelector(`#${CSS.escape(row.id)}`)).filter(Boolean));
  }

  renewBody(body, fresh, before) {
    const wanted = [...fresh.rows];
    const keep = new Set(wanted.map((row) => row.id));
    for (const row of [...body.rows]) if (!keep.has(row.id)) row.remove();
    wanted.forEach((row, i) => {
      const known = row.id ? [...body.rows].find((one) => one.id === row.id) : body.querySelector("tr.group");
      const same = known && (row.id ? before.get(row.id) === row.outerHTML : known.outerHTML === row.outerHTML);
      if (known && !same) this.replaceRow(known, row);
      const now = same ? known : row;
      if (body.rows[i] !== now) body.insertBefore(now, body.rows[i] ?? null);
    });
  }

  replaceRow(known, row) {
    const active = this.root.activeElement ?? document.activeElement;
    const within = known.contains(active) ? active.localName : null;
    const details = row.querySelector("details");
    if (details) details.open = known.querySelector("details")?.open ?? false;
    known.replaceWith(row);
    if (within) row.querySelector(within)?.focus({ preventScroll: true });
  }

  announce(rows) {
    for (const row of this.root.querySelectorAll("tr.changed")) row.classList.remove("changed");
    for (const row of rows) row.classList.add("changed");
    if (!rows.length) return;
    const spoken = rows.length > SPOKEN_MAX ? `${rows.length} announcements changed.` : rows.map((row) => this.inWords(row)).join(". ");
    if (!document.hidden) this.status.textContent = `Updated: ${spoken}`;
  }
}

customElements.define("dateline-timeline", DatelineTimeline);
