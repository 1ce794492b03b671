/* runtime/adapters/sms/receipt.h - The fate of a message, as providers tell it: by a text in a deliver_sm
 * ("id:... stat:DELIVRD err:000 ..."), by optional fields, or by both. The module owns nothing.
 *
 * `stat` decides and `err` does not: some networks say DELIVRD with an error. A message's name comes in another form in
 * the receipt than in the answer to submit_sm: other case, no leading zeros, decimal where it was hexadecimal. */
#pragma once

#include <stdbool.h>

struct pdu;

enum { RECEIPT_ID = 65, RECEIPT_NUMBER = 80 };

enum receipt_state {               /* from good to bad: the worst of a message's parts is the message's */
                     RECEIPT_NONE, /* the receipt says nothing that we know */
                     RECEIPT_ON_ITS_WAY,
                     RECEIPT_DELIVERED,
                     RECEIPT_EXPIRED,
                     RECEIPT_FAILED
};

struct receipt {
    char id[RECEIPT_ID]; /* as it was written */
    char word[16];       /* the provider's word, such as DELIVRD, or the number in message_state */
    char error[16];      /* the network's error code, for the log; empty: none */
    enum receipt_state state;
    bool unflagged;            /* only its text shows that it is a receipt, and a customer can write such a text */
    char from[RECEIPT_NUMBER]; /* unflagged: it counts for a message to this number only; empty: to any number */
};

/* Reads a receipt. False: the PDU is none, or does not name the message that it is about. */
bool sms_receipt_read(const struct pdu *, struct receipt *);

enum receipt_ids {
    RECEIPT_IDS_SAME,    /* answer and receipt write a message's id in the same base */
    RECEIPT_IDS_HEX,     /* the answer's id is hexadecimal, the receipt's decimal */
    RECEIPT_IDS_DECIMAL, /* the answer's id is decimal, the receipt's hexadecimal */
};
/* Make of an id in the answer to submit_sm, and of one in a receipt, the form in which the two are compared. */
void receipt_id_answered(const char *id, enum receipt_ids, char form[RECEIPT_ID]);
void receipt_id_received(const char *id, enum receipt_ids, char form[RECEIPT_ID]);
