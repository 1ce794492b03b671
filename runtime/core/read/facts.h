/* runtime/core/read/facts.h - The names of the core's facts (runtime/core/base/facts.h) for those who hear them from
 * outside. */
#pragma once

#include "runtime/core/base/facts.h"
