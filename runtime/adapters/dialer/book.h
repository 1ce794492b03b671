/* runtime/adapters/dialer/book.h - The calling lists, as the dialer's thread keeps them: open, or opened again after a
 * pause; the session; the terms of each campaign; and the contact store, which knows who refuses calls. All of it
 * blocks, and is for that thread. */
#pragma once

#include <glib.h>

#include "runtime/adapters/dialer/setting.h"
#include "runtime/lists/lists.h"
#include "runtime/vocabulary/message.h"

enum job_kind {
    JOB_EFFECT, /* CheckList, FetchRecords, CheckRecord, UpdateRecord, ShowChain */
    JOB_OFFER,  /* the records that the session has and that are not under way: all of them */
    JOB_BACK,   /* give back a record's chain, as the core has not taken the record */
    JOB_ALIVE,  /* note that this session lives, and bury the sessions that do not */
    JOB_LOOK,   /* have records come since the last look? */
    JOB_COUNT,  /* what do the lists have for the campaigns that fetch? */
};

/* A record for the core. */
struct handed_record {
    int64_t record, version;
    char campaign[LISTS_WORD_MAX + 1];
    GBytes *frame; /* EventRecord */
};

/* A record that no core could read: other programs write lists, too. */
struct useless {
    int64_t record, version;
};

/* The counts of a list for a campaign. */
struct book_counted {
    char campaign[LISTS_WORD_MAX + 1];
    struct lists_counts counts;
};

/* A job of the book's thread, and its result. */
struct book_job {
    enum job_kind what;
    int64_t wall_us;
    uint64_t now_us, journal; /* journal: the number of the core's */
    uint8_t *frame;           /* the effect's frame; owned */
    struct message effect;
    int64_t record, version; /* BACK */
    enum code code;          /* BACK: why the record comes back; at the end of the job, its result */
    struct error error;      /* the reason, where `code` is not ok */
    GPtrArray *records;      /* the records for the core, struct handed_record; NULL: none */
    struct kv value;         /* the value of EventDone */
    GArray *useless;         /* of struct useless; NULL: none */
    bool failed;             /* the database is away, or failed */
    GPtrArray *newer;        /* LOOK: names of lists to which records have come; an empty name: any list */
    GArray *counted;         /* COUNT: of struct book_counted */
    int64_t spent_us;        /* COUNT: so long the lists were busy with it */
    char note[400];          /* for the log; empty: nothing */
    int level;               /* of `note` */
};

struct terms { /* of a campaign */
    char list[LISTS_WORD_MAX + 1], consent[LISTS_WORD_MAX + 1];
    struct lists_terms lists; /* its `consent` is the one above */
    bool swept, fetches;
    char *filter, *order; /* filter and order by which the campaign has fetched, owned; NULL: none */
};

struct book {
    const struct dialer_setting *setting;
    char session[LISTS_WORD_MAX + 1]; /* NAME#JOURNAL */
    unsigned name_length;
    uint64_t journal;    /* the journal's number of the core that asks */
    bool settled;        /* records that it held for a core whose journal is gone have been given back */
    struct lists *lists; /* NULL: not open */
    struct store *store; /* NULL: not open, or not set; it is open where the lists are */
    int64_t newest;      /* the newest record at the last look; -1: there was none */
    bool away;           /* the lists are away, which the log has been told */
    uint64_t again_us, pause_us;
    uint64_t clock_us;     /* when the next search for a clock that was ahead is due */
    GHashTable *campaigns; /* of struct terms, by name */
    struct writer writer;
    struct kv kv;
};

void book_init(struct book *, const struct dialer_setting *);
void book_free(struct book *);

/* book_job.c: one job, with its result in it. */
void book_do(struct book *, struct book_job *);
void job_free(struct book_job *);

/* For the files of the thread. */
const char *book_session(const struct book *);
/* A core of another journal counts its refs from 1 again, and knows nothing of what this dialer had before: it gets a
 * session of its own. */
void book_session_set(struct book *, uint64_t journal);
/* Are the lists open, or can be opened now? False: it is not time to try again, or that failed, too. */
bool book_list_is_there(struct book *, struct book_job *);
/* The lists and then a file of ours have the moment until which this dialer has written. False where they failed. */
bool book_written_note(struct book *, struct book_job *);
/* Looks for what a clock has written that was ahead, such as rests that end in years, and puts it into the job's note:
 * each hour, until `gcxlists clock` has mended it. False: the lists failed. */
bool book_clock_look(struct book *, struct book_job *);
/* Makes the lists' answer the result of the job, and returns its code. A database that failed is closed, and opened
 * later. */
enum code book_answer(struct book *, struct book_job *, enum lists_answer);
/* A call that only says whether it went well; what is not the database's is the asker's. */
bool book_went(struct book *, struct book_job *, bool good);
/* The terms that the effect says, in these two fields; they are remembered for UpdateRecord, which does not say them.
 * NULL: they are none, which is the job's answer. */
const struct terms *book_terms(struct book *, struct book_job *, unsigned campaign, unsigned field);
const struct terms *book_terms_of(struct book *, struct span campaign); /* NULL: this process does not know them */

/* LISTS_do_not_call: a contact of this number, in its normal form, refuses calls. */
enum lists_answer book_refused(struct book *, struct book_job *, const char *number);

/* handed.c: puts the record among the job's, with the ref of the effect that wants it; 0: none does. */
void handed_put(struct book *, struct book_job *, const struct lists_record *, uint64_t ref);

/* update.c */
void update_do(struct book *, struct book_job *);
/* Blocks the number, however it is written: it must not be called any more. */
enum lists_answer book_block(struct book *, struct book_job *, struct span number);
