/* runtime/core/directory/import.h - Import of the directory: events bring rows, and a commit brings the rows into
 * force. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/site/business.h"
#include "runtime/vocabulary/message.h"

struct core;
struct directory;

/* One staged row, or all parts of one business table. Begins as all zero. staged_next frees `rows` of the previous
 * entry; a caller who stops before the end must free them. */
struct staged {
    uint32_t at; /* offset of the next staged row */
    unsigned table;
    struct span key, row; /* an empty row removes the entry */
    int64_t until_us;
    bool is_rows;         /* true: the entry is a business table, in `rows` */
    struct business rows; /* sorted by key */
    bool damaged;         /* true: the table is too large, or a part is missing */
    /* True: a change by hand: of the row `item` of a table, else of the whole value. An empty `row` ends the change. */
    bool hand;
    struct span item, actor, why;
    /* changes by hand among the rows that were read before this one, and their bytes: all come into force together */
    uint32_t hands;
    uint64_t hand_bytes;
};
extern const char import_too_large[]; /* text that continues a sentence after a name */
/* A strategy that shall run at a routing point. */
struct import_activation {
    struct point *point;
    uint16_t program, strategy;
    struct span given; /* borrowed */
    uint8_t percent;
};
struct import_asked { /* as an event says it */
    struct span at, image, strategy, given;
};
enum { REFUSED_MAX = 256 }; /* most bytes of the reason for a refusal */
/* Looks for what the event names. A code other than code_ok: it cannot be activated, and the reason is written. */
enum code core_directory_activation(struct core *, const struct import_asked *, struct import_activation *,
                                    char why[REFUSED_MAX]);
/* Activates the strategy for all arrivals of the point; a rollout of the point ends. */
void core_directory_activate(struct core *, const struct import_activation *);
/* Lets some arrivals of the point have the program, too: opens its queues and brings rules and latches that only it
 * has. Where both programs have one of the same name, that of the point's present program stays in force. */
void core_directory_admit(struct core *, struct point *, uint16_t program);
/* Reads the next staged row. False: there is none. */
bool staged_next(const struct directory *, struct staged *);
/* Reads the staged Activate at the given offset, and moves on to the next. False: there is none. */
bool staged_binding(const struct directory *, uint32_t *at, struct message *);
void staged_forget(struct directory *); /* drops all rows that wait for a commit */

void core_directory_on_row(struct core *, const struct message *);
void core_directory_on_commit(struct core *, const struct message *);
void core_directory_on_activate(struct core *, const struct message *);
/* stores an Activate that belongs to a load */
void core_directory_stage_binding(struct core *, const struct message *);
/* Tells a link that handles calls the configuration of all routing points. */
void core_directory_configure_link(struct core *, unsigned link);
