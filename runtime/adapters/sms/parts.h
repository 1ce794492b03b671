/* runtime/adapters/sms/parts.h - One text as the short messages that carry it, and back. The module owns nothing that
 * it gives; what sms_parts_make() gives is freed by sms_parts_free().
 *
 * A message of the air has 140 bytes: 160 septets or 70 units of UTF-16. A longer text goes in several, each with a
 * header of its own in front (3GPP TS 23.040, 9.2.3.24): 153 septets or 67 units are left of each. A pair that is one
 * character, an escape with its septet or two surrogates, is never divided. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/contract.h"

struct span;
struct pdu;

enum parts_way {
    PARTS_UDH8,   /* a header with a reference of 8 bits: each handset knows it */
    PARTS_UDH16,  /* of 16 bits */
    PARTS_SAR,    /* the optional fields sar_*: the other side makes the headers */
    PARTS_PAYLOAD /* in one piece, as message_payload */
};

struct sms_parts {
    unsigned coding; /* CODING_GSM or CODING_UCS2 */
    unsigned count;  /* at least 1 */
    GByteArray *part[LIMIT_sms_PARTS];
};

/* Divides a text into the messages that carry it. False: the text is too long for this way; the struct is empty then,
 * and need not be freed. */
bool sms_parts_make(struct sms_parts *, const char *text, enum parts_way);
void sms_parts_free(struct sms_parts *);
/* Into how many messages is the text divided? 0: it is too long for this way. */
unsigned sms_parts_count(const char *text, enum parts_way);
/* Fills in message, coding and header of part `n`, from 1; `bytes` has room for a whole message. */
void sms_parts_put(const struct sms_parts *, unsigned n, enum parts_way, uint16_t ref, uint8_t *bytes, size_t room,
                   struct pdu *);

struct part_place {         /* where the message belongs in a longer one */
    unsigned ref, total, n; /* reference, number of parts, this part from 1; total 1: the message is whole */
    uint8_t locking, shift; /* numbers of the national tables that its text uses; 0: none */
};

/* Reads from a PDU the message's place in a longer one, and its text without the header. False: its header is
 * damaged. */
bool sms_parts_place(const struct pdu *, struct part_place *, struct span *text);
