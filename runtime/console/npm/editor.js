// editor.js - CodeMirror for strategies, with gcxc as its language server. npm/make.sh puts it together with its libraries.
// It has the same shape as plainText() of strategies_text.js, and lives in a shadow root, where its styles need no leave of the page.
import { autocompletion } from "@codemirror/autocomplete";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { LSPClient, formatKeymap, hoverTooltips, jumpToDefinitionKeymap, serverCompletion, serverDiagnostics, signatureHelp } from "@codemirror/lsp-client";
import { MergeView } from "@codemirror/merge";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";

// ---- looks ----

const WORDS = /^(?:after|agent|and|answer|as|at|attached|break|busy|by|case|const|continue|default|do|each|else|enum|false|for|fn|from|function|goto|group|if|import|in|key|let|library|media|medium|not|null|on|or|parameter|prompt|queue|record|repeat|return|route|schedule|select|site|skill|source|stop|strategy|subroutine|switch|table|test|timeout|to|true|type|use|view|vq|wait|when|where|while|with|workbin)\b/;
const gcx = StreamLanguage.define({
    name: "gcx",
    token(stream) {
        if (stream.eatSpace()) return null;
        if (stream.match("//")) { stream.skipToEnd(); return "comment"; }
        if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
        if (stream.match(/^\d+(?:\.\d+)?\w*/)) return "number";
        if (stream.match(WORDS)) return "keyword";
        if (stream.match(/^[\w]+/)) return "variableName";
        stream.next();
        return null;
    },
    languageData: { commentTokens: { line: "//" } },
});
const looks = EditorView.theme({
    "&": { height: "62vh", fontSize: "13px", color: "var(--text)", backgroundColor: "var(--surface)" },
    ".cm-scroller": { fontFamily: 'ui-monospace, "Liberation Mono", monospace' },
    ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--quiet)", borderColor: "var(--line)" },
    ".cm-cursor": { borderLeftColor: "var(--text)" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--soft) !important" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--soft) 45%, transparent)" },
    ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "6px" },
    ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
    ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)" },
});

const colours = syntaxHighlighting(HighlightStyle.define([{ tag: tags.keyword, color: "var(--accent)" }, { tag: tags.string, color: "var(--good)" },
    { tag: tags.comment, color: "var(--quiet)" }, { tag: tags.number, color: "var(--warn)" }]));

// ---- what the language server says ----

// Text of a server may have been written by anybody: only these elements, and none of their attributes, are shown.
const LET = new Set(["P", "PRE", "CODE", "EM", "STRONG", "UL", "OL", "LI", "BR", "HR", "H1", "H2", "H3", "H4", "SPAN", "DIV", "BLOCKQUOTE"]);
const sanitizeHTML = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const one of [...page.body.querySelectorAll("*")]) {
        if (!LET.has(one.tagName)) { one.replaceWith(page.createTextNode(one.textContent)); continue; }
        for (const { name } of [...one.attributes]) if (name !== "class") one.removeAttribute(name);
    }
    return page.body.innerHTML;
};
const offset = (doc, { line, character }) => Math.min(doc.line(Math.min(line + 1, doc.lines)).from + character, doc.length);
const changesOf = (doc, edits) => edits.map(({ range, newText }) => ({ from: offset(doc, range.start), to: offset(doc, range.end), insert: newText }));
// The edits by file of a WorkspaceEdit.
const editsOf = (edit) => new Map([...Object.entries(edit?.changes || {}), ...(edit?.documentChanges || []).filter((one) => one.edits).map((one) => [one.textDocument.uri, one.edits])]);
const SEVERITY = ["error", "error", "warning", "info", "hint"];
const CURED_MAX = 10, CURES_MS = 1500;
// A server that has gone away is asked for again after so long, and each time later, until one has stayed for a while.
// Of a text that is too large for the connection it would hear the same again: then it is not asked for before the file is saved, and
// the person is told. A server that is there for so long has taken the text.
const AGAIN_FIRST_MS = 1000, AGAIN_MOST_MS = 30000, STAYED_MS = 60000, TOO_LARGE = 1009, TAKEN_MS = 3000;

// Joins the page's connection to the library: a message is one JSON text.
const transport = (socket) => {
    const heard = new Set();
    socket.onmessage = ({ data }) => { for (const one of heard) one(data); };
    return { send: (text) => socket.send(text), subscribe: (one) => heard.add(one), unsubscribe: (one) => heard.delete(one) };
};

// ask(title, usual): the answer of a person, or null; listed(): the ids of the draft's files by path; others(edits by path, ids, here): changes of
// other files, which are refused where a file has another id than the server's, and here() makes those of this one, or throws;
// limited(is): the text is too large for the language server, or is not.
export const editor = ({ path, label, text, changed, address, ask, listed, others, limited, words }) => {
    const host = document.createElement("div"), shadow = host.attachShadow({ mode: "open" });
    host.className = "code editor";
    const language = new Compartment();
    let client = null, root = "", socket = null, ended = false, large = false, connects = 0, marked = [], wait = AGAIN_FIRST_MS, timer = 0, heard = 0, known = new Map();
    const uri = () => `${root}/${path.split("/").map(encodeURIComponent).join("/")}`;
    const pathOf = (one) => (one.startsWith(`${root}/`) ? decodeURIComponent(one.slice(root.length + 1)) : null);

    // The places of an edit are those of the text that the server was asked about.
    const apply = (edit, doc) => {
        const rest = [];
        let own = [];
        for (const [where, edits] of editsOf(edit))
            if (where === uri()) own = edits; else if (pathOf(where)) rest.push([pathOf(where), edits]);
        const here = () => {
            if (ended || !view.state.doc.eq(doc)) throw new Error(words.meanwhile);
            view.dispatch({ changes: changesOf(doc, own) });
        };
        return others(rest, known, here);
    };
    const rename = () => {
        const at = view.state.wordAt(view.state.selection.main.head);
        if (!client?.connected || !at) return false;
        (async () => {
            const is = view.state.sliceDoc(at.from, at.to), name = await ask(words.rename, is);
            if (!name || name === is) return;
            if (!client?.connected) throw new Error(words.away);
            client.sync();
            const doc = view.state.doc, line = doc.lineAt(at.from);
            await apply(await client.request("textDocument/rename", { textDocument: { uri: uri() }, position: { line: line.number - 1, character: at.from - line.from }, newName: name }), doc);
        })().catch((error) => words.complain(error));
        return true;
    };
    // A finding is shown at once, and with its cures when nothing has been written for a moment: the server hears so many messages a minute.
    const found = async ({ uri: of, diagnostics }) => {
        if (of !== uri()) return;
        const doc = view.state.doc, mine = client, number = ++heard, still = () => !ended && client === mine && heard === number && view.state.doc.eq(doc);
        const show = (cures) => view.dispatch(setDiagnostics(view.state, diagnostics.map((one, at) => {
            const from = offset(doc, one.range.start);
            return { from, to: Math.max(from, offset(doc, one.range.end)), severity: SEVERITY[one.severity ?? 1], message: one.message.replaceAll(`${decodeURIComponent(root.replace("file://", ""))}/`, ""), source: one.code ? String(one.code) : undefined,
                actions: (cures[at] || []).filter((cure) => cure.edit).map((cure) => ({ name: cure.title, apply: () => { apply(cure.edit, doc).catch(words.complain); } })) };
        })));
        if (!still()) return;
        show([]);
        await new Promise((done) => setTimeout(done, CURES_MS));
        if (!still()) return;
        const cures = await Promise.all(diagnostics.slice(0, CURED_MAX).map((one) => client.request("textDocument/codeAction", { textDocument: { uri: of }, range: one.range, context: { diagnostics: [one] } }).catch(() => [])));
        if (still()) show(cures);
    };
    const speak = (whole) => {
        client = new LSPClient({ rootUri: whole, timeout: 25000, sanitizeHTML, notificationHandlers: { "textDocument/publishDiagnostics": (_, said) => { found(said).catch(() => {}); return true; } },
            extensions: [{ clientCapabilities: { textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } } } } }, serverDiagnostics(), serverCompletion(), hoverTooltips(), keymap.of([...formatKeymap, ...jumpToDefinitionKeymap, { key: "F2", run: rename, preventDefault: true }]), signatureHelp()] });
        client.connect(transport(socket));
        view.dispatch({ effects: language.reconfigure(client.plugin(uri(), "gcx")) });
        const mine = client;
        if (large) setTimeout(() => { if (!ended && client === mine) limited(large = false); }, TAKEN_MS);
    };
    // What `check` finds is shown while no server says it.
    const shown = () => {
        const doc = view.state.doc, at = (row) => offset(doc, { line: row.line - 1, character: row.column - 1 });
        view.dispatch(setDiagnostics(view.state, marked.filter((row) => row.line > 0).map((row) => ({ from: at(row), to: at(row), severity: row.severity === "note" ? "info" : row.severity, message: row.message }))));
    };
    const lost = (began, code) => {
        if (ended) return;
        view.dispatch({ effects: language.reconfigure([]) });
        client?.disconnect();
        client = null;
        shown();
        large ||= code === TOO_LARGE;
        limited(large);
        if (code === TOO_LARGE) return;
        if (Date.now() - began > STAYED_MS) wait = AGAIN_FIRST_MS;
        clearTimeout(timer);
        timer = setTimeout(connect, wait);
        wait = Math.min(2 * wait || AGAIN_FIRST_MS, AGAIN_MOST_MS);
    };
    // The ids are asked for before the server's folder is written: a file that still has its id later has the text that the server knows.
    const connect = async () => {
        clearTimeout(timer);
        const began = Date.now(), number = ++connects, ids = await listed().catch(() => null);
        if (ended || number !== connects) return;
        if (!ids) { lost(began); return; }
        known = ids;
        socket = new WebSocket(address);
        socket.onclose = ({ code }) => lost(began, code);
        socket.onmessage = ({ data }) => {
            const welcome = JSON.parse(data);
            root = welcome.root;
            speak(root);
        };
    };
    const view = new EditorView({
        root: shadow, parent: shadow,
        state: EditorState.create({ doc: text, extensions: [colours, basicSetup, gcx, looks, lintGutter(), autocompletion(), language.of([]), EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
            EditorView.updateListener.of((update) => { if (update.docChanged) changed(update.state.doc.toString()); })] }),
    });
    // A browser may keep a page that was left, with its connection: no server is to wait there. Where the page comes back, so does one.
    const left = () => socket?.close();
    addEventListener("pagehide", left);
    connect();
    return {
        element: host,
        value: () => view.state.doc.toString(),
        // Another text in place of this one: only what differs is changed, and Undo takes it back.
        take(other) {
            const was = view.state.doc.toString();
            let from = 0, end = 0;
            while (from < was.length && was[from] === other[from]) from++;
            while (end < Math.min(was.length, other.length) - from && was[was.length - 1 - end] === other[other.length - 1 - end]) end++;
            view.dispatch({ changes: { from, to: was.length - end, insert: other.slice(from, other.length - end) } });
        },
        line: () => view.state.doc.lineAt(view.state.selection.main.head).number,
        marks(rows) {
            marked = rows;
            if (!client) shown(); // if not, the language server says it itself
        },
        // The draft's other files have changed: the server's folder is written anew.
        anew() {
            wait = 0;
            if (socket?.readyState === WebSocket.CLOSED) connect(); else socket?.close();
        },
        // The file is saved, and may be smaller than before.
        saved() {
            if (large && socket?.readyState === WebSocket.CLOSED) connect();
        },
        go(line, column) {
            const row = view.state.doc.line(Math.min(line, view.state.doc.lines)), at = Math.min(row.from + column - 1, row.to);
            view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
            view.focus();
        },
        end() {
            ended = true;
            removeEventListener("pagehide", left);
            clearTimeout(timer);
            client?.disconnect();
            socket?.close();
            view.destroy();
        },
    };
};

// Two versions of a file beside each other, with what differs in colours.
export const beside = (before, after, labels) => {
    const host = document.createElement("div"), shadow = host.attachShadow({ mode: "open" });
    host.className = "code beside";
    const side = (doc, label) => ({ doc, extensions: [colours, basicSetup, gcx, looks, EditorState.readOnly.of(true), EditorView.contentAttributes.of({ "aria-label": label })] });
    const view = new MergeView({ a: side(before, labels[0]), b: side(after, labels[1]), root: shadow, parent: shadow, collapseUnchanged: {} });
    return { element: host, end: () => view.destroy() };
};
