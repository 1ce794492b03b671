/* runtime/daemon/admin/admin_may.c - Asks the core about each thing that a request names.
 *
 * The types of the command's arguments (commands.def) say what the things are. A person who leads some groups and
 * queues only may not give a command that names none of its things, such as `drain`: it acts on all. */
#include "runtime/daemon/admin/admin_may.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/daemon/admin/admin_set.h"
#include "runtime/daemon/admin/reads.h"
#include "runtime/vocabulary/rows.h"

struct may_asking { /* one request, looked at on the core's thread */
    enum command_id command;
    const json_t *request;
    struct core *core;
    struct span person;
    struct error *error;
    bool reads_bounded; /* what was said in an interaction is for those who lead it */
    bool good, named;   /* named: the request has named a thing on which a person may act or not */
};

static void may_ask_core(struct may_asking *asking, const struct core_may *asked)
{
    char why[CORE_MAY_TEXT];
    asking->named = true;
    if (asking->good && !core_may(asking->core, asked, why))
        asking->good = error_set(asking->error, ERROR_DENIED, "%s", why);
}

static void may_ask_name(struct may_asking *asking, enum core_may_what what, const char *name)
{
    may_ask_core(asking, &(struct core_may){.person = asking->person, .what = what, .name = span_of(name)});
}

/* Asks about each text: the value is one, or an array of them. */
static void may_ask_names(struct may_asking *asking, enum core_may_what what, const json_t *value)
{
    for (size_t at = 0; at < json_array_size(value); at++)
        if (json_is_string(json_array_get(value, at)))
            may_ask_name(asking, what, json_string_value(json_array_get(value, at)));
    if (json_is_string(value)) may_ask_name(asking, what, json_string_value(value));
}

static void may_ask_work(struct may_asking *asking)
{
    struct core_may asked = {.person = asking->person, .what = CORE_MAY_work};
    struct interaction_row row;
    if (!reads_ixn(asking->request, &asked.id, &asked.by_conn, NULL)) return;
    may_ask_core(asking, &asked);
    bool known = asked.by_conn ? core_find_call(asking->core, asked.id, &row) : core_find(asking->core, asked.id, &row);
    if (asking->good && !known && asking->reads_bounded && asking->command == COMMAND_opened)
        asking->good =
            error_set(asking->error, ERROR_DENIED,
                      "it ended so long ago that gcxvm does not know who had it: it is for those who lead all");
}

static bool may_is_table(const struct may_asking *asking, const char *name)
{
    struct read_setting table;
    core_setting(asking->core, table_business, span_of(name), &table);
    return table.known || table.has_base || table.by_hand;
}

/* An alert is called by what it is of: `queue support` and `nobody support` are silenced by whoever leads the queue, as
 * is `campaign support`. False: it is of nothing that anybody leads, such as `link email`. */
static bool may_ask_alert(struct may_asking *asking, const char *alert)
{
    static const char *const words[] = {"queue ", "nobody ", "campaign "};
    for (size_t at = 0; at < sizeof words / sizeof *words; at++) {
        size_t length = strlen(words[at]);
        if (strncmp(alert, words[at], length) != 0) continue;
        may_ask_name(asking, CORE_MAY_queue, alert + length);
        return true;
    }
    return false;
}

/* A setting is the site's, and its role says who may change it. The row of a table, or a profile, may be that of an
 * agent, a queue or a group: `profile anna=early`, `hours billing open=true`. All rows of a table at once are nobody's,
 * and so is its `unset` without a key. */
static void may_ask_setting(struct may_asking *asking, const json_t *what)
{
    const char *word = json_string_value(json_array_get(what, 1)), *sign = word ? strchr(word, '=') : NULL;
    const char *name = json_string_value(json_array_get(what, 0));
    asking->named = word || asking->command != COMMAND_unset || !name || !may_is_table(asking, name);
    if (!word || (name && strcmp(name, "silenced_alerts") == 0 && may_ask_alert(asking, word))) return;
    struct span key = {(const uint8_t *)word, sign ? (uint32_t)(sign - word) : (uint32_t)strlen(word)};
    may_ask_core(asking, &(struct core_may){.person = asking->person, .what = CORE_MAY_named, .name = key});
}

/* A call-back is the routing point's whose strategy begins it. */
static void may_ask_booking(struct may_asking *asking, const char *number)
{
    struct booking_row row;
    uint64_t id = strtoull(number ? number : "", NULL, 10);
    asking->named = true;
    for (uint32_t at = 0; core_booking(asking->core, at, &row); at++)
        if (id != 0 && row.id == id)
            may_ask_core(asking, &(struct core_may){.person = asking->person, .what = CORE_MAY_queue, .name = row.dn});
}

/* Of what is taken back a group is its leaders', as it was when the agent got it; `group:support` and `support` name
 * it. */
static void may_ask_undo(struct may_asking *asking)
{
    const json_t *agents = json_object_get(asking->request, "agents"), *undo = json_object_get(asking->request, "undo");
    struct hand hand = {.table = table_group_member};
    for (size_t at = 0; at < json_array_size(undo); at++)
        for (size_t of = 0; of < json_array_size(agents); of++) {
            const char *agent = json_string_value(json_array_get(agents, of)),
                       *word = json_string_value(json_array_get(undo, at));
            if (!agent || !word) continue;
            if (strncmp(word, "group:", strlen("group:")) == 0) word += strlen("group:");
            snprintf(hand.name, sizeof hand.name, "%s", agent);
            snprintf(hand.item, sizeof hand.item, "%s", word);
            if (set_is_changed(asking->core, &hand)) may_ask_name(asking, CORE_MAY_group, word);
        }
}

static void may_ask_argument(struct may_asking *asking, const struct command_argument *row)
{
    const json_t *value = json_object_get(asking->request, row->member);
    /* where an interaction goes is not what the person acts on */
    bool goal = asking->command == COMMAND_move || asking->command == COMMAND_call_back;
    switch (row->type) {
    case ARGUMENT_AGENT:
        may_ask_names(asking, CORE_MAY_agent, value);
        break;
    case ARGUMENT_IXN:
        may_ask_work(asking);
        break;
    case ARGUMENT_POINT:
        if (!goal) may_ask_names(asking, CORE_MAY_queue, value);
        break;
    case ARGUMENT_QUEUE:
    case ARGUMENT_CAMPAIGN:
        may_ask_names(asking, CORE_MAY_queue, value);
        break;
    case ARGUMENT_SETTING:
        may_ask_setting(asking, value);
        break;
    default:
        break;
    }
}

static void may_look(void *self, struct core *core)
{
    struct may_asking *asking = self;
    const struct command_argument *row;
    asking->core = core;
    if (!core_may_bounded(core, asking->person)) return;
    for (size_t at = 0; (row = command_argument(asking->command, at)); at++)
        if (row->sent) may_ask_argument(asking, row);
    if (asking->command == COMMAND_assign) {
        may_ask_names(asking, CORE_MAY_group, json_object_get(asking->request, "join"));
        may_ask_names(asking, CORE_MAY_group, json_object_get(asking->request, "leave"));
        may_ask_undo(asking);
    }
    if (asking->command == COMMAND_cancel_callback)
        may_ask_booking(asking, json_string_value(json_object_get(asking->request, "number")));
    if (!asking->named)
        asking->good = error_set(
            asking->error, ERROR_DENIED,
            "%s acts on all, and %.*s leads only what the directory's tables group_lead and queue_lead say",
            command_at(asking->command)->name, (int)asking->person.length, (const char *)asking->person.bytes);
}

const char *admin_person(const json_t *request, const struct peer *peer, char name[ROLE_NAME])
{
    const char *person = json_string_value(json_object_get(request, "person"));
    if (person || peer->role == ROLE_ADMIN) return person;
    /* a user's name is followed by the number in parentheses */
    snprintf(name, ROLE_NAME, "%.*s", (int)strcspn(peer->name, "("), peer->name);
    return name;
}

bool admin_may(struct daemon *daemon, enum command_id command, const json_t *request, const struct peer *peer,
               struct error *error)
{
    assert(daemon && request && peer && error);
    char name[ROLE_NAME];
    const char *person = admin_person(request, peer, name);
    struct may_asking asking = {.command = command, .request = request, .error = error, .good = true};
    if (!person) return true;
    asking.person = span_of(person);
    asking.reads_bounded = daemon->conf->bounded_reading;
    engine_read(daemon->engine, may_look, &asking);
    return asking.good;
}
