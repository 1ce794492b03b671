/* runtime/vocabulary/ident.c - Writes and reads ids, ConnIDs and hexadecimal digits.
 *
 *     interaction   1-0000000000a3          partition, then the counter in 12 hexadecimal digits
 *     effect        1-0000000000a3-7        and the effect's number
 *     ConnID        0001000065f3c2a1        16 digits
 *
 * Ids are written the same way everywhere, so people can search for one in logs, traces and
 * tables. */
#include "runtime/vocabulary/ident.h"

#include <assert.h>
#include <string.h>

enum { PARTITION_DIGITS = 5, HEX_DIGITS = 16 };

static const char hex_digits[] = "0123456789abcdef";

/* Writes a number of an id, and returns its length. The function does without printf, since the core writes ids at each
 * step that names its interaction. */
static uint32_t hex_number(uint64_t number, uint32_t digits, char *text)
{
    for (uint32_t at = digits; at-- > 0; number >>= 4) text[at] = hex_digits[number & 15];
    return digits;
}

uint32_t ident_print_ixn(uint64_t ixn, char text[IXN_TEXT])
{
    char reversed[PARTITION_DIGITS];
    uint64_t partition = ixn >> IXN_COUNTER_BITS;
    uint32_t count = 0, length = 0;
    do reversed[count++] = (char)('0' + partition % 10);
    while ((partition /= 10) != 0);
    while (count > 0) text[length++] = reversed[--count];
    text[length++] = '-';
    length += hex_number(ixn, IXN_COUNTER_BITS / 4, text + length);
    text[length] = '\0';
    assert(length < IXN_TEXT);
    return length;
}

uint32_t ident_print_effect(uint64_t ixn, uint32_t ref, char text[EFFECT_TEXT])
{
    char reversed[10];
    uint32_t length = ident_print_ixn(ixn, text), count = 0;
    do reversed[count++] = (char)('0' + ref % 10);
    while ((ref /= 10) != 0);
    text[length++] = '-';
    while (count > 0) text[length++] = reversed[--count];
    text[length] = '\0';
    assert(length < EFFECT_TEXT);
    return length;
}

uint32_t ident_print_conn(uint64_t conn, char text[CONN_TEXT])
{
    text[hex_number(conn, CONN_TEXT - 1, text)] = '\0';
    return CONN_TEXT - 1;
}

void ident_print_hex(const uint8_t *bytes, size_t count, char *digits)
{
    for (size_t at = 0; at < count; at++) {
        digits[2 * at] = hex_digits[bytes[at] >> 4];
        digits[2 * at + 1] = hex_digits[bytes[at] & 15];
    }
}

static unsigned hex_digit_value(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - (unsigned)'0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10u
           : c >= 'A' && c <= 'F' ? c - 'A' + 10u
                                  : 16;
}

/* Reads hexadecimal digits in upper and lower case, as people paste both. */
bool ident_read_hex(struct span digits, uint64_t *number)
{
    *number = 0;
    if (digits.length == 0 || digits.length > HEX_DIGITS) return false;
    for (uint32_t at = 0; at < digits.length; at++) {
        unsigned digit = hex_digit_value(digits.bytes[at]);
        if (digit == 16) return false;
        *number = *number << 4 | digit;
    }
    return true;
}

/* Reads an id; the counter may have fewer digits than are written: 1-a3 is 1-0000000000a3. */
bool ident_read_ixn_span(struct span text, uint64_t *ixn)
{
    uint64_t partition = 0, counter;
    uint32_t dash = 0;
    for (; dash < text.length && dash < PARTITION_DIGITS && text.bytes[dash] >= '0' && text.bytes[dash] <= '9'; dash++)
        partition = partition * 10 + (uint64_t)(text.bytes[dash] - '0');
    if (dash == 0 || dash == text.length || text.bytes[dash] != '-' || partition > UINT16_MAX) return false;
    struct span digits = {text.bytes + dash + 1, text.length - dash - 1};
    if (!ident_read_hex(digits, &counter) || counter >> IXN_COUNTER_BITS != 0) return false;
    *ixn = partition << IXN_COUNTER_BITS | counter;
    return true;
}

bool ident_read_ixn(const char *text, uint64_t *ixn)
{
    return text && strlen(text) < 2 * IXN_TEXT && ident_read_ixn_span(span_of(text), ixn);
}

/* Reads a ConnID, which always has 16 digits and is never 0. */
bool ident_read_conn(const char *text, uint64_t *conn)
{
    return text && strlen(text) == CONN_TEXT - 1 && ident_read_hex(span_of(text), conn) && *conn != 0;
}
