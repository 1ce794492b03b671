/* runtime/core/steps/select_scores.c - Reads captured maps whenever a visit gets its selector. */
#include "runtime/core/steps/select_scores.h"

#include "runtime/core/base/state.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/answers.h"

/* Returns the number of the map among the different maps of the selection, from 1; a new map is added. 0: the selection
 * has too many maps already. */
static uint32_t set_of(struct score_maps *sets, uint64_t map)
{
    uint32_t at = 0;
    while (at < sets->count && sets->maps[at] != map) at++;
    if (at == SCORES_SETS) return 0;
    if (at == sets->count) sets->maps[sets->count++] = map;
    return at + 1;
}

/* Replaces captured maps in the line by the numbers of their sets; their pairs become separate lines. */
void score_maps_note(struct score_maps *sets, const struct image *image, struct vm_line *line)
{
    bool orders = line->kind == LINE_ORDER || line->kind == LINE_TIE;
    if (line->kind != LINE_LEAF && (!orders || line->function == IMAGE_NONE)) return;
    for (uint8_t at = 0; at < line->capture_count; at++) {
        uint16_t type = image_register(image, line->function, at);
        if (!type_is_scores(image, type) || value_is_none(type, line->captures[at])) continue;
        line->captures[at] = set_of(sets, line->captures[at]);
    }
}

/* Reads the pairs of a map; names of agents whom the directory does not know are skipped. At most `left` pairs are
 * read. */
static uint32_t read_map(const struct core *core, const struct block *block, uint64_t map, struct score *scores,
                         uint32_t left)
{
    const struct image *image = block_image(core->slab, block);
    uint32_t pairs = block_count(image, block, map), count = 0;
    for (uint32_t at = 0; at < pairs && count < left; at++) {
        uint64_t key, figure, agent;
        char inlined[8];
        if (!block_pair(image, block, map, at, &key, &figure)) break;
        if (!answer_named(core, block_text(image, block, key, inlined), &agent)) continue;
        agent_refer(core->agents, (uint32_t)(agent - 1)); /* the line contains the agent's slot, which must stay */
        scores[count++] = (struct score){agent, (int64_t)figure};
    }
    return count;
}

uint32_t score_maps_lines(const struct score_maps *sets, const struct core *core, const struct block *block,
                          struct vm_line *lines)
{
    struct score scores[SCORES_MAX];
    uint32_t left = SCORES_MAX, count = 0;
    for (uint32_t at = 0; at < sets->count; at++) {
        uint32_t read = read_map(core, block, sets->maps[at], scores, left);
        count += scores_lines(at + 1, scores, read, lines + count);
        left -= read;
    }
    return count;
}
