/* runtime/adapters/desk/receipts.c - The customer is told that an agent has read a message, where the customer's
 * adapter wants to know it. The page says what it shows (looks.c), and the desk tells the core: once when an agent
 * begins to look, and with each message that comes meanwhile. Only an agent who may answer reads for the customer. */
#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/events_work.h"

void receipts_read(struct item *item)
{
    const json_t *tells = json_object_get(json_object_get(item->shown, "data"), CONVERSATION_TELLS_READ);
    if (!item->open || item->looks == LOOKS_NOT || !tells) return;
    if (!authority_allows(ACT_answer, item_kind(item), AUTHORITY_agent)) return;
    struct desk *desk = item->agent->desk;
    struct desk_request *request = core_ask(item->agent, KIND_EventMessage, item->ixn, 0);
    char *msg_id = g_strdup_printf("%s:r%" G_GUINT64_FORMAT, item->agent->name, request->req);
    writer_text(&desk->writer, EventMessage_msg_id, msg_id);
    writer_u(&desk->writer, EventMessage_kind, message_kind_notice);
    writer_u(&desk->writer, EventMessage_notice, notice_read);
    writer_text(&desk->writer, EventMessage_from, item->agent->name);
    writer_u(&desk->writer, EventMessage_role, party_role_agent);
    core_send(request);
    g_free(msg_id);
}

void receipts_heard(struct desk *desk, uint64_t ixn)
{
    GHashTableIter at;
    gpointer agent;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &agent)) {
        struct item *item = item_of(agent, ixn);
        if (item) receipts_read(item);
    }
}
