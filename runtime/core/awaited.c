/* runtime/core/awaited.c - Counts the effects that have no answer yet, by link and kind.
 *
 * An administrator who waits until a core is idle asks what it still waits for. Each row says how many effects of
 * one kind one link has not answered yet, and which interaction is the oldest among them. If there are more than
 * AWAITED_MAX rows the last ones are left out. */
#include "runtime/core/awaited.h"

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/media/sending.h"
#include "runtime/vocabulary/effects_work.h"

struct awaiting {
    struct awaited_row *rows;
    size_t count;
};

static void awaited_add(struct awaiting *awaiting, unsigned link, unsigned kind, uint64_t ixn)
{
    struct awaited_row *row = awaiting->rows, *end = row + awaiting->count;
    while (row < end && (row->link != link || row->kind != kind)) row++;
    if (row == end && awaiting->count == AWAITED_MAX) return;
    if (row == end) {
        awaiting->count++;
        *row = (struct awaited_row){.link = link, .kind = kind, .ixn = ixn};
    }
    row->count++;
    if (ixn != 0 && (row->ixn == 0 || ixn < row->ixn)) row->ixn = ixn;
}

static void add_pending(struct awaiting *awaiting, const struct pending *pending, uint64_t ixn)
{
    if (pending->ref != 0) awaited_add(awaiting, pending->link, pending->kind, ixn);
}

/* Adds the messages of agents that no link has confirmed yet, and the requests to close a session. */
static void add_sendings(const struct core *core, struct awaiting *awaiting, const struct interaction *ix)
{
    uint32_t row = SENDING_NONE;
    while ((row = sending_next(core, ix, row)) != SENDING_NONE)
        awaited_add(awaiting, ix->link, core->sendings->all[row].length != 0 ? KIND_SendMessage : KIND_CloseSession,
                    ix->id);
}

size_t core_awaited(const struct core *core, struct awaited_row rows[AWAITED_MAX])
{
    struct awaiting awaiting = {.rows = rows};
    EACH_INTERACTION (ix, core->interactions) {
        const struct fork *fork = fork_of(core->forks, ix);
        add_pending(&awaiting, &ix->pending, ix->id);
        for (unsigned i = 0; fork && i < STRANDS; i++) add_pending(&awaiting, &fork->strands[i].pending, ix->id);
        add_sendings(core, &awaiting, ix);
    }
    for (uint32_t at = 0; at < core->effects->count; at++) add_pending(&awaiting, &core->effects->all[at].pending, 0);
    return awaiting.count;
}
