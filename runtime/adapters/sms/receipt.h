/* runtime/adapters/sms/receipt.h - Receipts, by which providers report what became of a message: by a text in a
 * deliver_sm ("id:42 stat:DELIVRD err:000"), by optional fields, or by both. The module owns nothing.
 *
 * `stat` counts and `err` does not: some networks report DELIVRD with an error. A message's id may have another form
 * in the receipt than in the answer to submit_sm: other case, no leading zeros, decimal instead of hexadecimal. */
#pragma once

#include <stdbool.h>

struct pdu;

enum { RECEIPT_ID = 65, RECEIPT_NUMBER = 80 };

enum receipt_state {               /* from good to bad: the worst of its parts is the message's state */
                     RECEIPT_NONE, /* the receipt has no known state */
                     RECEIPT_ON_ITS_WAY,
                     RECEIPT_DELIVERED,
                     RECEIPT_EXPIRED,
                     RECEIPT_FAILED
};

struct receipt {
    char id[RECEIPT_ID]; /* as it was written */
    char word[16];       /* the provider's word, such as DELIVRD, or the number of message_state */
    char error[16];      /* the network's error code, for the log; empty: none */
    enum receipt_state state;
    bool unflagged;            /* only the text shows that it is a receipt, and a customer could write such a text */
    char from[RECEIPT_NUMBER]; /* if unflagged: it counts only for a message to this number; empty: to any */
};

/* Reads a receipt; false: the PDU is no receipt, or does not name its message. */
bool sms_receipt_read(const struct pdu *, struct receipt *);

enum receipt_ids {
    RECEIPT_IDS_SAME,    /* answer and receipt have a message's id in the same base */
    RECEIPT_IDS_HEX,     /* the id is hexadecimal in the answer, decimal in the receipt */
    RECEIPT_IDS_DECIMAL, /* the id is decimal in the answer, hexadecimal in the receipt */
};
/* Convert an id of an answer to submit_sm, and an id of a receipt, to the form in which both are compared. */
void receipt_id_answered(const char *id, enum receipt_ids, char form[RECEIPT_ID]);
void receipt_id_received(const char *id, enum receipt_ids, char form[RECEIPT_ID]);
