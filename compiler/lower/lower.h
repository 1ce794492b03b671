/* compiler/lower/lower.h - The lowering: it makes lines of instructions from the typed tree. */
#pragma once

struct program;
struct checked;
struct ir_program;

/* Lowers a program without errors. The result is never NULL, and is in the program's arena; parts too large for an
 * image are reported. */
struct ir_program *lower_program(struct program *, struct checked *);

/* Reports constant expressions without a value in a program that is not lowered, for example because it was refused. */
void lower_look(struct program *, struct checked *);
