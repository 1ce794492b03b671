/* runtime/core/campaigns/list_record_table.h - Shared by the files of this folder that handle records of lists:
 * list_record.c and the files that it calls. Each file calls only files that come earlier in this header. */
#pragma once

#include "runtime/core/campaigns/list_record.h"

struct keeper;

extern const struct part_ops part_ops_list_records;

#define RECORD_SECOND_US UINT64_C(1000000)

/* ---- list_record_table.c ---- */

static inline struct list_record *list_record_at(const struct list_records *records, uint32_t slot)
{
    return &records->all[slot];
}

uint32_t list_record_slot(const struct list_records *, const struct list_record *);
/* Returns the key of the record's row in `by_key`. */
uint64_t list_record_key(uint32_t campaign, uint64_t record);
/* Marks the row, which is about to change, so that the next digest hashes it anew, and returns the row. */
struct list_record *list_record_edit(struct list_records *, struct list_record *);
/* Sets the record's timer. The timer runs in logical time; the wall clock may be set meanwhile, so the row is looked at
 * again when the timer fires. */
void list_record_timer(struct list_records *, uint32_t slot, uint64_t in_us);

/* ---- list_record_count.c ---- */

/* Sets the record's state and its campaign's counts. The change must be legal (record_states.def). */
void list_record_becomes(struct list_records *, uint32_t slot, enum record_state);
/* Returns the campaign that paces and counts the record; NULL: none does. */
struct campaign *campaign_at(const struct campaigns *, uint32_t slot);
/* Sets the number of claims on agents for the record, and whether an agent has passed the record over. */
void campaign_agents_asked(struct campaigns *, uint32_t slot, uint16_t claims, bool passed_over);
/* True: the campaign's counts agree with its records. */
bool campaign_counts_hold(const struct campaigns *, const struct campaign *);

/* ---- list_record_tell.c ---- */

enum { LIST_RECORD_AGAIN_US = 30000000 }; /* pause before the core sends an update again that the list could not take */

/* Sends the row's unanswered update, also when it was sent before. */
void list_record_send(struct list_records *, uint32_t slot);
/* Sends the update to the list. For a record that waits for its holder, use list_record_tell_row. */
void list_record_says(struct list_records *, uint32_t slot, const struct record_update *);
/* Stores the update in the row; it is sent later. */
void list_record_keeps(struct list_records *, struct list_record *, const struct record_update *);
/* Removes the row's update, because it was answered or is replaced. The row must be marked by list_record_edit. */
void list_record_drops(struct list_records *, struct list_record *);
/* Tells the list that no agent came in time to the person who has answered. The list notes that at the attempt, and
 * for a time does not have the person called. */
void list_record_abandoned(struct list_records *, uint32_t slot);

/* ---- holder.c ---- */

/* An agent holds a record from the end of the agent's part in the call until the agent says that the record is
 * processed.
 *
 * Only a desktop that knows RequestRecord can tell this to the core. Therefore an agent holds a record only after
 * having sent a RequestRecord since the login; the record of any other agent is closed with its call.
 *
 * The rows of one holder are linked. The interaction of a row may go on; once it has ended, the row is open: it
 * waits for its holder as long as the holder is logged in and has no other record, and for some time after a
 * log-out. Then the record is closed with the result that is known. What the holder says about the record is kept in
 * the row; the list gets it with the update that closes the record. */

enum {
    HOLDER_PROCESSED_MAX = 256,      /* how many processed records are remembered */
    HOLDER_FIELDS_BYTES_MAX = 16384, /* most bytes of the fields that an agent changes */
};

struct record_holders {
    struct list_records *records;
    uint64_t processed[HOLDER_PROCESSED_MAX]; /* a ring of keys that are made of campaign, record and agent */
    uint32_t processed_count;
    uint32_t *spoke; /* owned; by slot of agent: the login, from 1, of the agent's last RequestRecord */
    uint32_t spoke_count, spoke_capacity;
    uint64_t spoke_content;
};

/* Notes that the agent (its slot) has sent a RequestRecord in this login. */
void holder_speaks(struct list_records *, uint32_t agent);

/* Returns the slot of the first row that the agent of the given name holds; holder_next leads to the other rows.
 * LIST_RECORD_NONE: none. */
uint32_t holder_first_record(const struct list_records *, uint32_t agent);
/* Makes the agent of the given name the record's holder, and closes open records that the agent held. */
void holder_takes(struct list_records *, uint32_t slot, uint32_t agent);
/* Removes the holder from the row, which is about to be freed or goes back to the buffer. */
void holder_leaves(struct list_records *, uint32_t slot);
/* Does the record wait for its holder although its interaction ends? */
bool holder_is_awaited(const struct list_records *, const struct list_record *);
/* The record's interaction has ended, or its timer has fired: waits for the holder, or closes the record if the
 * holder has been away too long. */
void holder_await(struct list_records *, uint32_t slot);

/* Stores the result that the holder gives; it is sent when the record is closed. The new result replaces an earlier
 * one. */
void holder_wants(struct list_records *, uint32_t slot, const struct record_update *);
/* Puts the given pairs into the row's fields. False: too many bytes, and nothing has changed. */
bool holder_changes_fields(struct list_records *, uint32_t slot, struct span pairs);
void holder_says_result(struct list_records *, uint32_t slot, enum cause result);

/* Takes back a record that the agent has not dialled; what the agent has said of it is dropped. */
enum code holder_gives_back(struct list_records *, uint32_t slot);

/* Closes the record with its holder's result, else with the result of the last dial. */
void holder_closes(struct list_records *, uint32_t slot);
/* Returns the update by which holder_closes closes the record. */
struct record_update holder_last_update(const struct list_records *, const struct list_record *);
/* The list has refused the update that closes the record. True: a shorter update is sent instead, at least one with
 * the last result. */
bool holder_is_refused(struct list_records *, uint32_t slot);

/* holder_has_processed notes that the agent has processed the record; holder_had_processed asks whether that was
 * noted. */
void holder_has_processed(struct list_records *, uint32_t campaign, uint64_t record, uint32_t agent);
bool holder_had_processed(const struct list_records *, uint32_t campaign, uint64_t record, uint32_t agent);

/* ---- list_record.c ---- */

void list_record_free(struct list_records *, uint32_t slot); /* sets the state elsewhere */
/* list_record_begin and list_record_end call the operations of struct list_record_calls. */
unsigned list_record_begin(struct list_records *, uint32_t slot);
void list_record_end(struct list_records *, struct interaction *);

/* ---- list_record_attempt.c ---- */

/* Tells the list that an attempt with the given number begins; the list writes it down. */
void list_record_notes(struct list_records *, uint32_t slot, struct span number);

/* ---- list_record_update.c ---- */

void list_record_forget(void *, struct interaction *);
bool list_record_answered(void *, struct interaction *, const struct message *);

/* ---- list_record_keep.c ---- */

/* list_records_keep and list_records_sound are the operations `keep` and `sound` of the part. */
void list_records_keep(void *, struct keeper *);
bool list_records_sound(void *);
/* Returns what the row adds to the digest's sum; 0: the row is free. */
uint64_t list_record_hash(const struct list_records *, const struct list_record *);
