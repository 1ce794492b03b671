// change_prompts.js - What callers hear, on the page Change: each prompt is heard, replaced by a file, by what somebody says into
// the microphone or by a text that the site's engine speaks, and taken back. The browser makes any sound fit for a prompt: one
// channel of 8000 samples a second. The server keeps the earlier sound, and who has changed it.
import { announce, attempt, button, complain, dialog, labelled, make, moment, put } from "../dom.js";
import { t, tenths } from "../t.js";
import { get, getBytes, postBytes, putTo } from "../wire.js";
import { reasons } from "./change_reasons.js";
import { Table } from "./table.js";

const RATE = 8000, SECONDS_MAX = 600, RECORD_MS = 120000, NO_MORE = t("Taken back at the console");
const soundPath = (row) => `api/supervisor/sounds/${encodeURIComponent(row.name)}`;
const calledOf = (row) => (row.language ? `${row.name} (${row.language})` : row.name);
const when = (ms) => (ms ? moment(ms) : "");

// ---- sounds ----

const wave = (samples) => {
    const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length)), text = (at, word) => [...word].forEach((letter, i) => bytes.setUint8(at + i, letter.charCodeAt(0)));
    text(0, "RIFF"); bytes.setUint32(4, 36 + 2 * samples.length, true); text(8, "WAVEfmt ");
    bytes.setUint32(16, 16, true); bytes.setUint16(20, 1, true); bytes.setUint16(22, 1, true); bytes.setUint32(24, RATE, true);
    bytes.setUint32(28, 2 * RATE, true); bytes.setUint16(32, 2, true); bytes.setUint16(34, 16, true); text(36, "data"); bytes.setUint32(40, 2 * samples.length, true);
    samples.forEach((sample, i) => bytes.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, sample)) * 32767, true));
    return new Blob([bytes.buffer], { type: "audio/wav" });
};
// Any sound that the browser can read, as callers hear it.
const fit = async (blob) => {
    let whole;
    try {
        whole = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await blob.arrayBuffer()); // it has RATE now
    } catch { throw new Error(t("This is no sound that the browser can read: WAV, MP3, Ogg or M4A.")); }
    if (whole.duration > SECONDS_MAX) throw new Error(t("This sound is longer than ten minutes."));
    if (whole.length === 0) throw new Error(t("This file has no sound."));
    const offline = new OfflineAudioContext(1, whole.length, RATE), source = new AudioBufferSourceNode(offline, { buffer: whole });
    source.connect(offline.destination); // several channels become one
    source.start();
    return wave((await offline.startRendering()).getChannelData(0));
};
const addressOf = (blob) => new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
});

// ---- replacing ----

// Records until the button is pressed again, or for two minutes. Answers what ends it for ever.
const recorder = (button_, taken) => {
    let running = null, asks = false, over = false, timer = 0;
    button_.addEventListener("click", attempt(async () => {
        if (running) return running.stop();
        if (!navigator.mediaDevices) throw new Error(t("The browser records by https only."));
        if (asks) return;
        asks = true;
        const pieces = [], stream = await navigator.mediaDevices.getUserMedia({ audio: true }).finally(() => { asks = false; });
        // The dialog may be closed while the browser asks whether it may.
        if (over) return stream.getTracks().forEach((track) => track.stop());
        running = new MediaRecorder(stream);
        running.ondataavailable = ({ data }) => pieces.push(data);
        running.onstop = attempt(async () => {
            stream.getTracks().forEach((track) => track.stop());
            clearTimeout(timer);
            running = null;
            put(button_, t("Record"));
            await taken(new Blob(pieces));
        });
        running.start();
        put(button_, t("Stop"));
        timer = setTimeout(() => running.stop(), RECORD_MS);
    }));
    return () => {
        over = true;
        running?.stop();
    };
};
const secondsOf = (bytes) => Math.round((bytes - 44) / (2 * RATE) * 10) / 10;
// What the change does to whoever calls: they hear it for longer, or for less.
const heardFor = (row, sound) => {
    const after = secondsOf(sound.byteLength ?? sound.size), before = row.missing ? 0 : secondsOf(row.bytes);
    return after === before ? t("Each caller hears it for {seconds} s, as now.", { seconds: tenths(after) })
        : t("Each caller hears it for {seconds} s, in place of {before} s.", { seconds: tenths(after), before: tenths(before) });
};
const replace = (row, done) => {
    let sound = null, stop = () => {};
    const box = dialog(t("What callers hear as {name}", { name: calledOf(row) }), (close) => {
        const asked = reasons(), audio = make("audio", { controls: true, hidden: true, "aria-label": t("The new sound") });
        const language = make("input", { value: row.language, maxlength: "24", autocomplete: "off", spellcheck: "false", pattern: "[A-Za-z0-9\\-]*", readOnly: Boolean(row.at_ms), required: Boolean(row.other) });
        const taken = async (blob) => {
            sound = await fit(blob);
            audio.src = await addressOf(sound);
            audio.hidden = false;
            put(lasts, heardFor(row, sound));
        };
        const lasts = make("p", { class: "quiet", role: "status" });
        const file = make("input", { type: "file", accept: "audio/*,.wav", onchange: attempt(async () => { if (file.files[0]) await taken(file.files[0]); }) });
        const record = button(t("Record"), () => {}), text = make("textarea", { rows: "3", maxlength: "2000" });
        stop = recorder(record, taken);
        const say = button(t("Say it"), attempt(async () => taken(await postBytes("api/supervisor/speech", { text: text.value.trim(), language: language.value.trim() || document.documentElement.lang }))));
        return make("form", { class: "prompt", onsubmit: attempt(async (event) => {
            event.preventDefault();
            if (!sound) return complain({ text: t("Choose a file, record, or have a text spoken first.") });
            const query = new URLSearchParams({ seen: row.changed_ms || 0, ...asked.said(), ...(language.value.trim() ? { language: language.value.trim() } : {}) });
            await putTo(`${soundPath(row)}?${query}`, sound, "application/octet-stream");
            close();
            announce(t("{name} is changed", { name: calledOf(row) }));
            await done();
        }) }, labelled(row.other ? t("Language, as fr") : t("Language, as fr; empty: all"), language), labelled(t("A file"), file), make("div", { class: "row" }, record), labelled(t("Or a text"), text), make("div", { class: "row" }, say), audio, lasts,
        ...asked.fields, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Change"))));
    });
    box.addEventListener("close", () => stop());
};

// ---- the list ----

const last = (row) => row.changes?.at(-1);
const live = (row) => (row.changed_ms ? row.changes.findLast((act) => act.what === "set" && act.at_ms === row.changed_ms) : last(row));
export const prompts = () => {
    const player = make("audio", { controls: true, hidden: true, "aria-label": t("The prompt") });
    const hear = attempt(async (row) => {
        player.src = await addressOf(await getBytes(`${soundPath(row)}?${new URLSearchParams(row.language ? { language: row.language } : {})}`));
        player.hidden = false;
        await player.play().catch(() => {});
    });
    const table = new Table({ name: "prompts", title: t("Prompts"), key: (row) => `${row.name}\n${row.language}\n${Boolean(row.missing)}${Boolean(row.changed_ms)}`, sort: ["name", false], none: t("No strategy in force plays a prompt."),
        columns: [{ name: "name", text: t("Prompt"), of: (row) => row.name }, { name: "language", text: t("Language"), of: (row) => row.language },
            { name: "state", text: t("Sound"), of: (row) => (row.missing ? t("There is none") : t("{seconds} s", { seconds: tenths(secondsOf(row.bytes)) })) },
            { name: "used", text: t("In force"), of: (row) => (row.used ? t("Yes") : t("No")) },
            { name: "by", text: t("Changed by"), of: (row) => live(row)?.by || "" }, { name: "why", text: t("Why"), of: (row) => live(row)?.why || "" },
            { name: "at", text: t("When"), by: (row) => row.at_ms || 0, of: (row) => when(live(row)?.at_ms) }, { name: "until", text: t("Until"), by: (row) => row.until_ms || 0, of: (row) => when(row.until_ms) }],
        acts: (row, now) => [...(row.missing ? [] : [button(t("Hear"), () => hear(now()), { "aria-label": t("Hear {name}", { name: calledOf(row) }) })]),
            button(t("Change …"), () => replace(now(), look), { "aria-label": t("Change {name} …", { name: calledOf(row) }) }),
            ...(row.language || row.missing ? [] : [button(t("Another language …"), () => replace({ name: row.name, language: "", missing: true, other: true }, look), { "aria-label": t("Another language of {name} …", { name: row.name }) })]),
            ...(row.changed_ms ? [button(t("Undo"), attempt(async () => {
                const { name, language, changed_ms } = now();
                await putTo(`${soundPath(row)}/undo`, { language, seen: changed_ms, why: NO_MORE });
                announce(t("{name}{more}: taken back", { name, more: language ? ` ${language}` : "" }));
                await look();
            }), { "aria-label": t("Undo {name}", { name: calledOf(row) }) })] : [])] });
    const card = make("div", { hidden: true }, table.element);
    table.element.append(player);
    // Prompts of the strategies in force, with or without a sound for all, and all other sounds but the pieces of spoken values.
    const look = async () => {
        let files;
        try {
            files = (await get("api/supervisor/sounds")).sounds;
        } catch (error) {
            if (error.status === 404) return; // the desk knows no folder of sounds
            throw error;
        }
        const used = new Set((await get("api/supervisor/prompts")).prompts.map((row) => row.name)), there = new Set(files.filter((row) => !row.language).map((row) => row.name));
        table.whole([...files.filter((row) => used.has(row.name) || !row.name.startsWith("say_")).map((row) => ({ ...row, used: used.has(row.name) })),
            ...[...used].filter((name) => !there.has(name)).map((name) => ({ name, language: "", missing: true, used: true }))]);
        card.hidden = false;
    };
    return { element: card, look };
};
