/* runtime/records/follow.h - Follows a journal, beside the gcxvm that writes it or without one, and writes its records.
 *
 * The journal is replayed from its first batch, with a core whose effects nobody hears: what the core knows stands
 * nowhere else. Rows are written from where the sink's position stands. */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

struct natives;

struct follow_options {
    const char *state;       /* the folder of the journal */
    const char *target;      /* as sink_open takes it */
    struct natives *natives; /* that its images may call; borrowed */
    bool once;               /* ends when it has caught up with the journal; an absent journal is an error then */
    const volatile sig_atomic_t *stop; /* not 0: it ends, in order */
    void (*note)(void *self, const char *text);
    void *self;
};

/* How gcxrecords ends: runtime/records/exits.def. */
enum records_exit {
#define EXIT(name, number, doc) RECORDS_##name = number,
#include "runtime/records/exits.def"
#undef EXIT
};

/* Until it is stopped, or cannot go on: then `error` says why. */
enum records_exit records_follow(const struct follow_options *, struct error *);
