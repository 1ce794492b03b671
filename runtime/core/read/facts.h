/* runtime/core/read/facts.h - The names of the core's facts (runtime/core/base/facts.h) for readers outside of the
 * core. */
#pragma once

#include "runtime/core/base/facts.h"
