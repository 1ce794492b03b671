/* runtime/core/run/debug.c - Carries out the debuggers' requests, and stops their interactions. */
#include "runtime/core/run/debug.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"
#include "vm/keep.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/debug_when.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_site.h"

enum { FIBER_ANY = 256, ANSWER_BYTES = 160 };

/* ---- rows ---- */

static struct debugger_row *row_of_client(struct core *core, uint64_t client)
{
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; client != 0 && at < DEBUGGERS_MAX; at++)
        if (debuggers->all[at].client == client) return &debuggers->all[at];
    return NULL;
}

static struct debugger_row *debugger_of(const struct core *core, const struct interaction *ix)
{
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; ix->debugged && at < DEBUGGERS_MAX; at++)
        if (debuggers->all[at].client != 0 && debuggers->all[at].ixn == ix->id) return &debuggers->all[at];
    return NULL;
}

static void debugger_tell(struct core *core, const struct debugger_row *row, const struct interaction *ix,
                          enum debug_told what)
{
    interaction_tell(core->interactions, ix, FACT_debugged, what, row->actor);
}

static void places_clear(struct debug_places *places)
{
    free(places->all);
    *places = (struct debug_places){0};
}

/* Forgets the debugger. Its interaction has ended, or goes on afterwards. */
static void row_clear(struct core *core, struct debugger_row *row)
{
    struct debuggers *debuggers = core->debuggers;
    assert(row->client != 0 && debuggers->count > 0);
    timer_cancel(core->timers, &row->timer);
    if (row->ixn != 0 && --debuggers->attached == 0) vm_stopped_by(core->vm, NULL);
    places_clear(&row->breaks);
    places_clear(&row->steps);
    kv_free(&row->when);
    debug_when_free(row->condition);
    *row = (struct debugger_row){0};
    debuggers->count--;
}

static bool places_have(const struct debug_places *places, uint32_t place)
{
    uint32_t low = 0, high = places->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (places->all[middle] == place) return true;
        if (places->all[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool may(void *self, block_handle block)
{
    return interaction_of_block(((const struct core *)self)->interactions, block)->debugged;
}

static bool here(void *self, block_handle block, uint8_t fiber, uint32_t depth, uint32_t function, uint32_t pc)
{
    const struct core *core = self;
    const struct interaction *ix = interaction_of_block(core->interactions, block);
    const struct debugger_row *row = debugger_of(core, ix);
    uint32_t place = function << 16 | pc;
    assert(row);
    if (row->at_once || ix->stands) return true;
    if (row->program != ix->program) return false;
    if (places_have(&row->breaks, place)) return true;
    bool follows = row->fiber == FIBER_ANY || fiber == 0 || fiber == row->fiber;
    return follows && (fiber != row->fiber || depth <= row->depth) && places_have(&row->steps, place);
}

/* ---- stopping and going on ---- */

void debug_stands(struct core *core, struct interaction *ix)
{
    struct debugger_row *row = debugger_of(core, ix);
    assert(row && ix->running);
    if (ix->stands) return;
    ix->stands = true;
    row->until_us = core->now->time_us + row->bound_us;
    timer_set(core->timers, &(struct timer){.deadline_us = row->until_us,
                                            .kind = TIMER_DEBUGGER,
                                            .data = (uint32_t)(row - core->debuggers->all)});
    debugger_tell(core, row, ix, debug_told_stopped);
}

/* Does a fiber of it wait for a treatment, or stand nowhere? Then no music may come in between. */
static bool is_busy(const struct core *core, const struct interaction *ix)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core->forks, ix, fibers);
    bool between = false;
    for (unsigned at = 0; at < count; at++) {
        const struct pending *pending = effect_of_fiber(core->effects, ix, fibers[at]);
        if (pending && pending->kind == KIND_RequestApplyTreatment) return true;
        between = between || vm_stands(core->slab, block_at(core->slab, ix->block), fibers[at]);
    }
    return !between;
}

void debug_hold(struct core *core, struct interaction *ix)
{
    struct debugger_row *row = debugger_of(core, ix);
    if (!row || (row->hold != 0 && row->hold == interaction_extra(core->interactions, ix)->treatment)) return;
    if (!ix->leg || ix->gone || ix->media != media_voice || ix->route_phase != ROUTE_IDLE ||
        !link_usable(core->links, ix->link) || !link_can(core->links, ix->link, CAP_TREATMENTS) || is_busy(core, ix))
        return;
    kv_clear(&core->scratch);
    row->hold = effect_begin(core->effects,
                             &(struct effect){.kind = KIND_RequestApplyTreatment, .link = ix->link, .interaction = ix});
    writer_u(&core->effects->writer, RequestApplyTreatment_type, treatment_Music);
    effect_kv(core->effects, RequestApplyTreatment_params);
    effect_end(core->effects);
    interaction_treatment(core->interactions, ix,
                          row->hold); /* the next treatment or routing ends it, else strategy.c does */
    ix->instructed = true;
    interaction_tell(core->interactions, ix, FACT_treatment_begun, treatment_Music, 0);
}

void debug_moves(struct core *core, struct interaction *ix)
{
    struct debugger_row *row = debugger_of(core, ix);
    if (!row) return;
    row->at_once = false;
    if (!ix->stands) return;
    ix->stands = false;
    row->until_us = 0;
    timer_cancel(core->timers, &row->timer);
    if (!link_held_for(core->forks, ix)) link_thaw(core->forks, ix);
    debugger_tell(core, row, ix, debug_told_goes_on);
}

static void go_on(struct core *core, struct interaction *ix)
{
    bool stood = ix->stands;
    debug_moves(core, ix);
    if (stood) strategy_go_on(core, ix);
}

/* The debugger loses its interaction, which goes on. */
static void debugger_let_go(struct core *core, struct debugger_row *row, enum debug_told why)
{
    struct interaction *ix = row->ixn != 0 ? interaction_by_id(core->interactions, row->ixn) : NULL;
    if (!ix) {
        row_clear(core, row);
        return;
    }
    bool stood = ix->stands;
    debugger_tell(core, row, ix, why);
    debug_moves(core, ix);
    ix->debugged = false;
    row_clear(core, row);
    if (stood) strategy_go_on(core, ix);
    if (!interaction_has_ended(ix)) interaction_touch(core->interactions, ix);
}

static void debugger_take(struct core *core, struct debugger_row *row, struct interaction *ix)
{
    struct debuggers *debuggers = core->debuggers;
    row->ixn = ix->id;
    row->since_us = core->now->time_us;
    row->program = ix->program;
    row->at_once = true;
    ix->debugged = true;
    debuggers->stops = (struct vm_stops){core, may, here};
    if (debuggers->attached++ == 0) vm_stopped_by(core->vm, &debuggers->stops);
    debugger_tell(core, row, ix, debug_told_attached);
}

/* ---- waiting for one ---- */

/* Compares what an interaction has with what is wanted: -1, 0, 1; false: they cannot be compared. */
static bool compared(const struct kv_value *has, const struct kv_value *wanted, int *order)
{
    bool numbers = has->tag == wanted->tag && has->tag != KV_TEXT;
    if (numbers) {
        *order = has->word < wanted->word ? -1 : has->word > wanted->word;
        return has->tag == KV_INT || has->tag == KV_BOOL || has->tag == KV_TIME;
    }
    if (has->tag != KV_TEXT || wanted->tag != KV_TEXT) return false;
    uint32_t length = has->span.length < wanted->span.length ? has->span.length : wanted->span.length;
    int bytes = length == 0 ? 0 : memcmp(has->span.bytes, wanted->span.bytes, length);
    if (bytes == 0) bytes = has->span.length < wanted->span.length ? -1 : has->span.length > wanted->span.length;
    *order = bytes < 0 ? -1 : bytes > 0;
    return true;
}

static bool meets(struct span data, const struct kv_pair *line)
{
    struct kv_value has;
    struct kv_pair test;
    uint32_t at = 0;
    int order;
    if (line->value.tag != KV_LIST || !kv_next(line->value.span, &at, &test) || !kv_find(data, line->key, &has) ||
        has.secret || !compared(&has, &test.value, &order))
        return false;
    static const struct {
        const char *sign;
        bool less, equal, more;
    } signs[] = {{"==", false, true, false}, {"!=", true, false, true}, {"<", true, false, false},
                 {"<=", true, true, false},  {">", false, false, true}, {">=", false, true, true}};
    for (unsigned sign = 0; sign < sizeof signs / sizeof *signs; sign++)
        if (span_is(test.key, signs[sign].sign))
            return order < 0 ? signs[sign].less : order == 0 ? signs[sign].equal : signs[sign].more;
    return false;
}

void debug_arrives(struct core *core, struct interaction *ix)
{
    struct debuggers *debuggers = core->debuggers;
    struct kv_pair line;
    if (debuggers->count == debuggers->attached || ix->debugged) return;
    struct kv data;
    kv_init(&data);
    interaction_data(core->interactions, ix, &data);
    for (unsigned row = 0; row < DEBUGGERS_MAX && !ix->debugged; row++) {
        struct debugger_row *armed = &debuggers->all[row];
        if (armed->client == 0 || armed->ixn != 0 || armed->dn != ix->dn) continue;
        bool good = true;
        for (uint32_t at = 0; good && kv_next(kv_span(&armed->when), &at, &line);) good = meets(kv_span(&data), &line);
        if (good && armed->condition) good = debug_when_holds(armed->condition, core, ix, kv_span(&data));
        if (!good || --armed->one_in > 0) continue;
        debugger_take(core, armed, ix);
    }
    kv_free(&data);
}

/* ---- what is asked for ---- */

static void debugger_refuse(struct core *core, const struct message *message, enum code code, const char *why)
{
    effect_reply(core->effects, message, outcome_error, code, why, NULL);
}

/* A new debugger; NULL: refused. */
static struct debugger_row *debugger_begin(struct core *core, const struct message *message)
{
    struct debuggers *debuggers = core->debuggers;
    uint64_t client = message_u(message, ENVELOPE_client);
    int64_t bound_us = message_i(message, Debug_bound);
    struct debugger_row *row = debuggers->all;
    if (client == 0 || row_of_client(core, client)) {
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

static void attach(struct core *core, const struct message *message)
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
    const struct debugger_row *other = debugger_of(core, ix);
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
    debugger_take(core, row, ix);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    debug_stands(core, ix);
    debug_hold(core, ix);
    interaction_touch(core->interactions, ix);
}

static void arm(struct core *core, const struct message *message)
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

/* False: they are too many, or in no order. */
static bool places_read(struct debug_places *places, struct span pairs)
{
    struct kv_value packed;
    places_clear(places);
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

/* The debugger's interaction; NULL: it has none, which is answered. */
static struct interaction *its_own(struct core *core, const struct message *message, struct debugger_row **row)
{
    *row = row_of_client(core, message_u(message, ENVELOPE_client));
    struct interaction *ix = *row && (*row)->ixn != 0 ? interaction_by_id(core->interactions, (*row)->ixn) : NULL;
    if (!ix)
        debugger_refuse(core, message, code_gone,
                        "this debugger has no interaction: it has ended, or went on by itself");
    return ix;
}

static void go(struct core *core, const struct message *message)
{
    struct debugger_row *row;
    struct interaction *ix = its_own(core, message, &row);
    if (!ix) return;
    if (!places_read(&row->breaks, message_text(message, Debug_breaks)) ||
        !places_read(&row->steps, message_text(message, Debug_steps))) {
        places_clear(&row->breaks);
        places_clear(&row->steps);
        debugger_refuse(core, message, code_too_large, "that is too many places to stop at");
        return;
    }
    row->program = ix->program;
    row->depth = message_has(message, Debug_depth) ? (uint32_t)message_u(message, Debug_depth) : UINT32_MAX;
    row->fiber = message_has(message, Debug_fiber) ? (uint16_t)(message_u(message, Debug_fiber) & 255) : FIBER_ANY;
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    go_on(core, ix);
}

static void pause(struct core *core, const struct message *message)
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

/* A variable of the frame where the fiber stands. */
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
    debugger_tell(core, row, ix, debug_told_set);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    if (!variable) userdata_changed(core->interactions, ix, pairs, message_text(message, ENVELOPE_actor));
}

/* Its journal is read where the debugger is: that it looks at a secret stands here, with who it is. */
static void reveal(struct core *core, const struct message *message)
{
    struct debugger_row *row;
    struct interaction *ix = its_own(core, message, &row);
    if (!ix) return;
    debugger_tell(core, row, ix, debug_told_revealed);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

static void detach(struct core *core, const struct message *message)
{
    struct debugger_row *row = row_of_client(core, message_u(message, ENVELOPE_client));
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    if (row) debugger_let_go(core, row, debug_told_detached);
}

void debug_on_request(struct core *core, const struct message *message)
{
    switch (message_u(message, Debug_op)) {
    case debug_op_attach:
        attach(core, message);
        break;
    case debug_op_arm:
        arm(core, message);
        break;
    case debug_op_go:
        go(core, message);
        break;
    case debug_op_pause:
        pause(core, message);
        break;
    case debug_op_set:
        breakpoints_set(core, message);
        break;
    case debug_op_reveal:
        reveal(core, message);
        break;
    case debug_op_detach:
        detach(core, message);
        break;
    default:
        effect_reply(core->effects, message, outcome_unsupported, code_unsupported, "not in this version", NULL);
    }
}

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

/* ---- the part ---- */

static void debuggers_free(void *self)
{
    struct core *core = self;
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; at < DEBUGGERS_MAX; at++) {
        places_clear(&debuggers->all[at].breaks);
        places_clear(&debuggers->all[at].steps);
        if (debuggers->all[at].client != 0) kv_free(&debuggers->all[at].when);
        debug_when_free(debuggers->all[at].condition);
    }
}

static void debugger_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct debugger_row *row = debugger_of(core, ix);
    if (!row) return;
    ix->stands = ix->debugged = false;
    row_clear(core, row);
}

static uint64_t places_hash(uint64_t hash, const struct debug_places *places)
{
    for (uint32_t at = 0; at < places->count; at++) hash = mix64(hash + places->all[at] + 1);
    return mix64(hash + places->count);
}

static uint64_t debuggers_hash(const void *self)
{
    const struct core *core = self;
    const struct debuggers *debuggers = core->debuggers;
    uint64_t hash = 0;
    for (unsigned at = 0; debuggers->count > 0 && at < DEBUGGERS_MAX; at++) {
        const struct debugger_row *row = &debuggers->all[at];
        if (row->client == 0) continue;
        const struct interaction *ix = row->ixn != 0 ? interaction_by_id(core->interactions, row->ixn) : NULL;
        uint64_t one = mix64(row->client + at);
        one = mix64(one + row->ixn);
        one = mix64(one + row->dn + (row->one_in << 22));
        one = mix64(one + row->bound_us + (row->condition ? debug_when_hash(row->condition) : 0));
        one = mix64(one + row->since_us + mix64(row->until_us));
        one = mix64(one + row->depth + ((uint64_t)row->fiber << 32) + ((uint64_t)row->program << 48));
        one = mix64(one + row->at_once + (ix && ix->stands ? 2 : 0) + ((uint64_t)row->hold << 2));
        hash += places_hash(places_hash(one, &row->breaks), &row->steps);
    }
    return hash;
}

static bool debugger_holds(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    const struct debugger_row *row = debugger_of(core, ix);
    if (ix->stands && (!row || !ix->running || row->timer == 0)) return false;
    return ix->debugged == (row != NULL);
}

/* ---- as bytes ---- */

static void keep_places(struct keeper *keeper, struct debug_places *places)
{
    uint32_t capacity = places->count;
    places->all = keep_rows(keeper, places->all, &places->count, &capacity, DEBUG_PLACES_MAX, sizeof *places->all);
    for (uint32_t at = 0; at < places->count; at++) places->all[at] = keep_u32(keeper, places->all[at]);
}

/* The condition of one that waits. */
static void keep_when(struct keeper *keeper, struct kv *when)
{
    struct span pairs = keep_reading(keeper) ? (struct span){NULL, 0} : kv_span(when);
    pairs = pairs_keep(keeper, pairs, KV_BYTES_MAX);
    if (!keep_reading(keeper)) return;
    struct kv_pair line;
    kv_init(when);
    for (uint32_t at = 0; keep_good(keeper) && kv_next(pairs, &at, &line);) kv_put(when, line.key, &line.value);
    free((void *)(uintptr_t)pairs.bytes);
}

static void debug_when_keep(const struct strategies *strategies, struct keeper *keeper, struct debug_when **condition)
{
    struct span image = *condition ? debug_when_image(*condition) : (struct span){NULL, 0};
    keep_bytes(keeper, &image.bytes, &image.length, MESSAGE_FRAME_MAX);
    if (!keep_reading(keeper) || !keep_good(keeper) || image.length == 0) return;
    *condition = debug_when_new(strategies, image);
    if (!*condition) keep_fail(keeper, "a debugger's condition is no image");
}

static void keep_debugger(struct core *core, struct keeper *keeper, unsigned number)
{
    struct debuggers *debuggers = core->debuggers;
    struct debugger_row *row = &debuggers->all[number];
    row->client = keep_u64(keeper, row->client);
    if (row->client == 0) return;
    row->ixn = keep_u64(keeper, row->ixn);
    row->actor = name_keep(core->names, keeper, row->actor);
    row->dn = name_keep(core->names, keeper, row->dn);
    row->one_in = keep_u64(keeper, row->one_in);
    keep_when(keeper, &row->when);
    debug_when_keep(core->strategies, keeper, &row->condition);
    row->bound_us = keep_u64(keeper, row->bound_us);
    row->since_us = keep_u64(keeper, row->since_us);
    row->until_us = keep_u64(keeper, row->until_us);
    row->timer = timer_keep(core->timers, keeper, row->timer, 1u << TIMER_DEBUGGER, number, 0);
    row->hold = keep_u32(keeper, row->hold);
    row->depth = keep_u32(keeper, row->depth);
    row->program = keep_u16(keeper, row->program);
    row->fiber = keep_u16(keeper, row->fiber);
    row->at_once = keep_bool(keeper, row->at_once);
    keep_places(keeper, &row->breaks);
    keep_places(keeper, &row->steps);
    if (!keep_reading(keeper)) return;
    debuggers->count++;
    debuggers->attached += row->ixn != 0;
}

static void debuggers_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    for (unsigned at = 0; at < DEBUGGERS_MAX && keep_good(keeper); at++) keep_debugger(core, keeper, at);
}

/* Each debugger's interaction is there, and has no other debugger. */
static bool debuggers_sound(void *self)
{
    struct core *core = self;
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; at < DEBUGGERS_MAX; at++) {
        const struct debugger_row *row = &debuggers->all[at];
        const struct interaction *ix = row->client != 0 ? interaction_by_id(core->interactions, row->ixn) : NULL;
        if (row->client != 0 && row->ixn != 0 && (!ix || !ix->debugged || debugger_of(core, ix) != row)) return false;
    }
    debuggers->stops = (struct vm_stops){core, may, here};
    if (debuggers->attached != 0) vm_stopped_by(core->vm, &debuggers->stops);
    return true;
}

const struct part_ops part_ops_debuggers = {
    .size = sizeof(struct debuggers),
    .free = debuggers_free,
    .forget = debugger_forget,
    .hash = debuggers_hash,
    .holds = debugger_holds,
    .keep = debuggers_keep,
    .sound = debuggers_sound,
};
