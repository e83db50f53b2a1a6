// SPDX-License-Identifier: Apache-2.0
// What comes from the engine: a stream of events, and single answers. Both carry the token, where
// there is one; EventSource could not, so the stream is read with fetch.

const kTokenKey = "millrace.token";
const kSilentAfterMs = 10_000;  // an event comes every second,
const kStartsWithinMs = 60_000;  // but none before the pipeline has started
const kWaitsMs = [500, 1000, 2000, 3000];

let token = "";

// `#token=…` is taken out of the address at once, so that it stays in no history and no screenshot.
export function takeToken() {
  try {
    token = sessionStorage.getItem(kTokenKey) ?? "";
  } catch { /* no storage: it lasts until the page is left */ }
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return false;
  history.replaceState(null, "", location.pathname + location.search);
  setToken(given);
  return true;
}

export function setToken(value) {
  token = value;
  try {
    sessionStorage.setItem(kTokenKey, value);
  } catch { /* as above */ }
}

export function request(path, accept, signal) {
  const headers = {Accept: accept};
  if (token) headers.Authorization = `Bearer ${token}`;
  return fetch(path, {headers, signal, cache: "no-store", credentials: "same-origin"});
}

// A link cannot carry the token, so what it leads to is fetched, and shown as it came: apart, where
// the click asks for that.
export async function follow(event) {
  if (!token) return;
  event.preventDefault();
  const apart = event.ctrlKey || event.shiftKey || event.metaKey;
  try {
    const answer = await request(event.currentTarget.getAttribute("href"), "*/*");
    const address = URL.createObjectURL(await answer.blob());
    if (apart) {
      open(address);
    } else {
      location.assign(address);
    }
  } catch { /* the page says that the engine does not answer */ }
}

// The events of a text/event-stream, piece by piece.
export class EventReader {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.rest = "";
    this.name = "";
    this.data = [];
  }

  push(piece) {
    this.rest += piece;
    for (;;) {
      const end = this.rest.search(/\r|\n/);
      // A CR at the very end may be half of a CRLF.
      if (end < 0 || (this.rest[end] === "\r" && end + 1 === this.rest.length)) return;
      const line = this.rest.slice(0, end);
      this.rest = this.rest.slice(end + (this.rest.startsWith("\r\n", end) ? 2 : 1));
      this.line(line);
    }
  }

  line(line) {
    if (line === "") {
      if (this.data.length) this.onEvent(this.name || "message", this.data.join("\n"));
      this.name = "";
      this.data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.name = value;
    if (field === "data") this.data.push(value);
  }
}

// Reads the stream for as long as the page is open, and begins again whenever it breaks off.
// onEvent(name, data); onState(state, reason): "connecting", "open" (and nothing has come yet),
// "live", "gone", "refused", "starting".
export class Stream {
  constructor(path, onEvent, onState) {
    this.path = path;
    this.onEvent = onEvent;
    this.onState = onState;
    this.failures = 0;
    this.wake = () => {};
  }

  // At once, whatever it waits for: there is a token now.
  again() {
    this.failures = 0;
    this.wake();
  }

  async run() {
    this.onState("connecting");
    for (;;) {
      const waits = await this.once();
      if (waits === "refused") {
        await new Promise((done) => { this.wake = done; });
      } else {
        const wait = kWaitsMs[Math.min(this.failures++, kWaitsMs.length - 1)];
        await new Promise((done) => {
          this.wake = done;
          setTimeout(done, wait);
        });
      }
      this.wake = () => {};
    }
  }

  async once() {
    const control = new AbortController();
    let timer = 0;
    const watch = (patience) => {
      clearTimeout(timer);
      timer = setTimeout(() => control.abort(), patience);
    };
    try {
      watch(kSilentAfterMs);
      const answer = await request(this.path, "text/event-stream", control.signal);
      if (answer.status === 401 || answer.status === 403) {
        // Of a token that was sent, what is wrong with it.
        this.onState("refused", token ? (await answer.text()).trim().slice(0, 300) : "");
        return "refused";
      }
      if (!answer.ok) {
        this.onState("starting", (await answer.text()).trim().slice(0, 300));
        return "failed";
      }
      this.onState("open");
      let patience = kStartsWithinMs;
      watch(patience);
      const reader = new EventReader((name, data) => {
        this.failures = 0;
        patience = kSilentAfterMs;
        this.onState("live");
        this.onEvent(name, data);
      });
      const text = new TextDecoder();
      const body = answer.body.getReader();
      for (;;) {
        const {done, value} = await body.read();
        if (done) break;
        reader.push(text.decode(value, {stream: true}));
        watch(patience);
      }
    } catch { /* refused, reset or silent: all the same to who looks at it */
    } finally {
      clearTimeout(timer);
      control.abort();
    }
    this.onState("gone");
    return "failed";
  }
}
