/* runtime/core/read/one.c - The position of one interaction: the step in the source at which it
 * waits, and its place in a queue.
 *
 * A wait point of the image has a function and an instruction; the image's debug data give file, line and column for
 * them. For an image without debug data only the step's name is known. */
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/read.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/select.h"

void core_wait_place(const struct image *image, uint32_t number, struct where_row *row)
{
    const struct image_wait *wait = image_wait(image, number);
    const struct step *step = step_numbered(wait->step);
    struct image_place place;
    *row = (struct where_row){
        .step = span_of(!step ? "" : step->name),
        .function = span_of_text(image_text(image, image_function(image, wait->function)->name)),
        .file = span_of(""),
    };
    if (!image_place(image, wait->function, wait->pc, &place)) return;
    row->file = span_of_text(place.file);
    row->line = place.line;
    row->column = place.column;
}

/* Finds where the strategy waits; `busy`: where its busy block waits. */
bool core_where(const struct core *core, uint64_t ixn, bool busy, struct where_row *row)
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    if (!ix || !ix->running || (busy && ix->child == 0)) return false;
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image *image = block_image(slab, block);
    const struct image_wait *wait = vm_step(slab, block, busy ? ix->child : 0);
    if (!wait) return false;
    core_wait_place(image, (uint32_t)(wait - image_wait(image, 0)), row);
    return true;
}

bool core_fiber(const struct core *core, uint64_t ixn, uint32_t index, struct fiber_row *row)
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    uint8_t fibers[PARTS];
    if (!ix || !ix->running || index >= fibers_of(core->forks, ix, fibers)) return false;
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    const struct image_wait *wait = vm_step(core->slab, block, fibers[index]);
    uint8_t parent = fiber_parent_of_part(core->forks, ix, fiber_part(core->forks, ix, fibers[index]));
    bool child = ix->forked && fibers[index] != 0 && parent == 0;
    *row = (struct fiber_row){.fiber = fibers[index],
                              .what = fibers[index] == 0 ? "strategy"
                                      : child            ? "child"
                                                         : "busy block"};
    if (wait) core_wait_place(image, (uint32_t)(wait - image_wait(image, 0)), &row->where);
    return true;
}

bool core_timer(const struct core *core, uint32_t index, struct timer_row *row)
{
    static const char *const kinds[] = {
#define TIMER(KIND, kind, part, self) [TIMER_##KIND] = #kind,
#include "runtime/core/base/timers.def"
    };
    struct timer timer;
    uint64_t number;
    bool frozen;
    if (!timers_at(core->timers, index, &timer, &number, &frozen)) return false;
    bool parts = timer.kind == TIMER_STEP || timer.kind == TIMER_AGAIN || timer.kind == TIMER_TURN;
    *row = (struct timer_row){.deadline_us = timer.deadline_us,
                              .object = number,
                              .kind = kinds[timer.kind],
                              .of_interaction = parts || timer.kind == TIMER_LIFETIME || timer.kind == TIMER_AGEING,
                              .frozen = frozen};
    if (parts) row->fiber = fiber_of_part(core->forks, interaction_at(core->interactions, timer.data), timer.part);
    return true;
}

/* Reads where the interaction waits. A chosen visit has no position: the interaction is being offered. Then only the
 * queue and the times are set. */
bool core_waiting(const struct core *core, uint64_t ixn, struct waiting_row *row)
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    if (!ix || ix->visit == VISIT_NONE) return false;
    const struct visit *visit = visit_at(core->vqs, select_visit(core, ix));
    const struct vq *vq = &core->vqs->all[visit->vq];
    *row = (struct waiting_row){
        .vq = core_name(core, vq->name),
        .entered_us = visit_entered_us(core->vqs, visit),
        .age_us = visit->age_us,
        .expected_us = UINT64_MAX,
        .among = vq->waiting,
        .priority = visit->priority,
        .asks = invite_asks(core, ix, visit_at(core->vqs, ix->visit)->fiber),
    };
    if (visit->state != VISIT_WAITING || visit->want == SELECTOR_NONE) return true;
    row->until_us = ix->forked ? fork_of(core->forks, ix)->until_us : ix->until_us;
    row->position = vq_position(core->vqs, ix->visit);
    row->expected_us = vq_expected_us(core->vqs, visit->vq, row->position);
    return true;
}

/* Returns the last fact of the given kind about the interaction; NULL: there was none, or the history has forgotten
 * it. The ring of the history is read backwards, from the newest. */
static const struct happening *happened_last(const struct core *core, uint64_t ixn, unsigned fact)
{
    uint64_t count = core->records->happening_count, kept = count < HISTORY_KEPT ? count : HISTORY_KEPT;
    for (uint64_t back = 1; back <= kept; back++) {
        const struct happening *happening = record_happening_at(core->records, count - back);
        if (happening && happening->ixn == ixn && happening->fact == fact) return happening;
    }
    return NULL;
}

bool core_happened(const struct core *core, uint64_t ixn, unsigned fact, uint64_t *at_us, unsigned *value)
{
    const struct happening *happening = happened_last(core, ixn, fact);
    if (!happening) return false;
    *at_us = happening->at_us;
    *value = happening->value;
    return true;
}

struct span core_fault(const struct core *core, uint64_t ixn)
{
    const struct happening *happening = happened_last(core, ixn, FACT_faulted);
    return happening ? core_name(core, happening->name) : span_of("");
}

bool core_correction(const struct core *core, uint64_t number, struct correction_row *row, uint64_t *count)
{
    const struct records *records = core->records;
    *count = records->correction_count;
    if (number >= *count || *count - number > CORRECTIONS_KEPT) return false;
    const struct correction *correction = &records->corrections[number % CORRECTIONS_KEPT];
    *row = (struct correction_row){core_name(core, correction->name), correction->was, correction->is};
    return true;
}
