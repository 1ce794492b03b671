/* runtime/adapters/conversation/keep.h - Conversations in the contact store. All functions block, and are for the
 * thread that has the store. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/store/store.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"

enum keep {
    KEEP_PUT,
    KEEP_SAVE,
    KEEP_OVER,
    KEEP_SAY,
    KEEP_AFTER,
    KEEP_END,
    KEEP_READ,
    KEEP_BRING,
    KEEP_FETCH,
    KEEP_FARED,
    KEEP_REFUSED
};
/* Why a message to a customer is neither kept nor sent. */
enum keep_barred { KEEP_MAY, KEEP_WANTS_NONE, KEEP_NO_TEMPLATE };
enum { KEEP_LINES = 200 /* most lines in one answer to KEEP_READ */, KEEP_TYPE = 128 };

/* Prefix of the store's ids for messages of customers, so that no customer's id equals an id of an agent or of the
 * core. */
#define KEEP_OWN "c:"

/* A file in the store. */
struct keep_part {
    int64_t part; /* its number in the store; 0: there is no file */
    uint64_t length;
    uint8_t sha256[32];
    char type[KEEP_TYPE]; /* "": none is known */
};

struct keep_line { /* a message of the transcript */
    int64_t n, at_us;
    char *role, *from, *text;
    char *id;              /* the customer's own name of the message; NULL: it has none */
    unsigned marks;        /* the customer is to answer by a mark from 1 to so many; 0: by none */
    struct keep_part file; /* the text is the file's name; part 0: the message names no file */
};

/* A job for the thread of the store, with its result. The texts are freed by g_free(). */
struct keep_job {
    enum keep what;
    int64_t interaction; /* the store's number of the conversation, a result of KEEP_PUT */
    int64_t wall_us;
    uint64_t ixn, journal;                        /* FARED: the core's interaction and journal */
    const char *owner;                            /* PUT, SAVE, OVER: the adapter that owns the row `external_id` */
    char *saved;                                  /* PUT, SAVE: the row's content, in JSON */
    bool makes;                                   /* SAVE: makes the row if it is missing */
    char *external_id, *name, *address, *subject; /* PUT; `name` also of SAY, END: the agent's own name */
    const char *media;                            /* the contact store's word for the medium */
    enum store_kind kind;                         /* PUT: the kind of `address` */
    const char *proof;   /* PUT: digest of the token by which the site names its customer; NULL: none; borrowed */
    int64_t proof_until; /* PUT: the token holds until then, microseconds since 1970 UTC */
    bool verified;       /* result of PUT: the token has not been used before */
    bool typed;          /* SAY: the customer has typed the address, and may type a code that was sent there */
    enum store_code_result code; /* result of SAY: what the text was */
    int64_t tries;               /* result of SAY: how many texts were tried for the code, this one counted */
    int64_t parent;              /* PUT: the store's number of the interaction before this one; 0: none */
    char *msg_id, *from, *text;  /* SAY; BRING, FETCH: `text` is the file's name */
    enum message_kind kind_said; /* SAY: message_kind_other: a text, or a file */
    char *of, *ours, *about;     /* SAY, AFTER: as in struct content_made, or as of a text of ours; NULL: none */
    char *other;                 /* SAY: the message's name, if another text has `msg_id`; NULL: it has no other */
    bool renamed;                /* result of SAY: it has that name */
    const char *role;            /* SAY: customer, agent, supervisor, bot or system wrote the message */
    const char *result;          /* END: the result; FARED: what became of `msg_id` */
    bool agents_only;            /* SAY: the message is not shown to the customer */
    bool brings;                 /* SAY: the bytes of its file are wanted, too */
    /* SAY, to a customer: if `address` is set, the store is asked whether that address refuses messages of `media` */
    char *own;                 /* our address */
    const char *templates;     /* the text must be a standard response of this category; NULL: any text */
    bool refuses;              /* REFUSED: by the word `text`, `address` wants no more messages of `media` from `own` */
    enum keep_barred barred;   /* result of SAY: why the message was not kept */
    char *template, *language; /* name and language of the template that the text matches; NULL: no template */
    GPtrArray *values;         /* of char *: the values of the template's fields; NULL: none */
    struct keep_part part;     /* END: the transcript as the customer has seen it; length 0: there is none. A file:
                                * BRING stores it and sets this, SAY names it in a message, FETCH reads it */
    GByteArray *bytes;         /* the file's bytes: input of BRING, result of FETCH, and of SAY with `brings` */
    int64_t n; /* SAY: the place that the message got in the conversation. READ: only lines after this place are read */
    /* READ: */
    GPtrArray *lines; /* result of READ, of struct keep_line: messages that the customer may see */
    unsigned read;
    bool more; /* result of READ: there may be more lines after `n` */
    bool good;
    struct error error; /* if `good`: something odd in the store; otherwise: why the job failed */
};

void keep_do(struct store *, struct keep_job *);
bool keep_again(const struct keep_job *); /* may a job that failed succeed if it is tried again? */
void keep_free(struct keep_job *);        /* frees what the job points to */
