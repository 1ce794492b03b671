/* runtime/adapters/sms/alphabet.c - The tables of GSM 03.38 (3GPP TS 23.038, 6.2.1), and what is made by them. */
#include "runtime/adapters/sms/alphabet.h"

#include <assert.h>

enum { REPLACEMENT = 0xfffd, HALVES = 0x10f000, LOW_HALVES = 0x400 };

/* The default alphabet, by septet. */
static const uint16_t gsm[128] = {
#define GSM(septet, character) [septet] = character,
#include "runtime/adapters/sms/gsm.def"
};

/* The extension table: the septet behind an escape. */
static const struct {
    uint8_t septet;
    uint16_t character;
} extension[] = {
#define GSM_EXTENDED(septet, character) {septet, character},
#include "runtime/adapters/sms/gsm.def"
};

enum { EXTENDED = sizeof extension / sizeof *extension };

/* Most letters have their own number: those are not looked for. */
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
    assert(g_utf8_validate(text, -1, NULL)); /* texts of events and of the store are */
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

/* An escape that no character of the extension table follows is a space, as the standard says; so is one at the end. */
static size_t gsm_escaped(const uint8_t *bytes, size_t left, GString *to)
{
    for (unsigned i = 0; i < EXTENDED && left > 1; i++)
        if (extension[i].septet == bytes[1]) {
            utf8_put(to, extension[i].character);
            return 2;
        }
    utf8_put(to, ' ');
    return 1;
}

static void gsm_read(const uint8_t *bytes, size_t length, GString *to)
{
    for (size_t at = 0; at < length;) {
        if (bytes[at] == GSM_ESCAPE) {
            at += gsm_escaped(bytes + at, length - at, to);
        } else {
            utf8_put(to, bytes[at] < 128 ? gsm[bytes[at]] : REPLACEMENT);
            at++;
        }
    }
}

static unsigned utf16_unit(const uint8_t *bytes)
{
    return (unsigned)(bytes[0] << 8 | bytes[1]);
}

static void utf16_read(const uint8_t *bytes, size_t length, GString *to)
{
    for (size_t at = 0; at + 1 < length; at += 2) {
        unsigned unit = utf16_unit(bytes + at), low = at + 3 < length ? utf16_unit(bytes + at + 2) : 0;
        if (unit >= 0xd800 && unit < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            utf8_put(to, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            at += 2;
        } else {
            utf8_put(to, unit >= 0xd800 && unit < 0xe000 ? HALVES + (unit - 0xd800) : unit);
        }
    }
    if (length % 2 == 1) utf8_put(to, REPLACEMENT);
}

/* The group of bits that says the alphabet: the codings of SMPP, else those of a GSM data coding scheme with a class.
 */
static unsigned coding_of(unsigned coding)
{
    if (coding <= CODING_UCS2) return coding;
    if ((coding & 0xf0) == 0xf0) return coding & 0x04 ? CODING_BINARY : CODING_GSM;
    if ((coding & 0xe0) == 0x00 && (coding & 0x10))
        return (coding & 0x0c) == 0x08 ? CODING_UCS2 : (coding & 0x0c) == 0 ? CODING_GSM : CODING_BINARY;
    return CODING_BINARY;
}

bool alphabet_part_to_utf8(unsigned coding, const uint8_t *bytes, size_t length, GString *to)
{
    switch (coding_of(coding)) {
    case CODING_GSM:
        gsm_read(bytes, length, to);
        return true;
    case CODING_ASCII:
        for (size_t i = 0; i < length; i++) utf8_put(to, bytes[i] < 128 ? bytes[i] : REPLACEMENT);
        return true;
    case CODING_LATIN1:
        for (size_t i = 0; i < length; i++) utf8_put(to, bytes[i]);
        return true;
    case CODING_UCS2:
        utf16_read(bytes, length, to);
        return true;
    default:
        return false;
    }
}

void alphabet_join(GString *text, size_t from)
{
    char *parts = g_strdup(text->str + from);
    g_string_truncate(text, from);
    for (const char *at = parts; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at), half = character - HALVES;
        gunichar low = half < LOW_HALVES ? g_utf8_get_char(g_utf8_next_char(at)) - HALVES - LOW_HALVES : LOW_HALVES;
        if (low < LOW_HALVES) {
            utf8_put(text, 0x10000 + (half << 10) + low);
            at = g_utf8_next_char(at);
        } else {
            utf8_put(text, half < 2 * LOW_HALVES ? REPLACEMENT : character);
        }
    }
    g_free(parts);
}

bool alphabet_to_utf8(unsigned coding, const uint8_t *bytes, size_t length, GString *to)
{
    size_t from = to->len;
    bool is_text = alphabet_part_to_utf8(coding, bytes, length, to);
    alphabet_join(to, from);
    return is_text;
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
