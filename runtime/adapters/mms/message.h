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
    MMS_PASSED,  /* a report, an answer, or a message from our own number: it is only acknowledged */
    MMS_STRAY,   /* a bounce, an automatic answer or an empty mail, with nothing of MM4: it is acknowledged, and no more
                  */
    MMS_UNWANTED,  /* a request that is not for us */
    MMS_UNKNOWN,   /* no number of ours is among its recipients */
    MMS_TOO_MUCH,  /* it has more parts or headers than are read */
    MMS_UNREADABLE /* it cannot be read as a message, whenever it comes */
};

struct mms_message { /* owns what it points to; texts are UTF-8 without controls, absent ones NULL */
    enum mms_what what;
    char why[160];       /* the reason, unless `what` is MMS_MESSAGE */
    struct mm7 envelope; /* the envelope of a message that came by MM7 */
    char *external_id;
    char from[PERSON_MAX + 1]; /* the sender's number or address; "": not known */
    bool phone;                /* `from` is a number */
    char to[66], queue[65];    /* our number that it came to, and that number's queue */
    char *subject;
    struct mms_content *content;
    /* Some messages of MM4 ask for an answer: */
    char *transaction, *message_id, *answer_to; /* answer_to: the address for it; NULL: none is asked for */
};

/* Reads the message in a request of MM7; never fails. `type`: the request's header Content-Type. Freed by
 * mms_message_free(). */
struct mms_message *mms_read_mm7(const struct mms_setting *, const char *type, const char *bytes, size_t length);
struct mms_mail {       /* a mail by which a message of MM4 comes */
    const char *sender; /* the envelope's sender; "": the mail is a bounce */
    const char *to;     /* the envelope's recipient */
    const char *bytes;
    size_t length;
};
struct mms_message *mms_read_mm4(const struct mms_setting *, const struct mms_mail *);
void mms_message_free(struct mms_message *); /* NULL is allowed */

/* Gives the telephone number in an address of MM4, such as +4930123/TYPE=PLMN@mms.example, or of MM7; where it has no
 * number, the address itself. False: it is no address. `*phone`: is `form` a number? */
bool mms_address(const struct mms_setting *, const char *address, char form[PERSON_MAX + 1], bool *phone);
