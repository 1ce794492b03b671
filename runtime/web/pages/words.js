// words.js - Words are found by their beginnings, in small letters and without accents, wherever the page searches by itself:
// responses, macros, colleagues, queues. The desk's articles and the contact store are searched so, too.

// Letters that are no letter with an accent: those of base/letters.def.
const LETTERS = { æ: "ae", œ: "oe", ß: "ss", þ: "th", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i" };
const wordsOf = (text) => String(text ?? "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[æœßþøłđðı]/g, (one) => LETTERS[one]).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

// Has one of the texts, or do several together have, for each word that was written one that begins so? Without words, each does.
export const matcher = (wanted) => {
    const words = wordsOf(wanted);
    return (...texts) => { const has = texts.flatMap(wordsOf); return words.every((word) => has.some((one) => one.startsWith(word))); };
};
