/* tests/differential/differ.h - One random program, run by the interpreter and by the evaluator. */
#ifndef TESTS_DIFFERENTIAL_DIFFER_H
#define TESTS_DIFFERENTIAL_DIFFER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum difference
{
    DIFFER_SAME,
    DIFFER_REFUSED, /* the compiler does not take the program: the generator's mistake, or the compiler's */
    DIFFER_UNKNOWN, /* the evaluator does not know */
    DIFFER_FOUND,
};

/* The program that the bytes choose. What is to be said of it goes to `report`: of a difference the program and both
 * traces, of a refusal the program and the diagnostics. `waits`: how many steps it took, may be NULL. */
enum difference differ(const uint8_t *bytes, size_t length, FILE *report, unsigned *waits);

/* The same of what must hold of any program (oracles.h); never DIFFER_UNKNOWN. */
enum difference differ_oracles(const uint8_t *bytes, size_t length, FILE *report, unsigned *waits);

/* Writes the program; what the interpreter does with it. */
void differ_show(const uint8_t *bytes, size_t length, FILE *);
void differ_trace(const uint8_t *bytes, size_t length, const char *path, FILE *); /* path: another program, or NULL */

#endif
