/* runtime/adapters/mms/message.h - A multimedia message as it comes by MM7 or MM4, made what the router needs. It
 * knows of no socket, store or core. parts_begin() once a process, before threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/mms/content.h"
#include "runtime/adapters/mms/mm7.h"
#include "runtime/adapters/mms/setting.h"
#include "runtime/vocabulary/person.h"

enum mms_what {
    MMS_MESSAGE, /* a customer's */
    MMS_PASSED,  /* a report, an answer, or of a number of ours: it is acknowledged, and no more */
    MMS_STRAY,   /* a bounce, an automatic answer or an empty mail, with nothing of MM4: it is acknowledged, and no more
                  */
    MMS_UNWANTED,  /* a request that is not for us */
    MMS_UNKNOWN,   /* it is to nobody of ours */
    MMS_TOO_MUCH,  /* it has more parts or headers than are read */
    MMS_UNREADABLE /* it is none; it never will be */
};

struct mms_message { /* owns what it points to; texts are UTF-8 without controls, absent ones NULL */
    enum mms_what what;
    char why[160];       /* of what is no message */
    struct mm7 envelope; /* of MM7 */
    char *external_id;
    char from[PERSON_MAX + 1]; /* "": nobody is known */
    bool phone;                /* `from` is a number */
    char to[66], queue[65];    /* our number */
    char *subject;
    struct mms_content *content;
    /* Some messages of MM4 ask for an answer: */
    char *transaction, *message_id, *answer_to; /* answer_to NULL: none */
};

/* `type`: the header Content-Type of the request. Never fails. Freed by mms_message_free(). */
struct mms_message *mms_read_mm7(const struct mms_setting *, const char *type, const char *bytes, size_t length);
struct mms_mail {       /* of MM4 */
    const char *sender; /* of the envelope; "": it is a bounce */
    const char *to;     /* the recipient of the envelope */
    const char *bytes;
    size_t length;
};
struct mms_message *mms_read_mm4(const struct mms_setting *, const struct mms_mail *);
void mms_message_free(struct mms_message *); /* NULL is allowed */

/* The number in an address of MM4, such as +4930123/TYPE=PLMN@mms.example, or of MM7; else the address. False: it is
 * none. `*phone`: it is a number. */
bool mms_address(const struct mms_setting *, const char *address, char form[PERSON_MAX + 1], bool *phone);
