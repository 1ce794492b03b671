/* runtime/core/run/debug_request.c - Carries out the debuggers' requests, and lets their interactions continue.
 *
 * A debugger is a client with one interaction at most. Each request is answered before the interaction continues, so
 * that the debugger gets "ok" before it hears of the next stop. */
#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/run/debug.h"
#include "runtime/core/run/debug_row.h"
#include "runtime/core/run/debug_when.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/events_site.h"

enum { ANSWER_BYTES = 160 };

static void go_on(struct core *core, struct interaction *ix)
{
    bool stood = ix->stands;
    debug_moves(core, ix);
    if (stood) strategy_go_on(core, ix);
}

/* Takes the interaction from the debugger and lets it continue. The row is cleared before the strategy continues,
 * because the strategy may end the interaction. */
static void debugger_let_go(struct core *core, struct debugger_row *row, enum debug_told why)
{
    struct interaction *ix = row->ixn != 0 ? interaction_by_id(core->interactions, row->ixn) : NULL;
    if (!ix) {
        debug_row_clear(core, row);
        return;
    }
    bool stood = ix->stands;
    debug_row_tell(core, row, ix, why);
    debug_moves(core, ix);
    ix->debugged = false;
    debug_row_clear(core, row);
    if (stood) strategy_go_on(core, ix);
    if (!interaction_has_ended(ix)) interaction_touch(core->interactions, ix);
}

static void debugger_refuse(struct core *core, const struct message *message, enum code code, const char *why)
{
    effect_reply(core->effects, message, outcome_error, code, why, NULL);
}

/* Makes a new debugger; NULL: the request was refused. */
static struct debugger_row *debugger_begin(struct core *core, const struct message *message)
{
    struct debuggers *debuggers = core->debuggers;
    uint64_t client = message_u(message, ENVELOPE_client);
    int64_t bound_us = message_i(message, Debug_bound);
    struct debugger_row *row = debuggers->all;
    if (client == 0 || debug_row_of_client(core, client)) {
        debugger_refuse(core, message, code_invalid_state,
                        "this debugger has an interaction, or waits for one; detach first");
        return NULL;
    }
    if (debuggers->count == DEBUGGERS_MAX) {
        debugger_refuse(core, message, code_overload, "as many debuggers as may be are here");
        return NULL;
    }
    while (row->client != 0) row++;
    debuggers->count++;
    *row = (struct debugger_row){.client = client, .fiber = FIBER_ANY, .one_in = 1};
    row->actor = names_intern(core->names, message_text(message, ENVELOPE_actor));
    row->bound_us = bound_us <= 0                             ? DEBUG_BOUND_US
                    : (uint64_t)bound_us > DEBUG_BOUND_MAX_US ? DEBUG_BOUND_MAX_US
                                                              : (uint64_t)bound_us;
    kv_init(&row->when);
    return row;
}

/* Attaches the debugger to an interaction, which stops at once, where it waits. */
static void debug_request_attach(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_named(core->interactions, message_text(message, Debug_name));
    if (!ix) {
        debugger_refuse(core, message, code_gone, "no such interaction: it has ended, or never was");
        return;
    }
    if (!ix->running || ix->route_phase == ROUTE_DEFAULTING) {
        debugger_refuse(core, message, code_invalid_state, "no strategy works on that interaction now");
        return;
    }
    const struct debugger_row *other = debug_row_of(core, ix);
    if (other && other->client != message_u(message, ENVELOPE_client)) {
        char text[ANSWER_BYTES];
        struct span who = core_name(core, other->actor);
        uint32_t length = utf8_cut((const char *)who.bytes, who.length, ANSWER_BYTES / 2);
        static const char has[] = "another debugger has that interaction: ";
        memcpy(text, has, sizeof has - 1);
        if (length > 0) memcpy(text + sizeof has - 1, who.bytes, length);
        text[sizeof has - 1 + length] = '\0';
        debugger_refuse(core, message, code_invalid_state, text);
        return;
    }
    struct debugger_row *row = debugger_begin(core, message);
    if (!row) return;
    debug_row_take(core, row, ix);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    debug_stands(core, ix);
    debug_hold(core, ix);
    interaction_touch(core->interactions, ix);
}

/* Makes the debugger wait for an interaction. The condition comes as an image, which the debugger has compiled. The
 * condition is refused if it asks something that cannot be answered before the strategy runs. */
static void debug_request_arm(struct core *core, const struct message *message)
{
    uint64_t one_in = message_u(message, Debug_one_in);
    struct span when = message_text(message, Debug_when);
    struct kv_pair line;
    uint32_t dn = names_find(core->names, message_text(message, Debug_name));
    if (dn == 0) {
        debugger_refuse(core, message, code_invalid_attribute, "no such routing point is known");
        return;
    }
    struct span image = message_text(message, Debug_condition);
    struct debug_when *condition = image.length > 0 ? debug_when_new(core->strategies, image) : NULL;
    if (image.length > 0 && !condition) {
        debugger_refuse(
            core, message, code_invalid_attribute,
            "the condition was compiled for another version, or calls a native function that no strategy here has");
        return;
    }
    const char *lacks = condition ? debug_when_lacks(condition) : NULL;
    if (lacks) {
        debugger_refuse(core, message, code_invalid_attribute, lacks);
        debug_when_free(condition);
        return;
    }
    struct debugger_row *row = debugger_begin(core, message);
    if (!row) {
        debug_when_free(condition);
        return;
    }
    row->condition = condition;
    row->dn = dn;
    row->one_in = one_in == 0 ? 1 : one_in;
    for (uint32_t at = 0; kv_next(when, &at, &line);) kv_put(&row->when, line.key, &line.value);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

/* Reads places. False: the places are too many, or not in order. Each place has four bytes, lowest byte first, and the
 * places are in rising order. */
static bool places_read(struct debug_places *places, struct span pairs)
{
    struct kv_value packed;
    debug_places_clear(places);
    if (!kv_find(pairs, span_of(DEBUG_PLACES), &packed)) return true;
    uint32_t count = packed.span.length / DEBUG_PLACE_BYTES;
    if (packed.tag != KV_BINARY || count > DEBUG_PLACES_MAX) return false;
    if (count > 0) places->all = memory_zeroed(count, sizeof *places->all);
    for (const uint8_t *at = packed.span.bytes; places->count < count; at += DEBUG_PLACE_BYTES) {
        uint32_t place = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        if (places->count > 0 && places->all[places->count - 1] >= place) return false;
        places->all[places->count++] = place;
    }
    return true;
}

/* Returns the debugger's interaction; NULL: it has none, and the request was answered so. */
static struct interaction *its_own(struct core *core, const struct message *message, struct debugger_row **row)
{
    *row = debug_row_of_client(core, message_u(message, ENVELOPE_client));
    struct interaction *ix = *row && (*row)->ixn != 0 ? interaction_by_id(core->interactions, (*row)->ixn) : NULL;
    if (!ix)
        debugger_refuse(core, message, code_gone,
                        "this debugger has no interaction: it has ended, or went on by itself");
    return ix;
}

/* Lets the interaction continue. The debugger's row is written before the interaction continues, since it may stop
 * again within this call. */
static void debug_request_go(struct core *core, const struct message *message)
{
    struct debugger_row *row;
    struct interaction *ix = its_own(core, message, &row);
    if (!ix) return;
    if (!places_read(&row->breaks, message_text(message, Debug_breaks)) ||
        !places_read(&row->steps, message_text(message, Debug_steps))) {
        debug_places_clear(&row->breaks);
        debug_places_clear(&row->steps);
        debugger_refuse(core, message, code_too_large, "that is too many places to stop at");
        return;
    }
    row->program = ix->program;
    row->depth = message_has(message, Debug_depth) ? (uint32_t)message_u(message, Debug_depth) : UINT32_MAX;
    row->fiber = message_has(message, Debug_fiber) ? (uint16_t)(message_u(message, Debug_fiber) & 255) : FIBER_ANY;
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    go_on(core, ix);
}

static void debug_request_pause(struct core *core, const struct message *message)
{
    struct debugger_row *row;
    struct interaction *ix = its_own(core, message, &row);
    if (!ix) return;
    if (!ix->running || ix->route_phase == ROUTE_DEFAULTING) {
        debugger_refuse(core, message, code_invalid_state, "no strategy works on that interaction now");
        return;
    }
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    row->at_once = true;
    debug_stands(core, ix);
}

/* Sets a variable of the frame where the fiber has stopped. */
static bool set_variable(struct core *core, struct interaction *ix, const struct message *message)
{
    struct kv_pair pair;
    uint32_t at = 0, function = (uint32_t)message_u(message, Debug_function);
    uint64_t word, reg = message_u(message, Debug_variable) - 1, fiber = message_u(message, Debug_fiber);
    const struct image *image = block_image(core->slab, block_at(core->slab, ix->block));
    if (fiber > UINT8_MAX || function >= image_count(image, SECTION_FUNCTIONS) ||
        reg >= image_function(image, function)->register_count ||
        !vm_stands(core->slab, block_at(core->slab, ix->block), (uint8_t)fiber))
        return false;
    uint16_t type = image_register(image, function, (uint8_t)reg);
    if (!kv_next(message_text(message, Debug_pairs), &at, &pair) ||
        !userdata_word(core->interactions, ix, type, &pair.value, &word))
        return false;
    return vm_set_register(core->vm, ix->block, (uint8_t)fiber, function, (uint32_t)reg, word);
}

/* Only a stopped interaction may be changed. Otherwise a value could change between two instructions that read it. */
static void breakpoints_set(struct core *core, const struct message *message)
{
    struct debugger_row *row;
    struct interaction *ix = its_own(core, message, &row);
    struct span pairs = message_text(message, Debug_pairs);
    if (!ix) return;
    bool variable = message_has(message, Debug_variable) && message_u(message, Debug_variable) > 0;
    if (!ix->stands) {
        debugger_refuse(core, message, code_invalid_state, "it does not stand, so nothing is set; pause it first");
        return;
    }
    bool good = variable ? set_variable(core, ix, message) : userdata_attach(core->interactions, ix, pairs);
    interaction_touch(core->interactions, ix);
    if (!good) {
        debugger_refuse(core, message, code_invalid_attribute,
                        variable ? "the variable is of another type, or is not of the place where it stands"
                                 : "the key has another type, or the data are too large");
        return;
    }
    debug_row_tell(core, row, ix, debug_told_set);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    if (!variable) userdata_changed(core->interactions, ix, pairs, message_text(message, ENVELOPE_actor));
}

/* Shows a secret to the debugger. The request to show a secret is in the journal, so the journal tells that the person
 * who debugs has looked at a secret. */
static void debug_request_reveal(struct core *core, const struct message *message)
{
    struct debugger_row *row;
    struct interaction *ix = its_own(core, message, &row);
    if (!ix) return;
    debug_row_tell(core, row, ix, debug_told_revealed);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

static void debug_request_detach(struct core *core, const struct message *message)
{
    struct debugger_row *row = debug_row_of_client(core, message_u(message, ENVELOPE_client));
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    if (row) debugger_let_go(core, row, debug_told_detached);
}

void debug_on_request(struct core *core, const struct message *message)
{
    switch (message_u(message, Debug_op)) {
    case debug_op_attach:
        debug_request_attach(core, message);
        break;
    case debug_op_arm:
        debug_request_arm(core, message);
        break;
    case debug_op_go:
        debug_request_go(core, message);
        break;
    case debug_op_pause:
        debug_request_pause(core, message);
        break;
    case debug_op_set:
        breakpoints_set(core, message);
        break;
    case debug_op_reveal:
        debug_request_reveal(core, message);
        break;
    case debug_op_detach:
        debug_request_detach(core, message);
        break;
    default:
        effect_reply(core->effects, message, outcome_unsupported, code_unsupported, "not in this version", NULL);
    }
}

/* A new leader begins: all debuggers are detached, and their interactions continue. */
void debug_on_epoch(struct core *core, const struct message *message)
{
    struct debuggers *debuggers = core->debuggers;
    (void)message;
    for (unsigned at = 0; at < DEBUGGERS_MAX; at++)
        if (debuggers->all[at].client != 0) debugger_let_go(core, &debuggers->all[at], debug_told_detached);
}

/* ---- the watchdog ---- */

static uint32_t *debugger_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->debuggers->all[timer->data].timer;
}

static uint64_t debugger_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->debuggers->all[timer->data].client & ((UINT64_C(1) << 48) - 1);
}

static void debugger_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    assert(timer->kind == TIMER_DEBUGGER && timer->data < DEBUGGERS_MAX);
    debugger_let_go(core, &core->debuggers->all[timer->data], debug_told_lapsed);
}

const struct timer_ops timer_ops_debugger = {
    .handle = debugger_handle, .number = debugger_number, .fired = debugger_fired};
