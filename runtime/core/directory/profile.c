/* runtime/core/directory/profile.c - Which profile an agent has: the one of a change by hand while the change is in
 * force, else the one that the directory says. */
#include "runtime/core/directory/profile.h"

#include "runtime/core/base/state.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/setting.h"
#include "runtime/core/steps/select.h"

enum { DELAY_MAX_S = 86400 };

static const char no_profile[] = " cannot have that profile: the directory has none of this name";

static uint32_t profile_text(const struct core *core, struct span row, const char *key)
{
    struct kv_value value;
    return kv_get(row, key, &value) && value.tag == KV_TEXT ? names_intern(core->names, value.span) : 0;
}

static int64_t profile_number(struct span row, const char *key, int64_t missing)
{
    struct kv_value value;
    return kv_get(row, key, &value) && value.tag == KV_INT ? value.word : missing;
}

/* The parts of the key "profile/queue". */
struct profile_key {
    struct span profile, queue; /* `profile` is empty if the key has no slash: then the key names no profile */
    bool others;                /* the queue is `*`: all that the profile does not name */
};

/* Splits the key at its first slash: names of queues may have slashes, names of profiles have none. */
static struct profile_key key_split(struct span key)
{
    uint32_t slash = 0;
    while (slash < key.length && key.bytes[slash] != '/') slash++;
    if (slash == key.length) return (struct profile_key){.queue = key};
    struct span queue = {key.bytes + slash + 1, key.length - slash - 1};
    return (struct profile_key){{key.bytes, slash}, queue, queue.length == 1 && queue.bytes[0] == '*'};
}

void profile_take_row(struct core *core, struct span key, struct span row)
{
    struct profile_key parts = key_split(key);
    uint32_t profile = names_intern(core->names, parts.profile);
    uint32_t vq = parts.others ? 0 : names_intern(core->names, parts.queue);
    if (profile == 0 || (vq == 0 && !parts.others)) return;
    if (row.length == 0) {
        prefer_row_gone(core->preferences, profile, vq);
        return;
    }
    int64_t rank = profile_number(row, "rank", 1), delay_s = profile_number(row, "delay_s", 0);
    rank = rank < 0 ? 0 : rank > PREFER_RANK_MAX ? PREFER_RANK_MAX : rank;
    delay_s = delay_s < 0 ? 0 : delay_s > DELAY_MAX_S ? DELAY_MAX_S : delay_s;
    prefer_row(core->preferences, profile, vq, (uint8_t)rank, (uint64_t)delay_s * 1000000);
}

bool profile_is_known(const struct core *core, struct span profile)
{
    uint32_t name = names_find(core->names, profile);
    for (uint32_t at = 0; name != 0 && at < core->preferences->count; at++)
        if (core->preferences->all[at].profile == name) return true;
    return false;
}

const char *profile_fault(const struct core *core, const struct staged *staged)
{
    struct kv_value value;
    bool named = kv_get(staged->row, "value", &value) && value.tag == KV_TEXT && value.span.length != 0;
    return named && !profile_is_known(core, value.span) ? no_profile : NULL;
}

int profile_rows_more(const struct core *core, const struct staged *staged, bool whole)
{
    struct profile_key parts = key_split(staged->key);
    uint32_t profile = names_find(core->names, parts.profile), vq = names_find(core->names, parts.queue);
    bool gone = staged->row.length == 0;
    bool there =
        profile != 0 && (parts.others || vq != 0) && prefer_has(core->preferences, profile, parts.others ? 0 : vq);
    if (parts.profile.length == 0) return 0;
    if (whole) return !gone;
    return gone ? -there : !there;
}

/* Returns the profile that the agent has now, by hand or from the directory; 0: none. */
static uint32_t profile_of(const struct core *core, const struct agent *who)
{
    const struct setting *setting = setting_find(&core->directory->settings, table_agent_profile, who->name);
    return setting && setting->changed ? profile_text(core, setting->row, "value") : who->own_profile;
}

/* Gives the agents without a profile the rows of the program with that number; PROGRAM_NONE: no rows. */
static void order_set(struct core *core, uint16_t number)
{
    struct preferences *prefer = core->preferences;
    const struct site_program *program = number == PROGRAM_NONE ? NULL : &core->strategies->programs[number];
    enum prefer_order order = PREFER_rank;
    const struct prefer_row *rows;
    uint32_t count = 0;
    prefer_site_forget(prefer);
    bool any = program && prefer_read(program->image, &order, &rows, &count);
    for (uint32_t at = 0; any && at < count; at++)
        prefer_row(prefer, 0, rows[at].name == PREFER_OTHERS ? 0 : program->names[rows[at].name],
                   (uint8_t)rows[at].rank, (uint64_t)rows[at].delay_ms * 1000);
    prefer_set_order(prefer, order);
    prefer->program = any ? number : PROGRAM_NONE;
}

static bool has_order(const struct core *core, uint16_t number)
{
    enum prefer_order order;
    const struct prefer_row *rows;
    uint32_t count;
    return number != PROGRAM_NONE && prefer_read(core->strategies->programs[number].image, &order, &rows, &count);
}

/* If the program whose order was used is not in force any more, the order of another one is used: of the first routing
 * point whose program has an order. */
void profiles_take_order(struct core *core, uint16_t number)
{
    struct preferences *prefer = core->preferences;
    uint16_t of = prefer->program;
    if (has_order(core, number)) of = number;
    if (of != PROGRAM_NONE && !core_directory_in_force(core->directory, of)) of = PROGRAM_NONE;
    for (uint32_t at = 0; of == PROGRAM_NONE && at < core->directory->point_count; at++) {
        const struct point *point = &core->directory->points[at];
        of = has_order(core, point->now.program)      ? point->now.program
             : has_order(core, point->before.program) ? point->before.program
                                                      : (uint16_t)PROGRAM_NONE;
        if (of != PROGRAM_NONE && !core_directory_in_force(core->directory, of)) of = PROGRAM_NONE;
    }
    if (of != prefer->program) order_set(core, of);
}

void profiles_changed(struct core *core)
{
    bool changed = core->preferences->stale;
    for (uint32_t agent = 0; agent < core->agents->count; agent++) {
        const struct agent *who = agent_at(core->agents, agent);
        uint32_t profile = who->name == 0 ? 0 : profile_of(core, who);
        if (profile == who->profile) continue;
        agent_set_profile(core->agents, agent, profile);
        changed = true;
    }
    if (!changed) return;
    select_preferences_changed(core);
    core->settle_all = true;
}
