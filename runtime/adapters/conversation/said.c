/* runtime/adapters/conversation/said.c - Messages.
 *
 * A message becomes known always in the same order: the store keeps it (a job, KEEP_SAY), then its writer is told
 * that it is kept, then the other side gets it. `told` and `shown` are the places in the store's transcript up to
 * which the core and the customer have the messages; a message that comes again has an old place and is passed on
 * only once.
 *
 * While the store is away, messages of agents are given to it again each second, in their order (`unkept`, `again`). A
 * customer's message is not given to the store again: the customer gets the error `store` and sends it again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/robots.h"
#include "runtime/adapters/conversation/internal.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/rows.h"

enum { JOBS_MAX = 20000 };
#define UNSENT "unsent:" /* before the id of a message: id of the notice to agents about it */
#define NO_TEMPLATE                                                                                                    \
    "This message is not sent: the time for free answers is over, and the network takes templates only, with each "    \
    "field filled in."
#define WANTS_NONE "This message is not sent: the customer wants no messages from us."

void conversation_heard(struct conversation *conversation)
{
    const struct conversations *all = conversation->all;
    conversation->heard_us = all->services->now_us(all->link);
    conversation->warned = false;
}

/* ---- from the customer ---- */

static void give_words(struct conversation *conversation, const char *role, const struct first_words *words)
{
    struct conversation_job *job = conversation_job(conversation, KEEP_SAY);
    bool customer = strcmp(role, "customer") == 0;
    job->keep.msg_id = g_strdup(words->id);
    job->keep.from = g_strdup(customer ? conversation->name : "");
    job->keep.text = g_strdup(words->text);
    job->keep.part.part = words->file;
    job->keep.kind_said = words->kind;
    job->keep.of = g_strdup(words->of), job->keep.ours = g_strdup(words->ours),
    job->keep.about = g_strdup(words->about), job->keep.other = g_strdup(words->other);
    job->keep.role = role;
    job->keep.typed = media_types_address(conversation->all->way->media);
    if (words->at_us > 0 && words->at_us < job->keep.wall_us) job->keep.wall_us = words->at_us;
    job->keep.agents_only = !customer || content_is_aside(words->kind);
    conversation_job_give(job);
}

void conversation_tell(struct conversation *conversation, const struct first_words *words)
{
    struct conversations *all = conversation->all;
    if (office_waiting(all->office) > JOBS_MAX || outbox_length(&all->outbox) > JOBS_MAX) {
        all->way->took(conversation, words->id, 0, "busy");
        return;
    }
    conversation_heard(conversation);
    give_words(conversation, "customer", words);
}

void conversation_advise(struct conversation *conversation, const char *id, const char *text)
{
    if (conversation->phase == CONVERSATION_OPEN)
        give_words(conversation, "system",
                   &(struct first_words){.id = (char *)(uintptr_t)id, .text = (char *)(uintptr_t)text});
}

/* Is it a message of the customer, also one that only agents see? */
static bool is_of_customer(const struct keep_job *said)
{
    return strcmp(said->role, "customer") == 0;
}

void conversation_say_as(struct conversation *conversation, const char *agent, const char *id, const char *text)
{
    const struct conversations *all = conversation->all;
    assert(agent && id && *id && text && *text);
    bool last = conversation->agent_last && strcmp(conversation->agent_last, agent) == 0;
    bool open = conversation->phase == CONVERSATION_OPEN;
    if (!open || conversation_is_full(conversation)) {
        all->way->took(conversation, id, 0, open ? "too_many" : "not_open");
        return;
    }
    conversation_heard(conversation);
    struct conversation_job *job = conversation_job(conversation, KEEP_SAY);
    job->keep.msg_id = g_strdup(id);
    job->keep.name = g_strdup(agent);
    job->keep.from = g_strdup(last && *conversation->agent_name ? conversation->agent_name : agent);
    job->keep.text = g_strdup(text);
    job->keep.role = "agent";
    conversation_job_give(job);
}

/* Sends a message to the core. The core recognizes a message that comes again by the number that its sender gave it. */
static void tell_core(struct conversation *conversation, const struct keep_job *said)
{
    struct writer *writer = conversation_event(conversation, KIND_EventMessage, 0);
    bool agent = said->name != NULL, own = is_of_customer(said), customer = own && !said->agents_only;
    writer_i(writer, ENVELOPE_at, said->wall_us);
    if (agent) writer_text(writer, ENVELOPE_actor, said->name);
    char *msg_id = g_strconcat(own ? KEEP_OWN : "", said->renamed ? said->other : said->msg_id, NULL);
    writer_text(writer, EventMessage_msg_id, msg_id);
    g_free(msg_id);
    /* The first place of a conversation with a subject is the subject's, which is no message. */
    bool titled = conversation->subject && *conversation->subject;
    writer_u(writer, EventMessage_index, (uint64_t)(said->n - (titled ? 1 : 0)));
    writer_u(writer, EventMessage_kind,
             said->kind_said != message_kind_other ? said->kind_said
             : said->part.part != 0                ? message_kind_file
                                                   : message_kind_text);
    writer_text(writer, EventMessage_from, agent ? said->name : said->from);
    writer_u(writer, EventMessage_role, customer ? party_role_customer : agent ? party_role_agent : party_role_other);
    if (said->agents_only) writer_u(writer, EventMessage_visible, visible_agents);
    writer_text(writer, EventMessage_text, said->text);
    conversation_blob(writer, EventMessage_body, &said->part);
    conversation_post(conversation->all);
}

/* The customer has typed a code: the core learns that the address is theirs, or how many wrong ones were typed, and the
 * agents read what it was. */
static void code_typed(struct conversation *conversation, const struct keep_job *said)
{
    static const char *const words[] = {
        [STORE_CODE_RIGHT] = "The customer has typed the code: the address is theirs.",
        [STORE_CODE_WRONG] = "The customer has typed a wrong code.",
        [STORE_CODE_SPENT] = "The customer has typed wrong codes: the one that was sent does not hold any more.",
    };
    bool right = said->code == STORE_CODE_RIGHT;
    struct kv kv;
    struct writer *writer = conversation_event(conversation, KIND_RequestUserData, 0);
    kv_init(&kv);
    if (right)
        kv_put_bool(&kv, "address_verified", true);
    else
        kv_put_int(&kv, VERIFY_WRONG, said->tries);
    writer_u(writer, RequestUserData_op, data_op_Attach);
    writer_kv(writer, RequestUserData_pairs, &kv);
    kv_free(&kv);
    conversation_post(conversation->all);
    char *id = g_strconcat("code:", said->msg_id, NULL);
    conversation_advise(conversation, id, words[said->code]);
    g_free(id);
    if (conversation->all->way->verified) conversation->all->way->verified(conversation, right);
}

/* Passes on a kept message of the customer: first to the core, then the customer is told, so that a confirmed
 * message is on its way. */
static void customer_said(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    const struct conversation_way *way = conversation->all->way;
    struct keep_job *said = &job->keep;
    if (!said->good) {
        conversation_log_job(job, "the contact store does not take a message");
        if (said->name || is_of_customer(said))
            way->took(conversation, said->msg_id, 0, keep_again(said) ? "store" : "unfit");
        return;
    }
    if (said->n > conversation->told) { /* the core got a repeated message the first time */
        conversation->told = said->n;
        tell_core(conversation, said);
    }
    if (said->name && said->n > conversation->shown) {
        enum cause cause = cause_ok;
        conversation->shown = said->n;
        (void)way->send(conversation, said, &cause);
    }
    if (said->name || is_of_customer(said)) way->took(conversation, said->msg_id, said->n, NULL);
    if (is_of_customer(said)) conversation_was_said(conversation, said);
    if (said->code != STORE_CODE_NONE) code_typed(conversation, said);
}

void conversation_typing(struct conversation *conversation, bool on)
{
    conversation_heard(conversation);
    if (conversation->phase != CONVERSATION_OPEN || !conversation->agent) return;
    struct writer *writer = conversation_event(conversation, KIND_EventMessage, 0);
    writer_u(writer, EventMessage_kind, message_kind_notice);
    writer_u(writer, EventMessage_notice, on ? notice_typing : notice_not_typing);
    writer_text(writer, EventMessage_from, conversation->name);
    writer_u(writer, EventMessage_role, party_role_customer);
    conversation_post(conversation->all);
}

/* ---- to the customer ---- */

static char *effect_text(const struct message *effect, unsigned field)
{
    struct span text = message_text(effect, field);
    return text.length > 0 ? g_strndup((const char *)text.bytes, text.length) : g_strdup("");
}

/* The number of the file that an agent's message names; 0: none. */
static int64_t effect_file(const struct message *effect)
{
    struct message blob;
    char key[24];
    if (message_u(effect, SendMessage_kind) != message_kind_file || !message_has(effect, SendMessage_body)) return 0;
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), message_text(effect, SendMessage_body));
    return text_set_span(key, sizeof key, message_text(&blob, Blob_key)) ? g_ascii_strtoll(key, NULL, 10) : 0;
}

static void delivery_post(struct conversations *all, uint64_t ixn, uint64_t ref, const struct delivered *delivered)
{
    struct conversation named = {.all = all, .conn = delivered->conn, .ixn = ixn};
    struct writer *writer = conversation_event(&named, KIND_EventDelivery, ref);
    writer_text(writer, EventDelivery_msg_id, delivered->msg_id);
    writer_u(writer, EventDelivery_state, delivered->state);
    if (delivered->peer_id) writer_text(writer, EventDelivery_peer_id, delivered->peer_id);
    writer_u(writer, EventDelivery_cause, delivered->cause);
    writer_u(writer, EventDelivery_final, delivered->final);
    if (delivered->text) writer_text(writer, EventDelivery_text, delivered->text);
    conversation_post(all);
}

static void said_answer(struct conversation *conversation, uint64_t ref, const char *msg_id, enum delivery state,
                        enum cause cause)
{
    struct delivered delivered = {
        .conn = conversation->conn, .msg_id = msg_id, .state = state, .cause = cause, .final = true};
    delivery_post(conversation->all, conversation->ixn, ref, &delivered);
}

/* Tells the agents that a message was not sent, and why: the agent who wrote it saw it as sent. */
static void tell_unsent(struct conversation *conversation, const char *msg_id, const char *why)
{
    char *id = g_strconcat(UNSENT, msg_id, NULL);
    conversation_advise(conversation, id, why);
    g_free(id);
}

static void tell_failed(struct conversation *conversation, const struct delivered *delivered)
{
    const char *fate = delivered->cause == cause_lost ? "Nobody knows whether the customer has got a message"
                                                      : "The customer has not got a message";
    char *words = g_strconcat(fate, delivered->text ? ": " : "", delivered->text ? delivered->text : "", ".", NULL);
    tell_unsent(conversation, delivered->msg_id, words);
    g_free(words);
}

/* Removes and returns the ref of the effect whose message is on its way; 0: it was answered, or the process before
 * sent the message. */
static uint64_t take_ref(struct conversation *conversation, const char *msg_id)
{
    const uint64_t *ref = conversation->sending ? g_hash_table_lookup(conversation->sending, msg_id) : NULL;
    uint64_t found = ref ? *ref : 0;
    if (ref) g_hash_table_remove(conversation->sending, msg_id);
    return found;
}

/* Tells the agents' pages the outcome of a message, so that they mark it; a page that is away reads it in the
 * transcript. */
static void tell_fared(struct conversation *conversation, const struct delivered *delivered)
{
    enum notice what = delivered->read                          ? notice_read
                       : delivered->state == delivery_accepted  ? notice_accepted
                       : delivered->state == delivery_delivered ? notice_delivered
                       : delivered->cause == cause_lost         ? notice_unknown
                                                                : notice_failed;
    struct writer *writer = conversation_event(conversation, KIND_EventMessage, 0);
    writer_text(writer, EventMessage_msg_id, delivered->msg_id);
    writer_u(writer, EventMessage_kind, message_kind_notice);
    writer_u(writer, EventMessage_notice, what);
    writer_u(writer, EventMessage_role, party_role_other);
    writer_u(writer, EventMessage_visible, visible_agents);
    conversation_post(conversation->all);
}

void conversation_delivered(struct conversations *all, const struct delivered *delivered)
{
    struct conversation *conversation = g_hash_table_lookup(all->conns, &delivered->conn);
    assert(delivered->msg_id && delivered->state != delivery_unknown);
    uint64_t ref = conversation ? take_ref(conversation, delivered->msg_id) : 0;
    uint64_t ixn = conversation ? conversation->ixn : delivered->ixn;
    delivery_post(all, conversation ? conversation->ixn : 0, ref, delivered);
    if (ixn != 0)
        conversation_fared(all, ixn, delivered->msg_id,
                           delivered->cause == cause_lost ? delivery_unknown : delivered->state);
    if (conversation && conversation->phase == CONVERSATION_OPEN && conversation->here > 0)
        tell_fared(conversation, delivered);
    if (conversation && (delivered->state == delivery_failed || delivered->state == delivery_expired))
        tell_failed(conversation, delivered);
}

void conversation_told(void *self, const struct post_told *told)
{
    bool failed = told->state == delivery_failed;
    conversation_delivered(self, &(struct delivered){.conn = told->conn,
                                                     .ixn = told->ixn,
                                                     .msg_id = told->msg_id,
                                                     .peer_id = *told->peer_id ? told->peer_id : NULL,
                                                     .state = told->state,
                                                     .cause = failed ? told->cause : cause_ok,
                                                     .text = failed && *told->why ? told->why : NULL,
                                                     .final = told->final,
                                                     .read = told->read});
}

static const char *role_word(uint64_t role)
{
    return role == party_role_agent        ? "agent"
           : role == party_role_supervisor ? "supervisor"
           : role == party_role_bot        ? "bot"
                                           : "system";
}

static void said_notice(struct conversation *conversation, const struct message *effect)
{
    const struct conversation_way *way = conversation->all->way;
    uint64_t what = message_u(effect, SendMessage_notice);
    char *from = effect_text(effect, SendMessage_from), *msg_id = effect_text(effect, SendMessage_msg_id);
    if (way->typing && message_u(effect, SendMessage_visible) == visible_all &&
        (what == notice_typing || what == notice_not_typing))
        way->typing(conversation, from, what == notice_typing);
    if (what == notice_read && message_u(effect, SendMessage_visible) == visible_all &&
        message_u(effect, SendMessage_role) == party_role_agent)
        conversation_was_read(conversation, NULL);
    said_answer(conversation, message_u(effect, ENVELOPE_ref), msg_id, delivery_accepted, cause_ok);
    g_free(from), g_free(msg_id);
}

/* Is it a message of an agent or a supervisor? A strategy learns by the exit of its step that a message was not
 * kept. */
static bool by_agent(const struct conversation_job *job)
{
    const char *role = job->keep.role;
    return job->keep.what == KEEP_SAY && job->ref != 0 &&
           (strcmp(role, "agent") == 0 || strcmp(role, "supervisor") == 0);
}

static void refuse_sent(struct conversation *conversation, const struct message *effect, enum cause cause,
                        const char *why)
{
    char *msg_id = effect_text(effect, SendMessage_msg_id);
    said_answer(conversation, message_u(effect, ENVELOPE_ref), msg_id, delivery_failed, cause);
    tell_unsent(conversation, msg_id, why);
    g_free(msg_id);
}

/* Refuses a message with a file where the customer would get no more than the file's name. True: it was refused. */
static bool is_file_for_nobody(struct conversation *conversation, const struct message *effect)
{
    if (conversation->all->way->files || message_u(effect, SendMessage_visible) != visible_all ||
        effect_file(effect) == 0)
        return false;
    refuse_sent(conversation, effect, cause_refused,
                "This file is not sent: files cannot go to this customer. Write what it says, or where it is found.");
    return true;
}

/* Refuses a message that the plugin does not allow now, and tells its writer why. `*templates` not NULL: the message
 * may be sent if it is one of these templates. */
static bool is_mute(struct conversation *conversation, const struct message *effect, const char **templates)
{
    const struct conversation_way *way = conversation->all->way;
    const char *of = conversation->all->setting.templates;
    enum cause cause = cause_refused;
    *templates = NULL;
    if (!way->mute || message_u(effect, SendMessage_visible) != visible_all) return false;
    const char *why = way->mute(conversation, &cause);
    if (!why) return false;
    if (cause == cause_stale && of && *of) {
        *templates = of;
        return false;
    }
    refuse_sent(conversation, effect, cause, why);
    return true;
}

/* Refuses a message of a strategy where strategies have written too often: its step ends by an exit of its own, so
 * that two machines do not answer each other for ever. */
static bool is_robots(struct conversation *conversation, const struct message *effect)
{
    const struct conversations *all = conversation->all;
    struct kv_value automatic;
    if (!all->robots || !kv_get(message_text(effect, SendMessage_headers), "automatic", &automatic)) return false;
    char *msg_id = effect_text(effect, SendMessage_msg_id);
    bool under_way = conversation->sending && g_hash_table_contains(conversation->sending, msg_id);
    const char *why =
        under_way ? NULL : robots_refusal(all->robots, conversation->address, all->services->now_us(all->link));
    if (why) {
        all->services->log(all->link, GCX_LOG_WARNING, conversation->ixn, conversation->conn,
                           "%s %s: a message is not sent: %s", all->way->noun, conversation->external_id, why);
        said_answer(conversation, message_u(effect, ENVELOPE_ref), msg_id, delivery_failed, cause_refused);
    }
    g_free(msg_id);
    return why != NULL;
}

/* Prepares a message for the customer. The store checks whether the customer wants messages, but not for a chat,
 * which the customer has begun. */
static void say_to_customer(const struct conversation *conversation, struct keep_job *said)
{
    const struct conversation_way *way = conversation->all->way;
    if (!way->mute || !*conversation->address) return;
    said->kind = way->kind;
    said->address = g_strdup(conversation->address);
    said->own = g_strdup(conversation->to);
}

/* Keeps a message of an agent, a bot or a strategy for the customer. An agent's message waits after those that the
 * store has not taken yet. */
void conversation_keep_sent(struct conversation *conversation, const struct message *effect)
{
    bool notice = message_u(effect, SendMessage_kind) == message_kind_notice;
    if (!notice || message_u(effect, SendMessage_notice) != notice_read) conversation_heard(conversation);
    if (notice) {
        said_notice(conversation, effect);
        return;
    }
    const char *templates;
    struct kv_value marks;
    if (is_file_for_nobody(conversation, effect) || is_mute(conversation, effect, &templates) ||
        is_robots(conversation, effect))
        return;
    struct conversation_job *job = conversation_job(conversation, KEEP_SAY);
    job->ref = message_u(effect, ENVELOPE_ref);
    job->keep.msg_id = effect_text(effect, SendMessage_msg_id);
    job->keep.from = effect_text(effect, SendMessage_from);
    job->keep.text = effect_text(effect, SendMessage_text);
    job->keep.part.part = effect_file(effect);
    job->keep.role = role_word(message_u(effect, SendMessage_role));
    job->keep.agents_only = message_u(effect, SendMessage_visible) == visible_agents;
    job->keep.templates = templates;
    if (kv_get(message_text(effect, SendMessage_headers), "marks", &marks) && marks.tag == KV_INT)
        job->keep.about = content_about_marks(marks.word);
    job->keep.brings = conversation->all->way->file_bytes && !job->keep.agents_only;
    if (!job->keep.agents_only) say_to_customer(conversation, &job->keep);
    if (by_agent(job) && (conversation->again || conversation->unkept.length > 0))
        g_queue_push_tail(&conversation->unkept, job);
    else
        conversation_job_give(job);
}

/* Gives the first of the messages that the store did not take to the store again. */
void conversation_say_again(struct conversation *conversation)
{
    if (conversation->again || conversation->phase != CONVERSATION_OPEN) return;
    conversation->again = g_queue_pop_head(&conversation->unkept);
    if (conversation->again) conversation_job_give(conversation->again);
}

/* Makes an agent's message, or a mark that a message was read, wait until the store takes it: the core keeps the
 * effect as long as it has no answer. False: the job is not to be tried again. */
bool conversation_job_waits(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    bool first = job == conversation->again;
    if (first) conversation->again = NULL;
    if (!by_agent(job) || job->keep.good || !keep_again(&job->keep) || conversation->phase != CONVERSATION_OPEN)
        return false;
    if (!first && conversation->unkept.length == 0 && !conversation->again)
        conversation_log_job(job, "the contact store does not take a message, and is asked again");
    if (first)
        g_queue_push_head(&conversation->unkept, job);
    else
        g_queue_push_tail(&conversation->unkept, job);
    return true;
}

/* Notes that the plugin is sending the message and reports the outcome later; the core may send the effect again
 * meanwhile. */
static void is_under_way(struct conversation *conversation, const char *msg_id, uint64_t ref)
{
    uint64_t *kept = g_new(uint64_t, 1);
    *kept = ref;
    if (!conversation->sending) conversation->sending = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_replace(conversation->sending, g_strdup(msg_id), kept);
}

/* Sends a kept message to the customer, unless it is a repeated one that the customer has, or that is on its way. */
static void send_kept(struct conversation *conversation, struct keep_job *said, uint64_t ref)
{
    bool repeated = conversation->sending && g_hash_table_contains(conversation->sending, said->msg_id);
    enum delivery state = repeated ? delivery_unknown : delivery_accepted;
    enum cause cause = cause_ok;
    if (said->n > conversation->shown) {
        conversation->shown = said->n;
        if (!said->agents_only) state = conversation->all->way->send(conversation, said, &cause);
    }
    if (state == delivery_unknown) {
        is_under_way(conversation, said->msg_id, ref);
        return;
    }
    said_answer(conversation, ref, said->msg_id, state, cause);
    if (state == delivery_failed) tell_unsent(conversation, said->msg_id, "The customer has not got a message.");
}

static void core_said(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    if (job->keep.good) {
        send_kept(conversation, &job->keep, job->ref);
        return;
    }
    if (job->keep.barred != KEEP_MAY) {
        bool stale = job->keep.barred == KEEP_NO_TEMPLATE;
        said_answer(conversation, job->ref, job->keep.msg_id, delivery_failed, stale ? cause_stale : cause_refused);
        tell_unsent(conversation, job->keep.msg_id, stale ? NO_TEMPLATE : WANTS_NONE);
        return;
    }
    conversation_log_job(job, "the contact store does not take a message");
    said_answer(conversation, job->ref, job->keep.msg_id, delivery_failed, cause_refused);
    /* the customer may have the message all the same */
    conversation_fared(conversation->all, conversation->ixn, job->keep.msg_id, delivery_failed);
}

void conversation_say_done(struct conversation_job *job)
{
    (job->ref != 0 ? core_said : customer_said)(job);
    conversation_say_again(job->conversation);
}
