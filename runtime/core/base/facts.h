/* runtime/core/base/facts.h - The names of the facts, FACT_arrived and so on: the rows of facts.def. Who tells or hears
 * a certain fact includes it, and no other header does: a new row makes only these anew. */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include "runtime/core/base/fact.h"

enum fact_name {
#define FACT(name, doc) FACT_##name,
#include "runtime/core/base/facts.def"
    FACTS
};

#endif
