/* compiler/language/one_of.h - The hint for a word that is not allowed: the nearest allowed word, or all of them. */
#pragma once

#include <stdint.h>

struct diag;
struct enumeration;
struct step_row;

/* Hints "did you mean 'invalid'?" where one of the `count` names is near enough to `said`, else "LEAD no_input,
 * invalid, ...". Without names no hint is added. */
void one_of_hint(struct diag *, const char *lead, const char *said, const char *const *names, uint32_t count);

void one_of_hint_words(struct diag *, const struct enumeration *, const char *said);
void one_of_hint_params(struct diag *, const struct step_row *, const char *said);
