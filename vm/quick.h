/* vm/quick.h - The code in the form that the interpreter runs: made from the image's code when it is loaded, and not
 * part of the file format.
 *
 *     image:  LOAD_INT r2 3 | MUL r0 r0 r2 | ADD r0 r0 r1 | RETURN r0
 *     quick:  LOAD_INT_MUL_ADD r2 3 | MUL r0 r0 r2 | ADD r0 r1 r0 | RETURN r0
 *
 * An instruction that replaces several is at the place of the first one; the others stay after it, so jumps to them
 * still work. A call of a small function that only computes continues in a copy of its code after the caller's; the
 * copy uses the registers that the function's frame would have, so no frame is needed. Every pc stored in a frame is
 * one of the image's code, so parked fibers, faults and digests do not depend on this. With an observer the
 * interpreter runs the image's own code. */
#pragma once

#include "vm/opcode.h"

/* Opcodes numbered after those of the image: rows QUICK of opcodes.def. */
enum quick_opcode {
    QUICK_BEFORE = OPCODES - 1,
#define OP(name, layout, a, b, c, flags, doc)
#define QUICK(name, words, gain) QUICK_##name,
#include "vm/opcodes.def"
    QUICK_END
};

/* A copy of a function's code, for one call. */
struct copied_call {
    uint32_t begin;  /* position of the copy's first word in `code` */
    uint32_t caller; /* the caller's function */
    uint32_t pc;     /* pc of the call in the caller */
};

struct quick {
    uint32_t *code;
    uint32_t *starts;          /* per function: its first word in `code` */
    struct copied_call *calls; /* ascending */
    uint32_t call_count;
};

struct quick *quick_new(const struct image *);
void quick_free(struct quick *);

/* For the word at `at` of the caller's code, which belongs to a copy: finds the copied function, the pc in it, and
 * the call in the caller. */
void quick_place(const struct image *, uint32_t caller, uint32_t at, uint32_t *callee, uint32_t *pc, uint32_t *call);
