/* runtime/core/read/facts.h - The names of the core's facts (runtime/core/base/facts.h) for those who hear them from
 * outside. */
#ifndef CORE_READ_FACTS_H
#define CORE_READ_FACTS_H

#include "runtime/core/base/facts.h"

#endif
