/* runtime/vocabulary/ident.h - The id of an interaction and the ConnID of a call, as people read and write them.
 *
 *     1-00000000002a       id: the partition, a dash, a counter of 48 bits in 12 hexadecimal digits
 *     0102a5f3b1c80007     ConnID: 64 bits in 16 hexadecimal digits
 *
 * Logs, records, stores, manuals and every command show and take these forms. Capital digits are read, too, and an
 * id whose counter has fewer digits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum {
    IXN_TEXT = 24, /* bytes of an id with its final zero */
    IXN_COUNTER_BITS = 48,
    DOMAIN_MAX = 65535, /* largest number of a domain, which is its partition: the first part of ids */
    CONN_TEXT = 17,     /* bytes of a ConnID with its final zero */
    EFFECT_TEXT = IXN_TEXT + 11,
};

/* Write an id or a ConnID as text; return the length. */
uint32_t ident_print_ixn(uint64_t ixn, char text[IXN_TEXT]);
uint32_t ident_print_conn(uint64_t conn, char text[CONN_TEXT]);
/* Writes the interaction's id, a dash and the effect's ref: "1-000000000001-7". */
uint32_t ident_print_effect(uint64_t ixn, uint32_t ref, char text[EFFECT_TEXT]);

/* Read an id. False: the text is no id, or is NULL. */
bool ident_read_ixn(const char *text, uint64_t *ixn);
bool ident_read_ixn_span(struct span, uint64_t *ixn);
/* Reads a ConnID. False: the text is NULL, not of 16 digits, or 0, which no call has. */
bool ident_read_conn(const char *text, uint64_t *conn);

/* Reads a number of 1 to 16 hexadecimal digits. */
bool ident_read_hex(struct span digits, uint64_t *number);
/* Writes two digits for each byte, without a final zero. */
void ident_print_hex(const uint8_t *bytes, size_t count, char *digits);
