/* runtime/core/base/record.c - Rings: a position only grows and is taken modulo the ring's size. */
#include "runtime/core/base/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"

static void records_init(struct core *core)
{
    struct records *records = core->records;
    *records = (struct records){0};
    records->decisions = memory_zeroed(DECISIONS_KEPT, sizeof *records->decisions);
    records->history = memory_zeroed(HISTORY_KEPT, sizeof *records->history);
    records->ended = memory_zeroed(ENDED_KEPT, sizeof *records->ended);
    records->bytes = memory_zeroed(ENDED_BYTES, 1);
}

static void records_free(struct core *core)
{
    struct records *records = core->records;
    free(records->decisions);
    free(records->history);
    free(records->ended);
    free(records->bytes);
}

static void record_ended(struct records *records, const struct ended *ended, struct span data)
{
    struct ended *kept = &records->ended[records->ended_count++ % ENDED_KEPT];
    *kept = *ended;
    kept->data_length = 0;
    if (data.length == 0) return;
    assert(data.length <= ENDED_BYTES);
    assert(ended->ixn != 0);
    uint64_t room = ENDED_BYTES - records->bytes_count % ENDED_BYTES;
    if (room < data.length)
        records->bytes_count += room; /* data never run around the ring's end, so they can be borrowed as one span */
    memcpy(records->bytes + records->bytes_count % ENDED_BYTES, data.bytes, data.length);
    kept->data_at = records->bytes_count;
    kept->data_length = data.length;
    records->bytes_count += data.length;
}

static const bool has_line[FACTS] = {
#define LINE(fact, text, between, value, key, span, names) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
};

static void hear(struct core *core, const struct fact *fact)
{
    struct records *records = core->records;
    if (has_line[fact->what])
        records->history[records->happening_count++ % HISTORY_KEPT] = (struct happening){
            .at_us = core->time_us, .ixn = fact->ixn, .fact = fact->what, .value = fact->value, .name = fact->name};
    if (fact->what == FACT_decided) records->decisions[records->decision_count++ % DECISIONS_KEPT] = *fact->decision;
    if (fact->what == FACT_condition_failed)
        records->fault = (struct condition_fault){.count = records->fault.count + 1,
                                                  .ixn = fact->ixn,
                                                  .image = fact->image,
                                                  .function = fact->function,
                                                  .pc = fact->pc,
                                                  .kind = fact->value};
    if (fact->what == FACT_agent_corrected)
        records->corrections[records->correction_count++ % CORRECTIONS_KEPT] =
            (struct correction){.name = fact->name, .was = fact->was, .is = fact->value};
    if (fact->what == FACT_ended) record_ended(records, fact->ended, fact->data);
}

const struct decision *record_decision_at(const struct records *records, uint64_t number)
{
    if (number >= records->decision_count || records->decision_count - number > DECISIONS_KEPT) return NULL;
    return &records->decisions[number % DECISIONS_KEPT];
}

const struct happening *record_happening_at(const struct records *records, uint64_t number)
{
    if (number >= records->happening_count || records->happening_count - number > HISTORY_KEPT) return NULL;
    return &records->history[number % HISTORY_KEPT];
}

const struct ended *record_ended_at(const struct records *records, uint64_t number)
{
    if (number >= records->ended_count || records->ended_count - number > ENDED_KEPT) return NULL;
    return &records->ended[number % ENDED_KEPT];
}

bool record_ended_data(const struct records *records, const struct ended *ended, struct span *data)
{
    if (ended->data_length == 0 || records->bytes_count - ended->data_at > ENDED_BYTES) return false;
    assert(ended->data_at % ENDED_BYTES + ended->data_length <= ENDED_BYTES);
    *data = (struct span){records->bytes + ended->data_at % ENDED_BYTES, ended->data_length};
    return true;
}

const struct part_ops part_ops_records = {
    .size = sizeof(struct records), .init = records_init, .free = records_free, .hear = hear};
