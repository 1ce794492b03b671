/* runtime/records/judged.h - gcxrecords judged: what customers said of interactions that have ended, as JSON. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/out.h"

/* Writes the marks that were given since `after`, 2026-11-30T10:15:00Z, or whose interactions have ended since then,
 * the oldest first, JUDGED_MAX at most. NULL: of the last day. ERROR_INPUT: `after` is no time. */
bool judged_write(const char *database, const char *after, struct out *, struct error *);
