/* runtime/adapters/sms/parts.h - Divides a text into short messages, and finds the place of one in a longer text.
 * The caller owns all results; those of sms_parts_make() are freed by sms_parts_free().
 *
 * A short message has 140 bytes on the radio network: 160 septets or 70 units of UTF-16. A longer text is sent as
 * several messages, each with a header in front (3GPP TS 23.040, 9.2.3.24), which leaves 153 septets or 67 units in
 * each. Two septets or units that are one character (an escape with its septet, two surrogates) are never divided. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/contract.h"

struct span;
struct pdu;

enum parts_way {
    PARTS_UDH8,   /* a header with an 8-bit reference, which every telephone knows */
    PARTS_UDH16,  /* of 16 bits */
    PARTS_SAR,    /* the optional fields sar_*, from which the other side makes headers */
    PARTS_PAYLOAD /* undivided, as message_payload */
};

struct sms_parts {
    unsigned coding; /* CODING_GSM or CODING_UCS2 */
    unsigned count;  /* at least 1 */
    GByteArray *part[LIMIT_sms_PARTS];
};

/* Divides a text into short messages. False: the text is too long for this way; the struct is then empty, and needs
 * no freeing. */
bool sms_parts_make(struct sms_parts *, const char *text, enum parts_way);
void sms_parts_free(struct sms_parts *);
/* Into how many messages is the text divided? 0: the text is too long for this way. */
unsigned sms_parts_count(const char *text, enum parts_way);
/* Sets message, coding and header of part `n`, counted from 1; `bytes` has room for a whole message. */
void sms_parts_put(const struct sms_parts *, unsigned n, enum parts_way, uint16_t ref, uint8_t *bytes, size_t room,
                   struct pdu *);

struct part_place { /* the place of a message in a longer one */
    /* reference, number of parts, this part's number from 1; total 1: the message is complete */
    unsigned ref, total, n;
    uint8_t locking, shift; /* numbers of the national tables for its text; 0: none */
};

/* Reads the message's place in a longer one from a PDU, and its text without the header. False: the message's header is
 * damaged. */
bool sms_parts_place(const struct pdu *, struct part_place *, struct span *text);
