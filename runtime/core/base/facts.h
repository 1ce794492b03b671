/* runtime/core/base/facts.h - The names of all facts, and how many there are: for readers of the whole table. A file
 * that reports or reads only certain facts includes the headers of their subjects instead. */
#pragma once

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_step.h"

enum {
    FACTS = 0
#define FACT(name, number, doc) +1
#include "runtime/core/base/facts.def"
};
