/* vm/quick.h - The code as the interpreter runs it: made of the image's when it is loaded, and part of no format.
 *
 *     image:  LOAD_INT r2 3 | MUL r0 r0 r2 | ADD r0 r0 r1 | RETURN r0
 *     quick:  LOAD_INT_MUL_ADD r2 3 | MUL r0 r0 r2 | ADD r0 r1 r0 | RETURN r0
 *
 * An instruction that does what several do stands on the first of them; the others stay behind it, so whoever jumps to
 * them finds them. A call of a small function that only computes goes on in a copy of its code behind the caller's,
 * whose registers are those that its frame would have: it has no frame. Every pc in a frame is one of the image's, so
 * parked fibers, faults and digests know nothing of this. The watched interpreter runs the image's code itself. */
#pragma once

#include "vm/opcode.h"

/* Opcodes behind those of the image: rows QUICK of opcodes.def. */
enum quick_opcode {
    QUICK_BEFORE = OPCODES - 1,
#define OP(name, layout, a, b, c, flags, doc)
#define QUICK(name, words, gain) QUICK_##name,
#include "vm/opcodes.def"
    QUICK_END
};

/* A copy of a function's code, for one call. */
struct copied_call {
    uint32_t begin;  /* its first word in `code` */
    uint32_t caller; /* the caller's function */
    uint32_t pc;     /* the call's pc in the caller */
};

struct quick {
    uint32_t *code;
    uint32_t *starts;          /* by function: its first word in `code` */
    struct copied_call *calls; /* ascending */
    uint32_t call_count;
};

struct quick *quick_new(const struct image *);
void quick_free(struct quick *);

/* The word at `at` of the caller's code belongs to a copy: of which function, at which pc, and where the caller called
 * it. */
void quick_place(const struct image *, uint32_t caller, uint32_t at, uint32_t *callee, uint32_t *pc, uint32_t *call);
