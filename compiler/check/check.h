/* compiler/check/check.h - Names, types and flow of a whole program: every expression gets its type, every name its
 * meaning.
 *
 * Mistakes are added to the program's diagnostics; one mistake causes one report. */
#pragma once

struct program;
struct checked;

/* Checks the program. The result is never NULL, and is in the program's arena. The result is complete only if no
 * error was reported. */
struct checked *check_program(struct program *);
