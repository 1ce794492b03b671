/* runtime/core/directory/import.c - Makes agents, skills, groups, routing points, queues,
 * settings, places and campaigns from rows of the directory.
 *
 *     DirectoryRow ... DirectoryRow, Activate(load) ...     staged, nothing is in force (stage.c)
 *     DirectoryCommit --> commit_fault(): all rows and activations are asked first
 *                     --> forget_all() if the directory is whole
 *                     --> rows, then activations, then changes by hand
 *                     --> links are told, agents are settled
 *
 * A commit brings all of its rows into force, or none. A commit with a wrong row is refused, and what was in force
 * stays. */
#include "runtime/core/directory/import.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/directory/assign.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/directory/profile.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/access.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/lead.h"
#include "runtime/core/people/capacity.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/arguments.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/rollouts/rollout_text.h"
#include "runtime/core/site/campaign.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/setting.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/core/steps/latch.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/rows.h"
#include "base/utf8.h"

enum { ANSWER_TIMEOUT_S = 10, ROUTER_GRACE_S = 60, LEVEL_MAX = 100, SECONDS_MAX = 86400 };

const char import_too_large[] =
    " of the directory is too large: what reads all of it has 49152 bytes and 1000 rows for it";
static const char no_imported_table[] =
    " of the directory is too large for a table, or its parts do not follow each other";
static const char walked_through[] = " cannot change now: of earlier versions of tables, those that calls still walk "
                                     "through have 268435456 bytes; change it when some of these have ended";
static const char beyond_capacity[] = " has more than this capacity takes; change it when some of that is over";
static const char too_many_preferences[] = " is one row too many: profiles have at most 2000 rows together";
static const char too_many_leads[] = " is one row too many: supervisors lead at most 8192 groups and queues together";
_Static_assert(LEADS_MAX == 8192, "as too_many_leads says");
_Static_assert(PREFER_ROWS_MAX == 2000, "as too_many_preferences says");
_Static_assert(CURSOR_BYTES_MAX == 268435456, "as walked_through says");
_Static_assert(SETTING_BYTES_MAX == 49152, "as import_too_large says");

static uint32_t name_at(struct core *core, struct span row, const char *key)
{
    struct kv_value value;
    return kv_get(row, key, &value) && value.tag == KV_TEXT ? names_intern(core->names, value.span) : 0;
}

static int64_t int_at(struct span row, const char *key, int64_t missing)
{
    struct kv_value value;
    return kv_get(row, key, &value) && value.tag == KV_INT ? value.word : missing;
}

/* Returns the name that is the part of a key "a/b" before or after its last slash: for rows that are removed. */
static uint32_t key_part(struct core *core, struct span key, bool second)
{
    uint32_t slash = key.length;
    while (slash > 0 && key.bytes[slash - 1] != '/') slash--;
    if (slash == 0) return 0;
    struct span part =
        second ? (struct span){key.bytes + slash, key.length - slash} : (struct span){key.bytes, slash - 1};
    return names_intern(core->names, part);
}

static uint32_t agent_named(struct core *core, uint32_t name, bool add)
{
    uint32_t agent;
    if (agent_find(core->agents, name, &agent)) return agent;
    return add ? agent_add(core->agents, name) : AGENT_NONE;
}

/* Takes a row of an agent. A row without fields removes the agent from the directory. The agent's slot and login
 * stay. */
static void agent_row(struct core *core, uint32_t name, struct span row)
{
    bool gone = row.length == 0;
    uint32_t agent = agent_named(core, name, !gone);
    if (agent == AGENT_NONE) return;
    agent_set_known(core->agents, agent, !gone);
    agent_at(core->agents, agent)->display = gone ? 0 : name_at(core, row, "display");
    if (gone) agent_at(core->agents, agent)->own_profile = 0;
    if (gone) return; /* an agent of another domain is not removed, and stays with that domain */
    /* The agent's capacity comes into force together with the places (places_changed), which later rows may change. */
    agent_at(core->agents, agent)->own_capacity =
        capacity_named(&core->agents->capacities, name_at(core, row, "capacity"));
    /* profiles_changed() puts the profile into force */
    agent_at(core->agents, agent)->own_profile = name_at(core, row, "profile");
    int64_t home = int_at(row, "home", 0);
    agent_set_home(core->agents, agent, home == core->options.partition ? 0 : (uint16_t)home);
    agent_settle(core->agents, agent, core->now->time_us, false);
}

static void skill_row(struct core *core, struct span key, struct span row)
{
    bool gone = row.length == 0;
    uint32_t agent = agent_named(core, gone ? key_part(core, key, false) : name_at(core, row, "agent"), !gone);
    uint32_t skill = gone ? key_part(core, key, true) : name_at(core, row, "skill");
    int64_t level = gone ? 0 : int_at(row, "level", 0);
    if (agent == AGENT_NONE || skill == 0) return;
    level = level < 0 ? 0 : level > LEVEL_MAX ? LEVEL_MAX : level;
    agent_set_skill(agent_at(core->agents, agent), skill, (uint32_t)level);
    assign_below(core, table_agent_skill, agent_at(core->agents, agent)->name, skill, (uint32_t)level);
    agent_touch(core->agents, agent);
}

static void member_row(struct core *core, struct span key, struct span row)
{
    bool gone = row.length == 0;
    uint32_t agent = agent_named(core, gone ? key_part(core, key, true) : name_at(core, row, "agent"), !gone);
    uint32_t group = gone ? key_part(core, key, false) : name_at(core, row, "group");
    if (agent == AGENT_NONE || group == 0) return;
    bool before = agent_in_group(agent_at(core->agents, agent), group);
    agent_set_group(agent_at(core->agents, agent), group, !gone);
    assign_below(core, table_group_member, agent_at(core->agents, agent)->name, group, !gone);
    /* an agent has a limited number of groups, so the group may be missing */
    bool in = agent_in_group(agent_at(core->agents, agent), group);
    if (in != before)
        fact_tell(core->facts,
                  &(struct fact){.what = FACT_member_changed, .name = group, .agent = agent, .joined = in});
}

/* Returns the routing point of the DN and makes it if needed; a routing point is never freed. */
static struct point *point_make(struct core *core, uint32_t dn)
{
    struct directory *directory = core->directory;
    uint32_t slot;
    if (lookup_find(&directory->by_dn, dn, &slot)) return &directory->points[slot];
    if (dn == 0 || directory->point_count >= POINTS_MAX) return NULL;
    slot = directory->point_count++;
    directory->points =
        memory_grow(directory->points, &directory->point_capacity, directory->point_count, sizeof *directory->points);
    directory->points[slot] = (struct point){
        .dn = dn,
        .answer_timeout_us = INT64_C(1000000) * ANSWER_TIMEOUT_S,
        .router_grace_us = INT64_C(1000000) * ROUTER_GRACE_S,
        .now = {.program = PROGRAM_NONE},
        .before = {.program = PROGRAM_NONE},
        .candidate = PROGRAM_NONE,
    };
    lookup_add(&directory->by_dn, slot);
    return &directory->points[slot];
}

static int64_t seconds_at(struct span row, const char *key, int64_t missing)
{
    int64_t seconds = int_at(row, key, missing);
    return INT64_C(1000000) * (seconds < 1 ? 1 : seconds > SECONDS_MAX ? SECONDS_MAX : seconds);
}

static void point_row(struct core *core, uint32_t dn, struct span row)
{
    struct kv_value defaults = {.tag = KV_NONE};
    struct point *point = point_make(core, dn);
    if (!point) return;
    point->known = row.length != 0;
    point->seen = true;
    point->answer_timeout_us = seconds_at(row, "answer_timeout_s", ANSWER_TIMEOUT_S);
    point->router_grace_us = seconds_at(row, "router_grace_s", ROUTER_GRACE_S);
    free((void *)(uintptr_t)point->defaults.bytes);
    point->defaults = (struct span){NULL, 0};
    if (!kv_get(row, "defaults", &defaults) || defaults.tag != KV_TEXT || defaults.span.length == 0) return;
    uint8_t *copy = memory_zeroed(defaults.span.length, 1);
    memcpy(copy, defaults.span.bytes, defaults.span.length);
    point->defaults = (struct span){copy, defaults.span.length};
}

static void queue_row(struct core *core, uint32_t name, struct span row)
{
    struct directory *directory = core->directory;
    uint32_t slot;
    if (name == 0) return;
    if (!lookup_find(&directory->by_name, name, &slot)) {
        if (directory->queue_count >= QUEUES_MAX) return;
        slot = directory->queue_count++;
        directory->queues = memory_grow(directory->queues, &directory->queue_capacity, directory->queue_count,
                                        sizeof *directory->queues);
        directory->queues[slot].name = name;
        lookup_add(&directory->by_name, slot);
    }
    directory->queues[slot].dn = name_at(core, row, "dn");
    directory->queues[slot].handling_us = (uint64_t)seconds_at(row, "handling_s", QUEUE_HANDLING_S);
    directory->queues[slot].offer_us = (uint64_t)seconds_at(row, "offer_s", QUEUE_OFFER_S);
    directory->queues[slot].routing_us =
        int_at(row, "routing_s", 0) == 0 ? 0 : (uint64_t)seconds_at(row, "routing_s", 0);
    directory->queues[slot].elsewhere = int_at(row, "elsewhere", 0) != 0;
    directory->queues[slot].known = row.length != 0;
    directory->queues[slot].seen = true;
}

/* Takes a row of the tables of who leads what. */
static void lead_take_row(struct core *core, unsigned table, struct span key, struct span row)
{
    bool gone = row.length == 0, group = table == table_group_lead;
    uint32_t of = gone ? key_part(core, key, false) : name_at(core, row, group ? "group" : "queue");
    uint32_t person = gone ? key_part(core, key, true) : name_at(core, row, "supervisor");
    lead_row(core->leads, group ? LEAD_GROUP : LEAD_QUEUE, of, person, !gone);
}

/* Brings one row into force. Faults were looked for before, so nothing is refused here. */
static void apply_row(struct core *core, struct staged *staged)
{
    struct span key = staged->key, row = staged->row;
    if (staged->hand) {
        change_take(core, staged);
        return;
    }
    switch (staged->table) {
    case table_agent:
        agent_row(core, names_intern(core->names, key), row);
        break;
    case table_agent_skill:
        skill_row(core, key, row);
        break;
    case table_group_member:
        member_row(core, key, row);
        break;
    case table_routing_point:
        point_row(core, names_intern(core->names, key), row);
        break;
    case table_dn:
        places_dn(core->directory, names_intern(core->names, key), row.length != 0);
        break;
    case table_place:
        places_capacity(core->directory, names_intern(core->names, key),
                        capacity_named(&core->agents->capacities, name_at(core, row, "capacity")));
        break;
    case table_group_place:
        places_group(core->directory, row.length == 0 ? key_part(core, key, true) : name_at(core, row, "place"),
                     row.length == 0 ? key_part(core, key, false) : name_at(core, row, "group"), row.length != 0);
        break;
    case table_place_dn:
        places_seat(core->directory, names_intern(core->names, key), row.length == 0 ? 0 : name_at(core, row, "place"));
        break;
    case table_reason:
        reasons_row(&core->directory->reasons, names_intern(core->names, key),
                    row.length == 0 ? 0 : name_at(core, row, "display"));
        break;
    case table_access:
        access_row(core->accesses, row.length == 0 ? key_part(core, key, false) : name_at(core, row, "from"),
                   row.length == 0 ? key_part(core, key, true) : name_at(core, row, "to"), row);
        break;
    case table_group_lead:
    case table_queue_lead:
        lead_take_row(core, staged->table, key, row);
        break;
    case table_profile:
        profile_take_row(core, key, row);
        break;
    case table_campaign:
        campaign_definition_row(&core->directory->campaigns, core->names, names_intern(core->names, key), row);
        break;
    case table_rule_set:
        rule_set_row(&core->directory->campaigns, names_intern(core->names, key), row);
        break;
    case table_queue:
        queue_row(core, names_intern(core->names, key), row);
        break;
    case table_parameter:
    case table_schedule:
    case table_business:
        if (staged->is_rows)
            setting_rows(core->directory, names_intern(core->names, key), &staged->rows, staged->until_us);
        else
            setting_row(core->directory, staged->table, names_intern(core->names, key), row, staged->until_us);
        break;
    default:
        break; /* nothing to do: skills and groups are only names */
    }
}

/* Takes the agent out of all groups, and tells the parts that count members of each group. */
static void groups_forget(struct core *core, uint32_t number)
{
    struct agent *agent = agent_at(core->agents, number);
    while (agent->group_count > 0) {
        uint32_t group = agent->groups[--agent->group_count].name;
        fact_tell(core->facts,
                  &(struct fact){.what = FACT_member_changed, .name = group, .agent = number, .joined = false});
    }
}

/* Clears skills, groups and known marks before the rows of a whole directory are taken, because it replaces the one
 * before. */
static void forget_all(struct core *core)
{
    assign_below_forget(core);
    for (uint32_t at = 0; at < core->agents->count; at++) {
        agent_set_known(core->agents, at, false);
        core->agents->all[at].own_profile = 0;
        core->agents->all[at].skill_count = 0;
        groups_forget(core, at);
        agent_touch(core->agents, at);
    }
    for (uint32_t at = 0; at < core->directory->point_count; at++) core->directory->points[at].seen = false;
    for (uint32_t at = 0; at < core->directory->queue_count; at++) core->directory->queues[at].seen = false;
    settings_unsee(&core->directory->settings);
    places_unsee(&core->directory->places);
    reasons_unsee(&core->directory->reasons);
    campaign_definitions_unsee(&core->directory->campaigns);
    accesses_unsee(core->accesses);
    leads_forget(core->leads);
    prefer_unsee(core->preferences);
}

static void forget_unseen(struct core *core)
{
    for (uint32_t at = 0; at < core->directory->point_count; at++)
        if (!core->directory->points[at].seen) core->directory->points[at].known = false;
    for (uint32_t at = 0; at < core->directory->queue_count; at++)
        if (!core->directory->queues[at].seen) core->directory->queues[at].known = false;
    settings_drop_unseen(&core->directory->settings);
    places_drop_unseen(core->directory);
    reasons_drop_unseen(&core->directory->reasons);
    campaign_definitions_drop_unseen(&core->directory->campaigns);
    accesses_drop_unseen(core->accesses);
    prefer_drop_unseen(core->preferences);
}

/* True: a switch has the routing point. False: the point's strategy serves only what is submitted to a queue, and no
 * switch has such a point. */
static bool is_of_switch(const struct core *core, const struct point *point)
{
    if (point->now.program == PROGRAM_NONE) return true;
    struct media_set media = image_media(core->strategies->programs[point->now.program].image, point->now.strategy);
    return has_medium(media, media_voice) || has_medium(media, media_im) || has_medium(media, media_outbound) ||
           has_medium(media, media_callback);
}

/* True: the switch asks at this routing point where a call shall go. True: a strategy for calls is active there. */
static bool is_active(const struct core *core, const struct point *point)
{
    return point->known && point->now.program != PROGRAM_NONE && is_of_switch(core, point);
}

/* True: links get the configuration of the routing point. Links get the configuration of a switch's point, and of any
 * point that they know from before: a known point is reported as idle if its strategy is only for submitted
 * interactions. */
static bool is_told(const struct core *core, const struct point *point)
{
    return point->told != 0 || is_of_switch(core, point);
}

/* Tells a link the configuration of a point. The destinations are one text with commas, as the directory has it;
 * blanks around them are left out. */
static void import_configure(struct core *core, unsigned link, const struct point *point)
{
    effect_begin(core->effects, &(struct effect){.kind = KIND_Configure, .link = link});
    struct writer *writer = &core->effects->writer;
    writer_u(writer, Configure_version, core->directory->version);
    writer_bytes(writer, Configure_dn, core_name(core, point->dn));
    writer_u(writer, Configure_active, is_active(core, point));
    writer_list_begin(writer, Configure_defaults);
    for (uint32_t from = 0, at = 0; at <= point->defaults.length; at++) {
        if (at < point->defaults.length && point->defaults.bytes[at] != ',') continue;
        uint32_t first = from, end = at;
        while (first < end && point->defaults.bytes[first] == ' ') first++;
        while (end > first && point->defaults.bytes[end - 1] == ' ') end--;
        if (end > first) writer_list_text(writer, (struct span){point->defaults.bytes + first, end - first});
        from = at + 1;
    }
    writer_list_end(writer);
    writer_i(writer, Configure_answer_timeout, point->answer_timeout_us);
    writer_i(writer, Configure_router_grace, point->router_grace_us);
    effect_end(core->effects);
}

/* Sends the link all reasons of the directory, for agents who choose one; if there are very many, only those that fit
 * into one message. */
static void tell_reasons(struct core *core, unsigned link)
{
    enum { PAIR_MAX = 2 * NAME_MAX_BYTES + 16 };
    const struct reasons *reasons = &core->directory->reasons;
    effect_begin(core->effects, &(struct effect){.kind = KIND_Notify, .link = link});
    writer_u(&core->effects->writer, Notify_change, notify_ReasonsChanged);
    kv_clear(&core->scratch);
    for (uint32_t at = 0; at < reasons->count && core->scratch.length < KV_BYTES_MAX - PAIR_MAX; at++) {
        struct kv_value display = {.tag = KV_TEXT, .span = core_name(core, reasons->all[at].display)};
        if (reasons->all[at].display != 0) kv_put(&core->scratch, core_name(core, reasons->all[at].name), &display);
    }
    writer_kv(&core->effects->writer, Notify_value, &core->scratch);
    effect_end(core->effects);
}

/* Sends the reasons to all links with desktops, if the reasons have changed since they were sent last. */
static void tell_reasons_all(struct core *core)
{
    uint64_t now = reasons_hash(&core->directory->reasons);
    if (now == core->directory->reasons.told) return;
    core->directory->reasons.told = now;
    for (unsigned link = SOURCE_LINKS; link < SOURCES_MAX; link++)
        if (link_can(core->links, link, CAP_DESKTOPS)) tell_reasons(core, link);
}

void core_directory_configure_link(struct core *core, unsigned link)
{
    if (core->directory->reasons.known != 0 && link_can(core->links, link, CAP_DESKTOPS)) tell_reasons(core, link);
    if (link_can(core->links, link, CAP_CALLS))
        for (uint32_t at = 0; at < core->directory->point_count; at++)
            if (is_told(core, &core->directory->points[at])) import_configure(core, link, &core->directory->points[at]);
}

/* Returns the hash of the routing point's settings that Configure sends to the links. */
static uint64_t settings_of(const struct core *core, const struct point *point)
{
    uint64_t hash = table_text_hash(core->names, point->defaults);
    hash = table_mix64(hash + (uint64_t)point->answer_timeout_us);
    hash = table_mix64(hash + (uint64_t)point->router_grace_us);
    return table_mix64(hash * 2 + is_active(core, point)) | 1;
}

/* Sends Configure to the links if the point's settings have changed since they were sent last. */
static void configure_all(struct core *core, struct point *point)
{
    uint64_t settings = settings_of(core, point);
    if (settings == point->told || !is_told(core, point)) return;
    point->told = settings;
    for (unsigned link = SOURCE_LINKS; link < SOURCES_MAX; link++)
        if (link_can(core->links, link, CAP_CALLS)) import_configure(core, link, point);
}

/* Writes a message that begins with the name; a name that is too long is cut. */
static void why_name(char why[REFUSED_MAX], struct span name, const char *what)
{
    uint32_t rest = (uint32_t)strlen(what);
    uint32_t shown = utf8_cut((const char *)name.bytes, name.length, REFUSED_MAX - rest - 1);
    if (shown != 0) memcpy(why, name.bytes, shown);
    memcpy(why + shown, what, rest + 1);
}

/* Appends the place in the program's source that reads the whole value, such as " (flow.gcx:12)"; left out if there
 * is no room. */
static void why_reader(char why[REFUSED_MAX], const struct image_place *reader)
{
    char digits[12];
    uint32_t length = (uint32_t)strlen(why), count = 0, line = reader->line;
    do digits[count++] = (char)('0' + line % 10);
    while ((line /= 10) != 0);
    if (reader->file.length == 0 || reader->file.length + length + count + 5 > REFUSED_MAX) return;
    memcpy(why + length, " (", 2);
    memcpy(why + length + 2, reader->file.bytes, reader->file.length);
    length += 2 + reader->file.length;
    why[length++] = ':';
    while (count > 0) why[length++] = digits[--count];
    why[length++] = ')';
    why[length] = '\0';
}

/* True: the agent has no more work than the new capacity allows; calls that came without gcx do not count. */
static bool capacity_fits(const struct core *core, const struct staged *staged)
{
    struct kv_value value;
    uint32_t agent, name = 0;
    uint8_t given[MEDIA_KINDS];
    if (staged->row.length == 0 || !agent_find(core->agents, names_find(core->names, staged->key), &agent)) return true;
    const struct agent *who = agent_at(core->agents, agent);
    bool ruled = kv_get(staged->row, "capacity", &value) && value.tag == KV_TEXT && value.span.length != 0;
    if (ruled) name = names_find(core->names, value.span);
    uint16_t capacity = capacity_find(&core->agents->capacities, name);
    if (ruled && capacity == CAPACITY_SINGLE)
        return true; /* no loaded program has the capacity rule, so the agent keeps the earlier one */
    if (!ruled) capacity = places_capacity_of(&core->directory->places, who->place);
    if (who->claimed == 0 || capacity == who->capacity) return true;
    claims_given(core->claims, who->claims, given);
    return capacity_holds(capacity_rule(&core->agents->capacities, capacity), given);
}

/* Returns how many rows a staged row adds to those of who leads what: 1, 0 or -1. `whole`: the row belongs to a whole
 * directory, which replaces all earlier rows. */
static int lead_rows_more(const struct core *core, const struct staged *staged, bool whole)
{
    bool gone = staged->row.length == 0, group = staged->table == table_group_lead;
    uint32_t slash = staged->key.length;
    if (!group && staged->table != table_queue_lead) return 0;
    if (whole) return !gone;
    while (slash > 0 && staged->key.bytes[slash - 1] != '/') slash--;
    if (slash == 0) return 0;
    struct span of = {staged->key.bytes, slash - 1}, person = {staged->key.bytes + slash, staged->key.length - slash};
    bool there = lead_has(core->leads, names_find(core->names, person), group ? LEAD_GROUP : LEAD_QUEUE,
                          names_find(core->names, of));
    return gone ? -there : !there;
}

/* Returns the reason why the first wrong staged row cannot come into force; NULL: all rows can.
 * Bytes of old table versions are added up over all rows, since all rows come into force together. */
static const char *staged_fault(const struct core *core, bool whole, char why[REFUSED_MAX])
{
    struct staged staged = {0};
    struct image_place reader = {0};
    const char *fault = NULL;
    uint64_t kept = 0;
    int64_t profile_rows = whole ? 0 : prefer_directory_rows(core->preferences);
    struct span last_profile = {0};
    int64_t lead_rows = whole ? 0 : core->leads->count;
    while (!fault && staged_next(core->directory, &staged)) {
        struct kv_value value = {.tag = KV_LIST, .span = business_all(&staged.rows)};
        bool setting =
            staged.table == table_parameter || staged.table == table_business || staged.table == table_schedule;
        if (staged.table == table_business)
            kept += setting_rows_kept(core->directory, staged.key, staged.is_rows ? &staged.rows : NULL);
        if (staged.table == table_profile) {
            profile_rows += profile_rows_more(core, &staged, whole);
            last_profile = staged.key;
        }
        lead_rows += lead_rows_more(core, &staged, whole);
        if (staged.table == table_agent && !capacity_fits(core, &staged)) {
            fault = beyond_capacity;
        } else if (staged.hand) {
            fault = change_fault(core, &staged, &reader);
            if (!fault && !cursor_room(core->cursors, kept)) fault = walked_through;
        } else if (staged.damaged)
            fault = no_imported_table;
        else if (lead_rows > LEADS_MAX)
            fault = too_many_leads;
        else if (staged.table == table_campaign)
            fault = campaign_definition_fault(staged.row);
        else if (staged.table == table_rule_set)
            fault = rule_set_fault(staged.row);
        else if (!cursor_room(core->cursors, kept))
            fault = walked_through;
        else if (setting && (staged.is_rows || kv_get(staged.row, "value", &value)) &&
                 !setting_fits(core->directory, staged.table, staged.key, &value, &reader))
            fault = import_too_large;
        if (fault) why_name(why, staged.key, fault);
        if (fault == import_too_large) why_reader(why, &reader);
    }
    business_free(&staged.rows);
    if (!fault && profile_rows > PREFER_ROWS_MAX) {
        fault = too_many_preferences;
        why_name(why, last_profile, fault);
    }
    return fault;
}

/* Writes why the strategy cannot begin with its arguments: the activation is refused, and the earlier strategy stays
 * in force. */
static void given_refused(enum arguments_fault fault, struct span parameter, char why[], uint32_t room)
{
    static const char *const sentences[] = {[ARGUMENTS_UNKNOWN] = "the strategy has no parameter of the name ",
                                            [ARGUMENTS_MISSING] = "the strategy must be given the parameter ",
                                            [ARGUMENTS_WRONG] = "of another type is the parameter "};
    uint32_t length = (uint32_t)strlen(sentences[fault]);
    uint32_t shown = utf8_cut((const char *)parameter.bytes, parameter.length, room - length - 1);
    memcpy(why, sentences[fault], length);
    memcpy(why + length, parameter.bytes, shown);
    why[length + shown] = '\0';
}

/* Opens the program's virtual queues, so that people see these queues before the first call waits. */
static void open_queues(struct core *core, const struct site_program *program)
{
    for (uint32_t at = 0; at < image_count(program->image, SECTION_NAMES); at++)
        if (image_name(program->image, at)->kind == TYPE_VQ) vq_open(core->vqs, program->names[at]);
}

/* Brings the capacity rules of the image into force, and the names of the site's media. A rule may become smaller
 * than the work that agents have: they keep the work, and get no more until the rule allows it. */
static void take_rules(struct core *core, const struct site_program *program)
{
    bool changed = false;
    struct text text;
    struct capacity_rule rule;
    for (uint32_t table = 0; table < capacity_table_count(program->image); table++) {
        if (!capacity_rule_read(program->image, table, &text, &rule)) continue;
        uint32_t name = names_intern(core->names, (struct span){(const uint8_t *)text.bytes, text.length});
        uint16_t slot = capacity_named(&core->agents->capacities, name);
        changed = (slot != CAPACITY_SINGLE && capacity_set(&core->agents->capacities, slot, &rule)) || changed;
    }
    for (uint32_t at = 0; at < image_count(program->image, SECTION_NAMES); at++) {
        const struct image_name *name = image_name(program->image, at);
        text = image_text(program->image, name->text);
        unsigned own = image_name_own(name);
        if (own < MEDIA_OWN_MAX) interactions_name_medium(core->interactions, own, text.bytes, text.length);
    }
    if (!changed) return;
    agents_overfull(core->agents, core->claims); /* an agent whose work exceeds the capacity rule keeps the work */
    places_changed(core->directory);             /* places may name a rule that only this image has brought */
    agents_settle(core->agents, core->now->time_us);
}

/* Looks for what an Activate or a Rollout names. `which`: which settings in force stay. A code other than code_ok: the
 * strategy cannot be activated, and the reason is written. */
static enum code activation_find(struct core *core, const struct import_asked *asked, enum settings_which which,
                                 struct import_activation *activation, char why[REFUSED_MAX])
{
    struct span parameter;
    struct point *point = point_make(core, names_intern(core->names, asked->at));
    if (!point || asked->image.length != IMAGE_HASH) {
        strcpy(why, "no such routing point, or too many");
        return code_invalid_dn;
    }
    uint16_t number = strategy_program(core->strategies, asked->image.bytes);
    const struct site_program *program = number == PROGRAM_NONE ? NULL : &core->strategies->programs[number];
    const struct image_strategy *strategy =
        program ? image_strategy_named(program->image, (const char *)asked->strategy.bytes, asked->strategy.length)
                : NULL;
    if (!strategy) {
        strcpy(why, "the image or its strategy is not there");
        return code_unavailable;
    }
    enum arguments_fault fault = arguments_check(program->image, strategy, asked->given, &parameter);
    if (fault != ARGUMENTS_GOOD) {
        given_refused(fault, parameter, why, REFUSED_MAX);
        return code_invalid_attribute;
    }
    struct image_place reader = {0};
    if (!settings_fit(core->directory, program, which, &parameter, &reader)) {
        why_name(why, parameter, import_too_large);
        why_reader(why, &reader);
        return code_too_large;
    }
    *activation = (struct import_activation){.point = point,
                                             .program = number,
                                             .strategy = (uint16_t)image_strategy_index(program->image, strategy),
                                             .given = asked->given,
                                             .percent = 100};
    return code_ok;
}

enum code core_directory_activation(struct core *core, const struct import_asked *asked,
                                    struct import_activation *activation, char why[REFUSED_MAX])
{
    return activation_find(core, asked, SETTINGS_ALL, activation, why);
}

/* Reads the parts of an Activate, as activation_find() does. */
static enum code activation_read(struct core *core, const struct message *message, enum settings_which which,
                                 struct import_activation *activation, char why[REFUSED_MAX])
{
    const struct import_asked asked = {message_text(message, Activate_at), message_text(message, Activate_image),
                                       message_text(message, Activate_strategy), message_text(message, Activate_args)};
    enum code code = activation_find(core, &asked, which, activation, why);
    uint64_t percent = message_u(message, Activate_percent);
    if (code == code_ok && percent != 0 && percent < 100) activation->percent = (uint8_t)percent;
    return code;
}

/* Binds the strategy to the point. The strategy before it stays bound for its share of arrivals. */
static void import_bind(struct core *core, const struct import_activation *activation)
{
    struct point *point = activation->point;
    const struct site_program *program = &core->strategies->programs[activation->program];
    rollout_point_activated(core->rollouts, point);
    open_queues(core, program);
    take_rules(core, program);
    uint16_t before = point->before.program, now = point->now.program;
    free((void *)(uintptr_t)point->before.given.bytes);
    point->before = point->now;
    point->now = (struct binding){
        .program = activation->program, .strategy = activation->strategy, .given = span_copy(activation->given)};
    point->percent = activation->percent;
    point->known = true;
    core->directory->activated++;
    core_directory_left(core->directory, before);
    core_directory_left(core->directory, now);
    vqs_program_left(core->vqs, before);
    vqs_program_left(core->vqs, now);
    latches_activated(core, activation->program);
    profiles_take_order(core, activation->program);
}

void core_directory_activate(struct core *core, const struct import_activation *activation)
{
    import_bind(core, activation);
    settings_activated(&core->directory->settings);
    changes_stand(core);
    profiles_changed(core);
    configure_all(core, activation->point);
}

void core_directory_admit(struct core *core, struct point *point, uint16_t program)
{
    uint16_t present = point->now.program;
    assert(present != PROGRAM_NONE);
    point->candidate = program;
    open_queues(core, &core->strategies->programs[program]);
    take_rules(core, &core->strategies->programs[program]);
    take_rules(core, &core->strategies->programs[present]);
    latches_activated(core, program);
    latches_activated(core, present);
    settings_activated(&core->directory->settings);
    changes_stand(core);
}

/* The audit of the point has who has activated which version in place of which: a rollout that is over is taken back
 * this way. */
static void activation_note(struct core *core, const struct message *message,
                            const struct import_activation *activation)
{
    const struct site_program *programs = core->strategies->programs;
    uint16_t present = activation->point->now.program;
    struct rollout_text before = {.length = 0}, now = {.length = 0};
    struct kv old, new;
    kv_init(&old);
    kv_init(&new);
    if (present != PROGRAM_NONE) {
        rollout_text_put_version(&before, programs[present].hash);
        kv_put_text(&old, "value", rollout_text_span(&before));
    }
    rollout_text_put(&now, "activate, ");
    rollout_text_put_version(&now, programs[activation->program].hash);
    kv_put_text(&new, "value", rollout_text_span(&now));
    change_rollout(core, &(struct change_note){.what = CHANGE_ROLLOUT,
                                               .table = table_routing_point,
                                               .name = activation->point->dn,
                                               .before = kv_span(&old),
                                               .now = kv_span(&new),
                                               .actor = message_text(message, ENVELOPE_actor),
                                               .why = message_text(message, Activate_why)});
    kv_free(&old);
    kv_free(&new);
}

/* Takes an Activate. With `load` the Activate waits for the commit of the load's version; without, it is in force at
 * once. */
void core_directory_on_activate(struct core *core, const struct message *message)
{
    struct import_activation activation;
    char why[REFUSED_MAX];
    if (message_u(message, Activate_load) != 0) {
        core_directory_stage_binding(core, message);
        return;
    }
    enum code code = activation_read(core, message, SETTINGS_ALL, &activation, why);
    if (code != code_ok) {
        effect_reply(core->effects, message, outcome_error, code, why, NULL);
        return;
    }
    activation_note(core, message, &activation);
    core_directory_activate(core, &activation);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

/* Returns which settings stay when the staged rows come into force. The staged rows themselves are checked
 * elsewhere. */
static enum settings_which settings_staying(struct core *core, bool whole)
{
    struct staged staged = {0};
    if (whole) return SETTINGS_BY_HAND;
    settings_unsee(&core->directory->settings);
    while (staged_next(core->directory, &staged)) {
        uint32_t name = staged.hand ? 0 : names_find(core->names, staged.key);
        struct setting *setting = name == 0 ? NULL : setting_find(&core->directory->settings, staged.table, name);
        if (setting) setting->seen = true;
    }
    business_free(&staged.rows);
    return SETTINGS_UNSEEN;
}

/* Looks for the first Activate of the load that cannot come into force together with its rows; code_ok: all can. The
 * images of the load become known, so that the rows are checked against them, too. */
static enum code bindings_fault(struct core *core, bool whole, char why[REFUSED_MAX])
{
    struct import_activation activation;
    struct message message;
    enum code code = code_ok;
    if (core->directory->bindings.length == 0) return code_ok;
    enum settings_which which = settings_staying(core, whole);
    for (uint32_t at = 0; code == code_ok && staged_binding(core->directory, &at, &message);)
        code = activation_read(core, &message, which, &activation, why);
    return code;
}

static void bindings_take(struct core *core)
{
    struct import_activation activation;
    struct message message;
    char why[REFUSED_MAX];
    bool any = false;
    for (uint32_t at = 0; staged_binding(core->directory, &at, &message); any = true)
        if (activation_read(core, &message, SETTINGS_BY_HAND, &activation, why) == code_ok)
            import_bind(core, &activation);
    if (any) settings_activated(&core->directory->settings);
}

/* Returns why the commit is refused: a directory comes into force completely, with the strategies of its load, or
 * not at all. */
static enum code commit_fault(struct core *core, bool whole, char why[REFUSED_MAX])
{
    if (core->directory->staged_cut) {
        strcpy(why, "rows of this version were refused");
        return code_too_large;
    }
    enum code code = bindings_fault(core, whole, why);
    if (code == code_ok && staged_fault(core, whole, why)) code = code_too_large;
    return code;
}

/* Brings the staged rows into force. True: at least one row came from an import and not from a change by hand. */
static bool staged_take(struct core *core)
{
    struct staged staged = {0};
    bool imported = false;
    while (staged_next(core->directory, &staged)) {
        imported = imported || !staged.hand;
        apply_row(core, &staged);
    }
    business_free(&staged.rows);
    return imported;
}

/* Carries out a commit. The hash of the rows is kept only if the import named one: a hash of an earlier import would
 * not fit the new rows. */
void core_directory_on_commit(struct core *core, const struct message *message)
{
    struct directory *directory = core->directory;
    bool whole = message_u(message, DirectoryCommit_whole) != 0;
    struct span hash = message_text(message, DirectoryCommit_hash);
    bool hashed = hash.length == sizeof directory->rows_hash;
    char why[REFUSED_MAX];
    /* Rows of another version are left from a process that ended before its commit. */
    if (directory->staged_version != message_u(message, DirectoryCommit_version)) staged_forget(directory);
    enum code code = commit_fault(core, whole, why);
    if (code != code_ok) {
        staged_forget(directory);
        effect_reply(core->effects, message, outcome_error, code, why, NULL);
        return;
    }
    abilities_change(core->agents);
    uint64_t settings = directory->settings.content;
    if (whole) forget_all(core);
    bool imported = staged_take(core) || whole || hashed;
    if (imported) memset(directory->rows_hash, 0, sizeof directory->rows_hash);
    if (hashed) memcpy(directory->rows_hash, hash.bytes, hash.length);
    if (whole) forget_unseen(core);
    bindings_take(core);
    changes_end_gone(core);
    changes_stand(core);
    staged_forget(directory);
    directory->version = message_u(message, DirectoryCommit_version);
    if (whole || hashed)
        change_imported(core, message_text(message, ENVELOPE_actor), message_text(message, DirectoryCommit_why));
    for (uint32_t at = 0; at < directory->point_count; at++) configure_all(core, &directory->points[at]);
    tell_reasons_all(core);
    places_changed(core->directory);
    profiles_changed(core);
    core->settle_all = true;
    if (directory->settings.content != settings) select_settings_changed(core);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}
