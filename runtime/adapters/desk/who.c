/* runtime/adapters/desk/who.c - Whom an item is from: asks the contact store for the contact's name and open work.
 *
 * The answer holds until a fact changes it. Whenever this desk changes something of a contact or of a thread, it asks
 * again for all items of that contact and thread. Other programs change the store too, and tell the desk nothing: so
 * the store is asked each second what has come, and each minute for every item. Where another program is about to end
 * something, such as a mail that is to be sent or a chat that its agent has left, it is asked every two seconds, for a
 * minute or until less is open. A page is told only what differs.
 *
 * Hundreds of agents may have items of one contact, such as a web form that writes for all customers. So an item waits
 * in one queue until it is its turn, and waits there once only. A second's questions are few, and fewer where the store
 * has not answered those of the seconds before. */
#include <assert.h>

#include "runtime/adapters/desk/who.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"

enum { WHO_HOLDS_US = 60 * SECOND_US, WHO_FOLLOWS_US = 60 * SECOND_US, WHO_AT_ONCE = 40 };
#define WHO_SOON_US (2 * SECOND_US - SECOND_US / 2) /* of a turn each second, the second one */

static int64_t who_number(const struct item *item, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(item->shown, "who"), key));
}

/* ---- what the items of one contact hear ---- */

struct whose { /* 0: none */
    int64_t contact, other, thread, interaction;
    const struct item *but; /* this item is not asked for */
    bool follows;           /* another program changes it in a moment */
};

static bool whose_is(const struct whose *whose, const struct item *item)
{
    int64_t contact = who_number(item, "contact"), thread = who_number(item, "thread");
    return item != whose->but &&
           ((contact != 0 && (contact == whose->contact || contact == whose->other)) ||
            (thread != 0 && thread == whose->thread) || (item->stored != 0 && item->stored == whose->interaction));
}

/* Asks again for all items of these. */
static void whose_ask(struct desk *desk, const struct whose *whose)
{
    GHashTableIter at, of;
    gpointer agent, item;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &agent)) {
        g_hash_table_iter_init(&of, ((struct desk_agent *)agent)->items);
        while (g_hash_table_iter_next(&of, NULL, &item))
            if (whose_is(whose, item)) {
                if (whose->follows) ((struct item *)item)->who_follows_us = desk_now_us(desk) + WHO_FOLLOWS_US;
                who_ask(item);
            }
    }
}

static void whose_changed(struct desk *desk, const struct desk_job *job, bool follows)
{
    struct whose whose = {.contact = desk_job_number(job, "contact"),
                          .other = desk_job_number(job, "other"),
                          .thread = desk_job_number(job, "thread"),
                          .interaction = desk_job_number(job, "interaction"),
                          .follows = follows};
    if (job->good) whose_ask(desk, &whose);
}

void who_changed(struct desk *desk, struct desk_job *job)
{
    whose_changed(desk, job, false);
}

void who_follows(struct desk *desk, struct desk_job *job)
{
    whose_changed(desk, job, true);
}

void who_changes(struct desk_job *job, const struct item *item)
{
    json_object_set_new(job->params, "contact", json_integer(who_number(item, "contact")));
    json_object_set_new(job->params, "thread", json_integer(who_number(item, "thread")));
    job->done = who_changed;
    job->lasting = true;
}

/* ---- asking ---- */

/* How much is not over of the contact, besides the item. */
static size_t who_unended(const json_t *who)
{
    return (size_t)json_integer_value(json_object_get(who, "under_way")) +
           json_array_size(json_object_get(who, "open"));
}

/* Tells the page; the item may be over meanwhile. An item that is new for a contact or a thread is news for the other
 * items of these. */
static void who_known(struct desk *desk, struct desk_job *job)
{
    char ixn[IXN_TEXT];
    uint64_t number = (uint64_t)desk_job_number(job, "item");
    const struct desk_agent *agent = job->good ? g_hash_table_lookup(desk->agents, job->agent) : NULL;
    struct item *item = agent ? g_hash_table_lookup(agent->items, &number) : NULL;
    assert(desk->who_asked > 0);
    desk->who_asked--;
    if (!item || !item->shown || json_equal(json_object_get(item->shown, "who"), job->out)) return;
    int64_t contact = who_number(item, "contact"), thread = who_number(item, "thread");
    if (who_unended(job->out) < who_unended(json_object_get(item->shown, "who"))) item->who_follows_us = 0;
    json_object_set(item->shown, "who", job->out);
    ident_print_ixn(item->ixn, ixn);
    agent_tell(item->agent, json_pack("{s:s, s:s, s:O}", "type", "who", "ixn", ixn, "who", job->out));
    struct whose whose = {.contact = who_number(item, "contact"), .thread = who_number(item, "thread"), .but = item};
    if (contact != whose.contact || thread != whose.thread) whose_ask(desk, &whose);
}

static void who_send(struct item *item)
{
    struct desk *desk = item->agent->desk;
    struct desk_job *job = desk_job_new(desk, json_pack("{s:I, s:O*, s:O*}", "item", (json_int_t)item->ixn,
                                                        "external_id", json_object_get(item->shown, "external_id"),
                                                        "media", json_object_get(item->shown, "media")));
    item->who_us = desk_now_us(desk);
    text_set(job->agent, sizeof job->agent, item->agent->name);
    job->work = desk_keep_who;
    job->done = who_known;
    desk->who_asked++;
    desk_job_give(desk, job);
}

/* Asks for those whose turn it is. */
static void who_turn(struct desk *desk)
{
    for (; desk->who_left > 0 && desk->who_waits.head; desk->who_left--) {
        struct item *item = desk->who_waits.head->data;
        who_waits_no_more(item);
        who_send(item);
    }
}

void who_waits_no_more(struct item *item)
{
    if (item->who_place) g_queue_delete_link(&item->agent->desk->who_waits, item->who_place);
    item->who_place = NULL;
}

/* An item of which the page knows nothing yet comes first. */
void who_ask(struct item *item)
{
    GQueue *waits = &item->agent->desk->who_waits;
    bool known = json_object_get(item->shown, "who") != NULL;
    if (item->stored == 0 || item->who_place) return;
    if (known)
        g_queue_push_tail(waits, item);
    else
        g_queue_push_head(waits, item);
    item->who_place = known ? waits->tail : waits->head;
    who_turn(item->agent->desk);
}

static void who_ask_again(struct desk_agent *agent)
{
    GHashTableIter at;
    gpointer value;
    uint64_t now = desk_now_us(agent->desk);
    if (agent->ticket == 0) return;
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct item *item = value;
        uint64_t holds_us = now < item->who_follows_us ? WHO_SOON_US : WHO_HOLDS_US;
        if (item->shown && now - item->who_us >= holds_us) who_ask(item);
    }
}

/* What has come is news for the items of its contact and thread. */
static void who_news(struct desk *desk, struct desk_job *job)
{
    desk->who_comes = false;
    if (!job->good) desk->who_rests_us = desk_now_us(desk) + WHO_HOLDS_US;
    for (size_t i = 0; job->good && i < json_array_size(job->out); i++) {
        const json_t *one = json_array_get(job->out, i);
        struct whose whose = {.contact = json_integer_value(json_object_get(one, "contact")),
                              .thread = json_integer_value(json_object_get(one, "thread"))};
        desk->who_came = json_integer_value(json_object_get(one, "interaction"));
        whose_ask(desk, &whose);
    }
}

static void who_news_ask(struct desk *desk)
{
    if (g_hash_table_size(desk->agents) == 0) desk->who_came = 0; /* nobody is to be told */
    if (g_hash_table_size(desk->agents) == 0 || desk->who_comes || desk_now_us(desk) < desk->who_rests_us) return;
    struct desk_job *job = desk_job_new(desk, json_pack("{s:I}", "after", (json_int_t)desk->who_came));
    job->work = desk_keep_came;
    job->done = who_news;
    desk->who_comes = true;
    desk_job_give(desk, job);
}

void who_tick(struct desk *desk)
{
    GHashTableIter at;
    gpointer agent;
    desk->who_left = desk->who_asked < WHO_AT_ONCE ? WHO_AT_ONCE - desk->who_asked : 0;
    who_turn(desk);
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &agent)) who_ask_again(agent);
    who_news_ask(desk);
}
