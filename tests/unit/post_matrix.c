/* tests/unit/post_matrix.c - Each state of post.def times each fault of post.def, on a post office whose way, core and
 * network are the test's. An item is brought into the state, the fault happens, everything comes back; then the outside
 * brings again what was not acknowledged, and the core asks again for what it was not told of. What must hold is one
 * sentence per direction:
 *
 *     comes in:   the core has each item exactly once, and nothing is acknowledged before the core has it
 *     goes out:   the other side gets each item at most once, and the core is told what became of it
 *
 * A cell where less holds is a row of `less`, with the reason. The way is a parameter, a row of `trials`; of a way
 * whose items are all said in conversations, one conversation has what came under one name. What this test leaves out:
 * the bytes of a protocol, and processes that die within a job of the thread (tests/flows/post_kills.sh).
 */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/robots.h"
#include "runtime/adapter/worker.h"
#include "runtime/post/office_state.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"

TestSuite(post_matrix, .timeout = 120);

#define SECOND INT64_C(1000000)
enum fault {
#define POST_FAULT(name, doc) FAULT_##name,
#include "runtime/post/post.def"
    FAULTS
};
static const char *const fault_names[] = {
#define POST_FAULT(name, doc) #name,
#include "runtime/post/post.def"
};

/* ---- the world ---- */

static const struct trial {
    const char *way;
    bool talks; /* conversations take all that comes, and say all that goes, in turn */
    bool reads; /* it reads and keeps its items itself, and the outside names them */
} trials[] = {{"sms", false, false}, {"social", true, false}, {"email", false, true}};

static struct {
    const struct trial *trial;
    struct post_way way;
    struct event_base *base;
    struct office *office, *second;
    struct robots *robots;
    struct post_rules rules;
    char *dir, *store;
    uint64_t clock_us, journal;
    /* the core */
    bool up, full, silent, twice; /* full: it takes no event; silent: its answers are lost; twice: they come twice */
    GHashTable *has;              /* the texts of interactions, by external id */
    GQueue replies, reads;        /* of struct asked: questions without an answer */
    unsigned compared;            /* how often it was asked about `text` */
    GString *told;                /* EventDelivery, "NAME STATE;" each */
    /* the outside */
    char text[80];         /* of the item that is looked at */
    bool said;             /* a conversation takes it */
    bool asks;             /* a conversation has not said yet whether it takes it */
    GQueue asked;          /* of struct post_coming: those */
    GHashTable *talk;      /* the texts that conversations have, by name */
    unsigned going;        /* an application's order is answered so */
    unsigned receipted[2]; /* receipts that were answered, by the verdict */
    unsigned put_off;      /* orders that are to be asked for again */
    bool absent;           /* nobody waits for an answer any more, or it does not arrive */
    unsigned acknowledged, early;
    /* the network */
    uint64_t room;
    bool mute;
    enum post_answer answer;
    GPtrArray *mutes;       /* pieces without an answer, and whose office has them: pairs */
    GHashTable *got;        /* how often, by text */
    unsigned names, errors; /* errors: lines of the log */
    GString *order;         /* of what went, "TEXT;" each; NULL: nobody asks */
} world;

struct asked {
    struct office *office;
    uint64_t number;
    char *name;
};

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
    } else if (message.kind == KIND_EventDelivery) {
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

static const struct gcx_services services = {.base = world_base,
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
                                             .log = world_log};

/* ---- a way ---- */

static const char *trial_queue(const void *self, const char *own)
{
    (void)self;
    return strcmp(own, "+4930123") == 0 ? "service" : NULL;
}

/* So many names of this text there are. */
static unsigned names_of(GHashTable *texts, const char *text)
{
    GHashTableIter at;
    gpointer value;
    unsigned count = 0;
    g_hash_table_iter_init(&at, texts);
    while (g_hash_table_iter_next(&at, NULL, &value)) count += strcmp(value, text) == 0;
    return count;
}

static unsigned core_count(const char *text)
{
    return names_of(world.has, text);
}

static bool core_has(const char *text)
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
    if (world.trial->talks && world.asks) {
        g_queue_push_tail(&world.asked, coming);
        return true;
    }
    if (world.trial->talks) g_hash_table_replace(world.talk, g_strdup(item->external_id), g_strdup(item->text));
    if (world.said || world.trial->talks) office_said(coming, POST_TAKEN);
    return world.said || world.trial->talks;
}

/* Conversations say it now. */
static void talk_says(void)
{
    struct post_coming *coming;
    world.asks = false;
    while ((coming = g_queue_pop_head(&world.asked))) (void)trial_taken(NULL, coming, coming->item);
}

static void trial_names(const void *self, const char *peer_id, char form[POST_ADDRESS])
{
    (void)self;
    g_strlcpy(form, peer_id, POST_ADDRESS);
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

static unsigned trial_divide(const void *self, struct post_sending *sending, enum cause *cause, const char **why)
{
    (void)self, (void)sending, (void)cause, (void)why;
    return 1;
}

static void trial_forget(void *body)
{
    (void)body;
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
    gpointer count = g_hash_table_lookup(world.got, sending->text);
    g_hash_table_replace(world.got, g_strdup(sending->text), GUINT_TO_POINTER(GPOINTER_TO_UINT(count) + 1));
    if (world.order) g_string_append_printf(world.order, "%s;", sending->text);
    g_ptr_array_add(world.mutes, self);
    g_ptr_array_add(world.mutes, piece);
    return true;
}

static void trial_ordered(void *asker, bool good, unsigned going, unsigned pieces)
{
    world.put_off += !good;
    cr_expect(asker == world.store);
    cr_expect(!good || (going == world.going && (pieces == 1 || going == POST_OTHER)));
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
                                          .names = trial_names,
                                          .address = trial_address,
                                          .from = trial_from,
                                          .divide = trial_divide,
                                          .forget = trial_forget,
                                          .room = trial_room,
                                          .busy = trial_busy,
                                          .told = trial_told,
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
        writer_u(&writer, Reply_outcome, outcome_ok);
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

static void turn(void)
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

static void turns(unsigned count)
{
    while (count-- > 0) turn();
}

static int64_t asks(const char *query)
{
    struct error error;
    struct sql *sql = sql_open(world.store, "contact store", &error);
    int64_t number = -1;
    bool there;
    cr_assert(sql && sql_find(sql, &error, &number, &there, query, SQL_NONE), "%s: %s", query, error.text);
    sql_close(sql);
    return number;
}

static void alters(const char *text)
{
    struct error error;
    struct sql *sql = sql_open(world.store, "contact store", &error);
    cr_assert(sql && sql_run(sql, text, &error), "%s", error.text);
    sql_close(sql);
}

static struct office *opens(bool second)
{
    char why[200] = "";
    struct office_setup setup = {(struct gcx_link *)(second ? &world.second : NULL),
                                 &services,
                                 world.base,
                                 &world.way,
                                 &world.rules,
                                 second ? &world.second : &world.office,
                                 world.robots};
    struct office *office = office_new(&setup, why, sizeof why);
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
    office_free(*one);
    *one = NULL;
    for (guint i = world.mutes->len; i > 0; i -= 2) {
        if (world.mutes->pdata[i - 2] != one) continue;
        free(world.mutes->pdata[i - 1]);
        g_ptr_array_remove_range(world.mutes, i - 2, 2);
    }
}

static void killed(void)
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
    if (trial->reads) {
        world.way.read = leaf_read, world.way.keep = leaf_keep, world.way.again = leaf_again;
        world.way.submit = leaf_submit, world.way.body_free = leaf_free, world.way.taken = NULL;
        world.way.order = leaf_order, world.way.forget = leaf_forget, world.way.write = leaf_write;
        world.way.noted = leaf_noted, world.way.form = leaf_form, world.way.title = leaf_title;
    }
    world.talk = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world.dir = g_dir_make_tmp("gcx-post-XXXXXX", NULL);
    world.store = g_strdup_printf("sqlite:%s/contacts", world.dir);
    world.rules = (struct post_rules){.store = world.store,
                                      .languages = "",
                                      .empty = "-",
                                      .conversations = true,
                                      .in_turn = trial->talks || trial->reads,
                                      .resends = trial->reads,
                                      .retry_s = trial->reads,
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
    opens(false);
    turns(4);
}

static void begin(void)
{
    begins(&trials[0]);
}

static void begin_talks(void)
{
    begins(&trials[1]);
}

static void end(void)
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

static void file_copied(const char *from, const char *to)
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
    office_core_up(world.office, false);
    asked_clear(&world.replies, NULL), asked_clear(&world.reads, NULL);
    turns(2);
    if (lost) world.journal++, g_hash_table_remove_all(world.has);
    world.up = true;
    office_core_up(world.office, true);
}

/* `again`: what the second process is asked to do with the same item. */
static void happens(enum fault fault, void (*again)(struct office *))
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

static void all_is_well(void)
{
    world.absent = world.silent = world.twice = world.full = world.mute = false;
    world.room = 10;
    world.answer = POST_GIVEN;
    talk_says();
}

/* ---- what less holds ---- */

static const struct less {
    const char *state, *fault;
    unsigned most; /* times */
    bool perhaps;  /* or once: who of two is first is chance */
} less[] = {
    /* The store has forgotten that the core was asked; the outside brings the item again, and it gets a new name. */
    {"submitted", "store_put_back", 2, false},
    /* The core has been told already, or asks once more: the store has forgotten that it went. */
    {"begun", "store_put_back", 2, false},
};
/* Of a way that sends again what nobody knows of, under the same name, as mail does. */
static const struct less resent[] = {
    {"asked", "second_process", 2, true},  {"begun", "adapter_killed", 2, false},
    {"begun", "store_put_back", 2, false}, {"unknown", "store_away", 2, false},
    {"unknown", "network_away", 2, false}, {"unknown", "answer_lost", 2, false},
    {"unknown", "answer_twice", 2, false}, {"unknown", "second_process", 2, false},
};

static struct less less_of(const char *state, enum fault fault)
{
    const struct less *rows = world.trial->reads ? resent : less;
    for (unsigned i = 0; i < (world.trial->reads ? G_N_ELEMENTS(resent) : G_N_ELEMENTS(less)); i++)
        if (strcmp(rows[i].state, state) == 0 && strcmp(rows[i].fault, fault_names[fault]) == 0) return rows[i];
    return (struct less){.state = state, .fault = fault_names[fault], .most = 1};
}

/* ---- comes in ---- */

static unsigned cells;

static void brings(struct office *office, unsigned n)
{
    struct post_item *item = memory_zeroed(1, sizeof *item);
    bool two = n > 0;
    *item =
        (struct post_item){.own = "+4930123",
                           .customer = "+491701234501",
                           .place = {.mark = cells, .total = two ? 2 : 1, .n = two ? n : 1},
                           .text = two ? g_strdup_printf("%s%u", n == 1 ? world.text : "", n) : g_strdup(world.text)};
    if (world.trial->talks) g_strlcpy(item->peer_id, world.text, sizeof item->peer_id);
    if (world.trial->reads) {
        struct leaf *leaf = g_new0(struct leaf, 1);
        leaf->bytes = item->text;
        item->text = g_strdup("");
        item->body = leaf;
    }
    office_take(office, &(struct post_ticket){.from = 1, .number = n == 1, .kind = 0}, item);
}

static unsigned pieces; /* that the item has: 0, or 1 where the second one is not brought yet */

static void brings_again(struct office *office)
{
    brings(office, pieces);
}

static void core_ends(const char *external_id)
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

static void in_core_ends(void)
{
    GHashTableIter at;
    gpointer key, value;
    g_hash_table_iter_init(&at, world.has);
    while (g_hash_table_iter_next(&at, &key, &value))
        if (strcmp(value, world.text) == 0) core_ends(key);
}

static bool in_is(const char *state)
{
    char *query = g_strdup_printf("SELECT count(*) FROM post_came WHERE state = '%s' AND id = (SELECT max(id) FROM"
                                  " post_came)",
                                  state);
    bool is = asks(query) == 1;
    g_free(query);
    return is;
}

/* Is the core asked about it just now? Items of earlier cells are submitted again, too, where a core was lost. */
static bool is_submitted(void)
{
    for (GList *at = world.replies.head; at; at = at->next) {
        const char *text = g_hash_table_lookup(world.has, ((struct asked *)at->data)->name);
        if (text && strcmp(text, world.text) == 0) return true;
    }
    return false;
}

/* Brings it into the state. */
static void comes_into(enum post_in state)
{
    world.said = state == POST_IN_said;
    world.full = state == POST_IN_kept;
    world.silent = state == POST_IN_submitted;
    pieces = state == POST_IN_brought && !world.trial->talks;
    world.asks = state == POST_IN_brought;
    brings(world.office, pieces);
    for (unsigned tries = 0; tries < 6 && state == POST_IN_submitted && !is_submitted(); tries++) turn();
    if (state == POST_IN_submitted) {
        cr_assert(world.acknowledged == 0 && is_submitted() && in_is("kept"), "%u %d %d", world.acknowledged,
                  is_submitted(), in_is("kept"));
        return;
    }
    turns(4);
    if (state == POST_IN_ended) {
        in_core_ends();
        turns(2);
    }
    cr_assert(in_is(post_in_name(state)), "%s", world.text);
}

static void in_cell(enum post_in state, enum fault fault)
{
    char *text = g_strdup_printf("%u %s x %s", ++cells, post_in_name(state), fault_names[fault]);
    char *whole = g_strdup_printf("%s12", text); /* two pieces, with their numbers behind */
    const struct less holds = less_of(post_in_name(state), fault);
    turns(12); /* the cell before is over */
    g_strlcpy(world.text, text, sizeof world.text);
    world.acknowledged = world.early = 0;
    if (fault == FAULT_store_put_back) {
        killed();
        file_copied("contacts", "before");
        opens(false);
    }
    comes_into(state);
    bool had = core_has(text);
    happens(fault, brings_again);
    all_is_well();
    /* What the outside does not know of is brought again; the second piece comes now. */
    for (unsigned tries = 0; tries < 8 && world.acknowledged == 0; tries++) {
        brings(world.office, pieces);
        turns(12);
    }
    if (pieces == 1) {
        if (fault == FAULT_store_put_back)
            brings(world.office, 1); /* what was acknowledged and is lost: a copy of it */
        world.acknowledged = 0;
        g_strlcpy(world.text, whole, sizeof world.text);
        for (unsigned tries = 0; tries < 8 && world.acknowledged == 0; tries++) {
            brings(world.office, 2);
            turns(12);
        }
    }
    unsigned least =
        state == POST_IN_said || world.trial->talks || (state == POST_IN_ended && fault == FAULT_core_lost) ? 0 : 1;
    for (unsigned tries = 0; tries < 400 && core_count(world.text) < least; tries++) {
        turns(1); /* the core is asked about what is open, by a thread of its own */
        usleep(500);
    }
    unsigned count = core_count(world.text);
    if (state == POST_IN_owned && fault == FAULT_store_put_back) cr_expect(had, "%s", text);
    cr_expect(world.acknowledged > 0, "%s: it is not acknowledged", text);
    cr_expect_eq(world.early, 0, "%s: it was acknowledged before the core had it", text);
    cr_expect(count >= least && count <= (least == 0 ? 0 : holds.most), "%s: the core has it %u times", text, count);
    if (world.trial->talks) count = names_of(world.talk, text);
    cr_expect(!world.trial->talks || (count >= 1 && count <= holds.most), "%s: a conversation has it %u times", text,
              count);
    cr_expect(count == holds.most || holds.most == 1, "%s: more holds than the table says", text);
    world.said = false;
    g_free(whole), g_free(text);
}

Test(post_matrix, what_comes_is_with_the_core_once_whatever_happens, .init = begin, .fini = end)
{
    for (unsigned state = 0; state < POST_IN_STATES; state++)
        for (unsigned fault = 0; fault < FAULTS; fault++) in_cell((enum post_in)state, (enum fault)fault);
    cr_expect_eq(cells, POST_IN_STATES * FAULTS);
}

/* The other states are of items that are interactions of their own. */
Test(post_matrix, what_comes_to_a_conversation_has_one_name_whatever_happens, .init = begin_talks, .fini = end)
{
    for (unsigned fault = 0; fault < FAULTS; fault++) {
        in_cell(POST_IN_brought, (enum fault)fault);
        in_cell(POST_IN_said, (enum fault)fault);
    }
    cr_expect_eq(cells, 2 * FAULTS);
}

static void begin_leaves(void)
{
    begins(&trials[2]);
}

/* Such items have no pieces and belong to no conversation. */
Test(post_matrix, what_a_way_keeps_itself_is_with_the_core_once_whatever_happens, .init = begin_leaves, .fini = end)
{
    for (unsigned state = POST_IN_kept; state < POST_IN_STATES; state++)
        for (unsigned fault = 0; fault < FAULTS; fault++) in_cell((enum post_in)state, (enum fault)fault);
}

/* ---- goes out ---- */

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

static void wants(struct office *office, const char *name)
{
    if (world.trial->talks) {
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

static char out_name[20];

static void wants_again(struct office *office)
{
    wants(office, out_name);
}

static bool is_told(void)
{
    char *begins = g_strdup_printf("%s ", out_name);
    bool is = strstr(world.told->str, begins) != NULL;
    g_free(begins);
    return is;
}

static void receipt_comes(enum post_out state)
{
    struct post_receipt receipt = {.state = state};
    snprintf(receipt.form, sizeof receipt.form, "n%u", world.names);
    office_receipt(world.office, &(struct post_ticket){0}, &receipt);
    turns(2);
}

static bool out_is(const char *state)
{
    char *query =
        g_strdup_printf("SELECT count(*) FROM post_out WHERE msg_id = '%s' AND state = '%s'", out_name, state);
    bool is = asks(query) == 1;
    g_free(query);
    return is;
}

static void goes_into(enum post_out state)
{
    world.room = state == POST_OUT_held ? 0 : 10;
    world.mute = state == POST_OUT_begun;
    world.answer = state == POST_OUT_failed ? POST_REFUSED : state == POST_OUT_unknown ? POST_NO_ANSWER : POST_GIVEN;
    wants(world.office, out_name);
    if (state == POST_OUT_asked) return;
    turns(5);
    if (state == POST_OUT_expired || state == POST_OUT_delivered) receipt_comes(state);
    cr_assert(out_is(post_out_name(state)), "%s", post_out_name(state));
}

static void out_cell(enum post_out state, enum fault fault)
{
    char *text = g_strdup_printf("%u %s x %s", ++cells, post_out_name(state), fault_names[fault]);
    const struct less holds = less_of(post_out_name(state), fault);
    g_strlcpy(world.text, text, sizeof world.text);
    snprintf(out_name, sizeof out_name, "m-%u", cells);
    g_string_truncate(world.told, 0);
    if (fault == FAULT_store_put_back) {
        killed();
        file_copied("contacts", "before");
        opens(false);
    }
    goes_into(state);
    bool told = is_told();
    happens(fault, wants_again);
    all_is_well();
    for (unsigned tries = 0; tries < 4 && fault != FAULT_core_lost && !is_told(); tries++) {
        wants(world.office, out_name);
        turns(8);
    }
    turns(8);
    unsigned got = GPOINTER_TO_UINT(g_hash_table_lookup(world.got, text));
    cr_expect(got <= holds.most, "%s: it went %u times", text, got);
    cr_expect(got == holds.most || holds.most == 1 || holds.perhaps, "%s: more holds than the table says", text);
    cr_expect(fault == FAULT_core_lost || is_told(), "%s: the core does not hear of it (%d)", text, told);
    bool accepted = g_regex_match_simple("accepted|delivered", world.told->str, 0, 0);
    cr_expect(!accepted || got >= 1, "%s: it is told as accepted, and has not gone", text);
    /* Statuses come late and twice; a later one takes no better one back. */
    if (state == POST_OUT_delivered && fault != FAULT_store_put_back) {
        g_string_truncate(world.told, 0);
        receipt_comes(POST_OUT_failed);
        receipt_comes(POST_OUT_expired);
        cr_expect_str_eq(world.told->str, "", "%s", text);
        cr_expect(out_is("delivered"), "%s", text);
    }
    g_free(text);
}

Test(post_matrix, what_goes_goes_once_and_is_told_whatever_happens, .init = begin, .fini = end)
{
    for (unsigned state = 0; state < POST_OUT_STATES; state++)
        for (unsigned fault = 0; fault < FAULTS; fault++) out_cell((enum post_out)state, (enum fault)fault);
    cr_expect_eq(cells, POST_OUT_STATES * FAULTS);
}

Test(post_matrix, what_a_conversation_says_goes_once_and_is_told_whatever_happens, .init = begin_talks, .fini = end)
{
    for (unsigned state = 0; state < POST_OUT_STATES; state++)
        for (unsigned fault = 0; fault < FAULTS; fault++) out_cell((enum post_out)state, (enum fault)fault);
    cr_expect_eq(cells, POST_OUT_STATES * FAULTS);
}

Test(post_matrix, what_is_more_than_a_text_goes_and_is_told_whatever_happens, .init = begin_leaves, .fini = end)
{
    for (unsigned state = 0; state < POST_OUT_STATES; state++)
        for (unsigned fault = 0; fault < FAULTS; fault++) out_cell((enum post_out)state, (enum fault)fault);
    cr_expect_eq(cells, POST_OUT_STATES * FAULTS);
}

/* ---- a kill, and nobody asks again ---- */

enum after { AFTER_again, AFTER_resumed, AFTER_compared, AFTER_lost, AFTER_rests };
static const struct after_row {
    const char *name;
    bool in_book;
    enum after after;
} in_after[] =
    {
#define POST_IN_STATE(name, place, after, meaning) {#name, #place[0] == 'b', AFTER_##after},
#include "runtime/post/post.def"
},
  out_after[] = {
#define POST_OUT_STATE(name, place, after, shown, meaning) {#name, #place[0] == 'b', AFTER_##after},
#include "runtime/post/post.def"
};

/* A state that only the loop has is never in the book. */
static void loop_states_are_not_kept(const struct after_row *rows, unsigned count, const char *table)
{
    for (unsigned i = 0; i < count; i++) {
        char *query = g_strdup_printf("SELECT count(*) FROM %s WHERE state = '%s'", table, rows[i].name);
        cr_expect(rows[i].in_book || asks(query) == 0, "%s", query);
        g_free(query);
    }
}

Test(post_matrix, what_came_goes_on_after_a_kill_as_its_row_says, .init = begin, .fini = end)
{
    for (unsigned state = 0; state < POST_IN_STATES; state++) {
        const struct after_row *row = &in_after[state];
        char *text = g_strdup_printf("%u %s", ++cells, row->name);
        turns(12);
        g_strlcpy(world.text, text, sizeof world.text);
        world.acknowledged = 0;
        comes_into((enum post_in)state);
        unsigned count = core_count(text), acknowledged = world.acknowledged;
        killed();
        opens(false);
        all_is_well();
        world.compared = 0;
        for (unsigned tries = 0; tries < 200 && row->after == AFTER_compared && world.compared == 0; tries++) {
            turns(1);
            usleep(500);
        }
        turns(12);
        cr_expect_eq(core_count(text), count, "%s: nobody has brought it again", text);
        cr_expect_eq(world.acknowledged, acknowledged, "%s", text);
        cr_expect_eq(world.compared > 0, row->after == AFTER_compared, "%s: asked about %u times", text,
                     world.compared);
        cr_expect(in_is(row->in_book ? row->name : "kept"), "%s", text);
        world.said = false;
        g_free(text);
    }
    loop_states_are_not_kept(in_after, POST_IN_STATES, "post_came");
}

/* The step for which it went has had its exit, and its core does not ask again; another one it does. */
static void is_asked_for_no_more(void)
{
    static const struct {
        enum post_out state;
        const char *becomes;
    } rows[] = {{POST_OUT_held, "failed"}, {POST_OUT_begun, "unknown"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        for (unsigned asked = 0; asked < 2; asked++) {
            snprintf(world.text, sizeof world.text, "%u", ++cells);
            snprintf(out_name, sizeof out_name, "m-%u", cells);
            goes_into(rows[i].state);
            killed();
            world.room = 0;
            opens(false);
            if (asked) wants_again(world.office);
            turns(4);
            bool waits = asked && (rows[i].state == POST_OUT_held || world.rules.resends);
            world.clock_us += 60 * SECOND;
            turns(4);
            cr_expect(out_is(waits ? "held" : rows[i].becomes), "%s", world.text);
            char *query = g_strdup_printf("SELECT count(*) FROM interactions i JOIN post_out o ON o.interaction = i.id"
                                          " WHERE o.msg_id = '%s' AND i.ended IS NOT NULL AND i.result = '%s'",
                                          out_name, rows[i].becomes);
            cr_expect_eq(asks(query), waits ? 0 : 1, "%s", query);
            g_free(query);
            all_is_well();
            turns(8);
        }
}

Test(post_matrix, what_no_core_asks_for_again_is_over_after_a_minute, .init = begin, .fini = end)
{
    is_asked_for_no_more();
}

Test(post_matrix, a_mail_that_no_core_asks_for_again_is_over_after_a_minute, .init = begin_leaves, .fini = end)
{
    is_asked_for_no_more();
}

static struct post_sending *ordered(const char *text)
{
    struct post_sending *sending = office_sending_new(world.office, 0, span_of(out_name), g_strdup(text));
    g_strlcpy(sending->own, "+4930123", sizeof sending->own);
    g_strlcpy(sending->customer, "+491701234501", sizeof sending->customer);
    post_order_digest(sending->customer, span_of(""), text, sending->digest);
    return sending;
}

static void orders(enum post_out state)
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
    cr_assert(out_is(post_out_name(state)), "%s", post_out_name(state));
}

Test(post_matrix, what_nobody_asks_for_again_goes_on_after_a_kill_as_its_row_says, .init = begin, .fini = end)
{
    for (unsigned state = 0; state < POST_OUT_STATES; state++) {
        const struct after_row *row = &out_after[state];
        char *text = g_strdup_printf("%u %s", ++cells, row->name);
        g_strlcpy(world.text, text, sizeof world.text);
        snprintf(out_name, sizeof out_name, "a-%u", cells);
        orders((enum post_out)state);
        unsigned got = GPOINTER_TO_UINT(g_hash_table_lookup(world.got, text));
        killed();
        opens(false);
        all_is_well();
        turns(12);
        bool kept = row->in_book || out_is("given"); /* the thread may have had it before the kill */
        unsigned more = row->after == AFTER_resumed || (!row->in_book && kept);
        cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, text)), got + more, "%s", text);
        cr_expect(!kept || out_is(row->after == AFTER_lost ? "unknown" : more ? "given" : row->name), "%s", text);
        g_free(text);
    }
    loop_states_are_not_kept(out_after, POST_OUT_STATES, "post_out");
}

/* Where many wait, most of them are in the book alone; they go in their order, each once, also after a kill. */
Test(post_matrix, orders_wait_in_the_book_alone_where_there_are_many, .init = begin, .fini = end)
{
    bool again;
    world.room = 0;
    world.office->most = 3;
    for (unsigned i = 0; i < 12; i++) {
        snprintf(out_name, sizeof out_name, "app-%u", i);
        cr_assert_null(office_order(world.office, ordered(out_name), world.store, &again));
        turns(1);
        if (i != 7) continue;
        cr_expect(g_hash_table_size(world.office->going) == 3 && world.office->behind == 5);
        killed();
        opens(false)->most = 3;
    }
    guint held = g_hash_table_size(world.office->going);
    cr_expect(world.office->behind > 0 && held + world.office->behind == 12, "%u %lld", held,
              (long long)world.office->behind);
    world.order = g_string_new(NULL);
    all_is_well();
    turns(16);
    cr_expect_str_eq(world.order->str, "app-0;app-1;app-2;app-3;app-4;app-5;app-6;app-7;app-8;app-9;app-10;app-11;");
    cr_expect_eq(world.office->behind, 0);
}

/* The office turns many times a second. */
Test(post_matrix, a_page_that_cannot_be_read_is_read_again_after_a_second, .init = begin, .fini = end)
{
    bool again;
    world.room = 0;
    snprintf(out_name, sizeof out_name, "app-1");
    cr_assert_null(office_order(world.office, ordered(out_name), world.store, &again));
    turns(1);
    killed();
    opens(false);
    alters("ALTER TABLE messages RENAME TO aside");
    world.errors = 0;
    for (unsigned i = 0; i < 20; i++) {
        while (worker_waiting(world.office->worker) > 0) event_base_loop(world.base, EVLOOP_ONCE);
        going_page(world.office);
    }
    cr_expect_eq(world.errors, 1, "%u", world.errors);
    alters("ALTER TABLE aside RENAME TO messages");
    turns(6);
    cr_expect(world.office->behind == 0 && g_hash_table_size(world.office->going) == 1);
}

/* Its order is asked for again, by an application that has not heard; and then another one under its name. */
Test(post_matrix, an_order_that_waits_is_the_same_after_a_kill_and_another_one_is_told, .init = begin, .fini = end)
{
    bool again;
    g_strlcpy(world.text, "order", sizeof world.text);
    snprintf(out_name, sizeof out_name, "app-1");
    orders(POST_OUT_held);
    killed();
    opens(false);
    turns(4);
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    cr_expect(again);
    world.going = POST_OTHER;
    cr_assert_null(office_order(world.office, ordered("another"), world.store, &again));
    cr_expect_not(again);
    all_is_well();
    turns(8);
    cr_assert_null(office_order(world.office, ordered("another"), world.store, &again)); /* the book knows it */
    turns(4);
    world.going = POST_GONE;
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    turns(4);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "order")), 1);
    cr_expect_null(g_hash_table_lookup(world.got, "another"));
}

/* An application that has not heard asks again while the book is still asked: it may not take the first one. */
Test(post_matrix, an_order_is_taken_once_the_book_has_it, .init = begin, .fini = end)
{
    bool again;
    alters("ALTER TABLE post_out RENAME TO aside");
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    cr_expect(!again && world.put_off == 1);
    cr_assert_null(office_order(world.office, ordered("another"), world.store, &again));
    cr_expect(!again && world.put_off == 2);
    turns(4);
    cr_expect_eq(world.put_off, 3);
    alters("ALTER TABLE aside RENAME TO post_out");
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    turns(4);
    cr_expect_eq(world.put_off, 3);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "order")), 1);
}

/* The other side answers while the store is away: the core hears of it at once, whoever asks again too, and the book
 * later, so that a receipt is known. */
Test(post_matrix, an_answer_is_noted_once_the_store_is_back, .init = begin, .fini = end)
{
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(4);
    alters("ALTER TABLE post_names RENAME TO aside");
    world.mute = false;
    turns(8);
    cr_expect_str_eq(world.told->str, "5-1 accepted;");
    wants(world.office, out_name);
    turns(8);
    cr_expect_str_eq(world.told->str, "5-1 accepted;5-1 accepted;");
    cr_expect(out_is("begun"));
    alters("ALTER TABLE aside RENAME TO post_names");
    turns(12);
    cr_expect(out_is("given"));
    receipt_comes(POST_OUT_delivered);
    cr_expect(out_is("delivered"));
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "sent")), 1);
}

/* The same words a minute later are another message, though the store was away when the first one was answered. */
Test(post_matrix, what_was_answered_is_noted_once_the_store_is_back, .init = begin, .fini = end)
{
    g_strlcpy(world.text, "yes", sizeof world.text);
    world.silent = true;
    brings(world.office, 0);
    turns(2);
    cr_assert(is_submitted());
    alters("ALTER TABLE post_came RENAME TO aside");
    world.silent = false;
    turns(8);
    cr_expect_eq(world.acknowledged, 1);
    alters("ALTER TABLE aside RENAME TO post_came");
    turns(60 * 4);
    cr_expect(in_is("owned"));
    brings(world.office, 0);
    turns(4);
    cr_expect(world.acknowledged == 2 && core_count("yes") == 2, "%u %u", world.acknowledged, core_count("yes"));
}

/* A core whose state was put back gives a name anew while the item that had it is on its way: both go, each once. */
Test(post_matrix, a_name_that_a_core_gives_anew_is_another_item, .init = begin, .fini = end)
{
    snprintf(out_name, sizeof out_name, "5-1");
    g_strlcpy(world.text, "first", sizeof world.text);
    world.room = 0;
    wants(world.office, out_name);
    turns(4);
    g_strlcpy(world.text, "second", sizeof world.text);
    wants(world.office, out_name);
    wants(world.office, out_name);
    turns(4);
    all_is_well();
    turns(8);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "first")), 1);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "second")), 1);
    cr_expect_str_eq(world.told->str, "5-1 accepted;5-1 accepted;");
}

Test(post_matrix, a_receipt_is_put_off_while_the_store_is_away, .init = begin, .fini = end)
{
    struct post_receipt receipt = {.state = POST_OUT_delivered, .form = "n1"};
    const struct post_ticket ticket = {.from = 1};
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    wants(world.office, out_name);
    turns(4);
    alters("ALTER TABLE post_names RENAME TO aside");
    office_receipt(world.office, &ticket, &receipt);
    turns(2);
    cr_expect(world.receipted[POST_LATER] == 1 && world.receipted[POST_TAKEN] == 0);
    alters("ALTER TABLE aside RENAME TO post_names");
    office_receipt(world.office, &ticket, &receipt);
    turns(2);
    cr_expect(world.receipted[POST_LATER] == 1 && world.receipted[POST_TAKEN] == 1);
    cr_expect(out_is("delivered"));
}

/* The other side limits a customer, to whom nothing more is written. */
Test(post_matrix, a_limit_of_a_customer_is_forgotten_when_it_is_over, .init = begin, .fini = end)
{
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(2);
    cr_assert_eq(world.mutes->len, 2);
    office_answered(world.office, world.mutes->pdata[1],
                    &(struct post_answered){.answer = POST_LESS, .wait_us = SECOND});
    g_ptr_array_set_size(world.mutes, 0);
    cr_expect_eq(g_hash_table_size(world.office->limited), 1);
    world.room = 0;
    turns(2 * 4);
    cr_expect_eq(g_hash_table_size(world.office->limited), 0);
}

/* Many receipts of names that nobody knows wait, and few of them are asked about each second; that of an item of ours
 * is once the item has its name. */
Test(post_matrix, a_receipt_among_many_is_known_with_its_item, .init = begin, .fini = end)
{
    struct post_receipt receipt = {.state = POST_OUT_delivered};
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(4);
    for (unsigned i = 0; i < 500; i++) {
        snprintf(receipt.form, sizeof receipt.form, i == 400 ? "n1" : "of-others-%u", i);
        office_receipt(world.office, &(struct post_ticket){0}, &receipt);
    }
    while (worker_waiting(world.office->worker) > 0) event_base_loop(world.base, EVLOOP_ONCE);
    receipts_tick(world.office);
    cr_expect_eq(worker_waiting(world.office->worker), 200);
    world.mute = false;
    turns(3);
    cr_expect_str_eq(world.told->str, "5-1 accepted;5-1 delivered;");
}

/* The other side has a window: it hears of a receipt that was held within its few seconds, however many wait. */
Test(post_matrix, a_receipt_that_is_held_is_answered_in_time, .init = begin, .fini = end)
{
    struct post_receipt receipt = {.state = POST_OUT_delivered};
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(4);
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(receipt.form, sizeof receipt.form, "of-others-%u", i);
        office_receipt(world.office, &(struct post_ticket){.from = 1}, &receipt);
    }
    turns(1);
    cr_expect_gt(world.office->held, 0);
    turns(6 * 4);
    cr_expect_eq(world.office->held, 0);
    cr_expect_eq(world.receipted[POST_TAKEN], 2000);
}

/* The office notes the ends of what came alone: an item of ours ends when it is told, a conversation notes its own. */
Test(post_matrix, an_end_is_noted_of_what_came_and_of_nothing_else, .init = begin, .fini = end)
{
    g_strlcpy(world.text, "waits", sizeof world.text);
    world.room = 0;
    snprintf(out_name, sizeof out_name, "5-1");
    wants(world.office, out_name);
    turns(4);
    cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE ixn = '0-000000000005' AND direction = 'out'"), 1);
    core_ends("sms-out-0000000000000007-5-1");
    turns(4);
    cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE ended IS NULL"), 1);
}
