/* runtime/adapters/desk/api_contacts.c - Contacts of the contact store, and what agents change of them: /api/contacts.
 */
#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/who.h"

/* Notes that a contact wants no messages, for all its numbers and addresses; the store and the log record who has
 * noted it. */
static void on_refuse(struct api_asked *call)
{
    const char *media = json_string_value(json_object_get(call->body, "media"));
    bool on = json_is_true(json_object_get(call->body, "on"));
    json_object_update(call->params, call->body);
    call->desk->services->log(call->desk->link, GCX_LOG_INFO, 0, 0, "%s: contact %lld %s messages of %s",
                              call->session->name,
                              (long long)json_integer_value(json_object_get(call->params, "contact")),
                              on ? "wants no more" : "wants again", media);
    api_from_store(call, desk_keep_refuse, api_answer_job);
}

static void answer_contact_changed(struct desk *desk, struct desk_job *job)
{
    who_changed(desk, job);
    api_answer_job(desk, job);
}

/* Changes a contact. The log names the agent who has changed it, and so does the store. */
static void contact_changes(struct api_asked *call, const char *what, desk_work *work)
{
    json_object_update(call->params, call->body);
    call->desk->services->log(call->desk->link, GCX_LOG_INFO, 0, 0, "%s: contact %lld is %s", call->session->name,
                              (long long)json_integer_value(json_object_get(call->params, "contact")), what);
    api_from_store(call, work, answer_contact_changed);
}

static void on_edit(struct api_asked *call)
{
    contact_changes(call, "changed", desk_keep_edit);
}

static void on_merge(struct api_asked *call)
{
    contact_changes(call, "merged", desk_keep_merge);
}

static void on_link(struct api_asked *call)
{
    contact_changes(call, "given an interaction", desk_keep_link);
}

static void on_undo(struct api_asked *call)
{
    contact_changes(call, "changed back", desk_keep_undo);
}

const struct api_call api_contact_calls[] = {
    {"contacts", .keep = desk_keep_contacts},
    {"contact", .keep = desk_keep_contact},
    {"history", .keep = desk_keep_history},
    {"thread", .keep = desk_keep_thread},
    {"edit", .on = on_edit},
    {"merge", .on = on_merge},
    {"link", .on = on_link},
    {"undo", .on = on_undo},
    {"refuse", .on = on_refuse},
    {.id = NULL},
};
