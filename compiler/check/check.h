/* compiler/check/check.h - Names, types and flow of a whole program: every expression gets its type, every name its meaning.
 *
 * What is wrong is reported into the program's diagnostics; what was reported once causes no other report. */
#ifndef COMPILER_CHECK_H
#define COMPILER_CHECK_H

struct program;
struct checked;

/* Never NULL. What it holds means something only where no error was reported. */
struct checked *check_program(struct program *);

#endif
