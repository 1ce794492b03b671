/* compiler/lower/regs.h - Register allocation: the frame's register for each value, and the live registers at each
 * wait.
 *
 *     lines --> basic blocks --> liveness, backwards until nothing changes --> an interval per value --> linear scan
 *
 * A register of the frame has one type for good (the verifier wants it so), so only values of one type share it. The
 * registers of a call's arguments, a list's elements and the like stand one after another: they are one unit, which is
 * placed as a run. Parameters come first. The values that live at a wait are those that the interaction's block keeps;
 * all else is lost there. */
#pragma once

#include <stdbool.h>

struct arena;
struct ir_function;

/* Longer functions are refused in an image: their sets of live registers would take too much memory. */
enum { REGS_MAX = 240, REGS_INSTRUCTIONS_MAX = 100000 };

/* Gives each register of the function its number in the frame. False where more than REGS_MAX are needed. The function
 * has at most REGS_INSTRUCTIONS_MAX instructions. `scratch` holds only what is not needed behind the call. */
bool regs_allocate(struct arena *, struct arena *scratch, struct ir_function *);
