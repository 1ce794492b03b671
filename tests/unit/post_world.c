/* tests/unit/post_world.c - The world of post_world.h: its core, its network, its ways, its time, its faults.
 *
 * The world leaves out the bytes of a protocol, and processes that die within a job of the thread
 * (tests/flows/post_kills.sh). */
#include "tests/unit/post_world.h"

#include <event2/event.h>
#include <glib/gstdio.h>
#include <stdarg.h>

#include "runtime/adapter/robots.h"
#include "runtime/adapters/conversation/conversation.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

/* ---- the world ---- */

struct post_world world;

bool trial_is(enum trial_kind kind)
{
    return world.trial->kind == kind;
}

struct asked {
    struct office *office;
    uint64_t number;
    char *name;
};

/* Of each process, where conversations are what comes: the library of conversations with a stand-in way. */
static struct conversations chats[2];
static GArray *observed; /* connections that a core was told of which it does not know */
static uint64_t conns;

static struct conversations *chats_of(const struct office *office)
{
    return &chats[world.second && office == world.second];
}

static struct event_base *world_base(struct gcx_link *link)
{
    (void)link;
    return world.base;
}
static uint64_t world_now(const struct gcx_link *link)
{
    (void)link;
    return world.clock_us;
}
static uint64_t world_journal(const struct gcx_link *link)
{
    (void)link;
    return world.journal;
}
static bool world_up(const struct gcx_link *link)
{
    (void)link;
    return world.up;
}
static void world_count(struct gcx_link *link, const char *name, int64_t more)
{
    (void)link, (void)name, (void)more;
}
static void world_neighbour(struct gcx_link *link, const char *name, bool there, const char *why)
{
    (void)link, (void)why;
    if (strcmp(name, "store") == 0) world.store_away += !there;
    if (strcmp(name, "lists") == 0) world.lists_away += !there;
}
static void world_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
{
    va_list arguments;
    (void)link, (void)ixn, (void)conn;
    world.errors += level == GCX_LOG_ERROR;
    if (!getenv("MATRIX_LOG")) return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    puts("");
}
static unsigned world_domain(const struct gcx_link *link)
{
    (void)link;
    return 1;
}

/* The link says whose office it is. */
static struct office *office_of(struct gcx_link *link)
{
    return link ? world.second : world.office;
}

static struct asked *asked_new(struct gcx_link *link, uint64_t number, struct span name)
{
    struct asked *asked = g_new0(struct asked, 1);
    *asked = (struct asked){office_of(link), number, g_strndup((const char *)name.bytes, name.length)};
    return asked;
}

static bool world_post(struct gcx_link *link, struct span frame)
{
    struct message message;
    if (world.full || !world.up) return false;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    if (message.kind == KIND_Submit) {
        struct span name = message_text(&message, Submit_external_id), text = message_text(&message, Submit_subject);
        struct asked *asked = asked_new(link, message_u(&message, ENVELOPE_req), name);
        g_hash_table_replace(world.has, g_strdup(asked->name), g_strndup((const char *)text.bytes, text.length));
        g_queue_push_tail(&world.replies, asked);
    } else if (message.kind == KIND_Observed) {
        uint64_t conn = message_u(&message, ENVELOPE_conn);
        if (g_hash_table_size(world.has) == 0) g_array_append_val(observed, conn);
    } else if (message.kind == KIND_EventSessionEnded) {
        world.closes++;
    } else if (message.kind == KIND_RequestStop) {
        struct span name = message_text(&message, RequestStop_external_id);
        char *stopped = g_strndup((const char *)name.bytes, name.length);
        g_hash_table_remove(world.has, stopped);
        g_free(stopped);
    } else if (message.kind == KIND_EventDone) {
        g_string_append_printf(world.told, "%s;", enum_name_code(message_u(&message, EventDone_code)));
    } else if (message.kind == KIND_EventDelivery) {
        world.cause = (enum cause)message_u(&message, EventDelivery_cause);
        struct span name = message_text(&message, EventDelivery_msg_id);
        g_string_append_printf(world.told, "%.*s %s;", (int)name.length, (const char *)name.bytes,
                               enum_name_delivery(message_u(&message, EventDelivery_state)));
    }
    return true;
}

static bool world_read(struct gcx_link *link, struct span frame)
{
    struct message message;
    if (!world.up) return false;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    cr_expect(message_u(&message, Read_external) == 1 && message_u(&message, Read_what) == object_interaction);
    g_queue_push_tail(&world.reads,
                      asked_new(link, message_u(&message, Read_token), message_text(&message, Read_name)));
    return true;
}

static uint64_t world_conn(struct gcx_link *link)
{
    (void)link;
    return ++conns;
}
static void world_refused(struct gcx_link *link, const char *reason, const char *whom)
{
    (void)link, (void)whom;
    world.refusals++;
    g_strlcpy(world.refused, reason, sizeof world.refused);
}

static const struct gcx_services services = {.base = world_base,
                                             .new_conn = world_conn,
                                             .refused = world_refused,
                                             .read = world_read,
                                             .domain = world_domain,
                                             .link = world_domain,
                                             .post = world_post,
                                             .now_us = world_now,
                                             .wall_us = world_now,
                                             .journal = world_journal,
                                             .up = world_up,
                                             .count = world_count,
                                             .figure = world_count,
                                             .neighbour = world_neighbour,
                                             .log = world_log};

/* ---- a way ---- */

static const char *trial_queue(const void *self, const char *own)
{
    (void)self;
    return strcmp(own, "+4930123") == 0 ? "service" : NULL;
}

/* So many names of this text there are. */
unsigned names_of(GHashTable *texts, const char *text)
{
    GHashTableIter at;
    gpointer value;
    unsigned count = 0;
    g_hash_table_iter_init(&at, texts);
    while (g_hash_table_iter_next(&at, NULL, &value)) count += strcmp(value, text) == 0;
    return count;
}

unsigned core_count(const char *text)
{
    return names_of(world.has, text);
}

bool core_has(const char *text)
{
    return core_count(text) > 0;
}

static bool talk_has(const char *text)
{
    return names_of(world.talk, text) > 0;
}

static bool trial_answer(void *self, const struct post_ticket *ticket, enum post_verdict verdict, const char *name)
{
    bool piece = ticket->number == 1; /* of two: it is acknowledged when it is kept */
    (void)self, (void)name;
    if (verdict == POST_TAKEN && !piece && !world.said && !core_has(world.text) && !talk_has(world.text)) world.early++;
    if (verdict == POST_TAKEN && !world.absent) world.acknowledged++;
    return !world.absent;
}

static void trial_receipted(void *self, const struct post_ticket *ticket, enum post_verdict verdict)
{
    (void)self;
    cr_expect_eq(ticket->from, 1);
    world.receipted[verdict]++;
}

static bool trial_taken(void *self, struct post_coming *coming, const struct post_item *item)
{
    (void)self;
    if (trial_is(TRIAL_talks) && world.asks) {
        g_queue_push_tail(&world.asked, coming);
        return true;
    }
    if (trial_is(TRIAL_talks)) g_hash_table_replace(world.talk, g_strdup(item->external_id), g_strdup(item->text));
    if (world.said || trial_is(TRIAL_talks)) office_said(coming, POST_TAKEN);
    return world.said || trial_is(TRIAL_talks);
}

/* Conversations say it now. */
static void talk_says(void)
{
    struct post_coming *coming;
    world.asks = false;
    while ((coming = g_queue_pop_head(&world.asked))) (void)trial_taken(NULL, coming, coming->item);
}

static bool trial_address(const void *self, struct span to, char customer[POST_ADDRESS])
{
    (void)self;
    snprintf(customer, POST_ADDRESS, "%.*s", (int)to.length, (const char *)to.bytes);
    return true;
}

static void trial_from(const void *self, struct span from, char own[POST_ADDRESS])
{
    (void)self, (void)from;
    g_strlcpy(own, "+4930123", POST_ADDRESS);
}

static bool trial_busy(const void *self, const char *customer)
{
    (void)self, (void)customer;
    return world.mutes->len > 0;
}

static void trial_told(void *self, const struct post_told *told)
{
    (void)self;
    g_string_append_printf(world.told, "%s %s;", told->msg_id, enum_name_delivery(told->state));
}

static uint64_t trial_room(void *self, uint64_t *where)
{
    (void)self;
    *where = 1;
    return world.room;
}

static void network_answers(struct office *office, void *piece, enum post_answer answer)
{
    char name[20];
    snprintf(name, sizeof name, "n%u", ++world.names);
    office_answered(office, piece,
                    &(struct post_answered){.answer = answer, .peer_id = name, .why = "as it was told to"});
}

static bool trial_send(void *self, const struct post_sending *sending, unsigned n, uint64_t where, void *piece)
{
    (void)n, (void)where;
    gpointer count = world.trial->rule == TRIAL_resends ? NULL : g_hash_table_lookup(world.got, sending->text);
    g_hash_table_replace(world.got, g_strdup(sending->text), GUINT_TO_POINTER(GPOINTER_TO_UINT(count) + 1));
    if (world.order) g_string_append_printf(world.order, "%s;", sending->text);
    g_ptr_array_add(world.mutes, self);
    g_ptr_array_add(world.mutes, piece);
    return true;
}

static void trial_ordered(void *asker, bool good, unsigned going, unsigned count)
{
    world.put_off += !good;
    cr_expect(asker == world.store);
    cr_expect(!good || (going == world.going && (count == 1 || going == POST_OTHER)));
}

static void trial_asker_free(void *asker)
{
    (void)asker;
}

static void trial_second(void *self)
{
    (void)self;
}

static const struct post_way trial_way = {.name = "sms",
                                          .media = media_sms,
                                          .kind = STORE_phone,
                                          .noun = "text",
                                          .by_peer = REFUSED_sms_by_provider,
                                          .by_us = REFUSED_sms_by_us,
                                          .queue = trial_queue,
                                          .answer = trial_answer,
                                          .receipted = trial_receipted,
                                          .taken = trial_taken,
                                          .address = trial_address,
                                          .from = trial_from,
                                          .room = trial_room,
                                          .busy = trial_busy,
                                          .send = trial_send,
                                          .ordered = trial_ordered,
                                          .asker_free = trial_asker_free,
                                          .second = trial_second};

/* The same way for items that are more than a text: it reads and keeps them itself, and the outside names them. */
struct leaf {
    char *bytes;
};

static void leaf_free(void *body)
{
    struct leaf *leaf = body;
    g_free(leaf->bytes);
    g_free(leaf);
}

static void leaf_read(const void *self, struct post_item *item)
{
    (void)self;
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, ((struct leaf *)item->body)->bytes, -1);
    g_strlcpy(item->peer_id, digest, sizeof item->peer_id);
    g_free(digest);
}

static bool leaf_keep(const void *self, struct store *store, struct post_item *item, struct error *error)
{
    const struct leaf *leaf = item->body;
    struct store_key key;
    struct store_arrival arrival = {.tenant = "",
                                    .media = world.way.name,
                                    .external_id = span_of(item->peer_id),
                                    .kind = STORE_phone,
                                    .address = span_of(item->customer),
                                    .received = item->now,
                                    .journal = item->journal,
                                    .message = {.at = item->now, .text = span_of(leaf->bytes)}};
    (void)self;
    if (!store_put(store, &arrival, &key, error)) return false;
    item->interaction = key.interaction;
    g_strlcpy(item->external_id, item->peer_id, sizeof item->external_id);
    return true;
}

static void leaf_line(void *self, const struct store_line *line)
{
    ((struct leaf *)self)->bytes = g_strndup((const char *)line->text.bytes, line->text.length);
}

static bool leaf_again(const void *self, struct store *store, struct post_item *item, const char **over,
                       struct error *error)
{
    (void)self, (void)over;
    item->body = g_new0(struct leaf, 1);
    return store_transcript(store, item->interaction, 0, 1, true, leaf_line, item->body, error);
}

static void leaf_submit(void *self, const struct post_item *item, struct writer *writer)
{
    (void)self;
    writer_text(writer, Submit_subject, ((const struct leaf *)item->body)->bytes);
}

static int64_t asks_in(struct store *store, int64_t item)
{
    struct error error;
    int64_t interaction = 0;
    bool there;
    cr_expect(sql_find(store_sql(store), &error, &interaction, &there, "SELECT interaction FROM post_out WHERE id = $1",
                       SQL_WITH(sql_number(item))));
    return interaction;
}

/* And so for what goes: it is asked for whole, and its bytes are made from the store before they go. */
static void leaf_order(void *self, const struct message *effect, struct post_sending *sending)
{
    struct span to = {0};
    uint32_t at = 0;
    (void)message_next_text(message_text(effect, SendMessage_to), &at, &to);
    (void)trial_address(self, to, sending->customer);
    trial_from(self, to, sending->own);
    post_order_digest(sending->customer, to, sending->text, sending->digest);
    sending->recipients = 1;
    sending->body = g_new0(struct leaf, 1);
}

static void leaf_forget(void *body)
{
    if (body) leaf_free(body);
}

static bool leaf_write(const void *self, struct store *store, struct post_order *order, struct error *error)
{
    struct leaf *leaf = order->body;
    struct store_key key;
    char *name = g_strdup_printf("out-%s-%.8s", order->msg_id, order->digest);
    struct store_arrival arrival = {.tenant = "",
                                    .media = world.way.name,
                                    .external_id = span_of(name),
                                    .outbound = true,
                                    .kind = STORE_phone,
                                    .address = span_of(order->customer),
                                    .received = order->now,
                                    .journal = order->journal,
                                    .message = {.at = order->now, .text = span_of(order->text)}};
    bool good = store_put(store, &arrival, &key, error);
    (void)self;
    if (good) order->interaction = key.interaction;
    if (good && !leaf->bytes) leaf->bytes = g_strdup(order->text);
    if (world.suppresses && order->begun) order->going = POST_SUPPRESSED;
    g_free(name);
    return good;
}

static bool leaf_noted(const void *self, struct store *store, const struct post_sending *sending, enum post_out state,
                       int64_t now, struct error *error)
{
    int64_t interaction = asks_in(store, sending->item);
    (void)self;
    return state == POST_OUT_held || store_ended(store, interaction, NULL, post_out_shown(state), now, error);
}

static void leaf_form(const struct post_sending *sending, unsigned n, char form[POST_ADDRESS])
{
    g_strlcpy(form, sending->peer_ids[n], POST_ADDRESS);
}

static const char *leaf_title(const struct post_sending *sending)
{
    return sending->msg_id;
}

/* ---- chats ---- */

static void chat_took(struct conversation *it, const char *id, int64_t place, const char *code)
{
    (void)it, (void)place;
    if (code || strcmp(id, world.text) != 0) return;
    if (!core_has(world.text)) world.early++;
    if (!world.absent) world.acknowledged++;
}

static void chat_refused(struct conversation *it, const char *code)
{
    (void)it, (void)code; /* its customer says it again */
}

static enum delivery chat_send(struct conversation *it, struct keep_job *said, enum cause *cause)
{
    (void)it, (void)said;
    *cause = cause_ok;
    return delivery_accepted;
}

static struct conversation_way chat_trial = {.noun = "chat",
                                             .kind = STORE_email,
                                             .address_key = "email",
                                             .size = sizeof(struct conversation),
                                             .took = chat_took,
                                             .refused = chat_refused,
                                             .send = chat_send};

static struct office *chat_opens(bool second)
{
    char why[200] = "";
    struct conversations *all = &chats[second];
    chat_trial.media = world.trial->media;
    conversations_init(all, (struct gcx_link *)(second ? &world.second : NULL), &services, &chat_trial, NULL);
    all->setting = (struct conversation_setting){
        .store = world.store, .country = "", .state = "", .sessions = 1000, .messages = 100, .submit_timeout = 2};
    cr_assert(conversations_open(all, world.base, NULL, why, sizeof why), "%s", why);
    return all->office;
}

/* Without a word, as killed_one(). */
static void chat_killed(bool second)
{
    struct conversations *all = &chats[second];
    all->own = false;
    conversations_stop(all);
    all->own = true;
    conversations_free(all);
}

/* A customer who was acknowledged says it again only in a conversation that goes on. */
static void chat_brings(struct office *office)
{
    struct conversations *all = chats_of(office);
    struct conversation *it = conversation_by_key(all, world.text);
    if (!it && world.acknowledged > 0) return;
    if (!it) it = conversation_new(all, &(struct caller){.key = world.text, .subject = world.text, .queue = "service"});
    conversation_say(it, world.text, world.text, 0);
}

static void chat_performs(struct conversations *all, unsigned kind, uint64_t conn)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, kind);
    if (kind == KIND_RouteDefault) writer_u(&writer, ENVELOPE_ixn, 1000000 + conn);
    writer_u(&writer, ENVELOPE_ref, 1);
    writer_conn(&writer, ENVELOPE_conn, conn);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    conversations_perform(all, &message);
    writer_free(&writer);
}

/* A core that knows nothing of a conversation takes it for a call without a strategy. */
static void chat_resyncs(void)
{
    chat_performs(&chats[0], KIND_Resync, 0);
    for (guint i = 0; i < observed->len; i++)
        chat_performs(&chats[0], KIND_RouteDefault, g_array_index(observed, uint64_t, i));
    g_array_set_size(observed, 0);
}

static void core_is(struct office *office, bool up)
{
    if (trial_is(TRIAL_lines))
        conversations_core_up(chats_of(office), up);
    else
        office_core_up(office, up);
}

/* ---- time ---- */

static void replies(void)
{
    struct asked *asked;
    while (!world.silent && (asked = g_queue_pop_head(&world.replies))) {
        struct writer writer;
        struct message message;
        writer_init(&writer);
        writer_begin(&writer, KIND_Reply);
        writer_u(&writer, ENVELOPE_ixn, 5);
        writer_u(&writer, ENVELOPE_req, asked->number);
        writer_u(&writer, Reply_outcome, world.refuses ? outcome_error : outcome_ok);
        writer_u(&writer, Reply_code, world.refuses);
        struct span frame = writer_end(&writer);
        cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
        for (int times = world.twice ? 2 : 1; times > 0; times--) office_perform(asked->office, &message);
        writer_free(&writer);
        g_free(asked->name), g_free(asked);
    }
    while ((asked = g_queue_pop_head(&world.reads))) {
        struct writer writer;
        struct message message;
        struct kv kv;
        writer_init(&writer);
        kv_init(&kv);
        const char *text = g_hash_table_lookup(world.has, asked->name);
        world.compared += text && strcmp(text, world.text) == 0;
        if (text) kv_put_text(&kv, "state", span_of("queued"));
        if (!text && world.how)
            kv_put_text(&kv, "ended", span_of("1-000000000005")), kv_put_text(&kv, "how", span_of(world.how));
        writer_begin(&writer, KIND_ReadReply);
        writer_u(&writer, ReadReply_token, asked->number);
        writer_kv(&writer, ReadReply_value, &kv);
        struct span frame = writer_end(&writer);
        cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
        office_perform(asked->office, &message);
        kv_free(&kv);
        writer_free(&writer);
        g_free(asked->name), g_free(asked);
    }
}

static void network(void)
{
    while (!world.mute && world.mutes->len > 0) {
        void *piece = g_ptr_array_steal_index(world.mutes, 1), *self = g_ptr_array_steal_index(world.mutes, 0);
        network_answers(self == &world.second ? world.second : world.office, piece, world.answer);
    }
}

void turn(void)
{
    struct office *all[] = {world.office, world.second};
    for (unsigned i = 0; i < 2; i++)
        while (all[i] && worker_waiting(all[i]->worker) > 0) event_base_loop(world.base, EVLOOP_ONCE);
    event_base_loop(world.base, EVLOOP_NONBLOCK);
    replies();
    network();
    world.clock_us += SECOND / 4;
    for (unsigned i = 0; i < 2; i++)
        if (all[i]) office_turn(all[i]);
}

void turns(unsigned count)
{
    while (count-- > 0) turn();
}

int64_t asks(const char *query)
{
    struct error error;
    struct sql *sql = sql_open(world.store, "contact store", &error);
    int64_t number = -1;
    bool there;
    cr_assert(sql && sql_find(sql, &error, &number, &there, query, SQL_NONE), "%s: %s", query, error.text);
    sql_close(sql);
    return number;
}

void alters(const char *text)
{
    struct error error;
    struct sql *sql = sql_open(world.store, "contact store", &error);
    cr_assert(sql && sql_run(sql, text, &error), "%s", error.text);
    sql_close(sql);
}

struct office *opens(bool second)
{
    char why[200] = "";
    if (trial_is(TRIAL_lines)) {
        struct office *chat = chat_opens(second);
        *(second ? &world.second : &world.office) = chat;
        if (world.up) core_is(chat, true);
        return chat;
    }
    struct office_setup setup = {(struct gcx_link *)(second ? &world.second : NULL),
                                 &services,
                                 world.base,
                                 &world.way,
                                 &world.rules,
                                 second ? &world.second : &world.office,
                                 world.robots};
    struct office *office = office_new(&setup, why, sizeof why);
    if (office) office_talks(office, &(struct post_talks){.owner = "", .told = trial_told});
    cr_assert(office && office_begin(office, why, sizeof why), "%s", why);
    *(second ? &world.second : &world.office) = office;
    if (world.up) office_core_up(office, true);
    return office;
}

static void asked_clear(GQueue *all, const struct office *of)
{
    for (guint count = g_queue_get_length(all); count > 0; count--) {
        struct asked *asked = g_queue_pop_head(all);
        if (of && asked->office != of)
            g_queue_push_tail(all, asked);
        else
            g_free(asked->name), g_free(asked);
    }
}

/* Without a word: nothing is taken back, no answer is awaited. */
static void killed_one(struct office **one)
{
    asked_clear(&world.replies, *one), asked_clear(&world.reads, *one);
    for (guint count = g_queue_get_length(&world.asked); count > 0; count--) {
        struct post_coming *coming = g_queue_pop_head(&world.asked);
        if (coming->office == *one)
            post_coming_free(coming);
        else
            g_queue_push_tail(&world.asked, coming);
    }
    if (trial_is(TRIAL_lines))
        chat_killed(one == &world.second);
    else
        office_free(*one);
    *one = NULL;
    for (guint i = world.mutes->len; i > 0; i -= 2) {
        if (world.mutes->pdata[i - 2] != one) continue;
        free(world.mutes->pdata[i - 1]);
        g_ptr_array_remove_range(world.mutes, i - 2, 2);
    }
}

void killed(void)
{
    killed_one(&world.office);
}

static bool nobody(void *self, const char *address)
{
    (void)self, (void)address;
    return false;
}

static void begins(const struct trial *trial)
{
    world.trial = trial;
    world.way = trial_way;
    world.way.name = trial->way;
    world.way.media = trial->media;
    if (trial_is(TRIAL_whole)) {
        world.way.read = leaf_read, world.way.keep = leaf_keep, world.way.again = leaf_again;
        world.way.submit = leaf_submit, world.way.body_free = leaf_free, world.way.taken = NULL;
        world.way.order = leaf_order, world.way.forget = leaf_forget, world.way.write = leaf_write;
        world.way.noted = leaf_noted, world.way.form = leaf_form, world.way.title = leaf_title;
    }
    world.talk = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world.dir = g_dir_make_tmp("gcx-post-XXXXXX", NULL);
    world.store = g_strdup_printf("sqlite:%s/contacts", world.dir);
    world.rules = (struct post_rules){.store = world.store,
                                      .words = {.languages = ""},
                                      .empty = "-",
                                      .conversations = true,
                                      .in_turn = trial->rule == TRIAL_in_turn,
                                      .resends = trial->rule == TRIAL_resends || trial_is(TRIAL_whole),
                                      .retry_s = trial_is(TRIAL_whole),
                                      .gap_s = 86400,
                                      .submit_timeout_s = 2,
                                      .give_up_s = 600,
                                      .window = 10,
                                      .rate = 1000};
    world.base = event_base_new();
    world.robots = robots_new(1000, nobody, NULL);
    world.clock_us = UINT64_C(1770000000000000);
    world.up = true, world.room = 10, world.journal = 7;
    world.has = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world.got = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    world.told = g_string_new(NULL);
    world.mutes = g_ptr_array_new();
    observed = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    opens(false);
    turns(4);
}

#define TRIAL(folder, medium, kind, rule)                                                                              \
    void begin_##folder(void)                                                                                          \
    {                                                                                                                  \
        static const struct trial trial = {#medium, media_##medium, TRIAL_##kind, TRIAL_##rule};                       \
        begins(&trial);                                                                                                \
    }
#include "tests/unit/trials.def"

void end_world(void)
{
    const char *name;
    killed();
    GDir *all = g_dir_open(world.dir, 0, NULL);
    while ((name = g_dir_read_name(all))) {
        char *path = g_build_filename(world.dir, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    g_dir_close(all);
    g_rmdir(world.dir);
    event_base_free(world.base);
    robots_free(world.robots);
}

/* ---- faults ---- */

void file_copied(const char *from, const char *to)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    for (unsigned i = 0; i < 3; i++) {
        char *a = g_strdup_printf("%s/%s%s", world.dir, from, parts[i]), *bytes = NULL;
        char *b = g_strdup_printf("%s/%s%s", world.dir, to, parts[i]);
        gsize length;
        g_unlink(b);
        if (g_file_get_contents(a, &bytes, &length, NULL)) g_file_set_contents(b, bytes, (gssize)length, NULL);
        g_free(a), g_free(b), g_free(bytes);
    }
}

static void core_comes_back(bool lost)
{
    world.up = false;
    core_is(world.office, false);
    asked_clear(&world.replies, NULL), asked_clear(&world.reads, NULL);
    turns(2);
    if (lost) world.journal++, g_hash_table_remove_all(world.has);
    world.up = true;
    core_is(world.office, true);
    if (trial_is(TRIAL_lines)) chat_resyncs();
}

/* `again`: what the second process is asked to do with the same item. */
void happens(enum fault fault, void (*again)(struct office *))
{
    switch (fault) {
    case FAULT_adapter_killed:
        killed();
        opens(false);
        return;
    case FAULT_core_killed:
    case FAULT_core_lost:
        core_comes_back(fault == FAULT_core_lost);
        return;
    case FAULT_store_away:
        alters("ALTER TABLE interactions RENAME TO aside");
        again(world.office);
        turns(4);
        alters("ALTER TABLE aside RENAME TO interactions");
        return;
    case FAULT_network_away:
        world.absent = true, world.room = 0;
        while (world.mutes->len > 0) {
            void *piece = g_ptr_array_steal_index(world.mutes, 1);
            g_ptr_array_remove_index(world.mutes, 0);
            network_answers(world.office, piece, POST_NO_ANSWER);
        }
        again(world.office);
        turns(4);
        return;
    case FAULT_answer_lost:
        world.absent = true, world.silent = true;
        again(world.office);
        turns(12);
        asked_clear(&world.replies, NULL);
        return;
    case FAULT_answer_twice:
        world.twice = true;
        again(world.office);
        turns(4);
        return;
    case FAULT_store_put_back:
        killed();
        file_copied("before", "contacts");
        opens(false);
        return;
    case FAULT_second_process:
        opens(true);
        again(world.second);
        turns(4);
        killed_one(&world.second);
        return;
    default:
        cr_assert_fail("a fault that nobody plays");
    }
}

void all_is_well(void)
{
    world.absent = world.silent = world.twice = world.full = world.mute = false;
    world.room = 10;
    world.answer = POST_GIVEN;
    talk_says();
}

unsigned cells;

void brings(struct office *office, unsigned n)
{
    if (trial_is(TRIAL_lines)) {
        chat_brings(office);
        return;
    }
    struct post_item *item = memory_zeroed(1, sizeof *item);
    bool two = n > 0;
    *item =
        (struct post_item){.own = "+4930123",
                           .customer = "+491701234501",
                           .place = {.mark = cells, .total = two ? 2 : 1, .n = two ? n : 1},
                           .text = two ? g_strdup_printf("%s%u", n == 1 ? world.text : "", n) : g_strdup(world.text)};
    if (trial_is(TRIAL_talks)) g_strlcpy(item->peer_id, world.text, sizeof item->peer_id);
    if (trial_is(TRIAL_whole)) {
        struct leaf *leaf = g_new0(struct leaf, 1);
        leaf->bytes = item->text;
        item->text = g_strdup("");
        item->body = leaf;
    }
    office_take(office, &(struct post_ticket){.from = 1, .number = n == 1, .kind = 0}, item);
}

unsigned pieces; /* that the item has: 0, or 1 where the second one is not brought yet */

void brings_again(struct office *office)
{
    brings(office, pieces);
}

void core_ends(const char *external_id)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_EventEnded);
    writer_text(&writer, EventEnded_external_id, external_id);
    writer_text(&writer, EventEnded_how, "done");
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    office_perform(world.office, &message);
    writer_free(&writer);
}

void in_core_ends(void)
{
    const struct conversation *it = trial_is(TRIAL_lines) ? conversation_by_key(&chats[0], world.text) : NULL;
    if (it) {
        chat_performs(&chats[0], KIND_CloseSession, it->conn);
        return;
    }
    GHashTableIter at;
    gpointer key, value;
    g_hash_table_iter_init(&at, world.has);
    while (g_hash_table_iter_next(&at, &key, &value))
        if (strcmp(value, world.text) == 0) core_ends(key);
}

bool came_is(const char *state)
{
    char *query = g_strdup_printf("SELECT count(*) FROM post_came WHERE state = '%s' AND id = (SELECT max(id) FROM"
                                  " post_came)",
                                  state);
    bool is = asks(query) == 1;
    g_free(query);
    return is;
}

/* Is the core asked about it just now? Items of earlier cells are submitted again, too, where a core was lost. */
bool is_submitted(void)
{
    for (GList *at = world.replies.head; at; at = at->next) {
        const char *text = g_hash_table_lookup(world.has, ((struct asked *)at->data)->name);
        if (text && strcmp(text, world.text) == 0) return true;
    }
    return false;
}

static uint64_t refs;

static void talk_wants(struct office *office, const char *name)
{
    enum cause cause;
    struct post_sending *sending = office_sending_new(office, 5, span_of(name), g_strdup(world.text));
    g_strlcpy(sending->own, "+4930123", sizeof sending->own);
    g_strlcpy(sending->customer, "+491701234501", sizeof sending->customer);
    sending->conn = 1;
    cr_expect_eq(office_say(office, sending, &cause), delivery_unknown);
}

void wants(struct office *office, const char *name)
{
    if (trial_is(TRIAL_talks)) {
        talk_wants(office, name);
        return;
    }
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_SendMessage);
    writer_u(&writer, ENVELOPE_ixn, 5);
    writer_u(&writer, ENVELOPE_ref, ++refs);
    writer_text(&writer, SendMessage_msg_id, name);
    writer_list_begin(&writer, SendMessage_to);
    writer_list_text(&writer, span_of("+491701234501"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_text, world.text);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    office_perform(office, &message);
    writer_free(&writer);
}

char out_name[20];

void wants_again(struct office *office)
{
    wants(office, out_name);
}

bool is_told(void)
{
    char *begins = g_strdup_printf("%s ", out_name);
    bool is = strstr(world.told->str, begins) != NULL;
    g_free(begins);
    return is;
}

void receipt_comes(enum post_out state)
{
    struct post_receipt receipt = {.state = state};
    snprintf(receipt.form, sizeof receipt.form, "n%u", world.names);
    office_receipt(world.office, &(struct post_ticket){0}, &receipt);
    turns(2);
}

bool went_is(const char *state)
{
    char *query =
        g_strdup_printf("SELECT count(*) FROM post_out WHERE msg_id = '%s' AND state = '%s'", out_name, state);
    bool is = asks(query) == 1;
    g_free(query);
    return is;
}

struct post_sending *ordered(const char *text)
{
    struct post_sending *sending = office_sending_new(world.office, 0, span_of(out_name), g_strdup(text));
    g_strlcpy(sending->own, "+4930123", sizeof sending->own);
    g_strlcpy(sending->customer, "+491701234501", sizeof sending->customer);
    post_order_digest(sending->customer, span_of(""), text, sending->digest);
    return sending;
}

void orders(enum post_out state)
{
    bool again;
    struct post_sending *sending = ordered(world.text);
    world.room = state == POST_OUT_held ? 0 : 10;
    world.mute = state == POST_OUT_begun;
    world.answer = state == POST_OUT_failed ? POST_REFUSED : state == POST_OUT_unknown ? POST_NO_ANSWER : POST_GIVEN;
    cr_assert_null(office_order(world.office, sending, world.store, &again));
    cr_expect_not(again);
    if (state == POST_OUT_asked) return;
    turns(5);
    if (state == POST_OUT_expired || state == POST_OUT_delivered) receipt_comes(state);
    cr_assert(went_is(post_out_name(state)), "%s", post_out_name(state));
}
