/* runtime/adapters/domains/passing.h - The plugin `domains`: interactions on their way between this domain and others,
 * and agents who are lent.
 *
 *     core --PassOn--> row of gcx_passage --> the other domain's plugin --Submit--> its core
 *     core <--EventDone-- the row's outcome <------------------------ its Reply
 *
 * The loop has the link, the thread has the database; a job goes from the one to the other and back. All that must
 * outlast this process is in the cores' journals and in the rows. The core sends PassOn again at each start of the
 * link, under the id that it had, and each row that has no outcome is submitted again: the id tells the target's core
 * that it has it.
 *
 *     home: Lend --> row of gcx_loan --> the other domain's plugin --EventLent--> its core
 *     home: EventLoanAnswer <-- the row's answer <------------------- its LoanAnswer
 *
 * A row of a loan has the newest that the home has said, and what was said before is of no use: so it is given as often
 * as it takes, and at each start of the link once more.
 *
 * This is no way of the post office (runtime/post): no customer is outside and no contact store keeps it. Both ends are
 * cores, each of which has the interaction in its journal, and between them a passage has states of its own
 * (runtime/domains/domains.h), which only one of both may change at a time. The plugin shares with the office the
 * question to its core (submits.h). */
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

/* A job has the thread's task, and the result. Its row's frame is its own. */
struct passing_job {
    enum deed deed;
    struct passage row;       /* the passage that the deed is about; unused by DEED_LOOK and deeds about loans */
    struct loan_row loan;     /* the loan, for deeds about a loan */
    int64_t wall_us;          /* DEED_PUT: now; DEED_LOOK: removes told rows that are older; 0: removes none */
    int64_t back_us;          /* DEED_LOOK: older rows that no domain has fetched come back */
    unsigned waiting;         /* DEED_LOOK: rows that this process has already, which must not hold up others */
    bool back;                /* DEED_PUT: the interaction is wanted back */
    bool elsewhere;           /* DEED_SETTLE: the target does not have the queue; another domain may have it */
    bool all;                 /* DEED_LOOK: also reads loans that were answered */
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
    char ids[24]; /* the beginning of its rows' ids: the journal, and a slash */
    struct worker *worker;
    struct event *tick;
    struct writer writer;
    GHashTable *coming;     /* of struct coming, by id: passages that were submitted here, or are to be settled */
    struct submits submits; /* of struct coming */
    GHashTable *lent;       /* by home and agent: number of the last loan told to the core and not answered yet */
    GQueue late;            /* of struct passing_job: jobs that failed at the database and are tried again */
    uint64_t looked_us, swept_us;
    bool looks;              /* a look is under way */
    bool all_loans;          /* the core was told all loans since the link came up */
    bool told_other;         /* the log was told that another journal has our domain's number */
    struct domains *domains; /* the database; used by the thread only */
};

/* ---- work.c: in the thread ---- */
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
void passing_loans(struct domain_passing *, const struct passing_job *look);     /* tells the loans that a look found */
void passing_core_up(struct domain_passing *);
void passing_tick(struct domain_passing *);
GHashTable *passing_coming_new(void);
void passing_forget(void *coming);
