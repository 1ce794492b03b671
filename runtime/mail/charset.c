/* runtime/mail/charset.c - Finds the charset that a label means (charsets.def) and converts text to UTF-8 by iconv.
 *
 * iconv's converter of ISO-2022-JP does not accept all characters of Japanese mails (circled digits, half-width
 * katakana), so such text is changed to Shift_JIS first, which has the same characters.
 *
 *     label in the mail --> charset_of() --> converter of iconv --> UTF-8, with U+FFFD for what is broken
 *
 * A byte order mark at the beginning counts before the label. Labels mean what browsers understand by them: many
 * senders write "iso-8859-1" and mean windows-1252. The result is always valid UTF-8. */
#include "runtime/mail/charset.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { LABEL_MAX = 40, CONVERTED = 4096 };
#define REPLACEMENT "\xef\xbf\xbd"

enum charset {
    CHARSET_NONE,
#define CHARSET(name, converter, labels) CHARSET_##name,
#define BEYOND                           CHARSET
#define SPARE(name, byte, text)
#define OTHER(name, byte, text)
#include "runtime/mail/charsets.def"
};

struct charset_row {
    const char *converter, *labels;
};
static const struct charset_row charset_rows[] = {
    [CHARSET_NONE] = {"CP1252", ""},
#define CHARSET(name, converter, labels) [CHARSET_##name] = {converter, labels},
#define BEYOND                           CHARSET
#define SPARE(name, byte, text)
#define OTHER(name, byte, text)
#include "runtime/mail/charsets.def"
};

struct charset_byte {
    enum charset charset;
    uint8_t byte;
    const char *text;
};
static const struct charset_byte charset_spares[] = {
#define CHARSET(name, converter, labels)
#define BEYOND(name, converter, labels)
#define SPARE(name, byte, text) {CHARSET_##name, byte, text},
#define OTHER(name, byte, text)
#include "runtime/mail/charsets.def"
};
static const struct charset_byte charset_others[] = {
#define CHARSET(name, converter, labels)
#define BEYOND(name, converter, labels)
#define SPARE(name, byte, text)
#define OTHER(name, byte, text) {CHARSET_##name, byte, text},
#include "runtime/mail/charsets.def"
};

/* ---- labels ---- */

static bool charset_has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0)) return true;
    return false;
}

/* Copies the label in lower case, without blanks around it and without a language that may follow it (RFC 2231, 5).
 * False: it is none. */
static bool charset_label(const char *label, char clean[LABEL_MAX + 1])
{
    label += strspn(label, " \t\r\n\f");
    size_t length = strcspn(label, " \t\r\n\f*");
    if (length == 0 || length > LABEL_MAX) return false;
    for (size_t i = 0; i < length; i++) clean[i] = g_ascii_tolower(label[i]);
    clean[length] = 0;
    return clean[strspn(clean, "abcdefghijklmnopqrstuvwxyz0123456789-_.:")] == 0;
}

static enum charset charset_of(const char *label)
{
    for (size_t i = CHARSET_NONE + 1; i < G_N_ELEMENTS(charset_rows); i++)
        if (charset_has_word(charset_rows[i].labels, label)) return (enum charset)i;
    return CHARSET_NONE;
}

/* Does the label mean ASCII? A sender with that label and other characters means UTF-8 today, like a sender without
 * a label. */
static bool charset_is_ascii(const char *label)
{
    return charset_has_word("ansi_x3.4-1968 ascii us-ascii", label);
}

/* The charset of the byte order mark; `mark`: how many bytes the mark has. */
static enum charset charset_marked(const char *bytes, size_t length, size_t *mark)
{
    static const struct {
        const char *mark;
        size_t length;
        enum charset charset;
    } marks[] = {
        {"\xef\xbb\xbf", 3, CHARSET_UTF_8}, {"\xfe\xff", 2, CHARSET_UTF_16BE}, {"\xff\xfe", 2, CHARSET_UTF_16LE}};
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        if (length >= marks[i].length && memcmp(bytes, marks[i].mark, marks[i].length) == 0) {
            *mark = marks[i].length;
            return marks[i].charset;
        }
    *mark = 0;
    return CHARSET_NONE;
}

/* ---- UTF-8 ---- */

/* How many bytes are an unfinished character, or no character at all: they become one U+FFFD. */
static size_t broken_length(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0], low = 0x80, high = 0xbf;
    size_t more = lead >= 0xc2 && lead < 0xe0   ? 1
                  : lead >= 0xe0 && lead < 0xf0 ? 2
                  : lead >= 0xf0 && lead < 0xf5 ? 3
                                                : 0;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    size_t length = 1;
    for (; length <= more && length < left && at[length] >= low && at[length] <= high; length++)
        low = 0x80, high = 0xbf;
    return length;
}

/* Replaces bytes that are not UTF-8; a character that is cut off becomes one U+FFFD and not one for each byte. */
static GString *charset_repaired(const char *bytes, size_t length)
{
    GString *out = g_string_sized_new(length + 1);
    while (length > 0) {
        const char *end;
        g_utf8_validate(bytes, (gssize)length, &end);
        size_t good = (size_t)(end - bytes);
        g_string_append_len(out, bytes, (gssize)good);
        if (good == length) break;
        size_t broken = *end == 0 ? 1 : broken_length((const uint8_t *)end, length - good);
        g_string_append(out, REPLACEMENT);
        bytes = end + broken, length -= good + broken;
    }
    return out;
}

/* ---- ISO-2022-JP ---- */

/* Writes a pair of JIS X 0208 as Shift_JIS, or a byte for what cannot be a pair. */
static void jis_put_pair(GString *out, uint8_t row, uint8_t cell)
{
    if (row < 0x21 || row > 0x7e || cell < 0x21 || cell > 0x7e) {
        g_string_append_c(out, (gchar)0xff);
        return;
    }
    uint8_t lead = (uint8_t)((row - 0x21) / 2 + (row < 0x5f ? 0x81 : 0xc1));
    uint8_t trail = (uint8_t)(row % 2 == 0 ? cell + 0x7e : cell + (cell < 0x60 ? 0x1f : 0x20));
    g_string_append_c(out, (gchar)lead);
    g_string_append_c(out, (gchar)trail);
}

/* The byte for a character of the set J: two of them are missing in Shift_JIS as browsers read it, so unused bytes
 * stand for them (charsets.def). */
static gchar jis_roman(uint8_t byte)
{
    return (gchar)(byte == '\\' ? 0xfd : byte == '~' ? 0xfe : byte);
}

/* Changes ISO-2022-JP to Shift_JIS; an escape says which set follows: B and J are Latin, I is half-width katakana,
 * $@ and $B are pairs. */
static GString *shift_jis_of(const char *bytes, size_t length)
{
    GString *out = g_string_sized_new(length + 1);
    char set = 'B';
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)bytes[i];
        bool escape = byte == 0x1b && i + 2 < length;
        if (escape && bytes[i + 1] == '(' && strchr("BJI", bytes[i + 2]) && bytes[i + 2])
            set = bytes[i + 2], i += 2;
        else if (escape && bytes[i + 1] == '$' && (bytes[i + 2] == '@' || bytes[i + 2] == 'B'))
            set = '$', i += 2;
        else if (byte == '\n' || byte == '\r')
            g_string_append_c(out, (gchar)byte), set = set == '$' || set == 'I' ? 'B' : set;
        else if (byte >= 0x80 || (set == '$' && i + 1 == length))
            g_string_append_c(out, (gchar)0xff);
        else if (set == '$')
            jis_put_pair(out, byte, (uint8_t)bytes[++i]);
        else if (set == 'J')
            g_string_append_c(out, jis_roman(byte));
        else
            g_string_append_c(out, (gchar)(set == 'I' && byte >= 0x21 && byte <= 0x5f ? byte + 0x80 : byte));
    }
    return out;
}

/* ---- converting ---- */

/* The text that a table has for a byte of that charset; NULL: none. */
static const char *charset_byte_text(const struct charset_byte *rows, size_t count, enum charset charset, char byte)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].charset == charset && rows[i].byte == (uint8_t)byte) return rows[i].text;
    return NULL;
}

static const char *charset_spare(enum charset charset, char byte)
{
    const char *text = charset_byte_text(charset_spares, G_N_ELEMENTS(charset_spares), charset, byte);
    return text ? text : REPLACEMENT;
}

static const char *charset_other(enum charset charset, char byte)
{
    return charset_byte_text(charset_others, G_N_ELEMENTS(charset_others), charset, byte);
}

/* Converts bytes by iconv. Some converters hold a character back until they know the next one, and give it out at
 * the end. iconv stops at a byte that it cannot convert; that byte is replaced by the text in the table, or by
 * U+FFFD, and the conversion goes on after it. */
static void charset_convert(GIConv open, enum charset charset, const char *bytes, size_t length, GString *out)
{
    gchar *in = (gchar *)(uintptr_t)bytes;
    gsize left = length;
    bool over = false;
    while (!over) {
        gchar room[CONVERTED], *end = room;
        gsize free_bytes = sizeof room;
        over = left == 0;
        gsize done = over ? g_iconv(open, NULL, NULL, &end, &free_bytes) : g_iconv(open, &in, &left, &end, &free_bytes);
        int why = errno;
        g_string_append_len(out, room, end - room);
        if (done != (gsize)-1 || why == E2BIG || over) continue;
        g_string_append(out, charset_spare(charset, *in));
        gsize unit = charset == CHARSET_UTF_16BE || charset == CHARSET_UTF_16LE ? 2 : 1;
        if (why == EINVAL || left < unit)
            left = 0; /* an incomplete character at the end */
        else
            in += unit, left -= unit;
    }
}

/* Converts bytes to UTF-8; a byte that has a text of its own in the table is not given to iconv. */
static GString *charset_converted(GIConv open, enum charset charset, const char *bytes, size_t length)
{
    GString *out = g_string_sized_new(length + 1);
    for (size_t from = 0, at = 0; at <= length; at++) {
        const char *other = at < length ? charset_other(charset, bytes[at]) : NULL;
        if (!other && at < length) continue;
        charset_convert(open, charset, bytes + from, at - from, out);
        if (other) g_string_append(out, other);
        from = at + 1;
    }
    return out;
}

static GString *charset_opened(const char *name, enum charset charset, const char *bytes, size_t length)
{
    GIConv open = g_iconv_open("UTF-8", name);
    if (open == (GIConv)-1) return NULL;
    GString *raw = charset_converted(open, charset, bytes, length),
            *out = charset_repaired(raw->str, raw->len); /* UCS-4 has more */
    g_string_free(raw, TRUE);
    g_iconv_close(open);
    return out;
}

/* Makes UTF-8 of bytes with a label; the caller frees the result. Without a label, or with one of ASCII, the bytes
 * are tried as UTF-8 first. */
GString *charset_utf8(const char *bytes, size_t length, const char *label)
{
    char clean[LABEL_MAX + 1] = "";
    size_t mark;
    if (length == 0) return g_string_new(NULL);
    enum charset charset = charset_marked(bytes, length, &mark);
    bool named = charset == CHARSET_NONE && label && charset_label(label, clean);
    if (named) charset = charset_of(clean);
    bytes += mark, length -= mark;
    /* iconv is asked, too: it knows hundreds of labels of old systems that no browser knows */
    if (named && charset == CHARSET_NONE) {
        GString *out = charset_opened(clean, charset, bytes, length);
        if (out) return out;
    }
    bool guessed = charset == CHARSET_NONE || (named && charset_is_ascii(clean));
    if (charset == CHARSET_UTF_8 || (guessed && g_utf8_validate(bytes, (gssize)length, NULL)))
        return charset_repaired(bytes, length);
    GString *pairs = charset == CHARSET_ISO_2022_JP ? shift_jis_of(bytes, length) : NULL;
    GString *out = charset_opened(charset_rows[charset].converter, charset, pairs ? pairs->str : bytes,
                                  pairs ? pairs->len : length);
    if (pairs) g_string_free(pairs, TRUE);
    return out ? out : charset_repaired(bytes, length); /* iconv on this system lacks that converter */
}
