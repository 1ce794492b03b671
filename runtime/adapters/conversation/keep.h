/* runtime/adapters/conversation/keep.h - Conversations in the contact store. All of it blocks, and is for the thread
 * that has the store. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/store/store.h"
#include "base/error.h"

enum keep {
    KEEP_PUT,
    KEEP_SAVE,
    KEEP_OVER,
    KEEP_SAY,
    KEEP_END,
    KEEP_READ,
    KEEP_BRING,
    KEEP_FETCH,
    KEEP_FARED,
    KEEP_REFUSED
};
/* Why a message to a customer is neither kept nor sent. */
enum keep_barred { KEEP_MAY, KEEP_WANTS_NONE, KEEP_NO_TEMPLATE };
enum { KEEP_LINES = 200 /* of one answer to KEEP_READ */, KEEP_TYPE = 128 };

/* The beginning of the store's ids for customers' messages, so that no customer's name of a message equals an id of an
 * agent or of the core. */
#define KEEP_OWN "c:"

/* A part of the store. */
struct keep_part {
    int64_t part; /* its number in the store; 0: there is none */
    uint64_t length;
    uint8_t sha256[32];
    char type[KEEP_TYPE]; /* "": none is known */
};

struct keep_line { /* a message of the transcript */
    int64_t n, at_us;
    char *role, *from, *text;
    char *id;              /* the customer's own name of it; NULL: it has none */
    struct keep_part file; /* the text is its name; part 0: it names none */
};

/* A job of the store's thread, and its result. The owner frees texts by g_free(). */
struct keep_job {
    enum keep what;
    int64_t interaction; /* the store's number of the conversation, which KEEP_PUT sets */
    int64_t wall_us;
    uint64_t ixn, journal;                        /* FARED: the core's interaction and journal */
    const char *owner;                            /* PUT, SAVE, OVER: the adapter that owns the row `external_id` */
    char *saved;                                  /* PUT, SAVE: the row's content, in JSON */
    bool makes;                                   /* SAVE: makes the row if it is missing */
    char *external_id, *name, *address, *subject; /* PUT; `name` also of SAY, END: the agent's own */
    const char *media;                            /* the store's word for the medium */
    enum store_kind kind;                         /* PUT: the kind of `address` */
    int64_t parent;             /* PUT: the store's number of the interaction before it; 0: none is there */
    char *msg_id, *from, *text; /* SAY; BRING, FETCH: `text` is the name of the file */
    const char *role;           /* SAY: customer, agent, supervisor, bot, system */
    const char *result;         /* END; FARED: what became of `msg_id` */
    bool agents_only;           /* SAY: the customer is not shown it */
    /* SAY, to a customer: where `address` is set, it is asked whether it refuses messages of `media` */
    char *own;             /* our address */
    const char *templates; /* the text must be a standard response of this category; NULL: any text may be said */
    bool refuses;          /* REFUSED: `address` wants no messages of `media` from `own` any more, by the word `text` */
    enum keep_barred barred;   /* result of SAY: why it was not kept */
    char *template, *language; /* name and language of the template that the text is; NULL: it is none */
    GPtrArray *values;         /* of char *: the values of the template's fields; NULL: none */
    struct keep_part part;     /* END: what was written, as the customer is shown it; length 0: nothing. A file: BRING
                                * stores it and fills this in, SAY names it in a message, FETCH reads it */
    GByteArray *bytes;         /* the file's bytes: given to BRING, and a result of FETCH */
    int64_t n; /* SAY: the place that the message got in the thread. READ: only lines behind that place are read */
    /* READ: */
    GPtrArray *lines; /* of struct keep_line: what the customer is shown */
    unsigned read;
    bool more; /* there may be lines behind `n` */
    bool good;
    struct error error; /* where `good`: what the store has found odd; else why the job failed */
};

void keep_do(struct store *, struct keep_job *);
bool keep_again(const struct keep_job *); /* may a job that failed succeed later? */
void keep_free(struct keep_job *);        /* frees what the job points to */
