/* runtime/adapters/domains/passing.h - The plugin `domains`: interactions on their way between this domain and
 * others, and agents who are lent to other domains.
 *
 *     core --PassOn--> row of gcx_passage --> the other domain's plugin --Submit--> its core
 *     core <--EventDone-- the row's outcome <------------------------ its Reply
 *
 * The loop has the link to the core, the thread has the database; a job goes from the loop to the thread and back.
 * All that must outlast this process is in the cores' journals and in the rows. The core sends PassOn again at each
 * start of the link, under the same id, and each row without an outcome is submitted again: the target's core
 * recognizes the id.
 *
 *     home: Lend --> row of gcx_loan --> the other domain's plugin --EventLent--> its core
 *     home: EventLoanAnswer <-- the row's answer <------------------- its LoanAnswer
 *
 * The row of a loan has the newest state from the home domain, and older states are useless: so it is reported until
 * the core takes it, and again at each start of the link.
 *
 * The plugin does not use the post office (runtime/post): there is no customer outside and no contact store. Both
 * ends are cores, each of which has the interaction in its journal, and in the meantime a passage has states of its
 * own (runtime/domains/domains.h), which only one of the two domains may change at a time. Like the post office the
 * plugin asks its core about what it has submitted (submits.h). */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/domains/setting.h"
#include "runtime/domains/domains.h"
#include "runtime/post/submits.h"
#include "runtime/vocabulary/message.h"
#include "base/error.h"

struct event;
struct worker;

enum deed { DEED_PUT, DEED_LOOK, DEED_SETTLE, DEED_TOLD, DEED_LEND, DEED_LOAN_ANSWER, DEED_LOAN_TOLD };

/* A job has a task for the thread, and its result. The job owns its row's frame. */
struct passing_job {
    enum deed deed;
    struct passage row;   /* the passage of the job; unused by DEED_LOOK and for loans */
    struct loan_row loan; /* the loan, for jobs about a loan */
    /* DEED_PUT: now; DEED_LOOK: rows that were reported before this time are removed; 0: none are */
    int64_t wall_us;
    int64_t back_us;          /* DEED_LOOK: rows before this time that no domain has fetched come back */
    unsigned waiting;         /* DEED_LOOK: rows that this process has already, which do not count against the limit */
    bool back;                /* DEED_PUT: the core wants the interaction back */
    bool elsewhere;           /* DEED_SETTLE: the target does not have the queue, but another domain may */
    bool all;                 /* DEED_LOOK: also reads loans that were already answered */
    GPtrArray *due, *settled; /* DEED_LOOK: of struct passage */
    GArray *loans;            /* DEED_LOOK: of struct loan_row */
    bool good;
    struct error error;
};

struct domain_passing {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct domains_setting setting;
    unsigned domain;
    char ids[24]; /* how the ids of its rows begin: the journal, and a slash */
    struct worker *worker;
    struct event *tick;
    struct writer writer;
    GHashTable *coming;     /* of struct coming, by id: passages submitted to the core here, or waiting to be settled */
    struct submits submits; /* of struct coming */
    /* number of the loan that the core was told last and has not answered, by home domain and agent */
    GHashTable *lent;
    GQueue late; /* of struct passing_job: jobs that failed at the database and are to be repeated */
    uint64_t looked_us, swept_us;
    bool looks;              /* the thread has a DEED_LOOK */
    bool all_loans;          /* the core got all loans since the link came up */
    bool told_other;         /* it was logged that another journal has the number of this domain */
    struct domains *domains; /* the database; only the thread uses it */
};

/* ---- work.c: in the database's thread ---- */
void passing_work(void *self, void *job);
struct passing_job *passing_job_new(enum deed);
void passing_job_free(void *);
void passing_give(struct domain_passing *, struct passing_job *); /* hands the job to the thread */

/* ---- way.c: in the loop ---- */
void passing_done(void *self, void *job);
void passing_send(struct domain_passing *, const struct message *effect); /* PassOn */
void passing_submitted(void *self, void *owner, const struct submit_answer *);
void passing_lend(struct domain_passing *, const struct message *effect);        /* Lend */
void passing_answer_loan(struct domain_passing *, const struct message *effect); /* LoanAnswer */
/* reports the loans that a look has found */
void passing_loans(struct domain_passing *, const struct passing_job *look);
void passing_core_up(struct domain_passing *);
void passing_tick(struct domain_passing *);
GHashTable *passing_coming_new(void);
void passing_forget(void *coming);
