/* runtime/core/queues/line_keep.h - Lines of selections and their clauses as bytes (vm/keep.h). */
#pragma once

#include <stdint.h>

#include "vm/demand.h"
#include "vm/exec.h"

struct keeper;
struct vqs;

/* The line of a selection of that program, as matching reads it (match.h); PROGRAM_NONE fails. */
void line_keep(struct vqs *, struct keeper *, uint16_t program, struct vm_line *);
/* A clause of one of so many lines, with names of the core. */
void line_clause_keep(struct vqs *, struct keeper *, struct demand_clause *, uint32_t lines);
/* Captured values, so many of at most sixteen. */
void line_captures_keep(struct keeper *, uint64_t captures[16], uint32_t count);
