// sound.js - The sounds: two soft tones, made here. Browsers give sound only after the person has touched the page.
const TONES = { offer: [660, 880], question: [660, 880], message: [740], call: [520, 660, 520] }, AGAIN_MS = 4000;
const MUTE = "gcx-desk-mute", LOUD = "gcx-desk-loudness", USUAL = 5;
let context = null;
const playing = new Map();

export const muted = () => localStorage.getItem(MUTE) === "yes";
export const mute = (on) => localStorage.setItem(MUTE, on ? "yes" : "no");

// From 1 to 10.
export const loudness = () => Math.min(10, Math.max(1, Number(localStorage.getItem(LOUD)) || USUAL));
export const loudnessSet = (loud) => localStorage.setItem(LOUD, loud);

const tone = (kind) => {
    if (muted()) return;
    context ||= new AudioContext();
    if (context.state === "suspended") context.resume();
    TONES[kind].forEach((frequency, i) => {
        const from = context.currentTime + i * 0.18, source = context.createOscillator(), loud = context.createGain();
        source.frequency.value = frequency;
        loud.gain.setValueAtTime(0, from);
        loud.gain.linearRampToValueAtTime(0.024 * loudness(), from + 0.02);
        loud.gain.exponentialRampToValueAtTime(0.001, from + 0.17);
        source.connect(loud).connect(context.destination);
        source.start(from);
        source.stop(from + 0.18);
    });
};
// Once; of what waits for the person, again until it is quiet().
export const ring = (kind) => {
    if (kind === "message") return tone(kind);
    if (playing.has(kind)) return;
    tone(kind);
    playing.set(kind, setInterval(() => tone(kind), AGAIN_MS));
};
export const quiet = (kind) => {
    clearInterval(playing.get(kind));
    playing.delete(kind);
};
