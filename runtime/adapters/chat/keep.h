/* runtime/adapters/chat/keep.h - Chats in the contact store. All of it blocks, and is for the thread that has the
 * store. */
#ifndef CHAT_KEEP_H
#define CHAT_KEEP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "vm/error.h"

struct store;

enum keep { KEEP_PUT, KEEP_SUBMITTED, KEEP_SAY, KEEP_END, KEEP_READ, KEEP_BRING, KEEP_FETCH };
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

/* A job of the store's thread, and its result. The owner frees texts by g_free(). */
struct keep_job {
    enum keep what;
    int64_t interaction; /* the store's; KEEP_PUT gives it */
    int64_t wall_us;
    uint64_t ixn, journal;                      /* SUBMITTED: the core's */
    char *external_id, *name, *email, *subject; /* PUT */
    char *msg_id, *from, *text;                 /* SAY; BRING, FETCH: `text` is the name of the file */
    const char *role;                           /* SAY: customer, agent, supervisor, bot, system */
    const char *result;                         /* END */
    bool agents_only;                           /* SAY */
    struct keep_part part; /* END: what was written, as the customer is shown it; length 0: nothing. SAY: the file that
                            * the message names, brought before; BRING gives it; FETCH: it is wanted */
    GByteArray *bytes;     /* BRING; FETCH gives them */
    int64_t n;             /* SAY: its place; READ: lines behind this one */
    /* READ: */
    char *lines[KEEP_LINES]; /* messages as the customer gets them; malloc'ed */
    unsigned read, count;
    bool more; /* there may be lines behind `n` */
    bool good;
    struct error error; /* also where it is good: what the store has found odd */
};

void keep_do(struct store *, struct keep_job *);
bool keep_again(const struct keep_job *); /* it failed: may it succeed later? */
void keep_free(struct keep_job *);        /* what it points to */

/* A line of the transcript as the customer gets it, malloc'ed. `id`: the customer's own name of it; NULL: it has none.
 * `file`: the text is its name; NULL: it names none. */
char *chat_keep_line(int64_t n, int64_t wall_us, const char *role, const char *from, const char *id, const char *text,
                     const struct keep_part *file);

#endif
