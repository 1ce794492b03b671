/* runtime/daemon/admin/admin_seen.c - Looks whether somebody else has acted since a person looked.
 *
 * `seen` is a moment of the router's clock, as `as_of_us` of `interactions` and `why`, or `wall_us` of `status`. The
 * audit has each act on an agent or an interaction with its moment, so its newest notes are read. An interaction may
 * also have gone on without a supervisor: an agent has taken it, or put it elsewhere. The settings have a rule of their
 * own (admin_set.c), by the moment of their last change. */
#include "runtime/daemon/admin/admin_seen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/daemon/admin/reads.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/kv.h"

struct seen_asking { /* one request, looked at on the core's thread */
    const json_t *request;
    const char *actor;
    struct error *error;
    int64_t seen_us;
    bool good;
};

/* The name of who acts, without the place behind " by ": one person acts from the console, the desk and gcxctl. */
static struct span seen_who(struct span actor)
{
    static const char by[] = " by ";
    for (uint32_t at = 0; at + sizeof by - 1 <= actor.length; at++)
        if (memcmp(actor.bytes + at, by, sizeof by - 1) == 0) actor.length = at;
    return actor;
}

/* The words of a note about a person's act; empty: it has none. */
static struct span seen_words(struct span pairs)
{
    struct kv_value value;
    return kv_get(pairs, "value", &value) && value.tag == KV_TEXT ? value.span : (struct span){0};
}

static void seen_refuse(struct seen_asking *asking, const char *thing, const struct note_row *note)
{
    struct span words = seen_words(note->now), who = seen_who(note->actor);
    if (words.length == 0) words = note->item;
    asking->good =
        error_set(asking->error, ERROR_STATE, "%.64s was changed meanwhile by %.*s (%.*s)%s%.*s. Look again", thing,
                  (int)who.length, (const char *)who.bytes, (int)words.length, (const char *)words.bytes,
                  note->why.length == 0 ? "" : ": ", (int)note->why.length, (const char *)note->why.bytes);
}

/* A review of an agent's work, and listening, leave what is seen as it was. */
static bool seen_changes_nothing(const struct note_row *note)
{
    return note->listens || (strcmp(note->what, "state") == 0 && seen_words(note->before).length == 0);
}

/* Finds the newest note about the thing after what was seen; `own_us`: when the asker has acted on it last. */
static bool seen_note(const struct seen_asking *asking, const struct core *core, enum note_list list, const char *thing,
                      struct note_row *found, int64_t *own_us)
{
    struct note_row row;
    bool any = false;
    uint64_t at = core_notes(core, list);
    while (at-- > 0) {
        uint64_t number = at;
        if (!core_note(core, list, &number, &row) || number != at || row.at_us <= asking->seen_us) break;
        if (!span_is(list == NOTES_OF_WORK ? row.item : row.name, thing) || seen_changes_nothing(&row)) continue;
        if (span_equal(seen_who(row.actor), seen_who(span_of(asking->actor)))) {
            if (*own_us == 0) *own_us = row.at_us;
            continue;
        }
        if (!any) *found = row;
        any = true;
    }
    return any;
}

static void seen_agent(struct seen_asking *asking, const struct core *core, const char *name)
{
    struct note_row note;
    int64_t own_us = 0;
    if (asking->good && name && seen_note(asking, core, NOTES_OF_AGENTS, name, &note, &own_us))
        seen_refuse(asking, name, &note);
}

static void seen_work(struct seen_asking *asking, const struct core *core)
{
    struct interaction_row row;
    struct note_row note;
    char thing[IXN_TEXT];
    uint64_t id;
    bool by_conn;
    int64_t own_us = 0;
    if (!reads_ixn(asking->request, &id, &by_conn, NULL)) return;
    if (!(by_conn ? core_find_call(core, id, &row) : core_find(core, id, &row))) return;
    ident_print_ixn(row.ixn, thing);
    if (seen_note(asking, core, NOTES_OF_WORK, thing, &note, &own_us)) {
        seen_refuse(asking, thing, &note);
        return;
    }
    int64_t changed_us = reads_wall_less_logical(core) + (int64_t)row.changed_us;
    /* What a strategy or a device has changes without anybody's act. */
    bool by_itself = span_is(row.owner_kind, "strategy") || span_is(row.owner_kind, "device");
    if (by_itself || changed_us <= asking->seen_us || changed_us <= own_us || span_is(row.state, "ended")) return;
    asking->good = error_set(asking->error, ERROR_STATE, "%s has gone on meanwhile: it is with %.*s %.*s. Look again",
                             thing, (int)row.owner_kind.length, (const char *)row.owner_kind.bytes,
                             (int)row.owner.length, (const char *)row.owner.bytes);
}

static void seen_look(void *self, struct core *core)
{
    struct seen_asking *asking = self;
    const json_t *agents = json_object_get(asking->request, "agents");
    seen_agent(asking, core, json_string_value(json_object_get(asking->request, "agent")));
    for (size_t at = 0; at < json_array_size(agents); at++)
        seen_agent(asking, core, json_string_value(json_array_get(agents, at)));
    if (asking->good) seen_work(asking, core);
}

bool admin_seen_is_of_setting(enum command_id id)
{
    return id == COMMAND_set || id == COMMAND_remove || id == COMMAND_unset;
}

bool admin_seen(struct daemon *daemon, enum command_id id, const json_t *request, const char *actor,
                struct error *error)
{
    assert(daemon && request && actor && error);
    const char *seen = json_string_value(json_object_get(request, "seen"));
    struct seen_asking asking = {.request = request, .actor = actor, .error = error, .good = true};
    char *end;
    if (!seen || admin_seen_is_of_setting(id)) return true;
    asking.seen_us = strtoll(seen, &end, 10);
    if (end == seen || *end != '\0')
        return error_set(error, ERROR_INPUT, "`seen` is a moment in microseconds, as `as_of_us` of `interactions`");
    engine_read(daemon->engine, seen_look, &asking);
    return asking.good;
}

static bool seen_has(const json_t *request, const char *agent)
{
    const json_t *agents = json_object_get(request, "agents");
    const char *one = json_string_value(json_object_get(request, "agent"));
    if (one && strcmp(one, agent) == 0) return true;
    for (size_t at = 0; at < json_array_size(agents); at++) {
        one = json_string_value(json_array_get(agents, at));
        if (one && strcmp(one, agent) == 0) return true;
    }
    return false;
}

bool admin_seen_same(const json_t *one, const json_t *other)
{
    static const char *const names[] = {"ixn", "conn"};
    const json_t *agents = json_object_get(one, "agents");
    const char *agent = json_string_value(json_object_get(one, "agent"));
    for (unsigned at = 0; at < 2; at++) {
        const json_t *name = json_object_get(one, names[at]);
        if (name && json_equal(name, json_object_get(other, names[at]))) return true;
    }
    if (agent && seen_has(other, agent)) return true;
    for (size_t at = 0; at < json_array_size(agents); at++) {
        agent = json_string_value(json_array_get(agents, at));
        if (agent && seen_has(other, agent)) return true;
    }
    return false;
}
