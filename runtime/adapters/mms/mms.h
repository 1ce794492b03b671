/* runtime/adapters/mms/mms.h - The plugin `mms`: multimedia messages of customers, between providers (MM7) or a mail
 * server (MM4), the contact store and the core.
 *
 *     provider --> hook.c --\                 /--> store                      core
 *                            > job --> thread                --> Submit -->    |
 *     mail server --> gate.c /     read, kept \                  Reply  <------/
 *                                                       the other side is answered, the thread notes the number
 *
 * No message is answered as taken that is not in the contact store and in the core: a process that is killed anywhere
 * between leaves it with the other side, and the second time it is known by the provider's name of it. */
#ifndef MMS_MMS_H
#define MMS_MMS_H

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/mms/message.h"
#include "runtime/adapters/mms/setting.h"
#include "runtime/adapters/mms/mended.h"
#include "runtime/mail/receive.h"
#include "runtime/store/look.h"
#include "runtime/vocabulary/message.h"
#include "vm/error.h"

struct door;
struct event;
struct event_base;
struct evhttp_request;
struct probe;
struct robots;
struct store;
struct tls;
struct unended;
struct worker;

enum { MMS_SECOND_US = 1000000, MMS_STORED_MAX = MMS_PARTS_MAX + 2 };

struct mms_stored { /* a part of the store, as events name it */
    int64_t part;
    uint64_t length;
    uint8_t sha256[32];
    char type[101];
};

enum mms_verdict { MMS_TAKEN, MMS_LATER, MMS_REFUSED };

/* AGAIN: a message that the core had and has lost is read from the store, to be submitted once more. */
enum mms_deed { MMS_TAKE, MMS_NOTE, MMS_END, MMS_AGAIN };

struct mms_job { /* a message on its way in, and other work of the thread */
    enum mms_deed deed;
    bool mm4;
    struct mms_asker *asker; /* MM7: who waits; NULL: it was answered */
    uint64_t ticket;         /* MM4: the same */
    char *bytes, *type;      /* type: of MM7 */
    char *sender, *to;       /* MM4: of the envelope */
    size_t length;           /* of the bytes, also when they are gone */
    uint64_t req, begun_us, journal, ixn;
    int64_t now, received;
    char *external_id; /* END: of what has ended */
    char how[32];
    bool answered;        /* MM4: the answer that it asks for was tried */
    int64_t answer_by_us; /* of GLib's monotonic clock: it is not tried any longer */
    /* Made by the thread: */
    struct mms_message *message;
    int64_t interaction;
    struct mms_stored text, parts[MMS_STORED_MAX];
    unsigned count;
    int64_t envelope; /* AGAIN: the part that says to whom it was, and by which queue; 0: it was kept without one */
    char odd[400];    /* what the log is told */
    bool good;
    struct error error;
};

struct mms {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct setting setting;
    struct store *store;            /* the thread's */
    struct worker *worker, *sender; /* sender: of answers by mail; NULL: there are none */
    struct probe *answers;          /* of the mail server for them; NULL: there is none */
    struct store_look look;         /* the probe's */
    struct probe *probe;
    struct unended *unended;
    struct event *tick;
    GHashTable *pending; /* of struct mms_job, by &req: the core has not answered */
    uint64_t requests;
    size_t held; /* bytes of messages under way */
    struct writer writer;
    /* hook.c */
    struct door *door; /* NULL: there is none */
    struct tls *tls;
    /* gate.c */
    struct receive *receive; /* NULL: there is none */
    struct robots *robots;   /* of answers */
    bool stray_told;
    struct receive_setting doors;
};

struct mms_job *mms_job_new(const struct mms *, enum mms_deed);
void mms_job_free(struct mms_job *);

/* keep.c: in the thread. */
void mms_keep(void *mms, void *job);

/* take.c: a message's way. */
bool mms_may_come(const struct mms *, size_t bytes);
void mms_take(struct mms *, struct mms_job *); /* takes the job */
void mms_kept(void *mms, void *job);           /* the thread is back */
void mms_settle(struct mms *, struct mms_job *, enum mms_verdict);
void mms_reply(struct mms *, const struct message *);
void mms_pending_core_up(struct mms *);
void mms_pending_tick(struct mms *);
void mms_ended(struct mms *, const struct message *);
struct unended *mms_unended_new(struct mms *, struct event_base *, char *why, size_t why_size);

/* hook.c: MM7. */
bool mms_hook_open(struct mms *, struct event_base *, char *why, size_t why_size);
bool mms_hook_check(const struct setting *, char *why, size_t why_size);
void mms_hook_answer(struct mms_job *, enum mms_verdict);
void mms_hook_forget(struct mms_asker *); /* nobody waits any more; NULL is allowed */
void mms_hook_tick(struct mms *);
void mms_hook_close(struct mms *);

/* gate.c: MM4. */
bool mms_gate_open(struct mms *, struct event_base *, char *why, size_t why_size);
void mms_gate_answer(struct mms *, const struct mms_job *, enum mms_verdict);
bool mms_gate_owes_answer(struct mms *, const struct mms_job *);
void mms_gate_close(struct mms *);

#endif
