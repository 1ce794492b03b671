/* runtime/core/base/fact.c - Passes facts to their readers.
 *
 * The code that makes something happen reports the fact, and does not know who reads it. Readers are the parts with
 * the operation `hear`, in the order in which they were added, and at most one listener outside of the core, who
 * gets only facts with a RECORDED line. A reader may not keep the pointer: the fact is a local variable of the
 * function that reports it. */
#include "runtime/core/base/fact.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/facts.h"
#include "base/memory.h"

static_assert((int)FACTS <= (int)FACTS_MAX, "facts.def has more rows than FACTS_MAX (fact.h) lets it");

static const bool is_recorded[FACTS] = {
#define RECORDED(fact, as) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
};

void facts_read_by(struct facts *facts, void *self, void (*hear)(void *self, const struct fact *))
{
    assert(hear);
    facts->readers = memory_more(facts->readers, facts->reader_count, sizeof *facts->readers);
    facts->readers[facts->reader_count++] = (struct fact_reader){self, hear};
}

void facts_free(struct facts *facts)
{
    free(facts->readers);
    free(facts);
}

void fact_tell(const struct facts *facts, const struct fact *fact)
{
    assert(fact->what < FACTS);
    const struct fact_reader *end = facts->readers + facts->reader_count;
    for (const struct fact_reader *reader = facts->readers; reader < end; reader++) reader->hear(reader->self, fact);
    const struct core_listener *listener = facts->listener;
    if (listener && is_recorded[fact->what]) listener->hear(listener->self, facts->core, fact);
}
