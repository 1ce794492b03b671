/* runtime/core/queues/line_keep.h - How lines of selections and their clauses are written to snapshots and read
 * (vm/keep.h). */
#pragma once

#include <stdint.h>

#include "vm/demand.h"
#include "vm/exec.h"

struct keeper;
struct vqs;

/* Writes or reads a line of a selection of the given program, in the form that matching uses (match.h); PROGRAM_NONE
 * fails. */
void line_keep(struct vqs *, struct keeper *, uint16_t program, struct vm_line *);
/* Writes or reads a clause, with names of the core, that belongs to one of `lines` lines. */
void line_clause_keep(struct vqs *, struct keeper *, struct demand_clause *, uint32_t lines);
/* Writes or reads `count` captured values, at most sixteen. */
void line_captures_keep(struct keeper *, uint64_t captures[16], uint32_t count);
