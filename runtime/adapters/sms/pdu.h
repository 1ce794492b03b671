/* runtime/adapters/sms/pdu.h - The messages of SMPP 3.4, from bytes and to bytes. The module owns nothing: texts of a
 * PDU that was read are copied into it, and its message is borrowed from the bytes.
 *
 * A PDU is a head of sixteen bytes (length, command, status, sequence number), mandatory fields, and optional ones that
 * have a number and a length. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { PDU_HEAD = 16, PDU_MAX = 65536, PDU_ANSWER = 1u << 31 };

enum pdu_command {
#define COMMAND(name, number, body) PDU_##name = number,
#include "runtime/adapters/sms/commands.def"
};

/* Statuses that this link gives or looks at. */
enum {
    STATUS_OK = 0x00,
    STATUS_WRONG_LENGTH = 0x02,
    STATUS_UNKNOWN_COMMAND = 0x03,
    STATUS_NOT_BOUND = 0x04,
    STATUS_BOUND_ALREADY = 0x05,
    STATUS_SYSTEM = 0x08,
    STATUS_WRONG_SOURCE = 0x0a,
    STATUS_WRONG_DESTINATION = 0x0b,
    STATUS_BIND_FAILED = 0x0d,
    STATUS_WRONG_PASSWORD = 0x0e,
    STATUS_WRONG_SYSTEM = 0x0f,
    STATUS_QUEUE_FULL = 0x14,
    STATUS_THROTTLED = 0x58,
    STATUS_LATER = 0x64,  /* ESME_RX_T_APPN: bring it again */
    STATUS_REFUSED = 0x65 /* ESME_RX_P_APPN: never */
};

enum { ESM_RECEIPT = 0x04, ESM_TYPES = 0x3c, ESM_HEADER = 0x40 };

/* A text of SMPP is ASCII without zeros; the field sizes are above those of 3.4, as peers are generous. */
enum { PDU_NAME = 65, PDU_NUMBER = 65 };

struct pdu_number {
    uint8_t type, plan; /* TON and NPI */
    char digits[PDU_NUMBER];
};

struct pdu {
    uint32_t command, status, sequence;
    char system_id[PDU_NAME], password[PDU_NAME], system_type[PDU_NAME]; /* of BIND */
    uint8_t version;
    char service[PDU_NAME], validity[PDU_NAME];
    struct pdu_number from, to;
    uint8_t esm_class, protocol, priority, registered, coding;
    struct span message;      /* short_message, or message_payload */
    bool payload;             /* `message` came as message_payload */
    char id[PDU_NAME];        /* in an answer: message_id, or the server's system_id */
    char receipted[PDU_NAME]; /* the field receipted_message_id; empty: it is missing */
    uint8_t state;            /* the field message_state; 0: it is missing */
    uint16_t sar_ref;
    uint8_t sar_total, sar_n; /* number of parts, and of this one; sar_total 0: the message is whole */
};

/* Reads the length of the first PDU in the bytes that have come; 0: too few have come to see it. False: no PDU has this
 * length, and the connection is to be closed. */
bool pdu_length(const uint8_t *, size_t come, size_t *length);

enum pdu_read {
    PDU_GOOD,
    PDU_UNKNOWN, /* its command is unknown: answered by generic_nack with STATUS_UNKNOWN_COMMAND */
    PDU_WRONG,   /* its fields do not fit its length: answered with STATUS_WRONG_LENGTH */
};
/* Reads a whole PDU of this length. Command, status and sequence are filled in whatever it returns. */
enum pdu_read pdu_read(const uint8_t *, size_t length, struct pdu *);

/* Writes a PDU and returns its length, PDU_MAX at most; a message above 254 bytes goes as message_payload. 0: it is too
 * long. */
size_t pdu_write(const struct pdu *, uint8_t out[PDU_MAX]);
