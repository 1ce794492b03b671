/* runtime/core/run/quarantine.h - Events and timers that have crashed a core twice.
 *
 * The next start of the core finds the mark's words (core_options.mark) and puts the event into quarantine: by the
 * event Quarantined, which stands in the journal, so each replay knows it at the same place. The interaction goes where
 * a failed strategy would send it: a call to its default destinations. The event itself is passed over when its link
 * tells it again; a timer is taken out. The table keeps them for people, the newest QUARANTINED_MAX. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"

enum { QUARANTINED_MAX = 64 };

/* The fate of the interaction. */
enum quarantine_end {
#define QUARANTINE_END(id, words) QUARANTINE_##id,
#include "runtime/core/run/quarantine.def"
    QUARANTINE_ENDS
};

struct quarantined {
    struct core_mark mark; /* the mark of the crash; kind 0: of a timer */
    uint64_t since_us;     /* wall clock: when it was put into quarantine */
    uint64_t passed;       /* how often its event came and was skipped */
    uint64_t passed_batch; /* number of the last batch in which it was skipped */
    bool recorded;         /* the event is in the journal: replays skip it at its place */
    uint8_t end;           /* enum quarantine_end */
};

struct quarantines {
    struct quarantined all[QUARANTINED_MAX]; /* the oldest first */
    uint32_t count;
    uint64_t content;
};

/* The mark's words about an event. */
void quarantine_mark(struct core *, const struct message *, struct core_mark *);
/* True: the event is in quarantine. quarantine_passes then stands for taking it. */
bool quarantine_has(const struct core *, const struct core_mark *);
void quarantine_passes(struct core *, const struct message *, const struct core_mark *);

/* A replay passes over the event, which stands in the journal: calls that came later keep their numbers. */
void quarantine_skips(struct core *, const struct message *);
/* True: the mark's event or timer was put into quarantine, whether its event has come again or not. */
bool quarantine_knows(const struct core *, const struct core_mark *);

/* Quarantined. */
void quarantine_on(struct core *, const struct message *);
