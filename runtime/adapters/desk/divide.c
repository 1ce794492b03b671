/* runtime/adapters/desk/divide.c - Two e-mails become one work, or a part of one becomes a second work.
 *
 *     merge   store: the text, for agents, to the other one --> core: RequestStop `into` --> store: how it ended
 *     split   store: a second e-mail of the customer's words --> core: Submit `split` --> store: the core's number
 *
 * Each step may be repeated: the store knows what was merged by its external id, and a part by the browser's key. A
 * part that the core did not get is submitted again by the plugin `email`, like a mail that has just come.
 *
 * A split `from` takes back a merge. The two e-mails may be of two customers: so the agent's merged items are kept as
 * they were, until the agent logs out or the desk ends. Where the item is not there, only the merge of two e-mails of
 * one customer is taken back. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/desk/said.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"

enum { UNDO_LEAST_S = 10, MERGED_KEPT = 64 };

static bool divide_is_mail(const struct item *item)
{
    return strcmp(desk_text(item->shown, "media"), enum_name_media(media_email)) == 0 && item->stored != 0;
}

/* Takes the reference to `params`. */
static void divide_give(const struct desk_said *said, json_t *params, desk_work *work, desk_done *done)
{
    struct desk_job *job = desk_job_new(said->desk, params);
    job->work = work;
    job->done = done;
    said_keep(said, job);
}

/* ---- merge ---- */

/* The interaction becomes a part of the one that the job's parameter `into` names. */
static void divide_stop(struct desk_agent *agent, const struct desk_job *job, uint64_t part)
{
    struct desk_request *request = core_ask(agent, KIND_RequestStop, part, job->id);
    struct writer *writer = &agent->desk->writer;
    uint64_t into = (uint64_t)json_integer_value(json_object_get(job->params, "into"));
    char ixn[IXN_TEXT];
    struct kv data;
    request->ticket = job->ticket;
    request->after = said_ended;
    request->more = json_string("merged");
    ident_print_ixn(into, ixn);
    kv_init(&data);
    kv_put_text(&data, "merged_into", span_of(ixn));
    writer_kv(writer, RequestStop_data, &data);
    writer_u(writer, RequestStop_into, into);
    kv_free(&data);
    core_send(request);
}

static void merged_name(char name[24], json_int_t stored)
{
    snprintf(name, 24, "%lld", (long long)stored);
}

static void merged_remember(struct desk_agent *agent, json_int_t stored, json_t *shown)
{
    char name[24];
    if (!agent->merged) agent->merged = json_object();
    if (json_object_size(agent->merged) >= MERGED_KEPT) json_object_clear(agent->merged);
    merged_name(name, stored);
    json_object_set(agent->merged, name, shown);
}

static void merged_kept(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = said_kept(desk, job);
    if (!agent) return;
    merged_remember(agent, json_integer_value(json_object_get(job->params, "merged")),
                    json_object_get(job->params, "shown"));
    notes_told(desk, job);
    divide_stop(agent, job, (uint64_t)json_integer_value(json_object_get(job->params, "ixn")));
}

/* What nobody has is merged only into the e-mail that it was split off from, where its text stands already, or if it is
 * one of those that this agent has merged, and taken back. */
static void merged_part(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = said_kept(desk, job);
    if (!agent) return;
    if (job->out)
        divide_stop(agent, job, (uint64_t)json_integer_value(json_object_get(job->params, "part")));
    else
        agent_reply(agent, job->ticket, job->id, "unknown", "You do not have this interaction.", NULL);
}

void divide_said_merge(struct desk_said *said)
{
    uint64_t ixn;
    const struct item *item = item_of(said->agent, said->ixn), *into = NULL;
    if (ident_read_ixn(said_text(said, "into"), &ixn)) into = item_of(said->agent, ixn);
    if (!into || !into->open || into == item || !item_may(into, ACT_answer)) {
        said_refuse(said, "unknown", "into: you do not have this e-mail: take it first.");
        return;
    }
    if (!item || !item->open) { /* it may lie in the agent's workbin */
        divide_give(said,
                    json_pack("{s:s, s:I, s:I, s:I, s:O*}", "ixn", said_text(said, "ixn"), "part",
                              (json_int_t)said->ixn, "into", (json_int_t)ixn, "whole", (json_int_t)into->stored,
                              "merged", said->agent->merged),
                    desk_keep_split_off, merged_part);
        return;
    }
    if (!said_item_for(said, ACT_stop)) return;
    if (!divide_is_mail(item) || !divide_is_mail(into) || *desk_text(json_object_get(item->shown, "data"), "agent")) {
        said_refuse(said, "unsupported", "Only e-mails of customers are merged.");
        return;
    }
    divide_give(said,
                json_pack("{s:I, s:I, s:I, s:O*, s:I, s:O*, s:O*, s:O}", "ixn", (json_int_t)item->ixn, "into",
                          (json_int_t)ixn, "merged", (json_int_t)item->stored, "merged_of",
                          json_object_get(item->shown, "external_id"), "interaction", (json_int_t)into->stored, "of",
                          json_object_get(into->shown, "external_id"), "subject",
                          json_object_get(item->shown, "subject"), "shown", item->shown),
                desk_keep_merged, merged_kept);
}

/* ---- split ---- */

static void split_submitted(struct desk_request *request, const struct message *reply, bool good)
{
    char ixn[IXN_TEXT];
    if (!good || !request->agent) return;
    ident_print_ixn(message_u(reply, ENVELOPE_ixn), ixn);
    json_object_set_new(request->more, "ixn", json_string(ixn));
    struct desk_job *job = desk_job_new(request->agent->desk, json_incref(request->more));
    job->work = desk_keep_sent;
    desk_job_give(request->agent->desk, job);
}

/* The part has the user data of the whole, except what belongs to what was begun there, and to its own text. */
static void split_write_data(struct writer *writer, const json_t *data, json_int_t stored)
{
    static const char *const left_out[] = {"draft",       "draft_by", "wrapup",  "move_reason",
                                           "attachments", "stored",   "message", "receipt_to"};
    struct error error = {0};
    json_t *own = data ? json_copy((json_t *)data) : json_object();
    struct kv kv;
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) json_object_del(own, left_out[i]);
    json_object_set_new(own, "stored", json_integer(stored));
    kv_init(&kv);
    if (!json_to_kv(own, &kv, &error)) {
        kv_clear(&kv);
        kv_put_int(&kv, "stored", stored);
    }
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
    json_decref(own);
}

static void split_write(struct writer *writer, const struct desk_job *job)
{
    const json_t *split = job->params, *shown = json_object_get(split, "shown");
    json_int_t received = json_integer_value(json_object_get(shown, "received")) * MS,
               due = json_integer_value(json_object_get(shown, "due")) * MS;
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_subtype, SUBTYPE_SPLIT);
    writer_text(writer, Submit_external_id, desk_text(split, "external_id"));
    writer_text(writer, Submit_queue, desk_text(split, "queue"));
    writer_u(writer, Submit_parent, (uint64_t)json_integer_value(json_object_get(split, "ixn")));
    writer_text(writer, Submit_from, desk_text(shown, "from"));
    writer_list_begin(writer, Submit_to);
    if (*desk_text(shown, "to")) writer_list_text(writer, span_of(desk_text(shown, "to")));
    writer_list_end(writer);
    writer_text(writer, Submit_subject, desk_text(split, "subject"));
    mail_write_body(writer, Submit_body, job->out);
    if (received > 0) writer_i(writer, Submit_received, received);
    if (due > 0) writer_i(writer, Submit_due, due);
    split_write_data(writer, json_object_get(shown, "data"),
                     json_integer_value(json_object_get(job->out, "interaction")));
    writer_i(writer, Submit_begins, json_integer_value(json_object_get(split, "begins")));
}

static void split_kept(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = said_kept(desk, job);
    if (!agent) return;
    struct desk_request *request = core_ask(agent, KIND_Submit, 0, job->id);
    request->ticket = job->ticket;
    request->after = split_submitted;
    request->more = json_incref(job->out);
    split_write(&desk->writer, job);
    core_send(request);
}

/* Makes a second e-mail of a part of the agent's. It lies in the agent's workbin `later` for as long as it can be taken
 * back, and then goes to its queue. */
void divide_said_split(struct desk_said *said)
{
    const struct item *item = said_item_for(said, ACT_answer);
    struct desk *desk = said->desk;
    if (!item) return;
    if (!divide_is_mail(item) || *desk_text(json_object_get(item->shown, "data"), "agent")) {
        said_refuse(said, "unsupported", "Only an e-mail of a customer is split.");
        return;
    }
    if (*said_text(said, "queue") && !said_shows_queue(said, said_text(said, "queue"), false)) return;
    const char *subject = said_text(said, "subject");
    if (strpbrk(subject, "\r\n\t")) {
        said_refuse(said, "invalid", "subject: it is one line");
        return;
    }
    char from[24];
    merged_name(from, (json_int_t)said_number(said, "from"));
    json_t *merged = json_object_get(said->agent->merged, from);
    char *name =
        g_strdup_printf("%s\n%s\n%s", said->agent->name, desk_text(item->shown, "external_id"), said_text(said, "key"));
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
    char *id = g_strdup_printf(DESK_SPLIT "%.32s", digest);
    int64_t undo_s = MAX((int64_t)desk->setting.undo, UNDO_LEAST_S);
    json_t *params =
        json_pack("{s:I, s:I, s:O*, s:s, s:s, s:O, s:s, s:O, s:O*, s:I, s:b, s:I}", "ixn", (json_int_t)item->ixn,
                  "interaction", (json_int_t)item->stored, "of", json_object_get(item->shown, "external_id"),
                  "external_id", id, "subject", *subject ? subject : desk_text(item->shown, "subject"), "text",
                  json_object_get(said->message, "text"), "queue", said_text(said, "queue"), "shown",
                  merged ? merged : item->shown, "keep", json_object_get(said->message, "keep"), "merged",
                  (json_int_t)said_number(said, "from"), "remembered", merged != NULL, "begins",
                  (json_int_t)desk->services->wall_us(desk->link) + (json_int_t)undo_s * (json_int_t)SECOND_US);
    divide_give(said, params, desk_keep_split, split_kept);
    g_free(name);
    g_free(digest);
    g_free(id);
}
