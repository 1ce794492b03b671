/* runtime/daemon/admin/admin_assign.c - Gives agents skills and groups by hand, for a while or until it is taken back.
 *
 *     assign anna bea --skill French=5 --join support --leave sales --for 1h
 *
 * becomes one change by hand for each agent and each thing, in one commit: all come into force together, or none. The
 * core knows no list of skills and groups, so this file looks whether the directory has the names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/near.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/admin/admin_set.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/vocabulary/rows.h"

enum { ASSIGN_MOST = 1000 }; /* changes of one request */

struct assigning {
    const json_t *request;
    struct error *error;
    struct hand *hands;
    size_t count;
    bool good;
};

/* Finds the name in the column `name` of a table of the kept directory. False: the error names the nearest one. */
static bool assign_is_known(const char *state, const char *table, const char *name, struct error *error)
{
    char near[NAME_MAX_BYTES + 1] = "", sql[64];
    uint32_t least = UINT32_MAX;
    sqlite3_stmt *rows = NULL;
    sqlite3 *db = kept_open(state);
    bool known = !db || kept_has(db, table, name); /* without a copy the names cannot be checked */
    snprintf(sql, sizeof sql, "select name from \"%s\"", table);
    if (!known && sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK)
        while (sqlite3_step(rows) == SQLITE_ROW) {
            const char *other = (const char *)sqlite3_column_text(rows, 0);
            if (other && strlen(other) <= NAME_MAX_BYTES && near_is_nearer(name, other, &least)) strcpy(near, other);
        }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return known || error_set(error, ERROR_UNKNOWN, "the directory has no %s `%.64s`%s%s%s", table, name,
                              near[0] != '\0' ? "; did you mean `" : "", near, near[0] != '\0' ? "`?" : "");
}

static struct hand *assign_hand(struct assigning *assigning, unsigned table, const char *agent, const char *item)
{
    struct hand *hand = &assigning->hands[assigning->count++];
    hand->table = (enum table)table;
    snprintf(hand->name, sizeof hand->name, "%s", agent);
    snprintf(hand->item, sizeof hand->item, "%s", item);
    kv_init(&hand->row);
    return hand;
}

/* Reads NAME=LEVEL. */
static bool assign_skill(const char *word, char name[NAME_MAX_BYTES + 1], int64_t *level, struct error *error)
{
    const char *sign = strrchr(word, '=');
    char *end = NULL;
    long value = sign ? strtol(sign + 1, &end, 10) : -1;
    if (!sign || sign == word || sign - word > NAME_MAX_BYTES || end == sign + 1 || *end != '\0' || value < 0 ||
        value > 100)
        return error_set(error, ERROR_INPUT, "`%.64s`: expected SKILL=LEVEL, with a level of 0 to 100, as French=5",
                         word);
    snprintf(name, NAME_MAX_BYTES + 1, "%.*s", (int)(sign - word), word);
    *level = value;
    return true;
}

static const char *assign_text(const json_t *list, size_t at)
{
    const char *text = json_string_value(json_array_get(list, at));
    return text ? text : "";
}

/* Adds the changes that give one agent what the request says. */
static bool assign_agent_gets(struct assigning *assigning, const char *agent)
{
    const json_t *skills = json_object_get(assigning->request, "skill"), *lists[2];
    char name[NAME_MAX_BYTES + 1];
    int64_t level;
    lists[0] = json_object_get(assigning->request, "leave");
    lists[1] = json_object_get(assigning->request, "join");
    for (size_t at = 0; at < json_array_size(skills); at++) {
        if (!assign_skill(assign_text(skills, at), name, &level, assigning->error)) return false;
        kv_put_int(&assign_hand(assigning, table_agent_skill, agent, name)->row, "value", level);
    }
    for (unsigned in = 0; in < 2; in++)
        for (size_t at = 0; at < json_array_size(lists[in]); at++)
            kv_put_int(&assign_hand(assigning, table_group_member, agent, assign_text(lists[in], at))->row, "value",
                       in);
    return true;
}

/* Adds the changes that take back what the agent has by hand: of NAME both a skill and a group, of skill:NAME and
 * group:NAME that one. Fails where the core has no such change. */
static bool assign_agent_loses(struct assigning *assigning, const struct core *core, const char *agent)
{
    static const unsigned tables[] = {table_agent_skill, table_group_member};
    static const char *const kinds[] = {"skill:", "group:"};
    enum { KIND_LENGTH = 6 };
    const json_t *undo = json_object_get(assigning->request, "undo");
    for (size_t at = 0; at < json_array_size(undo); at++) {
        const char *item = assign_text(undo, at);
        bool found = false, kind[2];
        for (unsigned table = 0; table < 2; table++) kind[table] = strncmp(item, kinds[table], KIND_LENGTH) == 0;
        bool named = kind[0] || kind[1];
        if (named) item += KIND_LENGTH;
        for (unsigned table = 0; table < 2; table++) {
            if (named && !kind[table]) continue;
            struct hand *hand = assign_hand(assigning, tables[table], agent, item);
            if (set_is_changed(core, hand))
                found = true;
            else
                assigning->count--;
        }
        if (!found)
            return error_set(assigning->error, ERROR_STATE, "no skill or group `%.64s` of %.64s is changed by hand",
                             assign_text(undo, at), agent);
    }
    return true;
}

/* Finds the agent, with `known` only where the directory has the agent; the error names the nearest one. */
static bool assign_agent_is(const struct core *core, const char *name, bool known, struct error *error)
{
    char near[NAME_MAX_BYTES + 1] = "", other[NAME_MAX_BYTES + 1];
    uint32_t index, least = UINT32_MAX;
    struct agent_row row;
    if (core_agent_named(core, span_of(name), &index) && core_agent(core, index, &row) && (row.known || !known))
        return true;
    for (index = 0; core_agent(core, index, &row); index++) {
        snprintf(other, sizeof other, "%.*s", (int)row.name.length, (const char *)row.name.bytes);
        if (row.known && near_is_nearer(name, other, &least)) strcpy(near, other);
    }
    return error_set(error, ERROR_UNKNOWN, "the directory has no agent `%.64s`%s%s%s", name,
                     near[0] != '\0' ? "; did you mean `" : "", near, near[0] != '\0' ? "`?" : "");
}

/* On the core's thread. */
static void assign_look(void *self, struct core *core)
{
    struct assigning *assigning = self;
    const json_t *agents = json_object_get(assigning->request, "agents");
    assigning->good = true;
    for (size_t at = 0; assigning->good && at < json_array_size(agents); at++) {
        const char *agent = assign_text(agents, at);
        assigning->good = assign_agent_is(core, agent, true, assigning->error) && assign_agent_gets(assigning, agent) &&
                          assign_agent_loses(assigning, core, agent);
    }
}

struct agent_look { /* the look for one agent, on the core's thread */
    const char *name;
    struct error *error;
    bool good;
};

static void agent_look(void *self, struct core *core)
{
    struct agent_look *look = self;
    look->good = assign_agent_is(core, look->name, false, look->error);
}

bool act_agent_is(struct daemon *daemon, const char *name, struct error *error)
{
    struct agent_look look = {.name = name, .error = error};
    engine_read(daemon->engine, agent_look, &look);
    return look.good;
}

/* Checks the names of the skills and groups that agents get. The core checks the names that are taken back. */
static bool assign_names_good(const struct daemon *daemon, const json_t *request, struct error *error)
{
    static const char *const lists[] = {"skill", "join", "leave"};
    char name[NAME_MAX_BYTES + 1];
    int64_t level;
    for (unsigned list = 0; list < 3; list++) {
        const json_t *words = json_object_get(request, lists[list]);
        for (size_t at = 0; at < json_array_size(words); at++) {
            const char *word = assign_text(words, at);
            if (strlen(word) > NAME_MAX_BYTES + (list == 0 ? 4 : 0))
                return error_set(error, ERROR_INPUT, "a name has at most %d bytes", NAME_MAX_BYTES);
            if (list == 0 && !assign_skill(word, name, &level, error)) return false;
            if (!assign_is_known(daemon->conf->state, list == 0 ? "skill" : "group", list == 0 ? name : word, error))
                return false;
        }
    }
    return true;
}

/* False: one agent is to have one thing twice, and the error names it. */
static bool assign_once_each(const struct assigning *assigning, struct error *error)
{
    for (size_t at = 1; at < assigning->count; at++)
        for (size_t before = 0; before < at; before++) {
            const struct hand *one = &assigning->hands[before], *other = &assigning->hands[at];
            if (one->table == other->table && strcmp(one->name, other->name) == 0 &&
                strcmp(one->item, other->item) == 0)
                return error_set(error, ERROR_INPUT, "`%.64s` is said twice for %.64s", other->item, other->name);
        }
    return true;
}

bool act_assign(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct assigning assigning = {.request = act->request, .error = error};
    int64_t until_us = 0;
    size_t things = 0, agents = json_array_size(json_object_get(act->request, "agents"));
    static const char *const lists[] = {"skill", "join", "leave", "undo"};
    for (unsigned list = 0; list < 4; list++) things += json_array_size(json_object_get(act->request, lists[list]));
    if (things == 0)
        return error_set(error, ERROR_INPUT,
                         "say what they get, a level of a skill or a group, or what of it is taken back");
    if (agents * things > ASSIGN_MOST)
        return error_set(error, ERROR_INPUT, "one request makes at most %d changes", ASSIGN_MOST);
    if (things == json_array_size(json_object_get(act->request, "undo")) &&
        (json_object_get(act->request, "for") || json_object_get(act->request, "until")))
        return error_set(error, ERROR_INPUT, "what is taken back has no end: `for` and `until` are for what they get");
    if (!set_until(act, &until_us, error) || !assign_names_good(daemon, act->request, error)) return false;
    assigning.hands = memory_zeroed(2 * agents * things, sizeof *assigning.hands);
    engine_read(daemon->engine, assign_look, &assigning);
    bool good = assigning.good && assign_once_each(&assigning, error) &&
                set_hands_post(daemon, act, assigning.hands, assigning.count, until_us, wait, error);
    for (size_t at = 0; at < assigning.count; at++) hand_free(&assigning.hands[at]);
    free(assigning.hands);
    return good;
}
