/* tests/unit/conversation_way.c - Conversations through a stand-in way: texts to and from telephones, with a contact
 * store in a file and a stand-in core that takes what is submitted. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/conversation/internal.h"
#include "runtime/post/office_state.h"
#include "runtime/sql/kind.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"
#include "tests/unit/sql_world.h"

enum { IXN = 700 };
#define KEY "+33145550101 1800"

struct texting {
    struct conversation conversation;
    bool restored;
};

static char folder[64], target[128], state[128];
static uint64_t clock_us, conns, ixns;
static unsigned dropped;     /* jobs of open conversations */
static uint64_t asked_about; /* the token of the last question; 0: there is none */
static bool wants_read;      /* customers are told what agents have read */
static bool up, later;       /* later: the way tells afterwards what became of a message */
static const char *muted;
static enum delivery sends;
static GString *way_said, *core_heard;
static GQueue replies; /* of uint64_t *: req */
static struct event_base *base;
static struct conversations all;

static void append(GString *to, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_string_append_vprintf(to, format, list);
    va_end(list);
}

/* The words that were said since this was asked last. */
static const char *since(GString *of)
{
    static GString *shown;
    if (!shown) shown = g_string_new(NULL);
    g_string_assign(shown, of->str);
    g_string_truncate(of, 0);
    return shown->str;
}

/* ---- the way ---- */

static void texting_took(struct conversation *it, const char *id, int64_t place, const char *code)
{
    (void)it, (void)place;
    append(way_said, "took %s%s%s;", id, code ? " " : "", code ? code : "");
}

static void texting_refused(struct conversation *it, const char *code)
{
    if (!it->first.head) append(way_said, "refused %s;", code);
    for (GList *one = it->first.head; one; one = one->next)
        append(way_said, "refused %s %s;", ((const struct first_words *)one->data)->id, code);
}

static enum delivery texting_send(struct conversation *it, struct keep_job *said, enum cause *cause)
{
    append(way_said, "to %s: %s;", it->address, said->text);
    if (sends == delivery_failed) *cause = cause_invalid_destination;
    return later ? delivery_unknown : sends;
}

static const char *texting_mute(struct conversation *it, enum cause *cause)
{
    (void)it;
    *cause = cause_do_not_call;
    return muted;
}

static void texting_warned(struct conversation *it, uint64_t seconds)
{
    (void)it;
    append(way_said, "warned %u;", (unsigned)seconds);
}

static void texting_read(struct conversation *it, int64_t place, const char *id)
{
    (void)it;
    append(way_said, "read %d %s;", (int)place, id);
}

static void texting_closed(struct conversation *it, const char *result)
{
    (void)it;
    append(way_said, "closed %s;", result);
}

static void texting_save(const struct conversation *it, json_t *row)
{
    (void)it;
    json_object_set_new(row, "own", json_true());
}

/* Its conversation is still there. */
static void texting_dropped(struct conversation_job *job)
{
    dropped += g_hash_table_lookup(job->all->conns, &job->conversation->conn) == job->conversation;
}

static bool texting_restore(struct conversation *it, const json_t *row)
{
    ((struct texting *)it)->restored = json_is_true(json_object_get(row, "own"));
    return true;
}

static void texting_job(struct conversation_job *job)
{
    (void)job;
}

static struct conversation_way way = {.media = media_sms,
                                      .noun = "text",
                                      .kind = STORE_phone,
                                      .address_key = "phone",
                                      .size = sizeof(struct texting),
                                      .took = texting_took,
                                      .refused = texting_refused,
                                      .mute = texting_mute,
                                      .send = texting_send,
                                      .warned = texting_warned,
                                      .read = texting_read,
                                      .closed = texting_closed,
                                      .job = texting_job,
                                      .dropped = texting_dropped,
                                      .save = texting_save,
                                      .restore = texting_restore};

/* ---- the core ---- */

static void hear(const struct message *event)
{
    struct span text;
    struct kv_value found;
    switch (event->kind) {
    case KIND_Submit: {
        uint64_t *req = g_new(uint64_t, 1);
        *req = message_u(event, ENVELOPE_req);
        g_queue_push_tail(&replies, req);
        append(core_heard, "submit");
        if (message_u(event, Submit_parent) != 0)
            append(core_heard, " after %d", (int)(message_u(event, Submit_parent) - IXN));
        if (kv_get(message_text(event, Submit_data), "last_agent", &found)) append(core_heard, " of an agent");
        if (kv_get(message_text(event, Submit_data), CONVERSATION_TELLS_READ, &found)) append(core_heard, " tells");
        append(core_heard, ";");
        return;
    }
    case KIND_EventMessage:
        text = message_text(event, EventMessage_text);
        append(core_heard, "%s%.*s;", message_u(event, EventMessage_visible) == visible_agents ? "aside " : "",
               (int)text.length, (const char *)text.bytes);
        return;
    case KIND_EventDelivery:
        text = message_text(event, EventDelivery_msg_id);
        append(core_heard, "%.*s %s %d%s;", (int)text.length, (const char *)text.bytes,
               enum_name_delivery(message_u(event, EventDelivery_state)), (int)message_u(event, ENVELOPE_ref),
               message_u(event, EventDelivery_final) ? "" : " so far");
        return;
    default:
        append(core_heard, "%s;", kind_name(event->kind));
    }
}

static bool post(struct gcx_link *link, struct span frame)
{
    struct message event;
    (void)link;
    cr_assert(message_read(&event, frame.bytes, frame.length, NULL));
    hear(&event);
    return true;
}

static uint64_t at_us(const struct gcx_link *link)
{
    (void)link;
    return clock_us;
}

static uint64_t next_conn(struct gcx_link *link)
{
    (void)link;
    return ++conns;
}

static bool is_up(const struct gcx_link *link)
{
    (void)link;
    return up;
}

static uint64_t journal(const struct gcx_link *link)
{
    (void)link;
    return 7;
}

static unsigned domain(const struct gcx_link *link)
{
    (void)link;
    return 1;
}

static struct event_base *loop(struct gcx_link *link)
{
    (void)link;
    return base;
}

/* The core is asked about what has no end. */
static bool reads(struct gcx_link *link, struct span frame)
{
    struct message question;
    (void)link;
    cr_assert(message_read(&question, frame.bytes, frame.length, NULL));
    asked_about = message_u(&question, Read_token);
    return true;
}

static void no_neighbour(struct gcx_link *link, const char *name, bool there, const char *why)
{
    (void)link, (void)name, (void)there, (void)why;
}

__attribute__((format(printf, 5, 6))) static void no_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn,
                                                         const char *format, ...)
{
    (void)link, (void)level, (void)ixn, (void)conn, (void)format;
}

static const struct gcx_services services = {.post = post,
                                             .base = loop,
                                             .up = is_up,
                                             .new_conn = next_conn,
                                             .now_us = at_us,
                                             .wall_us = at_us,
                                             .log = no_log,
                                             .read = reads,
                                             .journal = journal,
                                             .neighbour = no_neighbour,
                                             .domain = domain};

/* ---- the world ---- */

static struct conversation_setting settings(void)
{
    return (struct conversation_setting){.store = target,
                                         .country = "FR",
                                         .state = state,
                                         .sessions = 100,
                                         .messages = 100,
                                         .idle = 60,
                                         .idle_close = 10,
                                         .submit_timeout = 30,
                                         .remembers = 3600,
                                         .reads = wants_read};
}

static void begin(void)
{
    char why[300] = "";
    conversations_init(&all, NULL, &services, &way, NULL);
    all.setting = settings();
    cr_assert(conversations_open(&all, base, NULL, why, sizeof why), "%s", why);
    conversations_core_up(&all, up);
}

static void end(void)
{
    conversations_stop(&all);
    conversations_free(&all);
}

static void init(void)
{
    strcpy(folder, "/tmp/conversation-XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(target, sizeof target, "sqlite:%s/contacts", folder);
    snprintf(state, sizeof state, "%s/state", folder);
    clock_us = 1000000 * (uint64_t)SECOND_US;
    wants_read = false, asked_about = 0, up = true, later = false, muted = NULL, sends = delivery_accepted;
    way_said = g_string_new(NULL), core_heard = g_string_new(NULL);
    base = event_base_new();
    begin();
}

static void fini(void)
{
    char command[100];
    end();
    event_base_free(base);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

static void perform(struct writer *writer)
{
    struct message effect;
    struct span frame = writer_end(writer);
    cr_assert(message_read(&effect, frame.bytes, frame.length, NULL));
    conversations_perform(&all, &effect);
    writer_free(writer);
}

static void reply(uint64_t req)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_Reply);
    writer_u(&writer, ENVELOPE_ixn, IXN + ++ixns);
    writer_u(&writer, ENVELOPE_req, req);
    writer_u(&writer, Reply_outcome, outcome_ok);
    perform(&writer);
}

/* Until the thread has nothing to do, and the core has answered. */
static void settle(void)
{
    while (office_waiting(all.office) > 0 || replies.length > 0) {
        uint64_t *req = g_queue_pop_head(&replies);
        if (req)
            reply(*req);
        else
            event_base_loop(base, EVLOOP_ONCE);
        g_free(req);
    }
}

static void text_comes(const char *id, const char *text)
{
    static const struct caller caller = {.key = KEY, .address = "+33145550101", .to = "1800", .queue = "texts"};
    struct conversation *it = conversation_by_key(&all, KEY);
    if (!it) it = conversation_new(&all, &caller);
    conversation_say(it, id, text, 0);
}

static struct conversation *only(void)
{
    struct conversation *it = conversation_by_key(&all, KEY);
    cr_assert(it);
    return it;
}

static void about(struct writer *writer, unsigned kind, uint64_t conn, uint64_t ref)
{
    writer_init(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, conn);
}

static void says(uint64_t conn, uint64_t ref, const char *id, const char *text, enum party_role role)
{
    struct writer writer;
    about(&writer, KIND_SendMessage, conn, ref);
    writer_text(&writer, SendMessage_msg_id, id);
    writer_u(&writer, SendMessage_kind, message_kind_text);
    writer_text(&writer, SendMessage_from, "Marie");
    writer_text(&writer, SendMessage_text, text);
    writer_u(&writer, SendMessage_role, role);
    perform(&writer);
    settle();
}

static void agent_says(uint64_t conn, uint64_t ref, const char *id, const char *text)
{
    says(conn, ref, id, text, party_role_agent);
}

static void agent_joins(uint64_t conn)
{
    struct writer writer;
    about(&writer, KIND_RequestParty, conn, 0);
    writer_u(&writer, RequestParty_change, party_op_add);
    writer_u(&writer, RequestParty_role, party_role_agent);
    writer_text(&writer, RequestParty_agent, "marie");
    perform(&writer);
}

static void core_closes(uint64_t conn)
{
    struct writer writer;
    about(&writer, KIND_CloseSession, conn, 99);
    writer_u(&writer, CloseSession_cause, cause_ok);
    perform(&writer);
}

static void open_one(void)
{
    text_comes("p1", "Hello");
    settle();
    (void)since(core_heard), (void)since(way_said);
}

static void after(unsigned seconds)
{
    clock_us += seconds * (uint64_t)SECOND_US;
    conversations_tick(&all);
    settle();
}

TestSuite(conversation_way, .timeout = 60, .init = init, .fini = fini);

Test(conversation_way, a_conversation_begins_with_its_first_message)
{
    text_comes("p1", "Hello");
    cr_assert_str_empty(since(core_heard)); /* the store has it first */
    settle();
    cr_assert_str_eq(since(core_heard), "submit;Hello;");
    cr_assert_str_eq(since(way_said), "took p1;");
    cr_assert_str_eq(sql_world_asks(target, "SELECT media, address, direction FROM interactions"),
                     "sms|+33145550101|in");
}

Test(conversation_way, two_first_messages_at_once_are_one_conversation_in_their_order)
{
    text_comes("p1", "Hello");
    text_comes("p2", "Anna here");
    text_comes("p1", "Hello"); /* the provider says it again */
    settle();
    text_comes("p3", "Are you there?");
    settle();
    cr_assert_str_eq(since(core_heard), "submit;Hello;Anna here;Are you there?;");
    cr_assert_str_eq(since(way_said), "took p1;took p2;took p3;");
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM interactions"), "1");
}

Test(conversation_way, a_repetition_is_acknowledged_and_told_once)
{
    open_one();
    text_comes("p1", "Hello");
    settle();
    cr_assert_str_empty(since(core_heard));
    cr_assert_str_eq(since(way_said), "took p1;");
}

Test(conversation_way, a_customer_hears_at_once_where_the_core_is_away)
{
    up = false;
    text_comes("p1", "Hello");
    cr_assert_str_eq(since(way_said), "refused p1 away;");
    cr_assert_null(conversation_by_key(&all, KEY));
    settle();
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM interactions"), "0");
}

Test(conversation_way, an_agents_message_is_sent_and_its_end_told_later)
{
    open_one();
    uint64_t conn = only()->conn;
    later = true;
    agent_says(conn, 5, "a1", "Good morning");
    agent_says(conn, 6, "a1", "Good morning"); /* the core sends it again after a resync */
    cr_assert_str_eq(since(way_said), "to +33145550101: Good morning;");
    cr_assert_str_empty(since(core_heard)); /* nothing is known yet */
    conversations_tick(&all);
    conversation_delivered(&all, &(struct delivered){.conn = conn, .msg_id = "a1", .state = delivery_accepted});
    cr_assert_str_eq(since(core_heard), "a1 accepted 6 so far;");
    conversation_delivered(
        &all, &(struct delivered){.conn = conn, .msg_id = "a1", .state = delivery_delivered, .final = true});
    cr_assert_str_eq(since(core_heard), "a1 delivered 0;");
}

Test(conversation_way, agents_are_told_of_what_fails_after_it_was_accepted)
{
    open_one();
    uint64_t conn = only()->conn;
    agent_says(conn, 5, "a1", "Good morning");
    cr_assert_str_eq(since(core_heard), "a1 accepted 5;");
    struct delivered failed = {.conn = conn,
                               .msg_id = "a1",
                               .state = delivery_failed,
                               .cause = cause_invalid_number,
                               .text = "no such number",
                               .final = true};
    conversation_delivered(&all, &failed);
    conversation_delivered(&all, &failed); /* providers repeat themselves */
    settle();
    cr_assert_str_eq(since(core_heard),
                     "a1 failed 0;a1 failed 0;aside The customer has not got a message: no such number.;");
}

/* The office knows the interaction alone. */
Test(conversation_way, a_receipt_is_told_in_the_open_conversation_of_its_interaction)
{
    open_one();
    const struct post_talks *talks = &all.office->talks;
    uint64_t conn = only()->conn, ixn = only()->ixn;
    agent_says(conn, 5, "a1", "Good morning");
    (void)since(core_heard);
    struct post_told told = {.ixn = ixn,
                             .conn = talks->conn(talks->self, ixn),
                             .msg_id = "a1",
                             .peer_id = "",
                             .why = "no such number",
                             .state = delivery_failed,
                             .cause = cause_invalid_number,
                             .final = true};
    cr_assert_eq(told.conn, conn);
    cr_assert_eq(talks->conn(talks->self, ixn + 1), 0);
    talks->told(talks->self, &told);
    settle();
    cr_assert_str_eq(since(core_heard), "a1 failed 0;aside The customer has not got a message: no such number.;");
    core_closes(conn);
    settle();
    cr_assert_eq(talks->conn(talks->self, ixn), 0, "its agents are gone");
}

Test(conversation_way, a_message_that_cannot_be_sent_has_failed)
{
    open_one();
    sends = delivery_failed;
    agent_says(only()->conn, 5, "a1", "Good morning");
    cr_assert_str_eq(since(core_heard), "a1 failed 5;aside The customer has not got a message.;");
}

/* Its name alone would be a text that nobody has written. */
Test(conversation_way, a_file_does_not_go_where_files_cannot)
{
    struct writer writer;
    open_one();
    about(&writer, KIND_SendMessage, only()->conn, 5);
    writer_text(&writer, SendMessage_msg_id, "a1");
    writer_u(&writer, SendMessage_kind, message_kind_file);
    writer_text(&writer, SendMessage_text, "manual.pdf");
    writer_blob_begin(&writer, SendMessage_body);
    writer_text(&writer, Blob_store, "contacts");
    writer_text(&writer, Blob_key, "7");
    writer_blob_end(&writer);
    writer_u(&writer, SendMessage_role, party_role_agent);
    perform(&writer);
    settle();
    cr_assert_str_eq(since(core_heard),
                     "a1 failed 5;aside This file is not sent: files cannot go to this customer. Write "
                     "what it says, or where it is found.;");
    cr_assert_str_empty(since(way_said));
}

Test(conversation_way, a_late_message_has_the_time_when_it_was_written)
{
    char wanted[40];
    open_one();
    int64_t then = (int64_t)clock_us - 3600 * (int64_t)SECOND_US;
    conversation_say_at(only(), "p2", "late", 0, then);
    conversation_say_at(only(), "p3", "early", 0, (int64_t)clock_us + SECOND_US); /* a clock that goes before ours */
    settle();
    snprintf(wanted, sizeof wanted, "%lld\n%llu", (long long)then, (unsigned long long)clock_us);
    cr_assert_str_eq(sql_world_asks(target, "SELECT at FROM messages WHERE text IN ('late', 'early') ORDER BY n"),
                     wanted);
}

Test(conversation_way, a_message_that_the_way_refuses_is_neither_kept_nor_sent)
{
    open_one();
    muted = "The customer has said STOP.";
    agent_says(only()->conn, 5, "a1", "Buy now");
    cr_assert_str_eq(since(core_heard), "a1 failed 5;aside The customer has said STOP.;");
    cr_assert_str_empty(since(way_said));
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM messages WHERE text = 'Buy now'"), "0");
}

Test(conversation_way, silence_is_warned_of_and_ends_it_while_an_agent_is_there)
{
    open_one();
    after(1000);
    cr_assert_str_empty(since(way_said)); /* the customer waits */
    agent_joins(only()->conn);
    after(61);
    cr_assert_str_eq(since(way_said), "warned 10;");
    after(11);
    cr_assert_str_eq(since(way_said), "closed idle;");
    cr_assert_str_eq(since(core_heard), "EventParty;EventSessionEnded;EventCallDeleted;");
    cr_assert_str_eq(sql_world_asks(target, "SELECT result FROM interactions"), "idle");
}

Test(conversation_way, the_next_conversation_knows_the_last_one_and_its_agent)
{
    open_one();
    agent_joins(only()->conn);
    core_closes(only()->conn);
    text_comes("p2", "One more thing"); /* the end is not kept yet */
    settle();
    cr_assert_str_eq(since(core_heard),
                     "EventSessionEnded;EventCallDeleted;submit after 1 of an agent;One more thing;");
    cr_assert_str_eq(since(way_said), "closed closed;took p2;");
    cr_assert_str_eq(sql_world_asks(target, "SELECT parent FROM interactions WHERE id = 2"), "1");
}

Test(conversation_way, of_a_customer_who_was_erased_the_next_conversation_knows_nothing)
{
    open_one();
    agent_joins(only()->conn);
    core_closes(only()->conn);
    settle();
    struct error error;
    int64_t contacts, interactions;
    cr_assert(store_forget(office_store(all.office), span_of("+33145550101"), (int64_t)clock_us, &contacts,
                           &interactions, &error));
    (void)since(core_heard);
    text_comes("p2", "Hello again");
    settle();
    cr_assert_str_eq(since(core_heard), "submit;Hello again;");
    cr_assert_str_eq(sql_world_asks(target, "SELECT coalesce(parent, 0) FROM interactions WHERE id = 2"), "0");
}

Test(conversation_way, the_last_one_is_forgotten_in_time)
{
    open_one();
    core_closes(only()->conn);
    settle();
    after(3601);
    (void)since(core_heard);
    text_comes("p2", "Hello again");
    settle();
    cr_assert_str_eq(since(core_heard), "submit;Hello again;");
}

Test(conversation_way, an_agents_first_message_is_answered_by_a_conversation_that_knows_it)
{
    conversation_expect(&all, KEY, IXN + 40, "marie");
    end();
    begin();
    text_comes("p1", "Yes, please");
    settle();
    cr_assert_str_eq(since(core_heard), "submit after 40 of an agent;Yes, please;");
}

Test(conversation_way, the_next_process_goes_on)
{
    open_one();
    uint64_t conn = only()->conn;
    agent_joins(conn);
    end();
    begin();
    cr_assert_eq(only()->conn, conn);
    cr_assert(((struct texting *)only())->restored);
    struct writer writer;
    about(&writer, KIND_Resync, 0, 1);
    perform(&writer);
    cr_assert_str_eq(since(core_heard), "ResyncBegin;Observed;ResyncEnd;");
    agent_says(conn, 5, "a1", "Good morning");
    text_comes("p2", "Hello again");
    settle();
    cr_assert_str_eq(since(way_said), "to +33145550101: Good morning;took p2;");
    cr_assert_str_eq(since(core_heard), "a1 accepted 5;Hello again;");
    core_closes(conn);
    settle();
    text_comes("p3", "And again");
    settle();
    cr_assert_str_eq(since(core_heard), "EventSessionEnded;EventCallDeleted;submit after 1 of an agent;And again;");
}

/* A file of the version before this one: an open conversation, and a customer's last one. */
static void file_written(const char *id)
{
    FILE *file = fopen(state, "w");
    cr_assert(file);
    fprintf(file,
            "{\"conn\":41,\"ixn\":701,\"interaction\":1,\"name\":\"\",\"phone\":\"+33145550101\",\"subject\":\"\","
            "\"queue\":\"texts\",\"agent\":true,\"here\":1,\"agent_name\":\"Marie\",\"waits\":false,\"to\":\"1800\","
            "\"key\":\"" KEY
            "\",\"agent_last\":\"marie\",\"own\":true,\"token\":\"of an earlier version\",\"id\":\"%s\"}\n"
            "{\"id\":\"recent 0123\",\"ixn\":702,\"interaction\":1,\"until\":%llu,\"agent\":\"marie\"}\n"
            "{\"conn\":42,\"id\":\"over\"}\n{\"id\":\"over\",\"over\":true}\nno row\n",
            id, (unsigned long long)clock_us * 2);
    fclose(file);
}

Test(conversation_way, what_an_earlier_version_has_left_is_taken_over_once)
{
    open_one();
    char *id = g_strdup(only()->external_id);
    conversations_stop(&all);
    conversations_free(&all);
    sql_world_asks(target, "DELETE FROM post_talks");
    file_written(id);
    begin();
    cr_assert_eq(only()->conn, 41);
    cr_assert_eq(only()->here, 1);
    cr_assert(((struct texting *)only())->restored);
    cr_assert_neq(access(state, F_OK), 0, "it is a row now");
    settle();
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM post_talks WHERE saved LIKE '%an earlier version%'"),
                     "0", "its secrets are written as they are now");
    cr_assert_str_eq(sql_world_asks(target, "SELECT interaction FROM post_talks WHERE name = 'recent 0123'"), "1",
                     "it is erased with it");
    end();
    begin();
    cr_assert_eq(only()->conn, 41);
    text_comes("p2", "Hello again");
    settle();
    cr_assert_str_eq(since(core_heard), "Hello again;");
    g_free(id);
}

/* tests/unit/golden/contacts_9.sql, chat_9.state, im_9.state: what the last release that kept open conversations in
 * files has left of a chat and of a question by XMPP. */
static void golden_put(const char *name)
{
    const char *top = getenv("top_srcdir");
    char *path = g_strdup_printf("%s/tests/unit/golden/%s", top ? top : "..", name), *bytes;
    struct error error;
    gsize length;
    cr_assert(g_file_get_contents(path, &bytes, &length, NULL), "%s", path);
    if (g_str_has_suffix(name, ".state")) {
        cr_assert(g_file_set_contents(state, bytes, (gssize)length, NULL));
    } else {
        struct sql *sql = sql_open(target, "contact store", &error);
        cr_assert(sql && sql_run(sql, bytes, &error), "%s", error.text);
        sql_close(sql);
    }
    g_free(path), g_free(bytes);
}

static void goes_on_with(enum media media, const char *address_key, const char *file, uint64_t conn, uint64_t ixn)
{
    end();
    snprintf(target, sizeof target, "sqlite:%s/%s", folder, enum_name_media(media));
    golden_put("contacts_9.sql"), golden_put(file);
    way.media = media, way.address_key = address_key;
    begin();
    cr_assert_eq(g_hash_table_size(all.conns), 1);
    struct conversation *it = g_hash_table_lookup(all.conns, &conn);
    cr_assert(it && it->ixn == ixn);
    cr_expect_neq(access(state, F_OK), 0, "it is a row now");
    cr_expect_str_eq(sql_world_asks(target, "SELECT version FROM gcx_store"), "16");
    cr_expect_str_eq(sql_world_asks(target, "SELECT t.way FROM post_talks t JOIN interactions i ON i.id = t.interaction"
                                            " AND i.external_id = t.name AND i.media = t.way"),
                     enum_name_media(media));
    conversation_say(it, "m2", "Are you there?", 0);
    settle();
    cr_expect_str_eq(since(way_said), "took m2;");
    cr_expect_str_eq(since(core_heard), "Are you there?;", "it is no other interaction");
    core_closes(conn);
    settle();
    char *ended = g_strdup_printf(
        "SELECT count(*) FROM interactions i JOIN messages m ON m.interaction = i.id WHERE i.media = '%s'"
        " AND i.ended IS NOT NULL AND m.text = 'Are you there?' AND m.role = 'customer'",
        enum_name_media(media));
    cr_expect_str_eq(sql_world_asks(target, ended), "1");
    g_free(ended);
}

Test(conversation_way, a_chat_of_the_release_with_files_goes_on)
{
    goes_on_with(media_chat, "email", "chat_9.state", 4902768716848554, 281474976710657);
}

Test(conversation_way, a_question_of_the_release_with_files_goes_on)
{
    goes_on_with(media_im, "jid", "im_9.state", 4621293740441306, 281474976710658);
}

Test(conversation_way, a_row_whose_number_is_anothers_in_the_store_is_not_taken_over)
{
    open_one();
    end();
    sql_world_asks(target, "DELETE FROM post_talks");
    file_written("another");
    begin();
    cr_assert_null(conversation_by_key(&all, KEY));
    text_comes("p2", "Hello again");
    settle();
    cr_assert_str_eq(since(core_heard), "submit;Hello again;");
}

/* The answer to its Submit never came. */
Test(conversation_way, a_process_that_ends_before_the_core_answers_leaves_one_conversation)
{
    text_comes("p1", "Hello");
    while (replies.length == 0) event_base_loop(base, EVLOOP_ONCE);
    char *id = g_strdup(only()->external_id);
    uint64_t conn = only()->conn;
    g_queue_clear_full(&replies, g_free);
    end();
    (void)since(core_heard), (void)since(way_said);
    begin();
    cr_assert_str_eq(only()->external_id, id);
    cr_assert_eq(only()->conn, conn);
    text_comes("p1", "Hello"); /* it was not acknowledged */
    settle();
    cr_assert_str_eq(since(core_heard), "submit;Hello;");
    cr_assert_str_eq(since(way_said), "took p1;");
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM interactions"), "1");
    cr_assert_str_eq(sql_world_asks(target, "SELECT state FROM post_came"), "owned");
    g_free(id);
}

Test(conversation_way, its_life_is_that_of_an_item)
{
    open_one();
    cr_assert_str_eq(sql_world_asks(target, "SELECT state FROM post_came"), "owned");
    core_closes(only()->conn);
    settle();
    cr_assert_str_eq(sql_world_asks(target, "SELECT state FROM post_came"), "ended");
    cr_assert_str_eq(sql_world_asks(target, "SELECT substr(name, 1, 7) FROM post_talks"), "recent ");
}

/* Its customer was refused, and the core has it perhaps. */
Test(conversation_way, one_that_the_core_does_not_answer_in_time_is_refused_and_stopped_there)
{
    text_comes("p1", "Hello");
    while (replies.length == 0) event_base_loop(base, EVLOOP_ONCE);
    uint64_t *req = g_queue_pop_head(&replies);
    (void)since(core_heard);
    for (unsigned i = 0; i < 200 && conversation_by_key(&all, KEY); i++) {
        clock_us += (uint64_t)SECOND_US;
        event_base_loop(base, EVLOOP_ONCE);
    }
    settle();
    cr_assert_str_eq(since(way_said), "refused p1 away;");
    reply(*req); /* too late */
    settle();
    cr_assert_str_eq(since(core_heard), "RequestStop;");
    cr_assert_str_eq(sql_world_asks(target, "SELECT result FROM interactions"), "refused");
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM post_talks"), "0");
    g_free(req);
}

/* Nobody brings it again. */
Test(conversation_way, an_end_waits_for_the_store)
{
    open_one();
    sql_world_asks(target, "ALTER TABLE interactions RENAME TO away");
    core_closes(only()->conn);
    for (unsigned i = 0; i < 20; i++) after(1);
    cr_assert_str_empty(since(way_said));
    cr_assert_str_empty(since(core_heard));
    sql_world_asks(target, "ALTER TABLE away RENAME TO interactions");
    for (unsigned i = 0; i < 100 && way_said->len == 0; i++) {
        clock_us += (uint64_t)SECOND_US;
        event_base_loop(base, EVLOOP_ONCE);
    }
    cr_assert_str_eq(since(way_said), "closed closed;");
    cr_assert_str_eq(since(core_heard), "EventSessionEnded;EventCallDeleted;");
}

static const char *fate_of(const char *id)
{
    char query[100];
    snprintf(query, sizeof query, "SELECT coalesce(result, 'none') FROM messages WHERE msg_id = '%s'", id);
    return sql_world_asks(target, query);
}

/* Whoever reads the conversation later sees what became of it. */
Test(conversation_way, what_became_of_a_message_waits_for_the_store)
{
    open_one();
    later = true;
    agent_says(only()->conn, 5, "a1", "Good morning");
    sql_world_asks(target, "ALTER TABLE messages RENAME TO away");
    conversation_delivered(&all, &(struct delivered){.conn = only()->conn, .msg_id = "a1", .state = delivery_accepted});
    settle();
    conversation_delivered(&all,
                           &(struct delivered){.conn = only()->conn, .msg_id = "a1", .state = delivery_delivered});
    settle();
    sql_world_asks(target, "ALTER TABLE away RENAME TO messages");
    for (unsigned i = 0; i < 100 && strcmp(fate_of("a1"), "delivered") != 0; i++) {
        clock_us += (uint64_t)SECOND_US;
        event_base_loop(base, EVLOOP_ONCE);
    }
    cr_assert_str_eq(fate_of("a1"), "delivered");
}

static struct sql_kind losing;
static bool (*true_commit)(struct sql *, struct error *);

/* It is kept, and the answer is lost. */
static bool commit_loses(struct sql *sql, struct error *error)
{
    (void)true_commit(sql, error);
    losing.commit = true_commit;
    return error_set(error, ERROR_TIMEOUT, "COMMIT: no connection");
}

/* Its step has ended by the exit that says so: the agents are not to read it as said. */
Test(conversation_way, what_a_strategy_said_and_was_perhaps_kept_is_shown_as_failed)
{
    open_one();
    struct sql *sql = store_sql(office_store(all.office));
    losing = *sql->kind, true_commit = sql->kind->commit;
    losing.commit = commit_loses;
    sql->kind = &losing;
    says(only()->conn, 5, "b1", "One moment", party_role_bot);
    settle();
    cr_assert_str_eq(since(core_heard), "b1 failed 5;");
    cr_assert_str_empty(since(way_said));
    cr_assert_str_eq(fate_of("b1"), "failed");
}

/* Two adapters of one medium may have one store. */
Test(conversation_way, the_rows_of_another_adapter_are_left_to_it)
{
    open_one();
    end();
    sql_world_asks(target, "UPDATE post_talks SET owner = '1/another'");
    begin();
    cr_assert_null(conversation_by_key(&all, KEY));
}

Test(conversation_way, who_is_erased_leaves_no_row)
{
    struct error error;
    int64_t contacts, interactions;
    open_one();
    uint64_t conn = only()->conn;
    cr_assert(store_forget(office_store(all.office), span_of("+33145550101"), (int64_t)clock_us, &contacts,
                           &interactions, &error));
    agent_joins(conn);
    settle();
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM post_talks"), "0");
}

/* The time of the office goes on, until the core is asked. */
static void looks(void)
{
    for (unsigned i = 0; i < 200 && asked_about == 0; i++) {
        clock_us += (uint64_t)SECOND_US;
        event_base_loop(base, EVLOOP_ONCE);
    }
}

Test(conversation_way, what_neither_process_nor_core_has_is_ended_with_its_transcript)
{
    struct writer writer;
    struct kv kv;
    open_one();
    looks();
    cr_assert_eq(asked_about, 0, "this process goes on with it");
    end();
    sql_world_asks(target, "DELETE FROM post_talks");
    begin();
    looks();
    cr_assert_neq(asked_about, 0);
    kv_init(&kv);
    kv_put_int(&kv, "forgets", 0);
    writer_init(&writer);
    writer_begin(&writer, KIND_ReadReply);
    writer_u(&writer, ReadReply_token, asked_about);
    writer_kv(&writer, ReadReply_value, &kv);
    perform(&writer);
    kv_free(&kv);
    while (strcmp(sql_world_asks(target, "SELECT result FROM interactions"), "lost") != 0)
        event_base_loop(base, EVLOOP_ONCE);
    cr_assert_str_eq(sql_world_asks(target, "SELECT name FROM parts"), "transcript.txt");
}

Test(conversation_way, nothing_begins_before_the_store_has_told_what_is_open)
{
    char why[300] = "";
    open_one();
    uint64_t conn = only()->conn;
    end();
    sql_world_asks(target, "ALTER TABLE post_talks RENAME TO away");
    conversations_init(&all, NULL, &services, &way, NULL);
    all.setting = settings();
    cr_assert(!conversations_open(&all, base, NULL, why, sizeof why));
    cr_assert_eq(strncmp(why, "store: ", 7), 0, "%s", why);
    end();
    sql_world_asks(target, "ALTER TABLE away RENAME TO post_talks");
    begin();
    cr_assert_eq(only()->conn, conn);
}

/* The core has lost it, and takes it for a call of that number. */
static void core_takes_for_call(uint64_t ixn)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_RouteDefault);
    writer_u(&writer, ENVELOPE_ixn, ixn);
    writer_conn(&writer, ENVELOPE_conn, only()->conn);
    perform(&writer);
    settle();
}

Test(conversation_way, what_the_core_has_lost_is_submitted_again_whatever_its_number)
{
    open_one();
    uint64_t first = only()->ixn;
    core_takes_for_call(first + 40);
    cr_assert_eq(only()->ixn, first + 1);
    cr_assert_eq(only()->phase, CONVERSATION_OPEN);
    core_takes_for_call(first + 1);
    cr_assert_eq(only()->ixn, first + 2);
    cr_assert_eq(only()->phase, CONVERSATION_OPEN);
}

Test(conversation_way, of_one_that_has_ended_the_core_hears_so)
{
    agent_says(12345, 5, "a1", "Good morning");
    core_closes(12345);
    cr_assert_str_eq(since(core_heard), "a1 failed 5;EventSessionEnded;");
    cr_assert_str_empty(since(way_said));
}

/* ---- what the store did not take ---- */

static void store_goes_away(bool away)
{
    sql_world_asks(target, away ? "ALTER TABLE post_talks RENAME TO aside" : "ALTER TABLE aside RENAME TO post_talks");
}

static void agent_goes(uint64_t conn)
{
    struct writer writer;
    about(&writer, KIND_RequestParty, conn, 0);
    writer_u(&writer, RequestParty_change, party_op_remove);
    writer_u(&writer, RequestParty_role, party_role_agent);
    writer_text(&writer, RequestParty_agent, "marie");
    perform(&writer);
}

/* The office does again what the store did not take. */
static void next_second(void)
{
    clock_us += (uint64_t)SECOND_US;
    office_turn(all.office);
    settle();
}

#define HERE "SELECT json_extract(saved, '$.here') FROM post_talks WHERE name NOT LIKE 'recent%'"

Test(conversation_way, an_older_row_that_the_store_did_not_take_does_not_undo_a_newer_one)
{
    open_one();
    store_goes_away(true);
    agent_joins(only()->conn);
    settle();
    store_goes_away(false);
    agent_goes(only()->conn);
    settle();
    cr_assert_str_eq(sql_world_asks(target, HERE), "0");
    next_second();
    cr_assert_str_eq(sql_world_asks(target, HERE), "0");
    agent_joins(only()->conn);
    settle();
    cr_assert_str_eq(sql_world_asks(target, HERE), "1");
}

Test(conversation_way, of_rows_that_the_store_did_not_take_the_newest_is_done_again)
{
    open_one();
    store_goes_away(true);
    for (unsigned i = 0; i < 5; i++) {
        agent_joins(only()->conn);
        settle();
        agent_goes(only()->conn);
        settle();
    }
    agent_joins(only()->conn);
    settle();
    next_second();
    cr_assert_eq(only()->jobs, 1);
    store_goes_away(false);
    next_second();
    cr_assert_eq(only()->jobs, 0);
    cr_assert_str_eq(sql_world_asks(target, HERE), "1");
}

/* Neither comes the row of a customer's last conversation back, once the next one has taken it. */
Test(conversation_way, a_row_that_is_over_is_not_made_again)
{
    store_goes_away(true);
    conversation_expect(&all, KEY, IXN + 40, "marie");
    settle();
    store_goes_away(false);
    open_one();
    next_second();
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM post_talks WHERE name LIKE 'recent%'"), "0");
    cr_assert_eq(g_hash_table_size(all.newest), 0);
}

Test(conversation_way, of_two_words_of_a_customer_the_last_one_holds)
{
    open_one();
    sql_world_asks(target, "ALTER TABLE refusals RENAME TO aside");
    conversation_refuses(only(), true, "STOP");
    settle();
    sql_world_asks(target, "ALTER TABLE aside RENAME TO refusals");
    conversation_refuses(only(), false, "START");
    settle();
    next_second();
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM refusals"), "0");
}

Test(conversation_way, one_that_waits_for_its_first_words_and_cannot_be_kept_is_refused_at_once)
{
    static const struct caller caller = {.key = KEY, .address = "+33145550101", .to = "1800", .queue = "texts"};
    struct conversation *it = conversation_new(&all, &caller);
    store_goes_away(true);
    conversation_save(it);
    settle();
    cr_assert_str_eq(since(way_said), "refused store;");
    cr_assert_null(conversation_by_key(&all, KEY));
    store_goes_away(false);
    next_second();
    cr_assert_eq(g_hash_table_size(all.conns), 0);
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM post_talks"), "0");
}

/* Its number is another one's by now, or it is no row at all. */
Test(conversation_way, a_row_of_no_use_goes_when_it_is_read)
{
    open_one();
    end();
    sql_world_asks(target,
                   "INSERT INTO post_talks SELECT way, owner, '~again', NULL, json_set(saved, '$.id', '~again'),"
                   " changed FROM post_talks");
    sql_world_asks(target, "INSERT INTO post_talks SELECT way, owner, '~none', NULL, 'none',"
                           " changed FROM post_talks LIMIT 1");
    begin();
    cr_assert(only());
    cr_assert_str_eq(sql_world_asks(target, "SELECT count(*) FROM post_talks"), "1");
}

/* The process ends meanwhile; nothing that has gone is touched. */
Test(conversation_way, what_the_store_did_not_take_ends_before_the_conversations)
{
    open_one();
    store_goes_away(true);
    agent_joins(only()->conn);
    settle();
    dropped = 0;
    conversations_stop(&all);
    cr_assert_eq(dropped, 1);
    conversations_free(&all);
    store_goes_away(false);
    begin();
}

/* ---- what agents have read ---- */

static void somebody_reads(uint64_t conn, enum party_role role, enum visible visible)
{
    struct writer writer;
    about(&writer, KIND_SendMessage, conn, 7);
    writer_text(&writer, SendMessage_msg_id, "r");
    writer_u(&writer, SendMessage_kind, message_kind_notice);
    writer_u(&writer, SendMessage_notice, notice_read);
    writer_u(&writer, SendMessage_visible, visible);
    writer_u(&writer, SendMessage_role, role);
    perform(&writer);
}

Test(conversation_way, what_an_agent_reads_is_told_once_when_the_row_says_so)
{
    end();
    wants_read = true;
    begin();
    text_comes("p1", "Hello");
    settle();
    cr_assert_str_eq(since(core_heard), "submit tells;Hello;");
    uint64_t conn = only()->conn;
    text_comes("p2", "Hello again");
    settle();
    (void)since(way_said);
    somebody_reads(conn, party_role_supervisor, visible_all);
    somebody_reads(conn, party_role_agent, visible_agents);
    conversation_was_read(only(), "p1");
    settle();
    cr_assert_str_eq(since(way_said), "");
    somebody_reads(conn, party_role_agent, visible_all);
    somebody_reads(conn, party_role_agent, visible_all);
    cr_assert_str_eq(since(way_said), "", "the row is not kept yet");
    settle();
    cr_assert_str_eq(since(way_said), "read 2 p2;");
    end();
    begin();
    somebody_reads(conn, party_role_agent, visible_all);
    settle();
    cr_assert_str_eq(since(way_said), "", "the process before has told it");
    text_comes("p3", "And?");
    settle();
    end();
    begin();
    (void)since(way_said);
    conversation_was_read(only(), "p3");
    settle();
    cr_assert_str_eq(since(way_said), "read 3 p3;", "it was said to the process before");
}

Test(conversation_way, what_an_agent_reads_is_told_to_nobody_where_the_site_does_not_want_it)
{
    open_one();
    somebody_reads(only()->conn, party_role_agent, visible_all);
    settle();
    cr_assert_str_eq(since(way_said), "");
}
