/* runtime/core/steps/query.c - Queries of data sources: sends the bound values and decodes the
 * rows by name, type and NULL.
 *
 *     step query  -> values as pairs "1", "2", ...  -> KIND_Query to the host
 *     the result  <- rows as lists of columns       <- EventDone, at most ROWS_MAX rows
 *
 * The effect names its statement by hash; the host has the text from the image. After the host was away, reads are
 * sent again. A change may have been made: its step fails with code_outcome_unknown. */
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"

enum { ROWS_MAX = 1000 };

const struct image_statement *query_statement(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image_wait *wait = vm_step(slab, block, fiber);
    if (!wait || wait->statement == IMAGE_NONE) return NULL;
    return image_statement(block_image(slab, block), wait->statement);
}

/* Writes one value of the query. A duration is written in the form of SQL; a time keeps its tag, since each kind of
 * database binds times in its own form. A secret value keeps its secret mark in the pair. */
static void put_value(struct core *core, const struct interaction *ix, struct span key, uint16_t type, uint64_t word,
                      bool secret)
{
    if (type_base(type) == TYPE_DURATION && !value_is_none(type, word))
        kv_put(&core->scratch, key,
               &(struct kv_value){.tag = KV_INT, .secret = secret, .word = kv_seconds((int64_t)word)});
    else
        userdata_put(core->interactions, ix, &core->scratch, key, type, word, secret);
}

/* Writes a list as one value; each element has the form that it would have alone. */
static void put_list(struct core *core, const struct interaction *ix, struct span key, uint16_t type, uint64_t word,
                     bool secret)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    uint32_t count = block_count(image, block, word);
    kv_list_begin(&core->scratch, key);
    for (uint32_t at = 0; at < count && core->scratch.length <= KV_BYTES_MAX; at++)
        put_value(core, ix, span_of("item"), image_element(image, type), block_element(image, block, word, at), secret);
    kv_list_end(&core->scratch);
}

/* Writes the values of a statement. The name of a value is its place, from "1" on, as statements count them. An
 * argument that was not given is NULL. */
static void put_bound(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t count)
{
    const struct slab *slab = core->slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), fiber);
    bool secret = wait && (wait->flags & WAIT_SECRET) != 0; /* if one of the values is secret, none is shown */
    kv_clear(&core->scratch);
    for (uint16_t at = 0; at < count; at++) {
        uint64_t word;
        uint16_t type;
        char key[8];
        uint32_t length = 0, number = at + 1u;
        for (uint32_t power = number >= 10000  ? 10000
                              : number >= 1000 ? 1000
                              : number >= 100  ? 100
                              : number >= 10   ? 10
                                               : 1;
             power > 0; power /= 10)
            key[length++] = (char)('0' + number / power % 10);
        struct span name = {(const uint8_t *)key, length};
        if (vm_arg(slab, block_at(slab, ix->block), fiber, at, &word, &type))
            (type_is_list(block_image(slab, block_at(slab, ix->block)), type) ? put_list : put_value)(
                core, ix, name, type, word, secret);
        else
            kv_put(&core->scratch, name, &(struct kv_value){.tag = KV_NONE});
    }
}

bool query_is_hidden(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), fiber);
    return wait && (wait->flags & WAIT_SECRET_ANSWER) != 0;
}

static struct step_outcome query_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    const struct image_statement *statement = query_statement(core, ix, fiber);
    if (!statement) return step_fails(code_unsupported);
    int64_t timeout_us = tries_left(core, ix, fiber);
    put_bound(core, ix, fiber, statement->parameters);
    if (core->scratch.length > KV_BYTES_MAX) return step_fails(code_too_large);
    ref = step_effect(core, ix, KIND_Query, SOURCE_HOST, ref, timeout_us);
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, Query_source, core_name(core, strategy_name(core->strategies, ix, statement->source)));
    writer_bytes(writer, Query_statement, (struct span){statement->hash, IMAGE_HASH});
    writer_kv(writer, Query_params, &core->scratch);
    writer_u(writer, Query_rows,
             statement->mode == STATEMENT_ALL    ? ROWS_MAX
             : statement->mode == STATEMENT_EXEC ? 0
                                                 : 1);
    writer_u(writer, Query_write, statement->mode == STATEMENT_EXEC);
    writer_u(writer, Query_secret, query_is_hidden(core, ix, fiber));
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_Query, ref, SOURCE_HOST, timeout_us);
    interaction_tell(core->interactions, ix, FACT_query_begun, 0,
                     strategy_name(core->strategies, ix, statement->source));
    return step_waits();
}

/* Makes a record from a row; its columns become the fields of the same names. */
static bool record_of(struct core *core, struct interaction *ix, uint16_t type, struct span columns, uint64_t *word)
{
    struct kv_value row = {.tag = KV_LIST, .span = columns};
    return userdata_word(core->interactions, ix, type & (uint16_t)~TYPE_OPTIONAL, &row, word);
}

static bool first_row(struct span rows, struct span *columns)
{
    uint32_t at = 0;
    struct kv_pair row;
    if (!kv_next(rows, &at, &row) || row.value.tag != KV_LIST) return false;
    *columns = row.value.span;
    return true;
}

/* Makes the step's result, as the statement declares: a row or none, one value or none, all rows, or how many rows
 * changed. */
static bool query_decode(struct core *core, struct interaction *ix, const struct image_statement *statement,
                         const struct message *message, uint64_t *word)
{
    struct span rows = message_text(message, EventDone_rows), columns;
    uint32_t at = 0;
    struct kv_pair pair;
    switch (statement->mode) {
    case STATEMENT_FIRST:
        *word = value_none(statement->type);
        return !first_row(rows, &columns) || record_of(core, ix, statement->type, columns, word);
    case STATEMENT_VALUE:
        *word = value_none(statement->type);
        if (!first_row(rows, &columns) || !kv_next(columns, &at, &pair) || pair.value.tag == KV_NONE) return true;
        return userdata_word(core->interactions, ix, statement->type & (uint16_t)~TYPE_OPTIONAL, &pair.value, word);
    case STATEMENT_ALL:
        return userdata_word(core->interactions, ix, statement->type, &(struct kv_value){.tag = KV_LIST, .span = rows},
                             word);
    case STATEMENT_EXEC:
    default: /* the answer to a change is one number: how many rows it changed */
        *word = 0;
        return !kv_next(message_text(message, EventDone_value), &at, &pair) || pair.value.tag != KV_INT ||
               userdata_word(core->interactions, ix, TYPE_INT, &pair.value, word);
    }
}

static unsigned failure_of(const struct message *message)
{
    unsigned code = (unsigned)message_u(message, EventDone_code);
    unsigned outcome = (unsigned)message_u(message, EventDone_outcome);
    if (code > code_ok) return code;
    return outcome == outcome_timeout   ? code_timeout
           : outcome == outcome_unknown ? code_outcome_unknown
                                        : code_unavailable;
}

/* Returns the code for an answer with too many rows or bytes: it counts as a failure, not as a part of the answer. */
static unsigned query_fault(const struct image_statement *statement, const struct message *message)
{
    if (!statement || message_u(message, EventDone_outcome) != outcome_ok) return failure_of(message);
    return message_u(message, EventDone_cut) != 0 ? code_too_large : code_ok;
}

/* Ends the step; requests of http.c end here, too, with another function `decode`. */
void query_settle(struct core *core, struct interaction *ix, const struct pending *pending,
                  const struct image_statement *statement, const struct message *message, query_decoder *decode,
                  unsigned unread)
{
    uint8_t fiber = pending->fiber;
    unsigned fault = query_fault(statement, message);
    uint64_t word;
    if (fault == code_ok && !decode(core, ix, statement, message, &word)) fault = unread;
    if (fault == code_ok)
        strategy_step_done(core, ix, fiber, word);
    else
        strategy_step_failed(core, ix, fiber, fault);
}

static void query_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                           const struct message *message)
{
    query_settle(core, ix, pending, query_statement(core, ix, pending->fiber), message, query_decode, code_bad_row);
}

/* Returns the code for a query without an answer. A change may have been made, so its outcome is unknown. */
unsigned query_late(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
    if (!pending || (pending->kind != KIND_Query && pending->kind != KIND_HttpRequest)) return code_timeout;
    const struct image_statement *statement = query_statement(core, ix, fiber);
    bool changes = statement && (statement->mode == STATEMENT_EXEC ||
                                 (statement_is_request(statement->mode) && statement->mode != STATEMENT_GET));
    return changes ? code_outcome_unknown : code_timeout;
}

/* Asks again after the host was away: reads, and writes that may be done twice because they name a key (put, delete). A
 * write that names no key may have been made already, so it fails with an unknown outcome. */
static void query_ask_again(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
    if (!pending || (pending->kind != KIND_Query && pending->kind != KIND_HttpRequest)) return;
    const struct image_statement *statement = query_statement(core, ix, fiber);
    uint32_t ref = pending->ref;
    if (!statement || statement->mode == STATEMENT_EXEC || statement->mode == STATEMENT_POST) {
        strategy_step_failed(core, ix, fiber, code_outcome_unknown);
        return;
    }
    effect_settled(core->effects, ix, ref);
    struct step_outcome outcome = step_begin(core, ix, fiber, ref);
    if (outcome.status == STEP_FAILS) strategy_step_failed(core, ix, fiber, outcome.code);
}

/* The host was away, and its open requests are lost: asks again for all interactions. A step that fails here may end
 * the interaction. */
void query_on_recovered(struct core *core, const struct message *message)
{
    (void)message;
    EACH_INTERACTION (ix, core->interactions) {
        uint8_t fibers[PARTS];
        if (!interaction_awaits(ix)) continue;
        unsigned count = fibers_of(core->forks, ix, fibers);
        for (unsigned fiber = 0; fiber < count && !interaction_has_ended(ix); fiber++)
            query_ask_again(core, ix, fibers[fiber]);
    }
}

const struct step_ops step_ops_query = {
    .begin = query_begin, .late = query_late, .answered = query_answered, .tells = true};
