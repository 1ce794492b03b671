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
    GQueue asked, said, settled; /* not answered, no ACK yet, over: in the order of their time */
};

struct redirect_kept {
    char *name;
    struct sip_msg *invite; /* NULL: its answer is acknowledged */
    struct talk *talk;      /* NULL: it is answered */
    char *headers;          /* lines that the answer has; NULL: there is none yet */
    uint16_t status;
    const char *reason;
    uint64_t at_ms; /* when it came, was answered, or acknowledged */
    GList link;     /* in one of the queues */
};

struct redirects *redirects_new(void);
void redirects_free(struct redirects *); /* once the talks are gone */

/* Keeps the INVITE of that talk. */
void redirect_keep(struct talk *, const struct sip_msg *invite);
/* The kept INVITE that the message repeats, acknowledges or cancels; NULL: none. */
struct redirect_kept *redirect_find(const struct redirects *, const struct sip_msg *);
void redirect_move(struct redirect_kept *, GQueue *from, GQueue *to);
void redirect_forget(struct redirects *, struct redirect_kept *, GQueue *from); /* frees it */
/* Answers it for good. `headers`: further lines, each with its end, such as where its caller is to go on; or "". */
void redirect_answer_kept(struct talk *, uint16_t status, const char *reason, const char *headers);
void redirect_say(struct exchange *, const struct redirect_kept *); /* the same answer again */
/* The caller is told that it fails. False: it has a session, by which it is to be told. */
bool redirect_refuse(struct talk *, uint16_t status, const char *reason, const char *headers);
