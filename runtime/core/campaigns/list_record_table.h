/* runtime/core/campaigns/list_record_table.h - Shared by the files of this room that make up records of lists:
 * list_record.c and those below it. Each calls only those above it in this file. */
#pragma once

#include "runtime/core/campaigns/list_record.h"

struct keeper;

extern const struct part_ops part_ops_list_records;

/* ---- list_record_table.c ---- */

static inline struct list_record *list_record_at(const struct list_records *records, uint32_t slot)
{
    return &records->all[slot];
}

uint32_t list_record_slot(const struct list_records *, const struct list_record *);
/* The key of its row in `by_key`. */
uint64_t list_record_key(uint32_t campaign, uint64_t record);
/* The row is about to change: its share of the digest is counted anew when that is asked for. The row. */
struct list_record *list_record_edit(struct list_records *, struct list_record *);
/* Sets the row's timer. It runs in logical time; the wall clock may be set meanwhile, so the row is looked at again
 * when the timer fires. */
void list_record_timer(struct list_records *, uint32_t slot, uint64_t in_us);

/* ---- list_record_count.c ---- */

/* The record is in that state from now on, and its campaign counts it there; the change is legal. */
void list_record_becomes(struct list_records *, uint32_t slot, enum record_state);
/* The campaign that counts the record: it paces the record, which has not ended. NULL: none does. */
struct campaign *campaign_at(const struct campaigns *, uint32_t slot);
/* Agents are chosen for the record, or no longer; one of them has passed it over. */
void campaign_agents_asked(struct campaigns *, uint32_t slot, uint16_t claims, bool passed_over);
/* True: the counts are those of the records. */
bool campaign_counts_hold(const struct campaigns *, const struct campaign *);

/* ---- list_record_tell.c ---- */

enum { LIST_RECORD_AGAIN_US = 30000000 }; /* the list could not take it: told again so much later */

/* The update that is not answered goes out, perhaps again. */
void list_record_send(struct list_records *, uint32_t slot);
/* Tells the list; of a record that waits for its holder list_record_tell_row does. */
void list_record_says(struct list_records *, uint32_t slot, const struct record_update *);
/* The row has this update, which is to be sent. */
void list_record_keeps(struct list_records *, struct list_record *, const struct record_update *);
/* The update is over, or another one takes its place. The row is in no sum. */
void list_record_drops(struct list_records *, struct list_record *);
/* The list is told that nobody came in time to the person who has answered: it writes so to the attempt, and the person
 * rests. */
void list_record_abandoned(struct list_records *, uint32_t slot);

/* ---- holder.c ---- */

/* An agent holds a record from the end of the agent's part in the call until the agent says that the record is
 * processed.
 *
 * Only a desktop that knows of records says that: an agent who has asked or said anything of records since the login
 * holds one. The record of another agent is closed with its call.
 *
 * The rows of one holder are linked. A row's interaction may live on; once that has ended, the row is open: it waits
 * for its holder as long as the holder is logged in and has no other record, and some time after a log-out. Then it is
 * closed with what is known. The holder's words about the record are buffered in the row; the list hears them with
 * the update that closes the record. */

enum {
    HOLDER_PROCESSED_MAX = 256,      /* so many records that were processed are remembered */
    HOLDER_FIELDS_BYTES_MAX = 16384, /* most bytes of the fields that an agent changes */
};

struct record_holders {
    struct list_records *records;
    uint64_t processed[HOLDER_PROCESSED_MAX]; /* a ring of keys of campaign, record and agent */
    uint32_t processed_count;
    uint32_t *spoke; /* owned; by slot of agent: the login in which the agent spoke of records last, counted from 1 */
    uint32_t spoke_count, spoke_capacity;
    uint64_t spoke_content;
};

/* The agent (its slot) speaks of records. */
void holder_speaks(struct list_records *, uint32_t agent);

/* The slot of the first row that the agent of that name has; holder_next leads to the others. LIST_RECORD_NONE: none.
 */
uint32_t holder_first_record(const struct list_records *, uint32_t agent);
/* The agent of that name has the record from now on; open ones that the agent had are closed. */
void holder_takes(struct list_records *, uint32_t slot, uint32_t agent);
/* The row is about to be freed, or goes back to the buffer: nobody has it any more. */
void holder_leaves(struct list_records *, uint32_t slot);
/* True: the record waits for its holder although its interaction ends. */
bool holder_is_awaited(const struct list_records *, const struct list_record *);
/* Its interaction has ended, or its time to be looked at has come: it is closed if its holder has been away too long.
 */
void holder_await(struct list_records *, uint32_t slot);

/* The record is to become that once it is closed; it takes the place of what was said before. */
void holder_wants(struct list_records *, uint32_t slot, const struct record_update *);
/* Puts these pairs into the row's fields. False: too many bytes, and nothing has changed. */
bool holder_changes_fields(struct list_records *, uint32_t slot, struct span pairs);
void holder_says_result(struct list_records *, uint32_t slot, enum cause result);

/* The record, which the agent has not dialled, goes back; nothing that was said of it counts. */
enum code holder_gives_back(struct list_records *, uint32_t slot);

/* Closes the record with what was said of it, or with its last result. */
void holder_closes(struct list_records *, uint32_t slot);
/* The update that closes it so. */
struct record_update holder_last_update(const struct list_records *, const struct list_record *);
/* The list has refused that update. True: it is told less instead, the last result at least. */
bool holder_is_refused(struct list_records *, uint32_t slot);

/* The agent has processed it; and has the agent? */
void holder_has_processed(struct list_records *, uint32_t campaign, uint64_t record, uint32_t agent);
bool holder_had_processed(const struct list_records *, uint32_t campaign, uint64_t record, uint32_t agent);

/* ---- list_record.c ---- */

void list_record_free(struct list_records *, uint32_t slot); /* it becomes elsewhere */
/* Operations of the rooms above (struct list_record_calls). */
unsigned list_record_begin(struct list_records *, uint32_t slot);
void list_record_end(struct list_records *, struct interaction *);

/* ---- list_record_attempt.c ---- */

/* An attempt begins: the list writes it down, with the number. */
void list_record_notes(struct list_records *, uint32_t slot, struct span number);

/* ---- list_record_update.c ---- */

void list_record_forget(void *, struct interaction *);
bool list_record_answered(void *, struct interaction *, const struct message *);

/* ---- list_record_keep.c ---- */

/* The operations `keep` and `sound` of the part. */
void list_records_keep(void *, struct keeper *);
bool list_records_sound(void *);
/* The row's share of the digest's sum; a free row has none. */
uint64_t list_record_hash(const struct list_records *, const struct list_record *);
