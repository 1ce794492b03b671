/* runtime/adapters/dialer/dialer.h - The plugin `dialer`: brings records from the calling lists to the core, and
 * their results back.
 *
 *     core: FetchRecords --> thread: lists_fetch --> hand.c --> EventRecord --> core
 *     core: CheckRecord ---> the last check, and the attempt's row --> EventDone    (durable before it rings)
 *     core: UpdateRecord --> update.c: lists_change --> EventDone
 *
 * The lists have all that must not be lost: which records the session of this dialer has, and each attempt. The loop
 * answers the core, and a thread asks the lists (book.h), one job after another in the order of the core's effects.
 * When to dial is decided by the core (pacing/pacer.h); whether it is allowed now, by the lists (dial.c).
 *
 * The dialer does not use the post office (runtime/post), as a record neither comes from a customer nor goes to one.
 * A record stays in its list, which has its states and their legal changes (record_states.def), its owner, and its
 * attempts; the dialer only passes it on, and offers all records of its session again at each start of the link. */
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
    struct probe *probe;    /* checks whether the contact store is up; NULL: none is used */
    struct event *tick;
    struct outbox outbox;
    struct writer writer;
    GQueue handed;                        /* of struct waits: frames to the core that wait for credit for arrivals */
    GHashTable *offered;                  /* record -> its version: records that the core has not answered yet */
    bool offers, offered_all;             /* the thread has a JOB_OFFER; all records of the session were offered */
    bool lives, looks, counts;            /* the thread has a JOB_ALIVE, JOB_LOOK, JOB_COUNT */
    bool hangs;                           /* the thread hangs, and this was logged */
    bool away;                            /* the database is away: the core was told that this adapter's peer is gone */
    uint64_t alive_us, look_us, count_us; /* when each of the three jobs is due next */
    GHashTable *counted;                  /* campaign -> struct counted_told (ask.c) */
    uint64_t heard_us;                    /* when the thread last finished a job, or got its first one */
};

/* hand.c: sends records to the core. */
void hand_records(struct dialer *, GPtrArray *records); /* NULL: none */
void hand_done(struct dialer *, struct span frame);     /* an EventDone or ListChanged: is sent after the records */
void hand_flush(struct dialer *);
void hand_forget(struct dialer *, int64_t record);            /* the core knows the record, or refuses it */
void hand_forget_campaign(struct dialer *, struct span name); /* drops the campaign's records that were not sent yet */
void hand_forget_all(struct dialer *);

/* ask.c: jobs for the thread. */
void ask_effect(struct dialer *, const struct message *effect);
/* a Reply to an EventRecord: a record that the core refuses goes back to its list */
void ask_of_reply(struct dialer *, const struct message *);
void ask_tick(struct dialer *);
void ask_whether_it_hangs(struct dialer *);
void ask_tell_peer(struct dialer *); /* tells the core whether the database is up */
void ask_work(void *dialer, void *job);
void ask_done(void *dialer, void *job);
void ask_dropped(void *dialer, void *job);
