/* runtime/adapters/dialer/dialer.h - The plugin `dialer`: records go from the calling lists to the core, and what
 * becomes of them goes back.
 *
 *     core: FetchRecords --> thread: lists_fetch --> hand.c --> EventRecord --> core
 *     core: CheckRecord ---> the last check, and the attempt's row --> EventDone    (durable before it rings)
 *     core: UpdateRecord --> update.c: lists_change --> EventDone
 *
 * The lists have all that must not be lost: which records this dialer's session has, and each attempt. The loop answers
 * the core, a thread asks the lists (book.h), one thing after another in the order in which the core has asked. When to
 * dial is the core's business (pacing/pacer.h); whether it is allowed now, the lists' (dial.c).
 *
 * This is no way of the post office (runtime/post): a record neither comes from a customer nor goes to one. It stays in
 * its list, which has its states and their legal changes (record_states.def), its owner, and its attempts; the dialer
 * only carries it, and offers all that its session has at each start of the link. */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/outbox.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapters/dialer/book.h"
#include "runtime/store/look.h"

struct worker;

struct dialer {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct dialer_setting setting;
    struct book book; /* the thread's */
    struct worker *worker;
    struct store_look look; /* the look of `probe` */
    struct probe *probe;    /* looks whether the contact store is there; NULL: it is not asked */
    struct event *tick;
    struct outbox outbox;
    struct writer writer;
    GQueue handed;             /* struct waits: frames that go to the core when there is credit for arrivals */
    GHashTable *offered;       /* record -> its version: the records that the core has not answered */
    bool offers, offered_all;  /* JOB_OFFER is at the thread; all that the session has is offered */
    bool lives, looks, counts; /* JOB_ALIVE, JOB_LOOK, JOB_COUNT is at the thread */
    bool hangs;                /* the thread has waited for them so long that this was told */
    bool away;                 /* the lists cannot be asked: the core has been told that this adapter's peer is gone */
    uint64_t alive_us, look_us, count_us; /* when each of the three comes next */
    GHashTable *counted;                  /* campaign -> struct counted_told (ask.c) */
    uint64_t heard_us;                    /* when the thread was given its first job, or has done one */
};

/* hand.c: records for the core. */
void hand_records(struct dialer *, GPtrArray *records); /* NULL: none */
void hand_done(struct dialer *, struct span frame);     /* EventDone, ListChanged: goes behind the records */
void hand_flush(struct dialer *);
void hand_forget(struct dialer *, int64_t record);            /* the core knows it, or wants it no more */
void hand_forget_campaign(struct dialer *, struct span name); /* drops the campaign's records that have not gone out */
void hand_forget_all(struct dialer *);

/* ask.c: jobs for the thread. */
void ask_effect(struct dialer *, const struct message *effect);
void ask_of_reply(struct dialer *, const struct message *); /* to an EventRecord: what the core refuses goes back */
void ask_tick(struct dialer *);
void ask_whether_it_hangs(struct dialer *);
void ask_tell_peer(struct dialer *); /* tells the core whether the lists are there */
void ask_work(void *dialer, void *job);
void ask_done(void *dialer, void *job);
void ask_dropped(void *dialer, void *job);
