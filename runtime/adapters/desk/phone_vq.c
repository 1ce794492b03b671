/* runtime/adapters/desk/phone_vq.c - The virtual queue for which an agent was chosen to have a call.
 *
 * The switch does not know it: the core is asked once for each call, and again when the agent begins to talk. Links of
 * the site are for such queues (links.h). A question that the core does not answer is forgotten, as the link is no more
 * than a help. */
#include <stdio.h>

#include "runtime/adapters/desk/phone.h"
#include "runtime/vocabulary/controls.h"

enum { VQ_ASKED_MAX = 1000, VQ_TOKEN = 24 };

static void vq_token(uint64_t token, char text[VQ_TOKEN])
{
    snprintf(text, VQ_TOKEN, "%" G_GUINT64_FORMAT, token);
}

void phone_vq_ask(const struct phone *phone, const char *conn)
{
    struct desk *desk = phone->agent->desk;
    char key[VQ_TOKEN];
    uint64_t token = ++desk->requests;
    if (json_object_size(desk->vqs) >= VQ_ASKED_MAX) json_object_clear(desk->vqs);
    struct writer *writer = desk_core_begin(desk, KIND_Read);
    writer_u(writer, Read_token, token);
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, conn);
    vq_token(token, key);
    if (desk->services->read(desk->link, writer_end(writer)))
        json_object_set_new(desk->vqs, key, json_pack("{s:s, s:s}", "agent", phone->agent->name, "conn", conn));
}

void phone_vq_answered(struct desk *desk, const struct message *reply)
{
    char key[VQ_TOKEN];
    struct kv_value vq;
    vq_token(message_u(reply, ReadReply_token), key);
    json_t *asked = json_incref(json_object_get(desk->vqs, key));
    json_object_del(desk->vqs, key);
    const struct desk_agent *agent = g_hash_table_lookup(desk->agents, desk_text(asked, "agent"));
    json_t *call = agent && agent->phone ? json_object_get(agent->phone->calls, desk_text(asked, "conn")) : NULL;
    if (call && kv_get(message_text(reply, ReadReply_value), "vq", &vq) && vq.tag == KV_TEXT) {
        desk_put_text(call, "vq", vq.span);
        agent_tell(agent->phone->agent, json_incref(call));
    }
    json_decref(asked);
}
