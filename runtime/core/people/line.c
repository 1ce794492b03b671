/* runtime/core/people/line.c - DNs of agents: rows in a pool, each in its agent's list. */
#include "runtime/core/people/line.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/people/agent.h"

static uint64_t dn_key(const void *owner, uint32_t slot)
{
    const struct lines *lines = owner;
    return lines->all[slot].dn;
}

void lines_init(struct lines *lines)
{
    *lines = (struct lines){.free = LINE_NONE};
    lookup_init(&lines->by_dn, lines, dn_key);
}

void lines_free(struct lines *lines)
{
    free(lines->all);
    lookup_free(&lines->by_dn);
}

struct line *line_at(const struct agents *agents, uint32_t line)
{
    assert(line < agents->lines.count && agents->lines.all[line].dn != 0);
    return &agents->lines.all[line];
}

uint32_t line_on(const struct agents *agents, uint32_t dn)
{
    uint32_t line;
    return dn != 0 && lookup_find(&agents->lines.by_dn, dn, &line) ? line : LINE_NONE;
}

static uint64_t hash_of(const struct line *line)
{
    return mix64(mix64((uint64_t)line->agent << 32 | line->dn) + ((uint64_t)line->medium << 1 | line->out));
}

uint32_t line_main_without(const struct agents *agents, uint32_t agent, uint32_t without)
{
    uint32_t first = LINE_NONE;
    for (uint32_t at = agent_at(agents, agent)->lines; at != LINE_NONE; at = line_at(agents, at)->next) {
        if (at == without) continue;
        if (line_at(agents, at)->medium == media_voice) return at;
        if (first == LINE_NONE) first = at;
    }
    return first;
}

static void unlink_line(struct agents *agents, uint32_t slot)
{
    uint32_t *at = &agent_at(agents, line_at(agents, slot)->agent)->lines;
    while (*at != slot) at = &line_at(agents, *at)->next;
    *at = line_at(agents, slot)->next;
}

/* The lines of the agent have changed: puts the main one first, and tells the agent what follows from them. A medium
 * whose DNs are all out of service is served nowhere; one without a DN of its own is served at the main one. */
static void look(struct agents *agents, uint32_t agent)
{
    struct agent *who = agent_at(agents, agent);
    uint32_t main = line_main_without(agents, agent, LINE_NONE);
    unsigned out = 0, in = 0;
    who->dn_out = false;
    who->media_out = 0;
    if (main == LINE_NONE) return;
    if (main != who->lines) {
        unlink_line(agents, main);
        line_at(agents, main)->next = who->lines;
        who->lines = main;
    }
    for (uint32_t at = main; at != LINE_NONE; at = line_at(agents, at)->next)
        *(line_at(agents, at)->out ? &out : &in) |= 1u << line_at(agents, at)->medium;
    who->source = line_at(agents, main)->source;
    who->dn_out = in == 0;
    if (in != 0) who->media_out = (uint16_t)(~in & (line_at(agents, main)->out ? UINT16_MAX : out));
}

void line_add(struct agents *agents, uint32_t agent, uint32_t dn, enum media medium, uint16_t source)
{
    struct lines *lines = &agents->lines;
    assert(dn != 0 && line_on(agents, dn) == LINE_NONE);
    uint32_t slot = lines->free;
    if (slot != LINE_NONE) {
        lines->free = lines->all[slot].next;
    } else {
        slot = lines->count++;
        lines->all = memory_grow(lines->all, &lines->capacity, lines->count, sizeof *lines->all);
    }
    struct agent *who = agent_at(agents, agent);
    uint32_t *after = who->lines == LINE_NONE ? &who->lines : &line_at(agents, who->lines)->next;
    lines->all[slot] = (struct line){dn, agent, *after, source, (uint8_t)medium, false, true};
    *after = slot;
    lookup_add(&lines->by_dn, slot);
    lines->content += hash_of(&lines->all[slot]);
    look(agents, agent);
}

void line_end(struct agents *agents, uint32_t slot)
{
    struct lines *lines = &agents->lines;
    struct line *line = line_at(agents, slot);
    uint32_t agent = line->agent;
    unlink_line(agents, slot);
    lines->content -= hash_of(line);
    lookup_remove(&lines->by_dn, line->dn);
    *line = (struct line){.next = lines->free};
    lines->free = slot;
    look(agents, agent);
}

void lines_end(struct agents *agents, uint32_t agent)
{
    while (agent_at(agents, agent)->lines != LINE_NONE) line_end(agents, agent_at(agents, agent)->lines);
}

void line_out(struct agents *agents, uint32_t slot, bool out)
{
    struct line *line = line_at(agents, slot);
    agents->lines.content -= hash_of(line);
    line->out = out;
    agents->lines.content += hash_of(line);
    look(agents, line->agent);
}

void line_is_for(struct agents *agents, uint32_t slot, enum media medium)
{
    struct line *line = line_at(agents, slot);
    agents->lines.content -= hash_of(line);
    line->medium = (uint8_t)medium;
    agents->lines.content += hash_of(line);
    look(agents, line->agent);
}

void line_is_of(struct agents *agents, uint32_t slot, uint16_t source)
{
    line_at(agents, slot)->source = source;
    look(agents, line_at(agents, slot)->agent);
}

uint32_t agent_dn(const struct agents *agents, uint32_t agent)
{
    uint32_t main = agent_at(agents, agent)->lines;
    return main == LINE_NONE ? 0 : line_at(agents, main)->dn;
}

/* The line where the agent serves the medium. NULL: it is at no DN. */
static const struct line *line_for(const struct agents *agents, uint32_t agent, enum media medium)
{
    uint32_t main = agent_at(agents, agent)->lines;
    const struct line *found = NULL;
    for (uint32_t at = main; at != LINE_NONE; at = line_at(agents, at)->next) {
        const struct line *line = line_at(agents, at);
        if (line->medium == medium && (!found || (found->out && !line->out))) found = line;
    }
    return found || main == LINE_NONE ? found : line_at(agents, main);
}

uint32_t agent_dn_for(const struct agents *agents, uint32_t agent, enum media medium)
{
    const struct line *line = line_for(agents, agent, medium);
    return line ? line->dn : 0;
}

unsigned agent_link_for(const struct agents *agents, uint32_t agent, enum media medium)
{
    const struct line *line = line_for(agents, agent, medium);
    return line ? line->source : agent_at(agents, agent)->source;
}

unsigned agent_link_of(const struct agents *agents, const struct claim *claim)
{
    return claim->link != 0 ? claim->link : agent_link_for(agents, claim->agent, (enum media)claim->medium);
}

bool agent_is_of_link(const struct agents *agents, uint32_t agent, unsigned source)
{
    uint32_t at = agent_at(agents, agent)->lines;
    if (at == LINE_NONE) return agent_at(agents, agent)->source == source;
    while (at != LINE_NONE && line_at(agents, at)->source != source) at = line_at(agents, at)->next;
    return at != LINE_NONE;
}

bool lines_check(const struct agents *agents)
{
    uint64_t content = 0;
    uint32_t count = 0;
    for (uint32_t agent = 0; agent < agents->count; agent++) {
        const struct agent *who = agent_at(agents, agent);
        if (who->lines != line_main_without(agents, agent, LINE_NONE)) return false;
        if (who->lines != LINE_NONE && who->source != line_at(agents, who->lines)->source) return false;
        for (uint32_t at = who->lines; at != LINE_NONE; at = line_at(agents, at)->next, count++) {
            const struct line *line = line_at(agents, at);
            if (line->agent != agent || line_on(agents, line->dn) != at) return false;
            content += hash_of(line);
        }
    }
    return count == agents->lines.by_dn.count && content == agents->lines.content;
}
