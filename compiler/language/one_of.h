/* compiler/language/one_of.h - The hint of a word that is none of those that can stand there: the nearest, or all of
 * them. */
#pragma once

#include <stdint.h>

struct diag;
struct enumeration;
struct step_row;

/* Hints "did you mean 'invalid'?" where one of the `count` names is near enough to `said`, else "LEAD no_input,
 * invalid, ...". Without names it adds no hint. */
void one_of_hint(struct diag *, const char *lead, const char *said, const char *const *names, uint32_t count);

void one_of_hint_words(struct diag *, const struct enumeration *, const char *said);
void one_of_hint_params(struct diag *, const struct step_row *, const char *said);
