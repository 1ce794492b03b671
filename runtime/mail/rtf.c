/* runtime/mail/rtf.c - Outlook's compressed RTF, and the text of RTF.
 *
 *     packed size (4), size (4), "LZFu" or "MELA" (4), checksum (4), then of MELA the RTF itself, and of LZFu runs of
 * eight things with a byte before them, a bit for each, the lowest first: 0 a byte; 1 a reference to the dictionary, a
 * ring of 4,096 bytes: where (12 bits), and how many bytes less 2 (4 bits); the place that is written next: the end
 *
 * In RTF a group stands in braces, and a control word begins with a backslash. Groups that are no text (fonts, colours,
 * pictures, and those that begin with \*) are passed over. */
#include "runtime/mail/rtf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/mail/text.h"

enum { HEAD = 16, RING = 4096, WORD_MAX = 32 };

/* What the dictionary has at first. */
static const char ring_first[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct unpack {
    char ring[RING];
    size_t at, most; /* at: where the ring is written next */
    GString *rtf;
};

/* False: there is no room for more. */
static bool unpack_put(struct unpack *unpack, char byte)
{
    if (unpack->rtf->len >= unpack->most) return false;
    g_string_append_c(unpack->rtf, byte);
    unpack->ring[unpack->at] = byte;
    unpack->at = (unpack->at + 1) % RING;
    return true;
}

static void unpack_all(struct unpack *unpack, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        unsigned bits = *at++;
        for (unsigned bit = 0; bit < 8; bit++) {
            if (!(bits >> bit & 1u)) {
                if (at == end || !unpack_put(unpack, (char)*at++)) return;
                continue;
            }
            if (end - at < 2) return;
            size_t from = (size_t)at[0] << 4 | at[1] >> 4, count = (at[1] & 15u) + 2u;
            at += 2;
            if (from == unpack->at) return;
            for (size_t i = 0; i < count; i++)
                if (!unpack_put(unpack, unpack->ring[(from + i) % RING])) return;
        }
    }
}

bool rtf_unpack(const void *bytes, size_t length, size_t most, GString *rtf)
{
    const uint8_t *at = bytes;
    if (length < HEAD) return false;
    if (memcmp(at + 8, "MELA", 4) == 0) {
        g_string_append_len(rtf, (const char *)at + HEAD, (gssize)MIN(length - HEAD, most));
        return true;
    }
    if (memcmp(at + 8, "LZFu", 4) != 0) return false;
    struct unpack *unpack = g_new0(struct unpack, 1);
    unpack->at = sizeof ring_first - 1;
    unpack->most = rtf->len + most;
    unpack->rtf = rtf;
    memset(unpack->ring, ' ', RING);
    memcpy(unpack->ring, ring_first, sizeof ring_first - 1);
    unpack_all(unpack, at + HEAD, at + length);
    g_free(unpack);
    return true;
}

/* ---- the text ---- */

struct rtf {
    const char *at, *end;
    GString *bytes; /* characters of the code page that are not in `text` yet */
    GString *text;
    unsigned codepage, after; /* after: characters that stand behind one of Unicode for old programs */
    unsigned skips;           /* of those, how many are still to be passed over */
    unsigned depth, hidden;   /* hidden: the depth of the outermost group that is passed over; 0: none is */
    gunichar high;            /* the first half of a UTF-16 pair, if it was the last character read; 0: it was not */
};

static void rtf_flush(struct rtf *rtf)
{
    char charset[32];
    if (rtf->bytes->len == 0) return;
    g_snprintf(charset, sizeof charset, "windows-%u", rtf->codepage);
    GString *text = text_utf8(rtf->bytes->str, rtf->bytes->len, charset);
    g_string_append_len(rtf->text, text->str, (gssize)text->len);
    g_string_free(text, TRUE);
    g_string_truncate(rtf->bytes, 0);
}

static void rtf_byte(struct rtf *rtf, char byte)
{
    if (rtf->hidden) return;
    if (rtf->skips > 0)
        rtf->skips--;
    else
        g_string_append_c(rtf->bytes, byte);
}

static void rtf_unicode(struct rtf *rtf, gunichar character)
{
    if (rtf->hidden) return;
    bool pair = rtf->high != 0 && rtf->bytes->len == 0 && character >= 0xdc00 && character < 0xe000;
    rtf_flush(rtf);
    if (pair) {
        g_string_truncate(rtf->text, rtf->text->len - 3); /* removes the U+FFFD written for the first half */
        character = 0x10000 + ((rtf->high - 0xd800) << 10) + (character - 0xdc00);
    }
    rtf->high = character >= 0xd800 && character < 0xdc00 ? character : 0;
    g_string_append_unichar(rtf->text, g_unichar_validate(character) && character != 0 ? character : 0xfffd);
}

static void rtf_word(struct rtf *rtf, const char *word, bool numbered, long number)
{
    static const char *const no_text[] = {"fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer"};
    static const struct {
        const char *word;
        gunichar character;
    } marks[] = {{"par", '\n'},      {"line", '\n'},     {"row", '\n'},         {"tab", '\t'},
                 {"cell", '\t'},     {"emdash", 0x2014}, {"endash", 0x2013},    {"bullet", 0x2022},
                 {"lquote", 0x2018}, {"rquote", 0x2019}, {"ldblquote", 0x201c}, {"rdblquote", 0x201d}};
    for (size_t i = 0; i < sizeof no_text / sizeof *no_text; i++)
        if (strcmp(word, no_text[i]) == 0 && !rtf->hidden) rtf->hidden = rtf->depth;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strcmp(word, marks[i].word) == 0) rtf_unicode(rtf, marks[i].character);
    if (!numbered) return;
    if (strcmp(word, "ansicpg") == 0 && number > 0 && number < 65536) rtf->codepage = (unsigned)number;
    if (strcmp(word, "uc") == 0 && number >= 0 && number < 8) rtf->after = (unsigned)number;
    if (strcmp(word, "bin") == 0 && number > 0) rtf->at += MIN(number, rtf->end - rtf->at);
    if (strcmp(word, "u") == 0) {
        rtf_unicode(rtf, (gunichar)(number < 0 ? number + 65536 : number));
        rtf->skips = rtf->hidden ? 0 : rtf->after;
    }
}

/* Reads a control word, its number, and the space behind. */
static void rtf_control(struct rtf *rtf)
{
    char word[WORD_MAX + 1], digits[12];
    size_t length = 0, count = 0;
    while (rtf->at < rtf->end && g_ascii_isalpha(*rtf->at) && length < WORD_MAX) word[length++] = *rtf->at++;
    word[length] = '\0';
    if (rtf->at < rtf->end && *rtf->at == '-') digits[count++] = *rtf->at++;
    while (rtf->at < rtf->end && g_ascii_isdigit(*rtf->at) && count < sizeof digits - 1) digits[count++] = *rtf->at++;
    digits[count] = '\0';
    if (rtf->at < rtf->end && *rtf->at == ' ') rtf->at++;
    rtf_word(rtf, word, count > 0, strtol(digits, NULL, 10));
}

/* Reads what stands behind a backslash. */
static void rtf_escape(struct rtf *rtf)
{
    if (rtf->at == rtf->end) return;
    if (g_ascii_isalpha(*rtf->at)) {
        rtf_control(rtf);
        return;
    }
    char sign = *rtf->at++;
    if (sign == '\'' && rtf->end - rtf->at >= 2) {
        rtf_byte(rtf, (char)((g_ascii_xdigit_value(rtf->at[0]) & 15) << 4 | (g_ascii_xdigit_value(rtf->at[1]) & 15)));
        rtf->at += 2;
    } else if (sign == '*' && !rtf->hidden)
        rtf->hidden = rtf->depth;
    else if (sign == '~')
        rtf_unicode(rtf, 0xa0);
    else if (sign == '\\' || sign == '{' || sign == '}')
        rtf_byte(rtf, sign);
    else if (sign == '\n' || sign == '\r')
        rtf_unicode(rtf, '\n');
}

void rtf_text(const char *bytes, size_t length, unsigned codepage, GString *text)
{
    struct rtf rtf = {bytes, bytes + length, g_string_new(NULL), text, codepage, 1, 0, 0, 0, 0};
    while (rtf.at < rtf.end) {
        char sign = *rtf.at++;
        if (sign == '{')
            rtf.depth++;
        else if (sign == '}') {
            if (rtf.hidden == rtf.depth) rtf.hidden = 0;
            if (rtf.depth > 0) rtf.depth--;
        } else if (sign == '\\')
            rtf_escape(&rtf);
        else if (sign != '\r' && sign != '\n' && sign != '\0')
            rtf_byte(&rtf, sign);
    }
    rtf_flush(&rtf);
    g_string_free(rtf.bytes, TRUE);
}
