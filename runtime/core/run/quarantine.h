/* runtime/core/run/quarantine.h - Events and timers that have crashed a core twice.
 *
 * At its next start the core finds the mark that it wrote before the crash (core_options.mark) and puts the event
 * into quarantine: by the event Quarantined, which is in the journal, so each replay does so at the same place. The
 * interaction goes where it would go if its strategy failed: a call to its default destinations. The event itself is
 * skipped when its link sends it again; a timer is removed. The table keeps these events and timers for people, the
 * newest QUARANTINED_MAX. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"

enum { QUARANTINED_MAX = 64 };

/* What happened to the interaction of an event or timer in quarantine. */
enum quarantine_end {
#define QUARANTINE_END(id, words) QUARANTINE_##id,
#include "runtime/core/run/quarantine.def"
    QUARANTINE_ENDS
};

struct quarantined {
    struct core_mark mark; /* the mark of the crash; kind 0: it was a timer */
    uint64_t since_us;     /* wall clock: when the event or timer was put into quarantine */
    uint64_t passed;       /* how often the event of the mark came again and was skipped */
    uint64_t passed_batch; /* number of the last batch in which the event was skipped */
    bool recorded;         /* the event is in the journal: replays skip it at its place */
    uint8_t end;           /* enum quarantine_end */
};

struct quarantines {
    struct quarantined all[QUARANTINED_MAX]; /* the oldest first */
    uint32_t count;
    uint64_t content;
};

/* Writes what the event is into the mark. */
void quarantine_mark(struct core *, const struct message *, struct core_mark *);
/* True: the event is in quarantine. Then quarantine_passes is called instead of taking the event. */
bool quarantine_has(const struct core *, const struct core_mark *);
void quarantine_passes(struct core *, const struct message *, const struct core_mark *);

/* A replay skips the event, which is in the journal: ids of later interactions stay the same. */
void quarantine_skips(struct core *, const struct message *);
/* True: the mark's event or timer was put into quarantine, whether its event has come again or not. */
bool quarantine_knows(const struct core *, const struct core_mark *);

/* Quarantined. */
void quarantine_on(struct core *, const struct message *);
