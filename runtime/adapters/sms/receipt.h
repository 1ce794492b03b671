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
                     RECEIPT_NONE, /* nothing is known */
                     RECEIPT_ON_ITS_WAY,
                     RECEIPT_DELIVERED,
                     RECEIPT_EXPIRED,
                     RECEIPT_FAILED
};

struct receipt {
    char id[RECEIPT_ID]; /* as it was written */
    char word[16];       /* DELIVRD, or the number of message_state */
    char error[16];      /* of the network, for the log; empty: none */
    enum receipt_state state;
    bool unflagged;            /* its text alone says so, and a customer can write it */
    char from[RECEIPT_NUMBER]; /* then it is about a message to this number only; empty: to any */
};

/* False: the PDU is no receipt, or says no message. */
bool sms_receipt_read(const struct pdu *, struct receipt *);

enum receipt_ids {
    RECEIPT_IDS_SAME,    /* answer and receipt have them in the same base */
    RECEIPT_IDS_HEX,     /* the answer's is hexadecimal, the receipt's decimal */
    RECEIPT_IDS_DECIMAL, /* the other way round */
};
/* The form of a name in the answer to submit_sm, and of one in a receipt, by the setting. */
void receipt_id_answered(const char *id, enum receipt_ids, char form[RECEIPT_ID]);
void receipt_id_received(const char *id, enum receipt_ids, char form[RECEIPT_ID]);
