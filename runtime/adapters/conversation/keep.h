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
/* Why what is said to a customer is not kept, and not sent. */
enum keep_barred { KEEP_MAY, KEEP_WANTS_NONE, KEEP_NO_TEMPLATE };
enum { KEEP_LINES = 200 /* of one answer to KEEP_READ */, KEEP_TYPE = 128 };

/* Before what customers call their messages: ids of agents and of the core cannot be those. */
#define KEEP_OWN "c:"

/* A part of the store. */
struct keep_part {
    int64_t part; /* 0: none */
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
    int64_t interaction; /* the store's; KEEP_PUT gives it */
    int64_t wall_us;
    uint64_t ixn, journal;                        /* FARED: the core's */
    const char *owner;                            /* PUT, SAVE, OVER: of the row `external_id`, */
    char *saved;                                  /* PUT, SAVE: and what it says */
    bool makes;                                   /* SAVE: where the row is missing, it is made */
    char *external_id, *name, *address, *subject; /* PUT; `name` also of SAY, END: the agent's own */
    const char *media;                            /* the store's word; */
    enum store_kind kind;                         /* PUT: of the address; */
    int64_t parent;                               /* PUT: the interaction before it; 0: none, or it is there no more */
    char *msg_id, *from, *text;                   /* SAY; BRING, FETCH: `text` is the name of the file */
    const char *role;                             /* SAY: customer, agent, supervisor, bot, system */
    const char *result;                           /* END; FARED: what became of `msg_id` */
    bool agents_only;                             /* SAY */
    /* SAY, to a customer: looked at where `address` is set, for refusals of `media`; */
    char *own;             /* the address of ours */
    const char *templates; /* a category of standard responses: it is to be one of them; NULL: anything may be said */
    bool refuses;          /* REFUSED: `address` wants no messages of `media` from `own` any more, by the word `text` */
    enum keep_barred barred;   /* it is not kept for that reason */
    char *template, *language; /* the template that it is; NULL: none */
    GPtrArray *values;         /* of char *: of the template's fields; NULL: none */
    struct keep_part part;     /* END: what was written, as the customer is shown it; length 0: nothing. A file: BRING
                                * stores it and fills this in, SAY names it in a message, FETCH reads it */
    GByteArray *bytes;         /* BRING; FETCH gives them */
    int64_t n; /* SAY: the place that the message got in the thread. READ: only lines behind that place are read */
    /* READ: */
    GPtrArray *lines; /* of struct keep_line: what the customer is shown */
    unsigned read;
    bool more; /* there may be lines behind `n` */
    bool good;
    struct error error; /* also where it is good: what the store has found odd */
};

void keep_do(struct store *, struct keep_job *);
bool keep_again(const struct keep_job *); /* it failed: may it succeed later? */
void keep_free(struct keep_job *);        /* what it points to */
