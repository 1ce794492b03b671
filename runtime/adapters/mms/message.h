/* runtime/adapters/mms/message.h - Reads a multimedia message, which comes by MM7 or MM4, into what the router needs.
 * This reader uses no socket, store or core. parts_begin() must be called once in a process, before threads start. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/mms/content.h"
#include "runtime/adapters/mms/mm7.h"
#include "runtime/adapters/mms/setting.h"
#include "runtime/vocabulary/person.h"

enum mms_what {
    MMS_MESSAGE,   /* a customer's */
    MMS_PASSED,    /* a report, an answer, or a message from an own number: only acknowledged */
    MMS_STRAY,     /* a bounce, an automatic answer or an empty mail, without anything of MM4: only acknowledged */
    MMS_UNWANTED,  /* a request that this plugin does not serve */
    MMS_UNKNOWN,   /* none of the recipients is a number of the plugin */
    MMS_TOO_MUCH,  /* the message exceeds the limit of parts or headers */
    MMS_UNREADABLE /* the message can never be read */
};

struct mms_message { /* owns what it points to; texts are UTF-8 without control characters, missing ones NULL */
    enum mms_what what;
    char why[160];       /* why `what` is not MMS_MESSAGE */
    struct mm7 envelope; /* the envelope, if the message came by MM7 */
    char *external_id;
    char from[PERSON_MAX + 1]; /* the sender's number or address; "": unknown */
    bool phone;                /* `from` is a number */
    char to[66], queue[65];    /* the plugin's number that the message came to, and that number's queue */
    char *subject;
    struct mms_content *content;
    /* For messages of MM4 that ask for an answer: */
    char *transaction, *message_id, *answer_to; /* answer_to: the address for the answer; NULL: none is asked for */
};

/* Reads the message in a request of MM7; never fails. `type`: the request's header Content-Type. Freed by
 * mms_message_free(). */
struct mms_message *mms_read_mm7(const struct mms_setting *, const char *type, const char *bytes, size_t length);
struct mms_mail {       /* a mail that brings a message of MM4 */
    const char *sender; /* the envelope's sender; "": the mail is a bounce */
    const char *to;     /* the envelope's recipient */
    const char *bytes;
    size_t length;
};
struct mms_message *mms_read_mm4(const struct mms_setting *, const struct mms_mail *);
void mms_message_free(struct mms_message *); /* NULL is allowed */

/* Writes the telephone number of an address of MM4, such as +4930123/TYPE=PLMN@mms.example, or of MM7; if it has no
 * number, the address itself. False: the text is not an address. `*phone`: `form` is a number. */
bool mms_address(const struct mms_setting *, const char *address, char form[PERSON_MAX + 1], bool *phone);
