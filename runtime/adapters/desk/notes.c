/* runtime/adapters/desk/notes.c - Notes for colleagues on interactions of every medium: whom a note names, and drafts
 * that a colleague reads before they are sent.
 *
 *     a note, by HTTP or as advice  -->  notes_address()   @name: an agent of the file of users
 *     the store's thread            -->  desk_keep_note()  a message for agents only, and a row for each who is named
 *     it is kept                    -->  notes_told()      `mentions` to who is named, `noted` to who has the
 * interaction
 *
 * Whoever is away finds what names them after the next welcome. A draft goes the same way: its reader answers with a
 * verdict, which is a note that names the asker. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"

#define TENANT ""
enum { TOLD_MAX = 20 }; /* colleagues whom one note names */

/* ---- whom it names ---- */

/* A user who acts for no agent is at a desk under the own name. */
static bool notes_knows(const struct desk *desk, const char *name)
{
    const struct user *user = desk->users ? users_find(desk->users, name) : NULL;
    return desk->users &&
           (index_find(&desk->users->by_agent, name) || (user && user->role != ROLE_monitor && user->agent[0] == '\0'));
}

static void notes_add(json_t *told, const char *name)
{
    size_t at;
    json_t *one;
    json_array_foreach(told, at, one) if (strcmp(json_string_value(one), name) == 0) return;
    if (json_array_size(told) < TOLD_MAX) json_array_append_new(told, json_string(name));
}

static bool notes_is_of_name(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
}

/* Adds the agents whom the text names: @ at the beginning of a word, and behind it the agent's name. A point or a dash
 * behind a name may end the sentence. A word that names nobody stays a word. */
static void notes_add_named(const struct desk *desk, const char *text, json_t *told)
{
    for (const char *at = strchr(text, '@'); at; at = strchr(at + 1, '@')) {
        char name[NAME_SIZE];
        size_t length = 0;
        if (at != text && (notes_is_of_name(at[-1]) || (at[-1] & 0x80))) continue; /* an e-mail address */
        while (length + 1 < sizeof name && notes_is_of_name(at[1 + length])) length++;
        for (; length > 0; length--) {
            memcpy(name, at + 1, length), name[length] = '\0';
            if (notes_knows(desk, name)) notes_add(told, name);
            if (g_ascii_isalnum(name[length - 1])) break;
        }
    }
}

bool notes_address(const struct desk *desk, json_t *params, const char *text, char *why, size_t why_size)
{
    json_t *told = json_array(), *one;
    size_t at;
    json_array_foreach(json_object_get(params, "tell"), at, one)
    {
        if (!notes_knows(desk, json_string_value(one))) {
            snprintf(why, why_size, "tell: nobody at the desks is called %.64s", json_string_value(one));
            json_decref(told);
            return false;
        }
        notes_add(told, json_string_value(one));
    }
    notes_add_named(desk, text, told);
    json_object_set_new(params, "tell", told);
    return true;
}

/* ---- keeping ---- */

static bool notes_keep_mentions(struct store *store, struct desk_job *job, int64_t interaction)
{
    size_t at;
    json_t *one;
    struct store_mention mention = {.tenant = TENANT,
                                    .by = job->agent,
                                    .interaction = interaction,
                                    .at = job->wall_us,
                                    .note = span_of(desk_text(job->params, "msg_id")),
                                    .text = span_of(desk_text(job->params, "text")),
                                    .draft = span_of(desk_text(job->params, "draft")),
                                    .verdict = span_of(desk_text(job->params, "verdict"))};
    json_array_foreach(json_object_get(job->params, "tell"), at, one)
    {
        mention.agent = json_string_value(one);
        bool own = strcmp(mention.agent, job->agent) == 0;
        if (!own && !store_mention(store, &mention, &job->error)) return false;
    }
    return true;
}

/* Adds the mentions of a line of a chat, which another adapter keeps. */
bool desk_keep_named(struct store *store, struct desk_job *job)
{
    return notes_keep_mentions(store, job, desk_job_number(job, "interaction"));
}

bool desk_keep_named_advice(struct store *store, struct desk_job *job)
{
    return desk_keep_advice(store, job) && desk_keep_named(store, job);
}

static void take_asked(void *self, const struct store_mention_shown *shown)
{
    json_t *params = self, *told = json_array();
    bool approved = strcmp(desk_text(params, "verdict"), "approved") == 0;
    if (shown->draft.length == 0 || shown->verdict.length > 0) {
        json_decref(told);
        return;
    }
    json_array_append_new(told, json_stringn((const char *)shown->by.bytes, shown->by.length));
    json_object_set_new(params, "tell", told);
    json_object_set_new(params, "interaction", json_integer(shown->interaction));
    /* Approved is what was asked for, whatever the page sends. */
    if (approved) desk_put_text(params, "draft", shown->draft);
    json_object_set_new(params, "asked", json_true());
}

/* The answer to who has asked for a second pair of eyes; the question is seen with it. */
static bool notes_find_asked(struct store *store, struct desk_job *job)
{
    int64_t mention = desk_job_number(job, "mention");
    if (mention == 0 && *desk_text(job->params, "verdict") == '\0') return true;
    if (!store_mention_one(store, TENANT, job->agent, mention, take_asked, job->params, &job->error)) return false;
    if (!json_is_true(json_object_get(job->params, "asked")))
        return error_set(&job->error, ERROR_UNKNOWN, "Nobody has asked you to read a draft there.");
    if (*desk_text(job->params, "verdict") == '\0' || *desk_text(job->params, "draft") == '\0')
        return error_set(&job->error, ERROR_INPUT,
                         "verdict: say `approved`, or `changed` with the draft as it is to be.");
    return true;
}

struct notes_of {
    bool there, erased;
};

static void take_erased(void *self, const struct store_shown *shown)
{
    *(struct notes_of *)self = (struct notes_of){true, shown->erased != 0};
}

/* Nothing is written about somebody who was erased. */
static bool notes_may(struct store *store, struct desk_job *job, int64_t interaction)
{
    struct notes_of of = {0};
    if (!acts_interaction(store, job, interaction) ||
        !store_interaction(store, interaction, take_erased, &of, &job->error))
        return false;
    if (!of.there) return error_set(&job->error, ERROR_UNKNOWN, "There is no such interaction in the contact store.");
    return !of.erased || error_set(&job->error, ERROR_INPUT, "The customer was erased: nothing more is kept of them.");
}

/* Keeps the note once, however often it comes under its key; a desk that was killed before the rows of who is named
 * gets it once more from the page. */
bool desk_keep_note(struct store *store, struct desk_job *job)
{
    int64_t n;
    if (!notes_find_asked(store, job)) return false;
    int64_t interaction = desk_job_number(job, "interaction");
    if (!notes_may(store, job, interaction)) return false;
    char *msg_id = g_strdup_printf("%s:%s", job->agent, desk_text(job->params, "key"));
    json_object_set_new(job->params, "msg_id", json_string(msg_id));
    g_free(msg_id);
    struct store_message message = {.msg_id = span_of(desk_text(job->params, "msg_id")),
                                    .at = job->wall_us,
                                    .role = "agent",
                                    .visible = "agents",
                                    .sender = span_of(job->called),
                                    .text = span_of(desk_text(job->params, "text"))};
    bool good =
        store_say(store, interaction, &message, &n, &job->error) && notes_keep_mentions(store, job, interaction) &&
        (!json_is_true(json_object_get(job->params, "asked")) ||
         store_mention_seen(store, TENANT, job->agent, desk_job_number(job, "mention"), job->wall_us, &job->error));
    if (good) job->out = json_pack("{s:O}", "told", json_object_get(job->params, "tell"));
    return good;
}

/* ---- what names an agent ---- */

struct named_rows { /* mentions, without those in the history of contacts who are closed to the agent */
    json_t *rows;
    struct desk_closed closed;
};

/* What is closed stays unseen, and is told once it is open. */
static void take_mention(void *self, const struct store_mention_shown *shown)
{
    struct named_rows *named = self;
    if (shown->contact != 0 && acts_closed_has(&named->closed, shown->contact)) return;
    json_t *row = json_pack("{s:I, s:I, s:I}", "mention", (json_int_t)shown->mention, "interaction",
                            (json_int_t)shown->interaction, "at", (json_int_t)(shown->at / MS));
    desk_put_text(row, "by", shown->by), desk_put_text(row, "text", shown->text);
    desk_put_text(row, "draft", shown->draft), desk_put_text(row, "verdict", shown->verdict);
    desk_put_text(row, "media", shown->media), desk_put_text(row, "external_id", shown->external_id);
    desk_put_text(row, "subject", shown->subject), desk_put_text(row, "name", shown->name);
    json_array_append_new(named->rows, row);
}

bool desk_keep_mentions(struct store *store, struct desk_job *job)
{
    struct named_rows named = {.rows = json_array()};
    job->out = json_pack("{s:s, s:o}", "type", "mentions", "mentions", named.rows);
    return acts_closed_read(store, job, &named.closed) &&
           store_mentions(store, TENANT, job->agent, take_mention, &named, &job->error);
}

bool desk_keep_seen(struct store *store, struct desk_job *job)
{
    job->out = json_object();
    return store_mention_seen(store, TENANT, job->agent, desk_job_number(job, "mention"), job->wall_us, &job->error);
}

static void mentions_done(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    if (agent && job->good) agent_tell(agent, json_incref(job->out));
}

void notes_mentions(struct desk *desk, const char *agent)
{
    const struct desk_agent *there = g_hash_table_lookup(desk->agents, agent);
    if (!there || there->ticket == 0) return; /* the next welcome tells it */
    struct desk_job *job = desk_job_new(desk, NULL);
    text_set(job->agent, sizeof job->agent, agent);
    job->work = desk_keep_mentions;
    job->done = mentions_done;
    desk_job_give(desk, job);
}

/* Tells the agents who have the interaction that it has a new note. */
static void notes_tell_noted(struct desk *desk, int64_t interaction)
{
    GHashTableIter at, each;
    gpointer agent, one;
    char ixn[IXN_TEXT];
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &agent)) {
        g_hash_table_iter_init(&each, ((struct desk_agent *)agent)->items);
        while (g_hash_table_iter_next(&each, NULL, &one)) {
            const struct item *item = one;
            if (!item->open || item->stored != interaction) continue;
            ident_print_ixn(item->ixn, ixn);
            agent_tell(agent, json_pack("{s:s, s:s}", "type", "noted", "ixn", ixn));
        }
    }
}

void notes_told(struct desk *desk, const struct desk_job *job)
{
    size_t at;
    json_t *one;
    if (!job->good) return;
    json_array_foreach(json_object_get(job->params, "tell"), at, one) notes_mentions(desk, json_string_value(one));
    notes_mentions(desk, job->agent);
    notes_tell_noted(desk, desk_job_number(job, "interaction"));
}
