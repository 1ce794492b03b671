/* runtime/core/people/line.c - Further DNs of agents: rows in a pool, each in its agent's list. */
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

/* Media whose only DNs are out of service are served nowhere. */
static void look(struct agents *agents, uint32_t agent)
{
    struct agent *who = agent_at(agents, agent);
    unsigned out = 0, in = 0;
    for (uint32_t at = who->lines; at != LINE_NONE; at = line_at(agents, at)->next) {
        unsigned bit = 1u << line_at(agents, at)->medium;
        *(line_at(agents, at)->out ? &out : &in) |= bit;
    }
    who->media_out = (uint16_t)(out & ~in & ~(1u << media_voice));
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
    lines->all[slot] = (struct line){dn, agent, who->lines, source, (uint8_t)medium, false, true};
    who->lines = slot;
    lookup_add(&lines->by_dn, slot);
    lines->content += hash_of(&lines->all[slot]);
    look(agents, agent);
}

void line_end(struct agents *agents, uint32_t slot)
{
    struct lines *lines = &agents->lines;
    struct line *line = line_at(agents, slot);
    uint32_t agent = line->agent, *at = &agent_at(agents, agent)->lines;
    while (*at != slot) at = &line_at(agents, *at)->next;
    *at = line->next;
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

void line_swap(struct agents *agents, uint32_t slot)
{
    struct line *line = line_at(agents, slot);
    struct agent *who = agent_at(agents, line->agent);
    struct line was = *line;
    assert(who->dn != 0);
    agents->lines.content -= hash_of(line);
    lookup_remove(&agents->lines.by_dn, line->dn);
    lookup_remove(&agents->by_dn, who->dn);
    line->dn = who->dn;
    line->medium = who->dn_medium;
    line->out = who->dn_out;
    who->dn = was.dn;
    who->dn_medium = was.medium;
    who->dn_out = was.out;
    lookup_add(&agents->lines.by_dn, slot);
    lookup_add(&agents->by_dn, line->agent);
    agents->lines.content += hash_of(line);
    look(agents, line->agent);
}

uint32_t line_next_main(const struct agents *agents, uint32_t agent)
{
    uint32_t first = agent_at(agents, agent)->lines;
    for (uint32_t at = first; at != LINE_NONE; at = line_at(agents, at)->next)
        if (line_at(agents, at)->medium == media_voice) return at;
    return first;
}

uint32_t agent_dn_for(const struct agents *agents, uint32_t agent, enum media medium)
{
    const struct agent *who = agent_at(agents, agent);
    uint32_t found = 0;
    for (uint32_t at = who->lines; at != LINE_NONE && medium != who->dn_medium; at = line_at(agents, at)->next)
        if (line_at(agents, at)->medium == medium && (found == 0 || !line_at(agents, at)->out))
            found = line_at(agents, at)->dn;
    return found != 0 ? found : who->dn;
}

bool lines_check(const struct agents *agents)
{
    uint64_t content = 0;
    uint32_t count = 0, main;
    for (uint32_t agent = 0; agent < agents->count; agent++)
        for (uint32_t at = agents->all[agent].lines; at != LINE_NONE; at = line_at(agents, at)->next, count++) {
            const struct line *line = line_at(agents, at);
            if (line->agent != agent || line_on(agents, line->dn) != at || agents->all[agent].dn == 0) return false;
            if (lookup_find(&agents->by_dn, line->dn, &main)) return false;
            content += hash_of(line);
        }
    return count == agents->lines.by_dn.count && content == agents->lines.content;
}
