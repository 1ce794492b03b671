/* runtime/core/campaigns/held.h - Records that an agent has: from the end of the agent's part in the call until the
 * agent says that the record is processed.
 *
 * Only a desktop that knows of records says that: an agent who has asked or said anything of records since the login
 * has one. The record of another agent is closed with its call.
 *
 * The rows of list_record.h that have one holder are linked. A row's interaction may live on; once that has
 * ended, the row is open: it waits for its holder as long as the holder is logged in and has no other record, and some
 * time after a log-out. Then it is closed with what is known. What the holder says of the record is buffered in the
 * row; the list hears it with the update that closes the record. */
#ifndef CORE_CAMPAIGNS_HELD_H
#define CORE_CAMPAIGNS_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

struct core;
struct list_record;

enum {
    HELD_DONE_MAX = 256,           /* so many records that were processed are remembered */
    HELD_FIELDS_BYTES_MAX = 16384, /* most bytes of the fields that an agent changes */
};

struct held_records {
    uint64_t done[HELD_DONE_MAX]; /* a ring of keys of campaign, record and agent */
    uint32_t done_count;
    uint32_t *spoke; /* owned; by slot of agent: the login in which the agent spoke of records last, counted from 1 */
    uint32_t spoke_count, spoke_capacity;
    uint64_t spoke_content;
};

/* The agent (its slot) speaks of records. */
void held_speaks(struct core *, uint32_t agent);

/* The slot of the first row that the agent of that name has; held_after leads to the others. LIST_RECORD_NONE: none. */
uint32_t held_first(const struct core *, uint32_t agent);
/* The agent of that name has the record from now on; open ones that the agent had are closed. */
void held_take(struct core *, uint32_t slot, uint32_t agent);
/* The row is about to be freed, or goes back to the buffer: nobody has it any more. */
void held_drop(struct core *, uint32_t slot);
/* True: the record waits for its holder although its interaction ends. */
bool held_stays(const struct core *, const struct list_record *);
/* Its interaction has ended, or its time to be looked at has come: it is closed if its holder has been away too long.
 */
void held_look(struct core *, uint32_t slot);

/* The record is to become that once it is closed; it takes the place of what was said before. */
struct record_update;
void held_say(struct core *, uint32_t slot, const struct record_update *);
/* Puts these pairs into the row's fields. False: too many bytes, and nothing has changed. */
bool held_fields(struct core *, uint32_t slot, struct span pairs);
void held_forget_fields(struct core *, uint32_t slot);
void held_result(struct core *, uint32_t slot, enum cause result);

/* Closes the record with what was said of it, or with its last result. */
void held_close(struct core *, uint32_t slot);
/* The update that closes it so. */
struct record_update held_last(const struct core *, const struct list_record *);
/* The list has refused that update. True: it is told less instead, the last result at least. */
bool held_refused(struct core *, uint32_t slot);

/* The agent has processed it; and has the agent? */
void held_done(struct core *, uint32_t campaign, uint64_t record, uint32_t agent);
bool held_was_done(const struct core *, uint32_t campaign, uint64_t record, uint32_t agent);

void held_free(struct list_record *); /* its memory */

#endif
