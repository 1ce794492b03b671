/* runtime/adapters/sms/alphabet.c - The tables of GSM 03.38 (3GPP TS 23.038, 6.2.1), and conversions with them.
 *
 *     a, euro sign         GSM: 0x61, 0x1b 0x65    the escape (0x1b) and a septet of the extension
 *     a, Cyrillic zhe      UTF-16BE: 0x0061 0x0436    a letter that no table of GSM has
 *
 * A text is sent in GSM if all its characters are in the default alphabet or its extension, otherwise in UTF-16.
 * National tables are only used for reading: they replace single septets of the default alphabet (locking) or of the
 * extension (shift).
 *
 * A part of a long message is kept as digits between two private characters, and not as text: a character may be
 * divided between two parts, and can be read only when all parts are there. */
#include "runtime/adapters/sms/alphabet.h"

#include <assert.h>
#include <string.h>

#include "runtime/mail/charset.h"

enum { REPLACEMENT = 0xfffd, HOW_DIGITS = 6 };
#define PART_BEGINS "\xf4\x8f\xbf\xbc" /* U+10FFFC */
#define PART_ENDS   "\xf4\x8f\xbf\xbd" /* U+10FFFD */

/* The default alphabet, by septet. */
static const uint16_t gsm[128] = {
#define GSM(septet, character) [septet] = character,
#include "runtime/adapters/sms/gsm.def"
};

/* The extension table: the septet after an escape. */
static const struct {
    uint8_t septet;
    uint16_t character;
} extension[] = {
#define GSM_EXTENDED(septet, character) {septet, character},
#include "runtime/adapters/sms/gsm.def"
};

enum { EXTENDED = sizeof extension / sizeof *extension };

struct national {
    uint8_t language, septet;
    uint16_t character;
};
static const struct national locking[] = {
#define LOCKING(number, septet, character) {number, septet, character},
#include "runtime/adapters/sms/national.def"
};
static const struct national shifted[] = {
#define SHIFTED(number, septet, character) {number, septet, character},
#include "runtime/adapters/sms/national.def"
};

/* Appends a character as one or two septets; most letters have the same number in both and need no search. False:
 * GSM has no septet for the character. */
static bool gsm_put(gunichar character, GByteArray *to)
{
    unsigned at = character < 128 && gsm[character] == character ? character : 0;
    while (at < 128 && (gsm[at] != character || at == GSM_ESCAPE)) at++;
    if (at < 128) {
        uint8_t septet = (uint8_t)at;
        g_byte_array_append(to, &septet, 1);
        return true;
    }
    for (unsigned i = 0; i < EXTENDED; i++)
        if (extension[i].character == character) {
            uint8_t pair[2] = {GSM_ESCAPE, extension[i].septet};
            g_byte_array_append(to, pair, 2);
            return true;
        }
    return false;
}

bool alphabet_to_gsm(const char *text, GByteArray *to)
{
    assert(g_utf8_validate(text, -1, NULL)); /* all texts of events and of the store are valid */
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        if (!gsm_put(g_utf8_get_char(at), to)) return false;
    return true;
}

static void utf16_put(unsigned unit, GByteArray *to)
{
    uint8_t two[2] = {(uint8_t)(unit >> 8), (uint8_t)unit};
    g_byte_array_append(to, two, 2);
}

void alphabet_to_utf16(const char *text, GByteArray *to)
{
    assert(g_utf8_validate(text, -1, NULL));
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (character < 0x10000) {
            utf16_put(character, to);
        } else {
            utf16_put(0xd800 + ((character - 0x10000) >> 10), to);
            utf16_put(0xdc00 + ((character - 0x10000) & 0x3ff), to);
        }
    }
}

static void utf8_put(GString *to, gunichar character)
{
    if (character != 0) g_string_append_unichar(to, character);
}

/* Returns the character of a national table; 0: the table has none there, and the standard table is used. */
static gunichar national_character(const struct national *rows, size_t count, uint8_t language, uint8_t septet)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].language == language && rows[i].septet == septet) return rows[i].character;
    return 0;
}

/* Reads the character after an escape. An escape without a known character after it is a space, as the standard
 * says; so is one at the end. */
static size_t gsm_escaped(uint8_t language, const uint8_t *bytes, size_t left, GString *to)
{
    gunichar character = left > 1 ? national_character(shifted, G_N_ELEMENTS(shifted), language, bytes[1]) : 0;
    for (unsigned i = 0; i < EXTENDED && left > 1 && character == 0; i++)
        if (extension[i].septet == bytes[1]) character = extension[i].character;
    utf8_put(to, character != 0 ? character : ' ');
    return character != 0 ? 2 : 1;
}

static void gsm_read(struct alphabet how, const uint8_t *bytes, size_t length, GString *to)
{
    for (size_t at = 0; at < length;) {
        if (bytes[at] == GSM_ESCAPE) {
            at += gsm_escaped(how.shift, bytes + at, length - at, to);
            continue;
        }
        gunichar character = national_character(locking, G_N_ELEMENTS(locking), how.locking, bytes[at]);
        utf8_put(to, character != 0 ? character : bytes[at] < 128 ? gsm[bytes[at]] : REPLACEMENT);
        at++;
    }
}

static unsigned utf16_unit(const uint8_t *bytes, unsigned first)
{
    return (unsigned)(bytes[first] << 8 | bytes[1 - first]);
}

enum { ORDER_MARK = 0xfeff, ORDER_TURNED = 0xfffe };

/* Reads UTF-16. `first` tells which byte of a pair is the high one; a byte order mark in the text overrides it, since
 * read in the wrong order it is no character. */
static void utf16_read(const uint8_t *bytes, size_t length, GString *to)
{
    unsigned first = 0;
    for (size_t at = 0; at + 1 < length; at += 2) {
        unsigned unit = utf16_unit(bytes + at, first), low = at + 3 < length ? utf16_unit(bytes + at + 2, first) : 0;
        if (unit == ORDER_TURNED) first = 1 - first;
        if (unit == ORDER_MARK || unit == ORDER_TURNED) continue;
        if (unit >= 0xd800 && unit < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            utf8_put(to, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            at += 2;
        } else {
            utf8_put(to, unit >= 0xd800 && unit < 0xe000 ? REPLACEMENT : unit);
        }
    }
    if (length % 2 == 1) utf8_put(to, REPLACEMENT);
}

enum reading { READ_NO_TEXT, READ_GSM, READ_ASCII, READ_UTF16, READ_CHARSET };

struct coding {
    enum reading way;
    const char *charset;
};
static const struct coding codings[] = {
#define CODING(number, name, way, charset, doc) [number] = {READ_##way, charset},
#include "runtime/adapters/sms/codings.def"
};

/* Returns the alphabet of a data coding: one of SMPP, or a GSM data coding scheme with a message class. */
static struct coding coding_of(unsigned coding)
{
    static const struct coding gsm_row = {READ_GSM, ""}, ucs2_row = {READ_UTF16, ""}, none = {READ_NO_TEXT, ""};
    if (coding < G_N_ELEMENTS(codings)) return codings[coding];
    if ((coding & 0xf0) == 0xf0) return coding & 0x04 ? none : gsm_row;
    if ((coding & 0xe0) == 0x00 && (coding & 0x10))
        return (coding & 0x0c) == 0x08 ? ucs2_row : (coding & 0x0c) == 0 ? gsm_row : none;
    return none;
}

/* Converts bytes of a charset; zero bytes are left out, as some senders put them between the letters. */
static void charset_read(const char *charset, const uint8_t *bytes, size_t length, GString *to)
{
    GString *whole = g_string_new(NULL);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0) g_string_append_c(whole, (gchar)bytes[i]);
    GString *text = charset_utf8(whole->str, whole->len, charset);
    g_string_append_len(to, text->str, (gssize)text->len);
    g_string_free(text, TRUE);
    g_string_free(whole, TRUE);
}

bool alphabet_to_utf8(struct alphabet how, const uint8_t *bytes, size_t length, GString *to)
{
    struct coding coding = coding_of(how.coding);
    switch (coding.way) {
    case READ_GSM:
        gsm_read(how, bytes, length, to);
        return true;
    case READ_ASCII:
        for (size_t i = 0; i < length; i++) utf8_put(to, bytes[i] < 128 ? bytes[i] : REPLACEMENT);
        return true;
    case READ_UTF16:
        utf16_read(bytes, length, to);
        return true;
    case READ_CHARSET:
        charset_read(coding.charset, bytes, length, to);
        return true;
    case READ_NO_TEXT:
        break;
    }
    return false;
}

/* ---- parts ---- */

/* Appends a part as digits; in front are the coding, the locking and the shift table by which it is read, two digits
 * each. */
bool alphabet_part_put(struct alphabet how, const uint8_t *bytes, size_t length, GString *to)
{
    if (coding_of(how.coding).way == READ_NO_TEXT) return false;
    g_string_append_printf(to, PART_BEGINS "%02x%02x%02x", how.coding, how.locking, how.shift);
    for (size_t i = 0; i < length; i++) g_string_append_printf(to, "%02x", bytes[i]);
    g_string_append(to, PART_ENDS);
    return true;
}

/* Returns the digits of the part at the beginning of the text, and their number; NULL: no part is there. */
static const char *part_at(const char *at, size_t *digits)
{
    size_t mark = strlen(PART_BEGINS);
    if (strncmp(at, PART_BEGINS, mark) != 0) return NULL;
    *digits = strspn(at + mark, "0123456789abcdef");
    bool whole = *digits >= HOW_DIGITS && *digits % 2 == 0 && strncmp(at + mark + *digits, PART_ENDS, mark) == 0;
    return whole ? at + mark : NULL;
}

static uint8_t hex_byte(const char *digits)
{
    return (uint8_t)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
}

/* Replaces the parts by their text. Neighbours with the same alphabet are joined as bytes before they are converted.
 * Text between parts stays as it is. */
void alphabet_join(GString *text)
{
    char *parts = g_strndup(text->str, text->len);
    GByteArray *bytes = g_byte_array_new();
    size_t digits, next;
    g_string_truncate(text, 0);
    for (const char *at = parts; *at;) {
        const char *part = part_at(at, &digits);
        if (!part) {
            g_string_append_c(text, *at++);
            continue;
        }
        for (size_t i = HOW_DIGITS; i < digits; i += 2) {
            uint8_t byte = hex_byte(part + i);
            g_byte_array_append(bytes, &byte, 1);
        }
        at = part + digits + strlen(PART_ENDS);
        const char *follows = part_at(at, &next);
        /* the next part has the same alphabet: both are converted together */
        if (follows && strncmp(part, follows, HOW_DIGITS) == 0) continue;
        struct alphabet how = {hex_byte(part), hex_byte(part + 2), hex_byte(part + 4)};
        alphabet_to_utf8(how, bytes->data, bytes->len, text);
        g_byte_array_set_size(bytes, 0);
    }
    g_byte_array_free(bytes, TRUE);
    g_free(parts);
}

static const char *alphabet_plain_of(gunichar character)
{
    static const struct {
        uint16_t character;
        const char *plain;
    } rows[] = {
#define PLAIN(character, plain) {character, plain},
#include "runtime/adapters/sms/alphabet.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].character == character) return rows[i].plain;
    return NULL;
}

char *alphabet_plain(const char *text)
{
    GString *to = g_string_new(NULL);
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        const char *plain = alphabet_plain_of(character);
        if (plain)
            g_string_append(to, plain);
        else
            g_string_append_unichar(to, character);
    }
    return g_string_free(to, FALSE);
}
