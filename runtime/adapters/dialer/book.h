/* runtime/adapters/dialer/book.h - The calling lists, for the dialer's thread: the database, opened again after a
 * pause; the session; the terms of each campaign; and the contact store, which knows who refuses calls. All
 * functions block, and are for that thread. */
#pragma once

#include <glib.h>

#include "runtime/adapters/dialer/setting.h"
#include "runtime/lists/lists.h"
#include "runtime/vocabulary/message.h"

enum job_kind {
    JOB_EFFECT, /* perform CheckList, FetchRecords, CheckRecord, UpdateRecord or ShowChain */
    JOB_OFFER,  /* offer again all records that the session has and that are not being dialled */
    JOB_BACK,   /* give back a record's chain, as the core has refused the record */
    JOB_ALIVE,  /* note that this session lives, and end sessions that have been silent */
    JOB_LOOK,   /* check for new records since the last check */
    JOB_COUNT,  /* count the records that are due and left, for the campaigns that fetch */
};

/* A record to be sent to the core. */
struct handed_record {
    int64_t record, version;
    char campaign[LISTS_WORD_MAX + 1];
    GBytes *frame; /* EventRecord */
};

/* A record that the core could not read; other programs may write such records to lists. */
struct useless {
    int64_t record, version;
};

/* The counts of a list for a campaign. */
struct book_counted {
    char campaign[LISTS_WORD_MAX + 1];
    struct lists_counts counts;
};

/* A job for the dialer's thread, with its result. */
struct book_job {
    enum job_kind what;
    int64_t wall_us;
    uint64_t now_us, journal; /* journal: the number of the core's journal */
    uint8_t *frame;           /* the effect's frame; owned */
    struct message effect;
    int64_t record, version; /* BACK */
    enum code code;          /* BACK: why the record comes back; for all jobs the result at the end */
    struct error error;      /* the reason, if `code` is not ok */
    GPtrArray *records;      /* records for the core, of struct handed_record; NULL: none */
    struct kv value;         /* the value of EventDone */
    GArray *useless;         /* records that cannot be sent, of struct useless; NULL: none */
    bool failed;             /* the database is away, or failed */
    GPtrArray *newer;        /* LOOK: names of lists with new records; an empty name: any list */
    GArray *counted;         /* COUNT: of struct book_counted */
    int64_t spent_us;        /* COUNT: how long the lists took */
    char note[400];          /* text for the log; empty: none */
    int level;               /* of `note` */
};

struct terms { /* of a campaign */
    char list[LISTS_WORD_MAX + 1], consent[LISTS_WORD_MAX + 1];
    struct lists_terms lists; /* the member `consent` in it points to the text above */
    bool swept, fetches;
    char *filter, *order; /* filter and order by which the campaign fetched last, owned; NULL: none */
};

struct book {
    const struct dialer_setting *setting;
    char session[LISTS_WORD_MAX + 1]; /* NAME#JOURNAL */
    unsigned name_length;
    uint64_t journal;    /* number of the journal of the core that asks */
    bool settled;        /* records held for a core whose journal is gone were given back */
    struct lists *lists; /* NULL: not open */
    struct store *store; /* NULL: no contact store is set, or it is closed with the lists */
    int64_t newest;      /* the newest record at the last check; -1: there was none */
    bool away;           /* the database is away, and this was logged */
    uint64_t again_us, pause_us;
    uint64_t clock_us;     /* when to search next for what a clock that was ahead has written */
    GHashTable *campaigns; /* of struct terms, by name */
    struct writer writer;
    struct kv kv;
};

void book_init(struct book *, const struct dialer_setting *);
void book_free(struct book *);

/* book_job.c: does one job, and puts the result into it. */
void book_do(struct book *, struct book_job *);
void job_free(struct book_job *);

/* Functions for the files of the thread. */
const char *book_session(const struct book *);
/* Sets the session. A core with another journal counts its refs from 1 again, and does not know the dialer's earlier
 * records: so it gets a session of its own. */
void book_session_set(struct book *, uint64_t journal);
/* Are the lists open, or can they be opened now? False: it is too early to try again, or opening has failed. */
bool book_list_is_there(struct book *, struct book_job *);
/* Notes in the lists, and then in a file, the time up to which this dialer has written. False where they failed. */
bool book_written_note(struct book *, struct book_job *);
/* Searches for what a clock that was ahead has written, such as rests that end in years, and puts it into the job's
 * note: each hour, until `gcxlists clock` has repaired it. False: the lists failed. */
bool book_clock_look(struct book *, struct book_job *);
/* Sets the job's result from the answer of the lists, and returns its code. A database that failed is closed, and
 * opened again later. */
enum code book_answer(struct book *, struct book_job *, enum lists_answer);
/* Notes the result of a call that only says whether it succeeded; errors in the request do not count as failures of
 * the database. */
bool book_went(struct book *, struct book_job *, bool good);
/* Reads the terms that the effect has in these two fields; they are remembered for UpdateRecord, which does not have
 * them. NULL: the terms are not valid, which is the job's answer. */
const struct terms *book_terms(struct book *, struct book_job *, unsigned campaign, unsigned field);
/* NULL: this process does not know the campaign's terms */
const struct terms *book_terms_of(struct book *, struct span campaign);

/* LISTS_do_not_call: a contact with this number, in its normal form, refuses calls. */
enum lists_answer book_refused(struct book *, struct book_job *, const char *number);

/* handed.c: adds the record to the job's records, with the ref of the effect that asked for it; 0: none did. */
void handed_put(struct book *, struct book_job *, const struct lists_record *, uint64_t ref);

/* update.c */
void update_do(struct book *, struct book_job *);
/* Puts the number, in any form, on the do-not-call list. */
enum lists_answer book_block(struct book *, struct book_job *, struct span number);
