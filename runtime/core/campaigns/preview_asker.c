/* runtime/core/campaigns/preview_asker.c - The request to dial a record in preview, and its answer. */
#include "runtime/core/campaigns/preview.h"

#include <assert.h>

#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/links/link.h"
#include "runtime/vocabulary/effects_link.h"

void preview_asker_set(struct list_records *records, struct list_record *row, const struct message *message)
{
    list_record_edit(records, row)->asked_client = message ? message_u(message, ENVELOPE_client) : 0;
    row->asked_req = message ? message_u(message, ENVELOPE_req) : 0;
    row->asked_link = message ? (uint16_t)message_u(message, ENVELOPE_source) : 0;
}

void preview_answer(struct list_records *records, struct list_record *row, unsigned code, const char *text)
{
    assert(row->asked_link != 0);
    struct effect reply = {
        .kind = KIND_Reply, .link = row->asked_link, .client = row->asked_client, .req = row->asked_req};
    preview_asker_set(records, row, NULL);
    if (!link_usable(records->links, reply.link)) return;
    effect_begin(records->effects, &reply);
    writer_u(&records->effects->writer, Reply_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(&records->effects->writer, Reply_code, code);
    writer_text(&records->effects->writer, Reply_text, text);
    effect_end(records->effects);
}

void preview_asking_ends(struct list_records *records, uint32_t slot)
{
    assert(records->all[slot].state == RECORD_asking);
    bool dialled = list_record_attempted(&records->all[slot]);
    list_record_becomes(records, slot, dialled ? RECORD_open : RECORD_preview);
}

void preview_withdrawn(struct list_records *records, struct list_record *row)
{
    if (row->asked_link == 0) return;
    preview_answer(records, row, code_closed, "the record was processed before the list had allowed it");
    if (row->state == RECORD_asking) preview_asking_ends(records, list_record_slot(records, row));
}
