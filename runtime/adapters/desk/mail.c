/* runtime/adapters/desk/mail.c - An e-mail of an agent: it is kept, then submitted to the outbound queue, whose
 * strategy releases it. An e-mail that is sent again under its key, unchanged, counts as the same.
 *
 * The order keeps an e-mail from being lost or sent twice: the store has it first (desk_keep_send), under an
 * external id that is made from its content; then the core gets it by Submit (kept); then the store gets the core's
 * number (mail_submitted). An e-mail that the core did not get stays in the store, where the plugin `email` shows it
 * as not sent; if the core has lost its state, the e-mail is submitted again under the same id. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/adapters/desk/who.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/media.h"
#include "runtime/web/origins.h"

enum {
    ID_CHARS = 32,
    DIGEST = 32,
    CORE_RECIPIENTS_MAX = 256, /* bytes of recipients that the core keeps, with a comma and a space between them */
};
#define LATER_MAX_US INT64_C(31622400000000) /* a mail is sent within a year */

/* ---- the core has the e-mail ---- */

static void mail_submitted(struct desk_request *request, const struct message *reply, bool good)
{
    char ixn[IXN_TEXT];
    if (!good || !request->agent) return;
    struct desk *desk = request->agent->desk;
    const json_t *mail = request->given;
    uint64_t answer = message_u(reply, ENVELOPE_ixn);
    if (json_object_get(mail, "finish"))
        held_begin(request->agent, (uint64_t)json_integer_value(json_object_get(mail, "parent_ixn")), answer, mail);
    ident_print_ixn(answer, ixn);
    json_object_set_new(request->more, "ixn", json_string(ixn));
    struct desk_job *job = desk_job_new(desk, json_incref(request->more));
    job->work = desk_keep_sent;
    job->done = who_follows;
    desk_job_give(desk, job);
}

void mail_write_body(struct writer *writer, unsigned field, const json_t *kept)
{
    char key[32];
    uint8_t digest[DIGEST];
    const char *hex = desk_text(kept, "body_digest");
    snprintf(key, sizeof key, "%lld", (long long)json_integer_value(json_object_get(kept, "body")));
    writer_blob_begin(writer, field);
    writer_text(writer, Blob_store, STORE_NAME);
    writer_text(writer, Blob_key, key);
    writer_u(writer, Blob_length, (uint64_t)json_integer_value(json_object_get(kept, "body_length")));
    for (unsigned i = 0; strlen(hex) == 2 * DIGEST && i < DIGEST; i++)
        digest[i] = (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    if (strlen(hex) == 2 * DIGEST) writer_bytes(writer, Blob_sha256, (struct span){digest, DIGEST});
    writer_text(writer, Blob_media_type, "text/plain;charset=utf-8");
    writer_blob_end(writer);
}

/* Writes the first recipients, as many as the core keeps. The sender takes all of them from the envelope, which the
 * store has. */
static void write_to(struct writer *writer, const json_t *to)
{
    size_t length = 0;
    writer_list_begin(writer, Submit_to);
    for (size_t i = 0; i < json_array_size(to); i++) {
        length += json_string_length(json_array_get(to, i)) + (i > 0 ? strlen(", ") : 0);
        if (i > 0 && length > CORE_RECIPIENTS_MAX) break;
        writer_list_text(writer, span_of(json_string_value(json_array_get(to, i))));
    }
    writer_list_end(writer);
}

/* Writes the Submit: the addresses as a list, the body as a reference to the store. */
static void mail_write_submit(struct writer *writer, const struct desk_job *job)
{
    const json_t *mail = job->params, *to = json_object_get(mail, "to");
    struct kv data;
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_outbound);
    if (json_is_true(json_object_get(mail, "forward"))) writer_text(writer, Submit_subtype, SUBTYPE_FORWARD);
    writer_text(writer, Submit_external_id, desk_text(mail, "external_id"));
    writer_text(writer, Submit_queue, desk_text(mail, "queue"));
    writer_u(writer, Submit_parent, (uint64_t)json_integer_value(json_object_get(mail, "parent_ixn")));
    writer_text(writer, Submit_from, desk_text(mail, "from"));
    write_to(writer, to);
    writer_text(writer, Submit_subject, desk_text(mail, "subject"));
    mail_write_body(writer, Submit_body, job->out);
    kv_init(&data);
    kv_put_text(&data, "agent", span_of(job->agent));
    kv_put_int(&data, "stored", json_integer_value(json_object_get(job->out, "interaction")));
    if (json_object_get(mail, "instant")) kv_put_bool(&data, "verification", true);
    writer_kv(writer, Submit_data, &data);
    if (json_object_get(mail, "begins"))
        writer_i(writer, Submit_begins, json_integer_value(json_object_get(mail, "begins")));
    kv_free(&data);
}

/* ---- the store has the e-mail ---- */

/* Returns the agent whose job it was; NULL: the agent is gone, or the core is away and the agent got an error. */
static struct desk_agent *mail_agent_of(struct desk *desk, const struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    if (agent && agent->kept > 0) agent->kept--;
    bool away = store_again(&job->error); /* the log has why */
    if (!job->good)
        agent_reply(agent, job->ticket, job->id,
                    away           ? "store"
                    : job->refused ? "refused"
                                   : "invalid",
                    away ? NULL : job->error.text, NULL);
    else if (agent && !desk->services->up(desk->link))
        agent_reply(agent, job->ticket, job->id, "away", NULL, NULL);
    else
        return agent;
    return NULL;
}

static void mail_asked_free(void *mail)
{
    json_decref(mail);
}

static void mail_kept(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = mail_agent_of(desk, job);
    if (!agent) return;
    struct desk_request *request = core_ask(agent, KIND_Submit, 0, job->id);
    request->ticket = job->ticket;
    request->after = mail_submitted;
    request->more = json_incref(job->out);
    request->given = json_incref(job->params);
    request->given_free = mail_asked_free;
    mail_write_submit(&desk->writer, job);
    core_send(request);
}

/* Returns the time at which the mail begins to go, in microseconds since 1970: when the agent wants it, and not before
 * the agent can have taken it back. 0: at once. */
static int64_t mail_begins(const struct desk *desk, const json_t *message)
{
    int64_t now_us = (int64_t)desk->services->wall_us(desk->link);
    if (json_object_get(message, "instant")) return 0; /* a code, which waits for nobody; no browser can say so */
    int64_t undo_us = now_us + (int64_t)desk->setting.undo * (int64_t)SECOND_US;
    int64_t at_us = json_integer_value(json_object_get(message, "at")) * MS;
    return MAX(at_us, undo_us) > now_us ? MAX(at_us, undo_us) : 0;
}

/* Makes the external id: the same message under the same key is the same e-mail. An e-mail that was edited meanwhile is
 * another one, as the contact store keeps the first under its key. */
static char *external_id(const struct desk_agent *agent, const struct item *item, const json_t *message)
{
    json_t *said = json_copy((json_t *)message);
    static const char *const not_of_it[] = {"id", "finish", "wrapup", "macro"};
    for (size_t i = 0; i < sizeof not_of_it / sizeof *not_of_it; i++) json_object_del(said, not_of_it[i]);
    /* A core that has lost its state counts anew, so the store's number identifies the e-mail that is answered. */
    if (item && item->stored != 0) {
        json_object_del(said, "ixn");
        json_object_set_new(said, "stored", json_integer(item->stored));
    }
    char *text = json_dumps(said, JSON_SORT_KEYS | JSON_COMPACT);
    char *both = g_strdup_printf("%s\n%s", agent->name, text);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, both, -1);
    char *id = g_strdup_printf("desk-%.*s", ID_CHARS, digest);
    json_decref(said);
    free(text);
    g_free(both);
    g_free(digest);
    return id;
}

/* Returns the address to which the customer wrote, from which an answer comes. Who else stands in `to`, such as the
 * recipient of a colleague's answer, sends nothing. */
static const char *mail_sender(const struct desk_agent *agent, const struct item *item)
{
    const char *to = item ? desk_text(item->shown, "to") : "";
    bool came = item && strcmp(desk_text(item->shown, "media"), enum_name_media(media_email)) == 0 &&
                !*desk_text(json_object_get(item->shown, "data"), "agent");
    return came && denied_mail_good(span_of(to)) ? to : agent->desk->setting.from;
}

/* Returns the message with the additional fields that the job needs; its recipients are those of `read`. */
static json_t *desk_whole(struct desk_agent *agent, const struct item *item, const json_t *message, json_t *read)
{
    const struct desk_setting *setting = &agent->desk->setting;
    json_t *mail = json_copy((json_t *)message);
    int64_t begins = mail_begins(agent->desk, message);
    char *id = external_id(agent, item, message);
    json_object_update(mail, read);
    if (begins > 0) json_object_set_new(mail, "begins", json_integer(begins));
    json_object_set_new(mail, "external_id", json_string(id));
    json_object_set_new(mail, "from", json_string(mail_sender(agent, item)));
    if (!*desk_text(mail, "queue")) json_object_set_new(mail, "queue", json_string(setting->outbound));
    json_object_set_new(mail, "parent", json_integer(item ? item->stored : 0));
    json_object_set_new(mail, "of", json_string(item ? desk_text(item->shown, "external_id") : ""));
    if (item)
        json_object_set_new(mail, "reply_to", json_string(desk_text(json_object_get(item->shown, "data"), "reply_to")));
    json_object_set_new(mail, "parent_ixn", json_integer(item ? (json_int_t)item->ixn : 0));
    g_free(id);
    return mail;
}

/* Are all uploads in the list the agent's own? The numbers of uploads are consecutive, so another agent's upload, not
 * sent yet, could be guessed. */
static bool uploads_own(const struct desk_agent *agent, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!session_has_brought(agent->session, json_integer_value(json_array_get(list, i)))) return false;
    return true;
}

/* Takes the reference. */
static void mail_give(struct desk_agent *agent, json_t *mail, desk_work *work, desk_done *done, json_int_t id)
{
    struct desk_job *job = desk_job_new(agent->desk, mail);
    job->work = work;
    job->done = done;
    job->ticket = agent->ticket;
    job->id = id;
    text_set(job->agent, sizeof job->agent, agent->name);
    text_set(job->called, sizeof job->called, agent_shown_as(agent));
    agent->kept++;
    desk_job_give(agent->desk, job);
}

/* Sends an e-mail; all mistakes are reported before anything is kept. */
const char *mail_send(struct desk_agent *agent, const struct item *item, const json_t *message, json_int_t id)
{
    struct desk *desk = agent->desk;
    if (mail_begins(desk, message) > (int64_t)desk->services->wall_us(desk->link) + LATER_MAX_US)
        return "at: it is more than a year ahead";
    if (strpbrk(desk_text(message, "subject"), "\n\t")) return "subject: it is one line";
    const char *queue = desk_text(message, "queue");
    if (!*queue && !*desk->setting.outbound) return "queue: `outbound` is not set";
    if (*queue && strcmp(queue, desk->setting.outbound) != 0 && !web_words_have(desk->setting.all_queues, queue))
        return "queue: it is neither `outbound` nor one of `queues`";
    if (!uploads_own(agent, json_object_get(message, "attachments")))
        return "attachments: one was not brought since you logged in; attach the file again";
    json_t *read = recipients_read(message, desk->wrong, sizeof desk->wrong);
    if (!read) return desk->wrong;
    json_t *mail = desk_whole(agent, item, message, read);
    json_decref(read);
    mail_give(agent, mail, desk_keep_send, mail_kept, id);
    return NULL;
}

/* ---- versions ---- */

static void mail_revised(struct desk_request *request, const struct message *reply, bool good)
{
    struct item *item = request->agent ? item_of(request->agent, request->ixn) : NULL;
    (void)reply;
    if (good && item) json_object_set(item->shown, "subject", request->more);
}

static void version_kept(struct desk *desk, struct desk_job *job)
{
    uint64_t ixn;
    struct desk_agent *agent = mail_agent_of(desk, job);
    if (!agent || !ident_read_ixn(desk_text(job->params, "ixn"), &ixn)) return;
    struct desk_request *request = core_ask(agent, KIND_RequestRevise, ixn, job->id);
    request->ticket = job->ticket;
    request->after = mail_revised;
    request->more = json_string(desk_text(job->params, "subject"));
    writer_text(&desk->writer, RequestRevise_subject, desk_text(job->params, "subject"));
    mail_write_body(&desk->writer, RequestRevise_body, job->out);
    core_send(request);
}

/* Keeps the new version as a message of the same interaction, and tells the core which body is to be sent. */
const char *mail_revise(struct desk_agent *agent, const struct item *item, const json_t *message, json_int_t id)
{
    if (item->stored == 0) return "ixn: the contact store does not have it";
    if (strpbrk(desk_text(message, "subject"), "\n\t")) return "subject: it is one line";
    if (!uploads_own(agent, json_object_get(message, "attachments")))
        return "attachments: one was not brought since you logged in; attach the file again";
    json_t *version = json_copy((json_t *)message);
    char *msg_id = external_id(agent, item, message);
    assert(item); /* said_item_for() has found it among the agent's items */
    json_object_set_new(version, "msg_id", json_string(msg_id));
    json_object_set_new(version, "interaction", json_integer(item->stored));
    json_object_set_new(version, "of", json_string(desk_text(item->shown, "external_id")));
    g_free(msg_id);
    mail_give(agent, version, desk_keep_revise, version_kept, id);
    return NULL;
}
