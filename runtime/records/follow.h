/* runtime/records/follow.h - Follows a journal, whether or not a gcxvm is writing it, and writes its records.
 *
 * The journal is replayed from its first batch in a core, whose effects are not performed, as only a core knows the
 * meaning of a journal. Rows are written from the sink's position on. */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

struct natives;

struct follow_options {
    const char *state;       /* the folder of the journal */
    const char *target;      /* as sink_open takes it */
    struct natives *natives; /* the natives that the journal's images may call; borrowed */
    bool once;               /* ends when it has caught up with the journal; a missing journal is then an error */
    const volatile sig_atomic_t *stop; /* not 0: following ends, in order */
    void (*note)(void *self, const char *text);
    void *self;
};

/* How gcxrecords ends: runtime/records/exits.def. */
enum records_exit {
#define EXIT(name, number, doc) RECORDS_##name = number,
#include "runtime/records/exits.def"
#undef EXIT
};

/* Follows until it is stopped, or cannot go on: then `error` says why. */
enum records_exit records_follow(const struct follow_options *, struct error *);
