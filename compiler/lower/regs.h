/* compiler/lower/regs.h - Register allocation: the frame's register for each value, and the registers that are live
 * at each wait.
 *
 *     lines --> basic blocks --> liveness, backwards until nothing changes --> an interval per value --> linear scan
 *
 * A register of the frame always has the same type (the verifier demands this), so only values of one type share it.
 * The registers of a call's arguments, a list's elements and the like must be neighbours: they are one unit, which
 * is placed as a run. Parameters come first. The values that are live at a wait are stored with the interaction; all
 * other values are lost there. */
#pragma once

#include <stdbool.h>

struct arena;
struct ir_function;

/* The most instructions of a function in an image: for longer ones the sets of live registers would take too much
 * memory. */
enum { REGS_MAX = 240, REGS_INSTRUCTIONS_MAX = 100000 };

/* Gives each register of the function its number in the frame. Returns false where more than REGS_MAX are needed.
 * The function has at most REGS_INSTRUCTIONS_MAX instructions. `scratch` is memory that is needed only during the
 * call. */
bool regs_allocate(struct arena *, struct arena *scratch, struct ir_function *);
