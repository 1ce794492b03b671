/* runtime/adapters/mms/mm7.h - The envelope of MM7 (3GPP TS 23.140): SOAP in which a provider says who has written
 * to whom, and the answer to it. The content of the message is in other parts of the request (content.h).
 *
 * Elements are compared by their names without prefix: providers use many versions of the namespace. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum mm7_kind {
    MM7_NONE,    /* the envelope has no request */
    MM7_DELIVER, /* a customer's message */
    MM7_REPORT,  /* a report on a message that was sent: it is only answered */
    MM7_OTHER    /* a request that this plugin does not serve */
};

/* Status codes of the answer (TS 23.140, 8.7.8.3.2). */
enum mm7_status {
    MM7_SUCCESS = 1000,
    MM7_CLIENT_ERROR = 2000,
    MM7_ADDRESS_ERROR = 2002,
    MM7_CORRUPT = 2007,
    MM7_SERVER_ERROR = 3000,
    MM7_UNSUPPORTED = 4003
};

struct mm7 { /* texts are lines of UTF-8; NULL: the envelope has no such element */
    enum mm7_kind kind;
    char *request; /* name of the request's element, such as DeliverReq */
    char *transaction, *space, *version, *sender, *subject, *linked;
    GPtrArray *recipients; /* of char: the recipients, without those marked as for display only */
    bool mended;
};

/* Reads an envelope. False with the reason: it is no envelope; the fields read so far serve for the answer. The
 * caller calls mm7_free() in either case. */
bool mm7_read(struct mm7 *, const char *bytes, size_t length, char *why, size_t why_size);
void mm7_free(struct mm7 *);
/* Appends the answer, a complete XML document: a response to the request, or a fault if the envelope has no request. */
void mm7_answer(GString *, const struct mm7 *, enum mm7_status, const char *text);
