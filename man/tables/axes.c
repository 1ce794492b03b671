/* man/tables/axes.c - Prints the limit of each kind of table row and how much of the limit is used.
 *
 *     "61 of 127; left: 66"    used: counted from the rows; most: from the bits or the array that holds the number
 *
 * The preprocessor counts the rows: a table is included with each row defined as `+1`. So the counts are right at
 * compile time, and somebody who adds a row sees in gcx-axes(7) how many are left. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "compiler/language/step_limits.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/links/access.h"
#include "runtime/core/people/lead.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/capacity.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/queue_total.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/debug.h"
#include "runtime/core/run/judged.h"
#include "runtime/core/site/business.h"
#include "runtime/core/site/campaign.h"
#include "runtime/core/site/counter.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/reason.h"
#include "runtime/core/site/setting.h"
#include "runtime/core/statistics/statistic.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/invite.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/message.h"
#include "vm/block_data.h"
#include "vm/image.h"
#include "vm/measure.h"
#include "vm/request.h"
#include "vm/schedule.h"

enum {
    MEDIA = 0
#define MEDIUM(medium, family) +1
#include "runtime/core/media/media.def"
    ,
    TIMERS = 1
#define TIMER(KIND, kind, part, self) +1
#include "runtime/core/base/timers.def"
    ,
    PARTS = 0
#define PART(name, type, self) +1
#include "runtime/core/base/parts.def"
    ,
    ABILITIES = 0
#define ABILITY(name, word, number, asks, played, doc) +1
#include "runtime/vocabulary/contract.def"
    ,
    ENVELOPE_FIELDS = 0
#define ENVELOPE(name, number, type, event, effect) +1
#include "runtime/vocabulary/envelope.def"
    ,
    CALL_TYPES = call_type_consult + 1
};

static size_t most_of(const size_t *counts, size_t count)
{
    size_t most = 0;
    for (size_t at = 0; at < count; at++)
        if (counts[at] > most) most = counts[at];
    return most;
}
#define MOST_OF(counts) most_of(counts, sizeof(counts) / sizeof *(counts))

/* The number of exits of each step. */
static const size_t step_exit_counts[] = {
#define STEP(...)    0
#define X(id, code)  +1
#define END_STEP(id) ,
#include "compiler/language/steps_all.def"
};

static const size_t step_parameter_counts[] = {
#define STEP(...)    0
#define P(...)       +1
#define END_STEP(id) ,
#include "compiler/language/steps_all.def"
};

/* The number of fields that each event and effect has of its own. */
static const size_t message_field_counts[] = {
#define EVENT(...)  0
#define EFFECT(...) 0
#define F(...)      +1
#define END(name)   ,
#define EVENT_PACE(...)
#define EVENT_IF(...)
#include "runtime/vocabulary/events.def"
#define EVENT(...)  0
#define EFFECT(...) 0
#define F(...)      +1
#define END(name)   ,
#define EVENT_PACE(...)
#define EVENT_IF(...)
#include "runtime/vocabulary/effects.def"
};

/* Returns the largest code number: codes are numbered by hand, so their largest number counts against the limit, not
 * their count. */
static size_t most_code(void)
{
    static const struct {
        const char *of;
        size_t number;
    } values[] = {
#define ENUM(name)
#define V(of, value, number) {#of, number},
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"
    };
    size_t most = 0;
    for (size_t at = 0; at < sizeof values / sizeof *values; at++)
        if (strcmp(values[at].of, "code") == 0 && values[at].number > most) most = values[at].number;
    return most;
}

static void axis_row(const char *name, const char *aside, const char *doc, const char *where)
{
    char words[512];
    snprintf(words, sizeof words, "%s%sIn %s.", doc, *doc ? " " : "", where);
    row(name, aside, words);
}

/* Prints one limit; if less than a tenth is left, the row says so, and the check of the manual then fails. `full`:
 * the kind already has everything it can ever have, so no warning is printed. */
static void axis_used(const char *name, size_t used, size_t most, const char *doc, const char *where, bool full)
{
    char aside[96];
    const char *scarce = full ? ", full by its nature" : 10 * (most - used) < most ? ", less than a tenth" : "";
    snprintf(aside, sizeof aside, "%zu of %zu; left: %zu%s", used, most, most - used, scarce);
    axis_row(name, aside, doc, where);
}

void axes(void)
{
#define AXIS(name, used, most, where, doc) axis_used(name, used, most, doc, where, false);
#define FULL(name, used, most, where, why) axis_used(name, used, most, why, where, true);
#include "man/tables/axes.def"
}

void axes_of_sites(void)
{
    char most_text[24];
#define SITE(name, most, where, doc)                                                                                   \
    snprintf(most_text, sizeof most_text, "%zu", (size_t)(most));                                                      \
    axis_row(name, most_text, doc, where);
#include "man/tables/axes.def"
}
