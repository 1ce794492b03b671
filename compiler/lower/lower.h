/* compiler/lower/lower.h - The lowering: it makes lines of instructions of the typed tree. */
#pragma once

struct program;
struct checked;
struct ir_program;

/* Lowers a program without errors. Never NULL, in the program's arena; parts too large for an image are reported. */
struct ir_program *lower_program(struct program *, struct checked *);

/* Reports the constants without a value of a program that is not lowered, perhaps because it was refused. */
void lower_look(struct program *, struct checked *);
