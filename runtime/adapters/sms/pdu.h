/* runtime/adapters/sms/pdu.h - The PDUs of SMPP 3.4, read from bytes and written to bytes. A PDU that was read has
 * copies of its texts; its message points into the bytes.
 *
 * A PDU has a head of sixteen bytes (length, command, status, sequence number), mandatory fields, and optional ones
 * with a tag and a length. */
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

/* Statuses that this adapter sends or checks. */
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

/* Texts in SMPP are ASCII without zeros; the sizes here are larger than those of SMPP 3.4, as peers send longer
 * texts. */
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
    char id[PDU_NAME];        /* in an answer: the field message_id, or the server's system_id */
    char receipted[PDU_NAME]; /* the field receipted_message_id; empty: missing */
    uint8_t state;            /* the field message_state; 0: missing */
    uint16_t sar_ref;
    uint8_t sar_total, sar_n; /* the number of parts, and this part's number; sar_total 0: the message is complete */
};

/* Reads the length of the first PDU in the bytes that have come; 0: too few bytes have come. False: no PDU has such
 * a length, and the connection must be closed. */
bool pdu_length(const uint8_t *, size_t come, size_t *length);

enum pdu_read {
    PDU_GOOD,
    PDU_UNKNOWN, /* the command is unknown: the answer is generic_nack with STATUS_UNKNOWN_COMMAND */
    PDU_WRONG,   /* the fields do not fit the length: the answer has STATUS_WRONG_LENGTH */
};
/* Reads a whole PDU of this length. Command, status and sequence number are set in any case. */
enum pdu_read pdu_read(const uint8_t *, size_t length, struct pdu *);

/* Writes a PDU and returns its length, at most PDU_MAX; a message of more than 254 bytes becomes a message_payload.
 * 0: the PDU would be too long. */
size_t pdu_write(const struct pdu *, uint8_t out[PDU_MAX]);
