// wire.js - The messages between page and server: openapi.json has it all. Paths begin where this file lies.
import { said, t } from "./t.js";

export class Refusal extends Error {
    constructor(code, text, status) {
        super(text ? said(text) : t("It was refused: {code}.", { code }));
        this.code = code;
        this.status = status;
    }
}
const root = new URL(".", import.meta.url);
const MAYBE = t("The connection was lost. It may have been done: look, and do it again if it was not.");
let csrf = "", strange = null;
// strange(): the browser has another session than this page.
export const trust = (me, other) => { csrf = me.csrf; strange = other; };

const ask = async (path, options = {}) => {
    const away = options.method ? MAYBE : t("The server cannot be reached.");
    let answer;
    try {
        answer = await fetch(new URL(path, root), { credentials: "same-origin", ...options });
    } catch {
        // A request that was cut off may have reached the server; a question changes nothing.
        throw new Refusal("lost", away);
    }
    if (options.bytes && answer.ok) return answer.blob();
    const body = answer.status !== 204 && (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : null;
    if (body?.error === "csrf" && csrf) strange?.();
    if (!answer.ok) throw new Refusal((body && body.error) || (answer.status >= 500 ? "lost" : answer.status), (body && body.text) || (answer.status >= 500 && away), answer.status);
    return body;
};
export const get = (path, query = {}) => {
    const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
    return ask(path + (pairs.length ? "?" + new URLSearchParams(pairs) : ""));
};
// An answer whose list, `rows` or another one, comes in pages, with all of it.
export const getWhole = async (path, list = "rows") => {
    const answer = await get(path);
    for (let { next } = answer; next;) {
        const more = await get(path, { from: next });
        answer[list].push(...more[list]);
        next = more.next;
    }
    return answer;
};
export const getBytes = (path) => ask(path, { bytes: true });
// more: of fetch(); { keepalive: true } is sent even where the page goes away.
const send = (method) => (path, value, type = "application/json", more = {}) => ask(path, {
    method, ...more,
    headers: { "X-CSRF-Token": csrf, ...(value === undefined ? {} : { "Content-Type": type }) },
    body: value === undefined || value instanceof Blob ? value : JSON.stringify(value),
});
export const post = send("POST"), putTo = send("PUT");
export const postBytes = (path, value) => ask(path, { method: "POST", bytes: true, headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" }, body: JSON.stringify(value) });

const QUIET_MS = 20000, ANSWER_MS = 10000, WOKE_MS = 2000;
// The first try follows at once, spread a little, as all desks lose their server at the same moment.
const WAITS_MS = [100, 250, 500, 1000, 2000];

// The connection that is made again until the session is over. heard[type](message); lost(text) while there is none;
// over(code) when there will be none any more.
export class Socket {
    constructor({ path = "desk", heard, lost, over }) {
        Object.assign(this, { address: new URL(path, root).href.replace(/^http/, "ws"), heard, lost, over, asked: new Map(), number: 0, tries: 0 });
        // What is asked while the first connection is made waits for it: the page is shown before.
        this.opening = new Promise((done) => { this.opened = () => { this.opening = null; done(); }; });
        this.connect();
    }

    connect() {
        const socket = this.socket = new WebSocket(this.address);
        socket.onopen = () => this.opened();
        clearTimeout(this.silence);
        this.silence = setTimeout(() => this.drop(), ANSWER_MS); // a server that does not even answer
        socket.onmessage = (event) => {
            this.listen();
            const message = JSON.parse(event.data);
            if (message.type === "welcome") { this.tries = 0; this.welcomed = true; }
            if (message.type === "reply") this.answered(message);
            else if (Object.hasOwn(this.heard, message.type)) this.heard[message.type](message);
        };
        socket.onclose = (event) => {
            if (socket !== this.socket) return;
            this.opened();
            clearTimeout(this.silence);
            for (const { refuse } of this.asked.values()) refuse(new Refusal("lost", MAYBE));
            this.asked.clear();
            if (event.code === 4001 || event.code === 4002) return this.over(event.code);
            if (!this.welcomed) this.look(socket);
            this.welcomed = false;
            this.lost();
            this.timer = setTimeout(() => this.connect(), WAITS_MS[this.tries] * (0.5 + Math.random() / 2));
            this.tries = Math.min(this.tries + 1, WAITS_MS.length - 1);
        };
    }

    // A browser does not say why a connection was refused: the server is asked whether it knows the session.
    async look(socket) {
        const status = await get("api/me").then(() => 200, (wrong) => wrong.status);
        if (status === 401 && this.socket === socket) this.over(4001);
    }

    // A network that is gone closes nothing: after a while of silence something is asked, and no answer is the end.
    listen() {
        clearTimeout(this.silence);
        this.heardAt = Date.now();
        this.silence = setTimeout(() => {
            this.ask("ping").catch(() => {});
            this.silence = setTimeout(() => this.drop(), ANSWER_MS);
        }, QUIET_MS);
    }

    // The connection is taken for lost now, and made anew.
    drop() {
        const socket = this.socket, closed = socket.onclose;
        socket.onclose = socket.onmessage = null;
        socket.close();
        closed({ code: 1006 });
    }

    // The page may have slept, its timers too: a connection that was silent for longer than it may be is asked, and has little
    // time to answer. In the background timers are late, and the connection is well.
    woke() {
        this.network(true);
        if (this.socket.readyState !== WebSocket.OPEN || Date.now() - this.heardAt < QUIET_MS + ANSWER_MS) return;
        clearTimeout(this.silence);
        this.silence = setTimeout(() => this.drop(), WOKE_MS);
        this.ask("ping").catch(() => {});
    }

    // The browser says whether there is a network.
    network(there) {
        if (!there) return this.socket.readyState === WebSocket.OPEN && this.drop();
        this.tries = 0;
        if (this.socket.readyState > WebSocket.OPEN || !this.socket.onclose) { clearTimeout(this.timer); this.connect(); }
    }

    answered(message) {
        const waiting = this.asked.get(message.id);
        this.asked.delete(message.id);
        if (!waiting) return;
        if (message.ok) waiting.done(message);
        else waiting.refuse(Object.assign(new Refusal(message.code, message.text), { by: message.by }));
    }

    ask(type, fields = {}) {
        if (this.opening) return this.opening.then(() => this.ask(type, fields));
        if (this.socket.readyState !== WebSocket.OPEN)
            return Promise.reject(new Refusal("lost", t("The server is not connected. Your request was not done.")));
        const id = ++this.number;
        return new Promise((done, refuse) => {
            this.asked.set(id, { done, refuse });
            this.socket.send(JSON.stringify({ type, id, ...fields }));
        });
    }

    end() {
        const socket = this.socket;
        this.socket = null;
        clearTimeout(this.timer);
        clearTimeout(this.silence);
        socket.close();
    }
}
