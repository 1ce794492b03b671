/* runtime/core/run/signal.c - Signals that come in, and the step that waits for one.
 *
 *     signal comes --> a fiber waits for it       the step ends with the payload
 *                  --> a handler of the strategy  runs with the payload
 *                  --> nobody yet                 kept; the next wait for that name takes it
 *
 * An interaction keeps at most one signal of each name, the last one. The number of signals is limited both per
 * interaction and in all. The sender is told when a signal is refused: a payload that no wait or handler of that
 * name could take is refused at once, and not only when the strategy waits for it. */
#include "runtime/core/run/signal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "vm/steps.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/events_host.h"

static uint64_t signal_key(const void *owner, uint32_t slot)
{
    const struct signals *signals = owner;
    return signals->all[slot].ixn;
}

static void signals_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    struct signals *signals = core->signals;
    *signals = (struct signals){.free = SIGNAL_NONE};
    lookup_init(&signals->by_ixn, signals, signal_key);
}

static void signals_free(void *self)
{
    struct core *core = self;
    struct signals *signals = core->signals;
    for (uint32_t at = 0; at < signals->count; at++) free(signals->all[at].payload);
    free(signals->all);
    lookup_free(&signals->by_ixn);
}

static uint32_t signal_first(const struct core *core, const struct interaction *ix)
{
    uint32_t first;
    return ix->signalled && lookup_find(&core->signals->by_ixn, ix->id, &first) ? first : SIGNAL_NONE;
}

/* Counts the row as kept, or no longer as kept; UINT32_MAX is minus one in unsigned arithmetic. */
static void signal_counted(struct core *core, struct kept_signal *row, bool kept)
{
    assert(kept || core->signals->kept > 0);
    core->signals->content += kept ? row->hash : 0 - row->hash;
    core->signals->kept += kept ? 1u : UINT32_MAX;
}

static void signal_put(struct core *core, struct kept_signal *row, struct span payload)
{
    row->payload = memory_zeroed(payload.length + 1, 1);
    if (payload.length != 0) memcpy(row->payload, payload.bytes, payload.length);
    row->length = payload.length;
    row->hash = table_mix64(table_text_hash(core->names, payload) + table_mix64(row->ixn) + row->name);
    signal_counted(core, row, true);
}

/* Keeps the signal in place of an earlier one of its name. False: the limit of kept signals is reached. */
static bool signal_add(struct core *core, struct interaction *ix, uint32_t name, struct span payload)
{
    struct signals *signals = core->signals;
    uint32_t number = 0, last = SIGNAL_NONE;
    for (uint32_t at = signal_first(core, ix); at != SIGNAL_NONE; last = at, at = signals->all[at].next, number++) {
        if (signals->all[at].name != name) continue;
        signal_counted(core, &signals->all[at], false);
        free(signals->all[at].payload);
        signal_put(core, &signals->all[at], payload);
        return true;
    }
    if (number >= SIGNALS_EACH || signals->kept >= SIGNALS_KEPT) return false;
    uint32_t slot = POOL_TAKE(signals, next);
    signals->all[slot] = (struct kept_signal){.ixn = ix->id, .name = name, .next = SIGNAL_NONE};
    signal_put(core, &signals->all[slot], payload);
    if (last == SIGNAL_NONE)
        lookup_add(&signals->by_ixn, slot);
    else
        signals->all[last].next = slot;
    ix->signalled = true;
    return true;
}

static void signal_free(struct core *core, uint32_t slot)
{
    struct signals *signals = core->signals;
    assert(slot < signals->count);
    signal_counted(core, &signals->all[slot], false);
    free(signals->all[slot].payload);
    POOL_GIVE(signals, slot, next);
}

static void signal_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    uint32_t at = signal_first(core, ix);
    if (at == SIGNAL_NONE) return;
    lookup_remove(&core->signals->by_ixn, ix->id);
    for (uint32_t next; at != SIGNAL_NONE; at = next) {
        next = core->signals->all[at].next;
        signal_free(core, at);
    }
    ix->signalled = false;
}

/* Takes the kept signal of the given name out of the interaction's list; the caller releases it. SIGNAL_NONE: there
 * is none. */
static uint32_t signal_take(struct core *core, struct interaction *ix, uint32_t name)
{
    struct signals *signals = core->signals;
    uint32_t first = signal_first(core, ix), before = SIGNAL_NONE, at = first;
    while (at != SIGNAL_NONE && signals->all[at].name != name) {
        before = at;
        at = signals->all[at].next;
    }
    if (at == SIGNAL_NONE) return at;
    if (before != SIGNAL_NONE) {
        signals->all[before].next = signals->all[at].next;
        return at;
    }
    lookup_remove(&signals->by_ixn, ix->id);
    if (signals->all[at].next != SIGNAL_NONE)
        lookup_add(&signals->by_ixn, signals->all[at].next);
    else
        ix->signalled = false;
    return at;
}

/* Makes the payload of the signal as the record that the strategy declares. False: the payload does not fit the record,
 * or the block has no room. */
static bool signal_decode(struct core *core, struct interaction *ix, uint16_t type, struct span payload, uint64_t *word)
{
    *word = 0;
    return type == TYPE_VOID ||
           userdata_word(core->interactions, ix, type, &(struct kv_value){.tag = KV_LIST, .span = payload}, word);
}

/* Returns the name of the signal for which the fiber waits. 0: the fiber waits for no signal, or no signal of that name
 * has ever come. */
static uint32_t waited_for(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (step_of(core, ix, fiber) != STEP_ID_wait_for ||
        !vm_arg(slab, block, fiber, PARAMETER_wait_for_signal, &word, &type))
        return 0;
    struct text text = block_text(block_image(slab, block), block, word, inlined);
    return names_find(core->names, (struct span){(const uint8_t *)text.bytes, text.length});
}

/* Begins the wait for a signal; a signal that is kept already ends the step at once. A kept signal that no longer
 * fits is dropped, and the step waits. */
static struct step_outcome signal_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    uint32_t name = waited_for(core, ix, fiber), kept = name != 0 ? signal_take(core, ix, name) : SIGNAL_NONE;
    if (kept != SIGNAL_NONE) {
        uint64_t word;
        const struct kept_signal *row = &core->signals->all[kept];
        bool good = signal_decode(core, ix, vm_result_type(slab, block_at(slab, ix->block), fiber),
                                  (struct span){row->payload, row->length}, &word);
        signal_free(core, kept);
        if (good) return step_done(word); /* a kept signal that does not fit is dropped */
    }
    int64_t timeout_us = tries_left(core, ix, fiber);
    if (timeout_us >= 0) step_timer(core, ix, fiber, (uint64_t)timeout_us);
    return step_waits();
}

const struct step_ops step_ops_signal = {.begin = signal_begin};

static void signal_accepted(struct core *core, const struct interaction *ix, const struct message *message,
                            uint32_t name)
{
    interaction_tell(core->interactions, ix, FACT_signalled, 0, name);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

/* Refuses the signal. Refuses a signal. `ix` is the interaction in whose history this is noted; NULL: none. */
static void signal_refuse(struct core *core, const struct interaction *ix, const struct message *message,
                          enum code code, const char *why)
{
    struct span name = message_text(message, Signal_name);
    if (ix) interaction_tell(core->interactions, ix, FACT_signal_refused, code, names_find(core->names, name));
    effect_reply(core->effects, message, outcome_error, code, why, NULL);
}

/* Compares the payload with the record `type`. NULL: the payload fits; otherwise the returned text says how it differs,
 * and `name` is the field that differs. */
static const char *signal_misfit(const struct image *image, uint16_t type, struct span payload, struct span *name)
{
    struct kv_value value;
    uint32_t fields = image_field_count(image, type);
    for (uint32_t field = 0; field < fields; field++) {
        struct text text = image_field_name(image, type, field);
        uint16_t of = image_field_type(image, type, field);
        *name = (struct span){(const uint8_t *)text.bytes, text.length};
        if (!kv_find(payload, *name, &value)) {
            if (!type_is_optional(of)) return "it does not bring what was declared: ";
        } else if (!userdata_may_be(image, of, &value)) {
            return "it brings something that is not as it was declared: ";
        }
    }
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(payload, &at, &pair);) {
        uint32_t field = 0;
        for (; field < fields; field++) {
            struct text text = image_field_name(image, type, field);
            if (span_equal(pair.key, (struct span){(const uint8_t *)text.bytes, text.length})) break;
        }
        *name = pair.key;
        if (field == fields) return "it brings something that was not declared: ";
    }
    return NULL;
}

/* True: the payload does not fit the record `type`, and the sender was told so. */
static bool signal_is_refused(struct core *core, struct interaction *ix, const struct message *message, uint16_t type,
                              struct span payload)
{
    const struct image *image = block_image(core->slab, block_at(core->slab, ix->block));
    struct span name;
    const char *how = type == TYPE_VOID ? NULL : signal_misfit(image, type, payload, &name);
    if (!how) return false;
    char why[160];
    size_t said = strlen(how), length = name.length < sizeof why - said ? name.length : 0;
    memcpy(why, how, said);
    if (length > 0) memcpy(why + said, name.bytes, length);
    why[length > 0 ? said + length : said - 2] = '\0'; /* if there is no name, the text is cut before its colon */
    interaction_touch(core->interactions, ix);
    signal_refuse(core, ix, message, code_invalid_attribute, why);
    return true;
}

/* Gives the signal to a fiber that waits for it, or else to a handler. No handler is run while the strategy is in
 * another one, while the customer is gone, or while the call is on its way to a destination; then the signal is
 * kept. */
static bool signal_handled(struct core *core, struct interaction *ix, const struct message *message, uint32_t name)
{
    struct slab *slab = core->slab;
    struct span payload = message_text(message, Signal_payload), text = core_name(core, name);
    uint8_t fibers[PARTS];
    unsigned number = fibers_of(core->forks, ix, fibers);
    uint64_t word;
    for (unsigned at = 0; at < number; at++) {
        if (waited_for(core, ix, fibers[at]) != name) continue;
        uint16_t brings = vm_result_type(slab, block_at(slab, ix->block), fibers[at]);
        if (signal_is_refused(core, ix, message, brings, payload)) return true;
        if (!signal_decode(core, ix, brings, payload, &word)) {
            signal_refuse(core, ix, message, code_too_large, "there is no room left for what it brings");
            return true;
        }
        signal_accepted(core, ix, message, name);
        strategy_step_done(core, ix, fibers[at], word);
        return true;
    }
    const struct block *block = block_at(slab, ix->block);
    const struct image *image = block_image(slab, block);
    const struct image_handler *handler =
        image_handler_named(image, interaction_strategy(core->interactions, ix), (const char *)text.bytes, text.length);
    bool away = ix->route_phase != ROUTE_IDLE; /* a handler must not interrupt a call on its way to a destination */
    if (!handler || vm_handling(slab, block) || ix->gone || away) return false;
    const struct image_function *function = image_function(image, handler->function);
    uint16_t type = function->parameters != 0 ? image_register(image, handler->function, 0) : (uint16_t)TYPE_VOID;
    if (signal_is_refused(core, ix, message, type, payload)) return true;
    if (!signal_decode(core, ix, type, payload, &word)) {
        signal_refuse(core, ix, message, code_too_large, "there is no room left for what it brings");
        return true;
    }
    signal_accepted(core, ix, message, name);
    strategy_signal(core, ix, handler->function, word);
    return true;
}

static bool waits_for(const struct image *image, const struct image_wait *wait, struct span name)
{
    char inlined[8];
    const struct image_operand *row = image_operands(image, wait->operands);
    if (wait->step != STEP_ID_wait_for || wait->arguments == 0 || (row->operand & OPERAND_CONSTANT) == 0) return false;
    uint64_t word = image_constant(image, row->operand & ~(uint32_t)OPERAND_CONSTANT)->word;
    struct text text = block_text(image, NULL, word, inlined);
    return span_equal((struct span){(const uint8_t *)text.bytes, text.length}, name);
}

/* Checks a signal for which no fiber waits yet. True: each wait and handler of that name in the strategy's image
 * would refuse its payload, and the sender was told. */
static bool refused_early(struct core *core, struct interaction *ix, const struct message *message, struct span name,
                          struct span payload)
{
    const struct image *image = block_image(core->slab, block_at(core->slab, ix->block));
    struct span ignored;
    int wrong = -1;
    for (uint32_t at = 0; at < image_count(image, SECTION_WAITS); at++) {
        const struct image_wait *wait = image_wait(image, at);
        if (!waits_for(image, wait, name)) continue;
        uint16_t type =
            wait->result == REGISTER_NONE ? (uint16_t)TYPE_VOID : image_register(image, wait->function, wait->result);
        if (type == TYPE_VOID || !signal_misfit(image, type, payload, &ignored)) return false;
        wrong = type;
    }
    const struct image_handler *handler =
        image_handler_named(image, interaction_strategy(core->interactions, ix), (const char *)name.bytes, name.length);
    if (handler) {
        const struct image_function *function = image_function(image, handler->function);
        uint16_t type = function->parameters != 0 ? image_register(image, handler->function, 0) : (uint16_t)TYPE_VOID;
        if (type == TYPE_VOID || !signal_misfit(image, type, payload, &ignored)) return false;
        wrong = type;
    }
    return wrong >= 0 && signal_is_refused(core, ix, message, (uint16_t)wrong, payload);
}

/* True: a strategy of a loaded image waits for a signal of the given name or handles it. */
static bool signal_expected(const struct core *core, struct span name)
{
    for (uint32_t at = 0; at < core->strategies->program_count; at++) {
        const struct image *image = core->strategies->programs[at].image;
        if (!image) continue;
        for (uint32_t wait = 0; wait < image_count(image, SECTION_WAITS); wait++)
            if (waits_for(image, image_wait(image, wait), name)) return true;
        for (uint32_t strategy = 0; strategy < image_count(image, SECTION_STRATEGIES); strategy++)
            if (image_handler_named(image, strategy, (const char *)name.bytes, name.length)) return true;
    }
    return false;
}

/* Takes a signal. A name is made only for a signal that passes all other checks, because a name is never removed. */
void signal_on(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    if (!ix) ix = interaction_named(core->interactions, message_text(message, Signal_key));
    struct span payload = message_text(message, Signal_payload), text = message_text(message, Signal_name);
    uint32_t name;
    if (!ix) {
        signal_refuse(core, NULL, message, code_gone, "no such interaction: it has ended, or never was");
    } else if (text.length == 0 || text.length > NAME_BYTES_MAX) {
        signal_refuse(core, NULL, message, code_invalid_attribute, "a signal has a name, of 64 bytes at most");
    } else if (payload.length > PAYLOAD_MAX) {
        signal_refuse(core, NULL, message, code_too_large, "a signal brings 4,096 bytes at most");
    } else if (message_u(message, ENVELOPE_source) == SOURCE_ADMIN && !signal_expected(core, text)) {
        signal_refuse(core, NULL, message, code_invalid_attribute,
                      "no strategy waits for a signal of that name, or handles it");
    } else if ((name = names_pass(core->names, text)) == 0) {
        signal_refuse(core, NULL, message, code_overload, "too many names are in use for a new one");
    } else {
        if (ix->running && (signal_handled(core, ix, message, name) || refused_early(core, ix, message, text, payload)))
            return;
        if (signal_add(core, ix, name, payload))
            signal_accepted(core, ix, message, name);
        else
            signal_refuse(core, ix, message, code_overload, "too many signals are kept");
    }
}

static bool signals_check(const void *self)
{
    const struct core *core = self;
    uint32_t kept = 0;
    uint64_t content = 0;
    EACH_INTERACTION (ix, core->interactions) {
        if (ix->signalled != (signal_first(core, ix) != SIGNAL_NONE)) return false;
        for (uint32_t row = signal_first(core, ix); row != SIGNAL_NONE; row = core->signals->all[row].next, kept++) {
            if (core->signals->all[row].ixn != ix->id) return false;
            content += core->signals->all[row].hash;
        }
    }
    return kept == core->signals->kept && content == core->signals->content;
}

static uint64_t signals_hash(const void *self)
{
    const struct core *core = self;
    return core->signals->content;
}

static void signal_keep(struct core *core, struct keeper *keeper, struct kept_signal *row)
{
    row->ixn = keep_u64(keeper, row->ixn);
    row->next = keep_index(keeper, row->next, core->signals->count, SIGNAL_NONE);
    if (row->ixn == 0) return;
    row->hash = keep_u64(keeper, row->hash);
    row->name = name_keep(core->names, keeper, row->name);
    row->payload = keep_owned(keeper, row->payload, &row->length, PAYLOAD_MAX);
    if (keep_reading(keeper) && !kv_check((struct span){row->payload, row->length}, NULL))
        keep_fail(keeper, "a signal's data are damaged");
}

/* Writes or reads the signals. The first row of each interaction is no other row's next row. */
static void signals_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct signals *signals = core->signals;
    POOL_KEEP(signals, keeper, UINT32_MAX);
    for (uint32_t at = 0; at < signals->count && keep_good(keeper); at++) signal_keep(core, keeper, &signals->all[at]);
    signals->kept = keep_u32(keeper, signals->kept);
    keep_u32(keeper, 0); /* older versions: how many names only signals have used */
    signals->content = keep_u64(keeper, signals->content);
    if (!keep_reading(keeper)) return;
    struct marks further = marks_of(signals->count);
    for (uint32_t at = 0; at < signals->count && keep_good(keeper); at++)
        if (signals->all[at].next != SIGNAL_NONE && !marks_mark(&further, signals->all[at].next))
            keep_fail(keeper, "a signal stands in two lists");
    for (uint32_t at = 0; at < signals->count && keep_good(keeper); at++)
        if (signals->all[at].ixn != 0 && marks_mark(&further, at)) lookup_restore(&signals->by_ixn, keeper, at);
    marks_free(&further);
}

static bool signals_sound(void *self)
{
    struct core *core = self;
    const struct signals *signals = core->signals;
    struct marks marks = marks_of(signals->count);
    bool good = true;
    POOL_MARK_FREE(signals, next, ixn, 0, &marks, good);
    for (uint32_t ix = core->interactions->first; good && ix != INTERACTION_NONE;
         ix = interaction_at(core->interactions, ix)->next)
        for (uint32_t at = signal_first(core, interaction_at(core->interactions, ix)); good && at != SIGNAL_NONE;
             at = signals->all[at].next)
            if (!(good = marks_mark(&marks, at))) break;
    return marks_end(&marks, signals->count) && good;
}

const struct part_ops part_ops_signals = {
    .size = sizeof(struct signals),
    .init = signals_init,
    .free = signals_free,
    .forget = signal_forget,
    .hash = signals_hash,
    .check = signals_check,
    .keep = signals_keep,
    .sound = signals_sound,
};
