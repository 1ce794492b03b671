/* runtime/core/campaigns/table.h - Shared by list_record.c, which has the table of records, and update.c, which tells
 * the lists. */
#ifndef CORE_CAMPAIGNS_TABLE_H
#define CORE_CAMPAIGNS_TABLE_H

#include "runtime/core/campaigns/list_record.h"

struct keeper;

extern const struct part_ops part_ops_list_records;

/* The operations `keep` and `sound` of the part. */
void list_records_keep(void *, struct keeper *);
bool list_records_sound(void *);

/* The row's share of the digest's sum; a free row has none. */
uint64_t list_record_hash(const struct core *, const struct list_record *);
uint32_t list_record_slot(const struct core *, const struct list_record *);
/* The row is about to change: its share of the digest is counted anew when that is asked for. The row. */
struct list_record *list_record_edit(struct list_records *, struct list_record *);
/* The record is in that state from now on, and its campaign counts it there; the change is legal. */
void list_record_becomes(struct core *, uint32_t slot, enum record_state);
void list_record_free(struct core *, uint32_t slot); /* it becomes elsewhere */
void list_record_timer(struct core *, uint32_t slot, uint64_t in_us);

/* The interaction of a record that is due; NULL with the reason (enum campaign_reason): it cannot begin now, or
 * (CAMPAIGN_WHY_pacer) its strategy has ended at once. */
struct interaction *list_record_begin(struct core *, uint32_t slot, unsigned *why);
/* The interaction is the record's from now on, which is in that state: it has its number, its names and its fields. */
void list_record_runs(struct core *, uint32_t slot, struct interaction *, enum record_state);
bool list_record_has_strategy(const struct core *, uint32_t campaign);

void list_record_send(struct core *, uint32_t slot); /* the update that is not answered goes out, perhaps again */
/* An attempt begins: the list writes it down, with the number. */
void list_record_notes(struct core *, uint32_t slot, struct span number);
void list_record_forget(void *, struct interaction *);
bool list_record_answered(void *, struct interaction *, const struct message *);

#endif
