/* runtime/adapters/sip/redirect_kept.h - INVITEs that are kept until their call is decided, and answered without a
 * transaction of the user agent (redirect.h).
 *
 *     asked: not answered --> said: no ACK yet --> settled: over, and known while the network may repeat it
 */
#pragma once

#include <glib.h>

#include "runtime/adapters/sip/exchange.h"

enum { REDIRECT_SIZE = 256 };

struct redirects {
    GHashTable *by_name;         /* branch, sender, Call-ID */
    GQueue asked, said, settled; /* INVITEs not answered; answered without an ACK; acknowledged: each ordered by time */
};

struct redirect_kept {
    char *name;
    struct sip_msg *invite; /* the kept INVITE; NULL: its answer has been acknowledged */
    struct talk *talk;      /* NULL: it is answered */
    char *headers;          /* header lines of the answer; NULL: there is no answer yet */
    uint16_t status;
    const char *reason;
    uint64_t at_ms; /* when the INVITE came, was answered, or acknowledged */
    GList link;     /* links it into one of the queues */
};

struct redirects *redirects_new(void);
void redirects_free(struct redirects *); /* frees all kept INVITEs; the talks must be gone before */

/* Keeps the INVITE of that talk. */
void redirect_keep(struct talk *, const struct sip_msg *invite);
/* The kept INVITE that the message repeats, acknowledges or cancels; NULL: none. */
struct redirect_kept *redirect_find(const struct redirects *, const struct sip_msg *);
void redirect_move(struct redirect_kept *, GQueue *from, GQueue *to);
void redirect_forget(struct redirects *, struct redirect_kept *, GQueue *from); /* frees it */
/* Answers it for good. `headers`: further header lines for the answer, each with its line end, such as the Contact
 * to which the caller must go; or "". */
void redirect_answer_kept(struct talk *, uint16_t status, const char *reason, const char *headers);
void redirect_say(struct exchange *, const struct redirect_kept *); /* the same answer again */
/* Refuses the kept INVITE. False: the call has a session already, which must refuse it. */
bool redirect_refuse(struct talk *, uint16_t status, const char *reason, const char *headers);
