/* runtime/daemon/admin/reads_why.c - Why an interaction has its agent and not another one: writes the lines of its
 * selection with the values that their conditions compare, and for each agent how it fits the lines and what else
 * keeps it away.
 *
 * A selection's lines are numbered as in the source. For each agent and each open line the page says whether they
 * match, and if not, which part is missing: the function that also selects (core_why_match) answers, so the page
 * cannot differ from the core's decision. Pages are of WHY_AGENTS agents. */
#include <stdio.h>
#include <string.h>

#include "runtime/core/read/facts.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/read/rollouts.h"
#include "runtime/core/read/why.h"
#include "runtime/daemon/admin/reads_json.h"

enum { WHY_AGENTS = 50, WHY_LINES = 64, WHY_ASKED = 16, REASON = 240 };

/* A selection at one moment: now, or when it chose somebody. */
struct selection {
    uint64_t ixn;
    bool asks[WHY_LINES]; /* lines that are open and that an agent can match */
    bool some;            /* there is one */
    bool condition[WHY_LINES];
    uint64_t ahead;     /* how many interactions are served before this one */
    struct span chosen; /* empty: nobody is chosen */
};

/* Writes the values that the line's condition compares now. */
static json_t *figures_json(struct core *core, uint64_t ixn, uint32_t line)
{
    struct why_figure rows[WHY_FIGURES_MAX];
    json_t *list = json_array();
    uint32_t count = core_why_figures(core, ixn, line, rows);
    for (uint32_t i = 0; i < count; i++) {
        json_t *object = json_object();
        json_put(object, "figure", json_text_of(rows[i].figure));
        json_put(object, "is", json_string(rows[i].is));
        if (*rows[i].sign != '\0') {
            json_put(object, "sign", json_string(rows[i].sign));
            json_put(object, "bound", json_text_of(rows[i].bound));
            json_put(object, "than", json_string(rows[i].than));
        }
        json_put(object, "holds", json_boolean(rows[i].holds));
        json_append(list, object);
    }
    return list;
}

/* Writes the lines of the selection. */
static json_t *lines_json(struct core *core, struct selection *of)
{
    json_t *list = json_array();
    int64_t offset_us = reads_wall_less_logical(core);
    struct why_line row;
    for (uint32_t i = 0; i < WHY_LINES && core_why_line(core, of->ixn, i, &row); i++) {
        if (strcmp(row.kind, "value") == 0) continue; /* the row is a value of the next line, and no line of its own */
        json_t *object = json_object();
        json_put_number(object, "number", i);
        json_put(object, "file", json_text_of(row.file));
        json_put(object, "line", row.line != 0 ? json_integer(row.line) : json_null());
        json_put(object, "open", json_boolean(row.open));
        json_put_moment(object, "opens_us", row.opens_us, offset_us);
        json_put(object, "kind", json_string(row.kind));
        json_put(object, "target", json_text_of(row.target));
        json_append(list, object);
        if (row.barred) json_put(object, "barred", json_true());
        if (row.missed.length > 0) {
            json_put(object, "missed_kind", json_string(row.missed_kind));
            json_put(object, "missed", json_text_of(row.missed));
        }
        if (strcmp(row.kind, "where") == 0 || strcmp(row.kind, "until") == 0)
            json_put(object, "figures", figures_json(core, of->ixn, i));
        of->asks[i] = row.open && row.agents;
        of->condition[i] = row.target.length == 0;
        of->some = of->some || of->asks[i];
    }
    return list;
}

/* Writes how one agent fits one line, and what it lacks. */
static json_t *match_json(uint32_t line, bool condition, const struct why_match *match)
{
    json_t *object = json_object(), *lacks = json_array();
    json_put_number(object, "number", line);
    json_put(object, "matches", json_boolean(match->matches));
    if (match->left_out) json_put(object, "left_out", json_true());
    if (match->unasked) json_put(object, "unasked", json_true());
    if (match->elsewhere) json_put(object, "elsewhere", json_true());
    if (condition) json_put(object, "condition", json_true());
    if (match->rank != 0) json_put_number(object, "rank", match->rank);
    if (match->never) json_put(object, "never", json_true());
    if (match->delay_us != 0) json_put_number(object, "delay_s", match->delay_us / 1000000);
    if (match->place.length > 0) {
        json_put(object, "group", json_text_of(match->group));
        json_put(object, "place", json_text_of(match->place));
    }
    json_put(object, "either", json_boolean(match->either));
    for (uint32_t i = 0; i < match->count; i++) {
        const struct why_part *part = &match->parts[i];
        json_t *lack = json_object();
        json_put(lack, part->group ? "group" : "skill", json_text_of(part->name));
        json_put(lack, "has", json_integer(part->has));
        json_put(lack, "needs", part->needs >= 0 ? json_integer(part->needs) : json_null());
        json_append(lacks, lack);
    }
    json_put(object, "lacks", lacks);
    return object;
}

/* The reason that keeps the agent from the interaction, in a few words; NULL: the agent is chosen. */
static const char *why_reason(const struct core *core, const struct selection *of, uint32_t index,
                              const struct agent_row *row, const struct why_match *match, bool matches,
                              char text[REASON])
{
    if (of->chosen.length > 0 && span_equal(row->name, of->chosen)) return NULL;
    char room[CORE_ROOM_TEXT];
    if (core_agent_room(core, of->ixn, index, room))
        snprintf(text, REASON, "%s", room);
    else if (row->not_chosen.length > 0)
        snprintf(text, REASON, "%.*s", (int)row->not_chosen.length, (const char *)row->not_chosen.bytes);
    else if (!core_why_takes(core, of->ixn, index))
        snprintf(text, REASON, "could not be chosen for this medium");
    else if (!of->some)
        snprintf(text, REASON, "no line that is open asks for agents");
    else if (!matches && match->never)
        snprintf(text, REASON, "%s never takes from this queue",
                 row->profile.length > 0 ? "its profile" : "the site's order");
    else if (!matches && match->delay_us != 0)
        snprintf(text, REASON, "takes from this queue only who has waited %llu s",
                 (unsigned long long)(match->delay_us / 1000000));
    else if (!matches)
        snprintf(text, REASON, "matches no line that is open");
    else if (of->chosen.length > 0)
        snprintf(text, REASON, "%.*s came first", (int)of->chosen.length, (const char *)of->chosen.bytes);
    else if (of->ahead > 0)
        snprintf(text, REASON, "%llu that wait are served before this one", (unsigned long long)of->ahead);
    else
        snprintf(text, REASON, "is looked at next");
    return text;
}

/* Writes an agent, and how it fits the lines that are open and ask for agents. */
static json_t *candidate_json(struct core *core, const struct selection *of, uint32_t index,
                              const struct agent_row *row)
{
    json_t *object = json_object(), *list = json_array();
    struct why_match match, kept_off = {0};
    char text[REASON];
    bool matches = false;
    json_put(object, "name", json_text_of(row->name));
    json_put(object, "state", json_string(enum_name_agent_state(row->state)));
    char room[CORE_ROOM_TEXT];
    json_put(object, "not_chosen",
             json_text_of(core_agent_room(core, of->ixn, index, room) ? span_of(room) : row->not_chosen));
    json_put_ixn(object, "ixn", row->ixn);
    for (uint32_t line = 0; line < WHY_LINES && json_array_size(list) < WHY_ASKED; line++) {
        if (!of->asks[line]) continue;
        if (!core_why_match(core, of->ixn, line, index, &match)) break;
        json_append(list, match_json(line, of->condition[line], &match));
        matches = matches || match.matches;
        if (match.never || match.delay_us != 0) kept_off = match;
    }
    json_put(object, "matches", json_boolean(matches));
    const char *why = why_reason(core, of, index, row, &kept_off, matches, text);
    json_put(object, "reason", why ? json_string(why) : json_null());
    json_put(object, "lines", list);
    return object;
}

/* Writes the agents who are logged in, page by page. */
static void everyone_read(struct asking *asking, struct core *core, const struct selection *of, json_t *into,
                          json_t *list)
{
    uint64_t from = asking->past ? 0 : reads_asked_number(asking, "from", 0), end = from + PAGE_LOOKED;
    uint64_t limit = reads_asked_rows(asking, WHY_AGENTS);
    struct agent_row row;
    bool more = true;
    while (more && (asking->past || (from < end && json_array_size(list) < limit))) {
        more = core_agent(core, (uint32_t)from, &row);
        if (more && !span_is(row.not_chosen, "not logged in"))
            json_append(list, candidate_json(core, of, (uint32_t)from, &row));
        from++;
    }
    more = more && core_agent(core, (uint32_t)from, &row);
    json_put(into, "next", more ? json_integer((json_int_t)from) : json_null());
}

/* Writes how many of the ready agents take the interaction first, later or never, and how long it has waited. */
static void preference_json(struct core *core, uint64_t ixn, json_t *into)
{
    struct why_preference told;
    char text[REASON], first[48], later[64] = "", never[48] = "";
    if (!core_why_preference(core, ixn, &told)) return;
    snprintf(first, sizeof first, "first choice of %u", told.first);
    if (told.later > 0)
        snprintf(later, sizeof later, "; %u take it after %llu s", told.later,
                 (unsigned long long)(told.delay_us / 1000000));
    if (told.never > 0) snprintf(never, sizeof never, "; %u never take it", told.never);
    snprintf(text, REASON, "waited %llu s: %s%s%s", (unsigned long long)(told.waited_us / 1000000),
             told.first == 0 ? "nobody's first choice" : first, later, never);
    json_put(into, "preference", json_string(text));
}

/* Writes the selection with its agents, or with the agent that the request names. */
static void selection_read(struct asking *asking, struct core *core, struct selection *of, json_t *into)
{
    struct core_status status;
    struct waiting_row waiting;
    struct agent_row row;
    uint32_t named;
    const char *name = reads_asked_text(asking, "agent");
    json_t *list = json_array();
    core_status(core, &status);
    json_put_number(into, "logged_in", status.agents_logged_in);
    json_put_number(into, "ready", core_why_takers(core, of->ixn));
    if (core_waiting(core, of->ixn, &waiting) && waiting.position > 0) of->ahead = waiting.position - 1;
    json_put(into, "at", reads_where_json(core, of->ixn, false));
    json_put(into, "waiting", reads_waiting_json(asking, core, of->ixn));
    json_put(into, "lines", lines_json(core, of));
    preference_json(core, of->ixn, into);
    json_put(into, "agents", list);
    if (!name)
        everyone_read(asking, core, of, into, list);
    else if (core_agent_named(core, span_of(name), &named) && core_agent(core, named, &row))
        json_append(list, candidate_json(core, of, named, &row));
    else if (!asking->past)
        reads_refuse_unknown(asking, "agent", name);
    else
        json_append(list, json_pack("{s:s,s:s,s:s,s:b,s:[]}", "name", name, "not_chosen", "was not known", "reason",
                                    "was not known", "matches", 0, "lines"));
}

void why_then(struct asking *asking, struct core *core, uint64_t ixn, struct span chosen)
{
    struct selection of = {.ixn = ixn, .chosen = chosen};
    json_t *then = json_object();
    json_put(asking->into, "then", then);
    json_put_moment(then, "at_us", core_time(core), reads_wall_less_logical(core));
    json_put(then, "chosen", json_text_of(chosen));
    selection_read(asking, core, &of, then);
}

/* Finds the newest decision that chose somebody. False: there is none. */
static bool why_decided(const struct core *core, uint64_t ixn, struct decision_row *newest)
{
    struct decision_row row;
    bool found = false;
    for (uint64_t cursor = 0; core_decision_next(core, ixn, &cursor, &row);) {
        if (row.chosen.length == 0) continue;
        *newest = row;
        found = true;
    }
    return found;
}

/* For an interaction that no longer waits: writes what is still known of the agent that the request names. The
 * present state of agents does not explain a past decision, so the other agents have no reason. */
static void reads_why_afterwards(const struct asking *asking, const struct core *core, uint64_t ixn)
{
    struct decision_row newest = {.at_us = 0};
    struct agent_row row;
    uint32_t named;
    const char *name = reads_asked_text(asking, "agent");
    char text[REASON] = "no agent was chosen";
    json_t *candidates = json_object_get(asking->into, "agents"), *candidate;
    size_t at;
    json_array_foreach(candidates, at, candidate) json_put(candidate, "reason", json_null());
    if (!name || !core_agent_named(core, span_of(name), &named) || !core_agent(core, named, &row)) return;
    bool chose = why_decided(core, ixn, &newest);
    bool for_long = span_is(row.not_chosen, "not ready") || span_is(row.not_chosen, "not logged in");
    if (chose && span_equal(newest.chosen, row.name))
        snprintf(text, sizeof text, "was chosen");
    else if (chose && for_long && row.since_us <= newest.at_us)
        snprintf(text, sizeof text, "was %.*s, as it is now", (int)row.not_chosen.length,
                 (const char *)row.not_chosen.bytes);
    else
        snprintf(text, sizeof text, "%s; --journal FILE tells what kept this agent from it then",
                 chose ? "was not chosen" : "no agent was chosen");
    json_put(json_array_get(json_object_get(asking->into, "agents"), 0), "reason", json_string(text));
}

/* Writes that the interaction was routed by default: when, and for which reason. */
static json_t *defaulted_json(const struct core *core, uint64_t ixn)
{
    json_t *object;
    uint64_t at_us;
    unsigned code;
    if (!core_happened(core, ixn, FACT_default_asked, &at_us, &code)) return json_null();
    object = json_object();
    json_put_moment(object, "at_us", at_us, reads_wall_less_logical(core));
    json_put(object, "reason", json_string(enum_name_code(code)));
    return object;
}

/* Writes by which version the interaction is served, and in which arm of which rollout. */
static json_t *why_version_json(const struct core *core, uint64_t ixn)
{
    struct core_ride ride;
    if (!core_ride(core, ixn, &ride)) return json_null();
    json_t *object = json_object();
    json_put_hash(object, "image", ride.image);
    json_put(object, "rollout", ride.rollout != 0 ? json_integer(ride.rollout) : json_null());
    json_put(object, "arm", ride.rollout != 0 ? json_string(ride.candidate ? "candidate" : "control") : json_null());
    return object;
}

void reads_core_why(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    struct waiting_row waiting;
    if (!reads_find(asking, core, &row)) return;
    struct selection of = {.ixn = row.ixn};
    selection_read(asking, core, &of, asking->into);
    if (!asking->past && !(core_waiting(core, row.ixn, &waiting) && waiting.position > 0))
        reads_why_afterwards(asking, core, row.ixn);
    json_put(asking->into, "version", why_version_json(core, row.ixn));
    json_put(asking->into, "defaulted", defaulted_json(core, row.ixn));
    json_put(asking->into, "debugged", reads_debugged_json(core, row.ixn));
    json_put(asking->into, "decisions", reads_decisions_json(core, row.ixn));
}
