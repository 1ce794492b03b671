/* runtime/core/steps/csat.c - The steps `csat.ask` and `csat.answer`: a customer is asked how it was, and answers. The
 * question itself goes out by another step: a prompt, a text, a mail. The table of judgements is run/judged.h. */
#include "vm/steps.h"
#include "vm/system_words.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/judged.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/program.h"

static const int64_t CSAT_DAY_US = 86400 * INT64_C(1000000);
enum { CSAT_WITHIN_DAYS = 1, CSAT_EVERY_DAYS = 30, CSAT_DAYS_MAX = 366 };

/* Returns the customer whom the step names, else the address of the interaction; empty: it has none. */
static struct span csat_customer(const struct core *core, const struct interaction *ix, uint8_t fiber,
                                 uint16_t parameter, char inlined[8])
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block, fiber, parameter, &word, &type) || value_is_none(type, word))
        return interaction_system(core->interactions, ix, SYSTEM_from);
    return span_of_text(block_text(block_image(core->slab, block), block, word, inlined));
}

/* Returns a duration of the step in microseconds, so many days where it gives none; 366 days at most. */
static uint64_t csat_time(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                          int64_t days)
{
    uint64_t word;
    uint16_t type;
    bool given = vm_arg(core->slab, block_at(core->slab, ix->block), fiber, parameter, &word, &type);
    int64_t us = given && !value_is_none(type, word) ? (int64_t)word : days * CSAT_DAY_US;
    return us < 0 ? 0 : us > CSAT_DAYS_MAX * CSAT_DAY_US ? (uint64_t)(CSAT_DAYS_MAX * CSAT_DAY_US) : (uint64_t)us;
}

static struct step_outcome csat_ended(enum code code)
{
    return code == code_ok ? step_done(0) : step_fails(code);
}

static struct step_outcome csat_ask_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), fiber, PARAMETER_csat_ask_vq, &word, &type))
        return step_fails(code_refused);
    struct span customer = csat_customer(core, ix, fiber, PARAMETER_csat_ask_customer, inlined);
    return csat_ended(judged_ask(core, ix, strategy_name(core->strategies, ix, word), customer,
                                 csat_time(core, ix, fiber, PARAMETER_csat_ask_within, CSAT_WITHIN_DAYS),
                                 csat_time(core, ix, fiber, PARAMETER_csat_ask_every, CSAT_EVERY_DAYS)));
}

static struct step_outcome csat_answer_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), fiber, PARAMETER_csat_answer_mark, &word, &type))
        return step_fails(code_refused);
    struct span customer = csat_customer(core, ix, fiber, PARAMETER_csat_answer_whom, inlined);
    return csat_ended(judged_answer(core, ix, customer, (int64_t)word));
}

const struct step_ops step_ops_csat_ask = {.begin = csat_ask_begin};
const struct step_ops step_ops_csat_answer = {.begin = csat_answer_begin};
