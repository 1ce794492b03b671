// history.js - Where the earlier mails begin that an answer has below it or in it, as mail programs write them.

// The words of mail programs: before who is quoted, and before a mail that stands below as it came.
const WROTE = /^(?:On|Am|Le|El|Il|Op|Em|Den|W dniu)\b.{4,300}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napisał)\b.{0,100}:\s*$/isu;
const BELOW = /^\s*(?:-{2,}|_{2,})\s*(?:Original Message|Original Appointment|Ursprüngliche Nachricht|Originalnachricht|Message d['’]origine|Mensaje original|Messaggio originale|Oorspronkelijk bericht)[\s-]*$/iu;
const FROM = /^[*\s]*(?:From|Von|De|Da|Van|Od)\s*:[*\s]*\S/u, SENT = /^[*\s]*(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el)?|Fecha|Inviato|Data|Verzonden|Wysłano)\s*:/u;
// Only the beginning of a line is looked at: a hostile mail may have one of a million letters.
const LOOKED = 500;
const begin = (line = "") => line.slice(0, LOOKED);
// A line such as "On Monday, Anna wrote:", which may be broken in two: how many lines it has; 0: it is none.
const wrote = (lines, at) => (WROTE.test(begin(lines[at])) ? 1 : lines[at + 1] && WROTE.test(`${begin(lines[at])} ${begin(lines[at + 1])}`) ? 2 : 0);
const heads = (lines, at) => FROM.test(begin(lines[at])) && lines.slice(at + 1, at + 4).some((line) => SENT.test(begin(line)));
const quoted = (line) => line.startsWith(">");
const after = (lines, at) => { while (at < lines.length && !lines[at].trim()) at++; return at; };

// The lines of a text in runs, of what is said and of earlier mails. Each line is looked at once, however many there are.
export const runs = (text) => {
    const lines = text.split("\n"), all = [];
    let said = false; // something was said so far
    const add = (old, from, to) => {
        if (all.at(-1)?.old === old) all.at(-1).to = to; else all.push({ old, from, to });
        said ||= !old && lines[from].trim() !== "";
    };
    for (let at = 0; at < lines.length; at++) {
        const told = wrote(lines, at), next = told && after(lines, at + told);
        if (told && next < lines.length && quoted(lines[next])) { add(true, at, next); at = next - 1; continue; }
        // What stands below to the end is earlier where something was said above it: else it is what was sent on.
        if (said && (told || BELOW.test(begin(lines[at])) || heads(lines, at))) { add(true, at, lines.length); break; }
        add(quoted(lines[at]), at, at + 1);
    }
    return all.map(({ old, from, to }) => ({ old, lines: lines.slice(from, to) }));
};

// ---- HTML ----

const QUOTES = "blockquote[type=cite], .gmail_quote, .gmail_quote_container, .yahoo_quoted, .protonmail_quote, blockquote.cite, .zmail_extra, div#mail-editor-reference-message-container";
const BEGINS = "#divRplyFwdMsg, #appendonsend, .OutlookMessageHeader, hr#stopSpelling, .moz-cite-prefix";
// An element that is an earlier mail.
export const isQuote = (element) => element.matches(QUOTES);
// An element from which on all that stands below is earlier: Outlook's line, or the head of a mail in its words.
export const isBegin = (element) => {
    if (element.matches(BEGINS)) return true;
    if (element.children.length > 40 || !element.matches("div, p")) return false;
    const lines = element.textContent.trim().slice(0, 600);
    return /border-top:\s*(?:solid|#e1e1e1|#b5c4df|1)/i.test(element.getAttribute("style") || "") && FROM.test(lines)
        || BELOW.test(lines.split("\n")[0]) && lines.length < 80 || WROTE.test(lines) && lines.length < 400 && isQuoteNext(element);
};
const isQuoteNext = (element) => {
    let next = element.nextElementSibling;
    while (next && next.tagName === "BR") next = next.nextElementSibling;
    return Boolean(next && (isQuote(next) || next.tagName === "BLOCKQUOTE"));
};
