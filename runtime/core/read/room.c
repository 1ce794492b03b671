/* runtime/core/read/room.c - Tells why an agent has no room for one interaction: what the agent's capacity rule says
 * of the interaction's medium.
 *
 * For example: "capacity mixed: no chat beside voice", "capacity mixed is full of email", "in
 * after-call work of chat". */
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"

/* Appends the words to the text; what does not fit is cut off. */
static void room_say(char text[CORE_ROOM_TEXT], const char *const words[])
{
    size_t length = strlen(text);
    for (; *words; words++)
        for (const char *at = *words; *at != '\0' && length + 1 < CORE_ROOM_TEXT; at++) text[length++] = *at;
    text[length] = '\0';
}

static void say_name(char text[CORE_ROOM_TEXT], struct span name)
{
    size_t length = name.length < CAPACITY_NAME_MAX ? name.length : CAPACITY_NAME_MAX;
    room_say(text, (const char *[]){"capacity ", NULL});
    char *end = text + strlen(text);
    memcpy(end, name.bytes, length);
    end[length] = '\0';
}

/* Returns a medium of which the agent has an interaction and in addition to which the rule allows nothing of this
 * medium. MEDIA_KINDS: none. */
static unsigned in_the_way(const struct agent *who, const struct capacity_rule *rule, unsigned medium)
{
    EACH_MEDIUM(other, media_set_or(who->load.media, who->wrap))
    if (other != medium && has_medium(rule->shuts[other], medium)) return other;
    return MEDIA_KINDS;
}

/* Writes why there is no room for a medium for which the agent is ready, or would be if there were room; "" if there
 * is room. Reasons are checked from the most lasting to the most temporary, and the first is written. */
static void say_room(const struct core *core, uint32_t index, unsigned medium, char text[CORE_ROOM_TEXT])
{
    const struct agent *who = agent_at(core->agents, index);
    const struct capacity *capacity = &core->agents->capacities.all[who->capacity];
    struct span name = core_name(core, capacity->name);
    const char *word = interactions_medium(core->interactions, (enum media)medium);
    unsigned other = in_the_way(who, &capacity->rule, medium);
    text[0] = '\0';
    if (capacity->rule.most[medium] == 0) {
        say_name(text, name);
        room_say(text, (const char *[]){" takes no ", word, NULL});
    } else if (other != MEDIA_KINDS) {
        const char *work = who->load.units[other] == 0 ? "after-call work of " : "";
        say_name(text, name);
        room_say(text, (const char *[]){": no ", word, " beside ", work,
                                        interactions_medium(core->interactions, (enum media)other), NULL});
    } else if (who->load.units[medium] >= capacity->rule.most[medium]) {
        say_name(text, name);
        room_say(text, (const char *[]){" is full of ", word, NULL});
    } else if (!has_medium(who->open, medium)) {
        const char *lack = has_medium(who->wrap, medium)                            ? "in after-call work of "
                           : !agent_serves(core->agents, index, (enum media)medium) ? "not logged in for "
                           : has_medium(who->media_out, medium)                     ? "DN out of service for "
                           : has_medium(who->open_failed, medium)                   ? "could not be reached lately for "
                           : has_medium(who->media_away, medium)                    ? "link or desktop is away for "
                                                                                    : "not ready for ";
        room_say(text, (const char *[]){lack, word, NULL});
    }
}

bool core_agent_room(const struct core *core, uint64_t ixn, uint32_t index, char text[CORE_ROOM_TEXT])
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    struct agent_row row;
    if (!ix || !core_agent(core, index, &row)) return false;
    const struct agent *who = agent_at(core->agents, index);
    bool ready = who->state == agent_state_ready || who->ready_beside;
    bool full = who->capacity != CAPACITY_SINGLE && agent_reachable(who) && ready &&
                media_set_is_empty(media_set_or(who->open, who->open_failed));
    unsigned medium = core->media[ix->media]->capacity(ix);
    bool never = core->agents->capacities.all[who->capacity].rule.most[medium] == 0; /* whatever the agent does */
    if (row.not_chosen.length != 0 && !full && !never) return false;
    say_room(core, index, medium, text);
    return text[0] != '\0';
}
