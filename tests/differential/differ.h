/* tests/differential/differ.h - One random program, run by the interpreter and by the evaluator. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum difference {
    DIFFER_SAME,
    DIFFER_REFUSED, /* the compiler does not take the program: the generator's mistake, or the compiler's */
    DIFFER_UNKNOWN, /* one of them stopped in the midst of it; until then both did the same */
    DIFFER_FOUND,
};

struct differ_told {
    unsigned waits;      /* how many steps it took */
    const char *unknown; /* of DIFFER_UNKNOWN: why */
};

/* The program that the bytes choose. What is to be said of it goes to `report`: of a difference the program and both
 * traces, of a refusal the program and the diagnostics. `told` may be NULL. */
enum difference differ(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told);

/* The same of what must hold of any program (oracles.h); never DIFFER_UNKNOWN. */
enum difference differ_oracles(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told);

/* The same of programs about secrets, without the uses that the checker refuses. A secret that is seen by others in the
 * evaluator's run is a difference: the checker did not know of it. */
enum difference differ_secrets(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told);

/* Writes the program; what the interpreter does with it. */
void differ_show(const uint8_t *bytes, size_t length, FILE *);
void differ_trace(const uint8_t *bytes, size_t length, const char *path, FILE *); /* path: another program, or NULL */
