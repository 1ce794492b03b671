// The chat widget of gcx: gcx-chat(8). People's words are only ever put in as text.
"use strict";
(async () => {
    const script = document.currentScript;
    const base = (script.dataset.server || script.src).replace(/^ws/, "http").replace(/\/[^/]*$/, "");
    const server = base.replace(/^http/, "ws") + "/chat";
    const TOKEN = "gcx-chat-token", WAITS_MS = [0, 1000, 2000, 5000, 10000, 15000, 30000];
    // The English texts; the server has those of other languages by them.
    const TEXTS = {
        title: "Chat", open: "Open the chat", hide: "Hide the chat", write: "Your message", send: "Send", end: "End the chat",
        you: "You", agent: "Agent", bot: "Assistant", joined: "An agent is here.", left: "The agent has left.",
        typing: "Someone is writing …", lost: "The connection is lost. Trying again …", back: "Connected again.",
        closed: "The chat has ended.", away: "No agent can be reached now. Please try again later.",
        failed: "Not sent", again: "Begin a new chat", gone: "This chat goes on in another window.", waits: "Connecting …",
        attach: "Attach a file", too_large: "The file is too large.", empty: "The file is empty.", kind: "Files of this kind are not taken.",
        unkept: "It was not kept. Please try again later.", too_many: "No more files are taken now.", unfetched: "The file cannot be fetched now.",
        named: "{} is here.", writes: "{} is writing …", idle: "Are you still there? The chat will be closed unless you write.",
        c_call: "Call me back", c_number: "Your telephone number", c_when: "When?", c_now: "As soon as possible",
        c_ask: "Call me", c_drop: "I do not want it any more", c_scheduled: "We call you on {}.", c_queued: "We call you as soon as somebody is free.",
        c_routing: "We are connecting you …", c_processing: "You are talking with us.", c_done: "The call is over.", c_cancelled: "We do not call you.",
        c_failed: "We could not reach you.", c_wrong: "This number cannot be called back.", c_full: "This time is taken. Please choose another one.", c_twice: "This number is called back already.",
        c_often: "Please try again later.", c_late: "It is too late: we are calling you.",
        read: "Read", right: "Thank you: this address is yours.", wrong: "This is not the code that was sent.", cut: "The end of what you have pasted is cut.", mark: "Your mark, from 1 (bad) to {} (very good)",
    };
    const wished = script.dataset.language || document.documentElement.lang || navigator.language || "en";
    const [language, rows] = await fetch(`${base}/languages/${encodeURIComponent(wished)}.json`, { signal: AbortSignal.timeout(3000) })
        .then(async (answer) => (answer.ok ? [answer.headers.get("Content-Language"), await answer.json()] : ["en", {}])).catch(() => ["en", {}]);
    const words = Object.fromEntries(Object.entries(TEXTS).map(([name, text]) => [name, rows[text] || text]));
    const rightToLeft = /^(ar|fa|he|ur)\b/.test(language);

    // ---- the page ----

    const make = (name, attributes = {}, ...children) => {
        const element = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        element.append(...children);
        return element;
    };
    const STYLE = `
        :host { position: fixed; inset-inline-end: 1rem; bottom: 1rem; z-index: 2147483000; font: 16px/1.4 system-ui, sans-serif; color: #111; }
        button { font: inherit; border: 0; border-radius: .4rem; padding: .5rem .9rem; background: #0b4f8a; color: #fff; cursor: pointer; }
        button:focus-visible, textarea:focus-visible, [role=log]:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px; }
        button:disabled { background: #6b7280; cursor: default; }
        [hidden] { display: none !important; }
        section { display: flex; flex-direction: column; width: min(24rem, calc(100vw - 2rem)); height: min(32rem, calc(100vh - 2rem));
            background: #fff; border: 1px solid #6b7280; border-radius: .6rem; overflow: hidden; box-shadow: 0 4px 20px #0004; }
        header { display: flex; gap: .5rem; align-items: center; padding: .5rem .8rem; background: #0b4f8a; color: #fff; }
        header div { flex: 1; min-width: 0; }
        h2 { margin: 0; font-size: 1.1rem; }
        header p { padding: 0; min-height: 0; color: inherit; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        header p:empty { display: none; }
        header p::before { content: ""; display: inline-block; width: .55rem; height: .55rem; margin-inline-end: .4rem; border-radius: 50%; background: #7ee2a8; }
        header button { padding: .2rem .6rem; background: #fff; color: #0b4f8a; }
        [role=log] { flex: 1; overflow-y: auto; }
        ol { margin: 0; padding: .8rem; list-style: none; }
        li { margin: 0 0 .6rem; margin-inline-end: 2rem; padding: .4rem .7rem; border-radius: .5rem; background: #eceff3; white-space: pre-wrap; overflow-wrap: anywhere; }
        li.customer { margin-inline: 2rem 0; background: #d7e8f7; }
        li.notice { margin-inline: 0; background: none; color: #4b5563; text-align: center; }
        li.unsent { opacity: .6; }
        li small { display: block; font-size: .75rem; color: #374151; text-align: end; }
        li b { display: block; font-size: .8rem; color: #374151; }
        p { margin: 0; min-height: 1.4em; padding: 0 .8rem; color: #4b5563; font-size: .9rem; }
        form { display: flex; flex-wrap: wrap; gap: .5rem; padding: .6rem; border-top: 1px solid #d1d5db; }
        [type=submit] { margin-inline-start: auto; }
        .calls { border-bottom: 1px solid #d1d5db; padding-bottom: .5rem; }
        .calls form { border: 0; flex-direction: column; align-items: stretch; gap: .3rem; }
        .calls input, .calls select { font: inherit; padding: .4rem; border: 1px solid #6b7280; border-radius: .4rem; color: inherit; background: inherit; }
        .calls > button { margin: 0 .8rem; }
        .marks { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .4rem; }
        .marks span { flex: 1 0 100%; font-size: .9rem; }
        .marks button { min-width: 2.75rem; }
        a { color: inherit; overflow-wrap: anywhere; }
        .file { padding: 0; background: none; color: inherit; text-decoration: underline; text-align: start; overflow-wrap: anywhere; }
        .file:disabled { text-decoration: none; }
        progress { display: block; width: 100%; }
        textarea { flex: 1 0 100%; box-sizing: border-box; font: inherit; resize: none; padding: .4rem; border: 1px solid #6b7280; border-radius: .4rem; color: inherit; background: inherit; }
        @media (prefers-color-scheme: dark) {
            :host { color: #f3f4f6; } section { background: #1f2937; } li { background: #374151; } li.customer { background: #1e4e79; }
            li b, li small, form ~ p, [role=status], li.notice { color: #d1d5db; } li.notice { background: none; }
        }`;
    const host = make("div", { lang: language, dir: rightToLeft ? "rtl" : "ltr" });
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // no inline style: pages with a strict policy have the widget, too
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const opener = make("button", { type: "button" }, words.open);
    const title = make("h2", { id: "title" }, words.title), who = make("p", { id: "who" });
    const leaver = make("button", { type: "button" }, words.end);
    const hider = make("button", { type: "button", "aria-label": words.hide }, "–");
    const list = make("ol");
    const log = make("div", { role: "log", "aria-live": "polite", "aria-labelledby": "title", tabindex: "0" }, list);
    const state = make("p", { role: "status" });
    const field = make("textarea", { rows: "2", maxlength: "1000", "aria-label": words.write, placeholder: words.write });
    const sender = make("button", { type: "submit" }, words.send);
    const picker = make("input", { type: "file", multiple: "", hidden: "" });
    const attacher = make("button", { type: "button", hidden: "" }, words.attach);
    const form = make("form", {}, field, picker, attacher, sender);
    const anew = make("button", { type: "button", hidden: "" }, words.again);
    const caller = make("button", { type: "button", hidden: "" }, words.c_call), calls = make("div", { class: "calls", hidden: "" });
    const panel = make("section", { role: "dialog", "aria-labelledby": "title", hidden: "" },
        make("header", {}, make("div", {}, title, who), caller, leaver, hider), calls, log, state, form, anew);
    root.append(opener, panel);

    const line = (kind, from, text) => {
        const shown = make("li", { class: kind });
        if (from) shown.append(make("b", {}, from));
        shown.append(...[text].flat()); // a string becomes a text node
        list.append(shown);
        log.scrollTop = log.scrollHeight;
        return shown;
    };
    // What we wrote has links; what ends a sentence is none of them.
    const linked = (text) => text.split(/(\bhttps?:\/\/[^\s<>"]*[^\s<>".,;:!?')\]])/i).map((part, at) => at % 2 ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
    const notice = (text) => line("notice", "", text);
    const by = (named, nameless, name) => name ? named.replace("{}", () => name) : nameless;
    const say = (text) => { state.textContent = text; };

    // ---- the chat ----

    let socket = null, token = sessionStorage.getItem(TOKEN), index = 0, tries = 0, timer = 0, typed = 0, over = false, unread = 0;
    const unsent = new Map(); // by id: the message and its line, until it is kept
    const number = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
    const tell = (message) => { if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };
    let accepted = false, rules = null;

    // ---- files ----

    const failed = (shown, why) => { shown.append(make("b", {}, `${words.failed}. ${why}`)); log.scrollTop = log.scrollHeight; };
    const WHY = { too_large: words.too_large, type: words.kind, too_many: words.too_many };
    const sayIt = (message, shown) => {
        unsent.set(message.id, { message, shown });
        if (accepted) tell(message);
    };
    const bring = (file) => {
        const bar = make("progress", { max: "100", value: "0", "aria-label": file.name });
        const shown = line("customer unsent", words.you, file.name), request = new XMLHttpRequest();
        if (!file.size) return failed(shown, words.empty);
        if (file.size > rules.size) return failed(shown, words.too_large);
        if (!rules.types.includes(file.type)) return failed(shown, words.kind);
        shown.append(bar);
        request.open("POST", `${base}/files?name=${encodeURIComponent(file.name)}`);
        request.setRequestHeader("Authorization", `Bearer ${token}`);
        request.upload.onprogress = (event) => { bar.value = 100 * event.loaded / event.total; };
        request.onloadend = () => {
            let answer = {};
            try { answer = JSON.parse(request.responseText); } catch { /* there was none */ }
            bar.remove();
            if (request.status === 200 && token) sayIt({ type: "message", id: number(), file: answer.file }, shown);
            else failed(shown, WHY[answer.error] || words.unkept);
        };
        request.send(file);
    };
    const fetched = async (file, name) => {
        try {
            const answer = await fetch(`${base}/files/${file}`, { headers: { Authorization: `Bearer ${token}` } });
            if (!answer.ok) throw answer.status;
            const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: name });
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 60000);
        } catch { say(`${name}: ${words.unfetched}`); }
    };
    const fileOf = ({ file, text }) => {
        const button = make("button", { type: "button", class: "file", dir: "auto" }, text);
        button.onclick = () => fetched(file.file, text);
        return button;
    };

    // ---- marks ----

    // Buttons for the question that was asked last, until it is answered: what they say is a message, as if it were typed.
    let asked = null;
    const unask = () => { if (asked) asked.remove(); asked = null; };
    const PRESSED = "mark:"; // how the id of a message begins that a button says
    const answers = (id) => { if ((id || "").startsWith(PRESSED)) unask(); };
    const ask = (shown, count) => {
        const label = make("span", { id: "mark" }, words.mark.replace("{}", count));
        unask();
        asked = make("div", { class: "marks", role: "group", "aria-labelledby": "mark" }, label, ...Array.from({ length: count }, (_, at) => {
            const button = make("button", { type: "button" }, String(at + 1));
            button.onclick = () => {
                for (const one of asked.querySelectorAll("button")) one.disabled = true; // pressed twice, it is one mark
                speak(button.textContent, PRESSED);
                field.focus();
            };
            return button;
        }));
        shown.append(asked);
        log.scrollTop = log.scrollHeight;
    };

    // ---- what agents have read ----

    const receipt = make("small", {}, words.read);
    let read = 0;
    const readTo = (place) => {
        read = Math.max(read, place || 0);
        const last = [...list.querySelectorAll("li.customer")].filter((one) => one.place <= read).pop();
        if (last) last.append(receipt);
    };

    // ---- what is heard and said ----

    const finish = (text) => {
        over = true;
        accepted = false;
        token = null;
        sessionStorage.removeItem(TOKEN);
        for (const { shown } of unsent.values()) shown.append(make("b", {}, words.failed));
        unsent.clear();
        notice(text);
        say("");
        clearTimeout(stops);
        here.clear();
        showWho();
        const focused = root.activeElement;
        form.hidden = leaver.hidden = true;
        anew.hidden = false;
        const marked = asked && asked.contains(focused);
        unask();
        for (const one of list.querySelectorAll("button")) one.disabled = true; // who has left fetches nothing
        if (marked || form.contains(focused) || focused === leaver) anew.focus(); // the focus goes back to where it was
        if (socket) socket.close();
    };
    const here = new Set(); // the agents' names; "": one of whom there is none
    const sayWho = (name) => say(by(words.named, words.joined, name));
    const showWho = () => { who.textContent = [...here].map((name) => name || words.agent).join(", "); };
    let stops = 0; // when nobody says any more that they write
    const heard = {
        accepted(message) {
            here.clear(); // who is here comes next
            showWho();
            if (tries > 1) notice(words.back);
            tries = 0;
            accepted = true;
            say("");
            token = message.token;
            rules = message.files;
            attacher.hidden = !rules;
            if (rules) picker.accept = rules.types.join();
            sessionStorage.setItem(TOKEN, token);
            readTo(message.read);
            for (const { message: waiting } of unsent.values()) tell(waiting);
        },
        message(message) {
            if (message.index <= index) return;
            index = message.index;
            say("");
            if (message.role === "customer" && unsent.has(message.id)) return heard.kept(message);
            const own = message.role === "customer";
            const shown = line(own ? "customer" : "other", own ? words.you : message.from || words[message.role] || words.bot,
                message.file ? fileOf(message) : own ? message.text : linked(message.text));
            if (own) {
                shown.place = message.index;
                answers(message.id);
            }
            if (!own && message.marks >= 1 && message.marks <= 9) ask(shown, message.marks);
            if (panel.hidden) opener.textContent = `${words.open} (${++unread})`;
        },
        kept(message) {
            const waiting = unsent.get(message.id);
            index = Math.max(index, message.index);
            if (waiting) {
                waiting.shown.classList.remove("unsent");
                waiting.shown.place = message.index;
            }
            unsent.delete(message.id);
        },
        typing(message) {
            clearTimeout(stops);
            say(message.on ? by(words.writes, words.typing, message.from) : "");
            if (message.on) stops = setTimeout(() => say(""), 8000);
        },
        joined(message) {
            here.add(message.from || "");
            showWho();
            sayWho(message.from);
        },
        idle() {
            notice(words.idle);
            if (panel.hidden) opener.textContent = `${words.open} (${++unread})`;
        },
        left(message) {
            if (!here.delete(message.from || "")) here.delete("");
            showWho();
            if (here.size) sayWho([...here].pop()); else say(words.left);
        },
        read(message) { readTo(message.index); },
        verified(message) { notice(message.right ? words.right : words.wrong); },
        closed() { finish(words.closed); },
        error(message) {
            const waiting = unsent.get(message.id);
            if (waiting) {
                waiting.shown.append(make("b", {}, words.failed));
                unsent.delete(message.id);
            } else if (message.code === "identity") {
                unsigned = true; // the site's token is of no use: the visitor is not verified, and may chat all the same
                socket.onopen();
            } else if (message.code === "unknown") finish(words.closed);
            else if (!accepted || message.code === "away" || message.code === "store") finish(words.away); // nobody takes it
        },
    };
    // The site says who its visitor is by a token that it signs: as it stands in the page, or fetched from there for each chat.
    let unsigned = false, used = false;
    const signed = async () => {
        const { identity, identityUrl } = script.dataset;
        if (unsigned || !identityUrl && used) return "";
        used = !/^(\d+\.)?[0-9a-f]{64}$/i.test(identity || ""); // a token holds once, an HMAC of the address again
        if (!identityUrl) return identity || "";
        try { return (await (await fetch(identityUrl, { credentials: "same-origin", cache: "no-store" })).text()).trim(); } catch { return ""; }
    };
    const connect = () => {
        clearTimeout(timer);
        over = false;
        const mine = socket = new WebSocket(server);
        if (!accepted) say(words.waits);
        mine.onopen = async () => {
            const identity = token ? "" : await signed();
            if (mine === socket) tell(token ? { type: "resume", token, index }
                : { type: "begin", queue: script.dataset.queue, name: script.dataset.name, email: script.dataset.email, subject: document.title.slice(0, 100), ...(identity ? { identity } : {}) });
        };
        mine.onmessage = (event) => {
            if (mine !== socket) return;
            const message = JSON.parse(event.data);
            if (Object.hasOwn(heard, message.type)) heard[message.type](message);
        };
        mine.onclose = (event) => {
            if (mine !== socket || over) return;
            socket = null;
            accepted = false;
            if (event.code === 4001) return say(words.gone);
            say(words.lost);
            tries = Math.min(tries + 1, WAITS_MS.length - 1);
            timer = setTimeout(connect, WAITS_MS[tries] * (0.5 + Math.random()));
        };
    };
    const show = (open) => {
        panel.hidden = !open;
        opener.hidden = open;
        unread = 0;
        opener.textContent = words.open;
        log.scrollTop = log.scrollHeight;
        if (open && !socket && !over) connect();
    };
    const turn = (open) => {
        show(open);
        (!open ? opener : over ? anew : field).focus();
    };
    const speak = (text, before = "") => {
        const id = before + number();
        answers(id);
        sayIt({ type: "message", id, text }, line("customer unsent", words.you, text));
    };
    const send = () => {
        const text = field.value.trim();
        if (!text) return;
        speak(text);
        field.value = "";
        typed = 0;
        field.focus();
    };
    attacher.onclick = () => picker.click();
    picker.onchange = () => {
        for (const file of picker.files) bring(file);
        picker.value = "";
        field.focus();
    };
    opener.onclick = () => turn(true);
    hider.onclick = () => turn(false);
    leaver.onclick = () => { if (accepted) tell({ type: "leave" }); else finish(words.closed); };
    anew.onclick = () => {
        list.replaceChildren();
        index = tries = read = 0;
        form.hidden = leaver.hidden = false;
        anew.hidden = true;
        connect();
        field.focus();
    };
    form.onsubmit = (event) => { event.preventDefault(); send(); };
    field.onkeydown = (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    };
    field.onpaste = ({ clipboardData }) => {
        const kept = field.value.length - (field.selectionEnd - field.selectionStart);
        if (clipboardData && kept + clipboardData.getData("text/plain").length > field.maxLength) notice(words.cut);
    };
    field.oninput = () => {
        if (typed && !field.value) {
            typed = 0;
            return tell({ type: "typing", on: false });
        }
        if (!accepted || !field.value || Date.now() - typed < 5000) return;
        typed = Date.now();
        tell({ type: "typing", on: true });
    };
    panel.onkeydown = (event) => { if (event.key === "Escape") turn(false); };
    // ---- call-backs ----

    const CALL = "gcx-callback", LOOKS_MS = 2000;
    const ofCall = async (method, path = "", body) => {
        const answer = await fetch(`${base}/callbacks${path}`, { method, ...(body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}) });
        return { ok: answer.ok, ...await answer.json() };
    };
    const WRONG = { number: words.c_wrong, invalid: words.c_wrong, full: words.c_full, closed: words.c_full, past: words.c_full, duplicate: words.c_twice, late: words.c_late };
    const day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
    const told = ({ state, at, reason }) => state === "COMPLETED"
        ? { AGENT_CONNECTED: words.c_done, CANCELLED: words.c_cancelled }[reason] || words.c_failed
        : { SCHEDULED: words.c_scheduled.replace("{}", () => day.format(at)), ROUTING: words.c_routing, PROCESSING: words.c_processing }[state] || words.c_queued;
    const standing = make("p", { role: "status", class: "stands" }), dropper = make("button", { type: "button", hidden: "" }, words.c_drop);
    const tel = make("input", { type: "tel", id: "tel", required: "", maxlength: "40", autocomplete: "tel" }), when = make("select", { id: "when" });
    const asking = make("form", {}, make("label", { for: "tel" }, words.c_number), tel, make("label", { for: "when" }, words.c_when), when, make("button", { type: "submit" }, words.c_ask));
    let call = sessionStorage.getItem(CALL), looks = 0;
    const stands = (answer) => {
        const text = answer.state ? told(answer) : WRONG[answer.error] || words.c_often;
        if (standing.textContent !== text) standing.textContent = text;
        const over = answer.state === "COMPLETED" || !answer.state && !call;
        asking.hidden = Boolean(answer.state) && !over;
        dropper.hidden = !["SCHEDULED", "QUEUED"].includes(answer.state);
        if (answer.state === "COMPLETED") { call = null; sessionStorage.removeItem(CALL); }
    };
    const lookAgain = () => { clearTimeout(looks); if (call) looks = setTimeout(look, LOOKS_MS); };
    const look = async () => {
        try {
            const answer = await ofCall("GET", `/${call}`);
            if (answer.error === "unknown") { call = null; sessionStorage.removeItem(CALL); asking.hidden = false; dropper.hidden = true; } else stands(answer);
        } catch { /* the network is away: it is asked again */ }
        lookAgain();
    };
    const offered = async () => {
        const { now, times } = await ofCall("GET");
        when.replaceChildren(...(now ? [make("option", { value: "" }, words.c_now)] : []), ...times.map((at) => make("option", { value: String(at) }, day.format(at))));
        return when.options.length > 0;
    };
    // The id is made once for each try: what is asked again under it is one call-back.
    let id = number();
    asking.oninput = () => { id = number(); };
    asking.onsubmit = async (event) => {
        event.preventDefault();
        try {
            const answer = await ofCall("POST", "", { id, number: tel.value, name: script.dataset.name || "", ...(when.value ? { at: Number(when.value) } : {}) });
            if (answer.state) { call = id; id = number(); sessionStorage.setItem(CALL, call); }
            stands(answer);
            if (answer.error === "full" || answer.error === "closed" || answer.error === "past") await offered();
        } catch { stands({ error: "away" }); }
        lookAgain();
    };
    dropper.onclick = async () => {
        try { stands(await ofCall("DELETE", `/${call}`)); } catch { /* it stands as it did */ }
        (asking.hidden ? caller : tel).focus();
        lookAgain();
    };
    calls.append(asking, standing, dropper);
    caller.onclick = async () => {
        calls.hidden = !calls.hidden;
        if (calls.hidden) return;
        if (!call) await offered().catch(() => {});
        (call ? caller : tel).focus();
    };
    if ("callback" in script.dataset) {
        offered().then((any) => { caller.hidden = !any && !call; }, () => {});
        if (call) { asking.hidden = true; look(); }
    }
    const place = () => { document.body.append(host); if (token) show(true); }; // the page keeps its focus
    if (document.body) place(); else addEventListener("DOMContentLoaded", place);
})();
