/* compiler/cli/rule_examples.h - The examples of a site's own rules, as tests: what is `wrong` must be found, what is
 * `right` must not. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler/compilation.h"
#include "runtime/sim/sim.h"

struct rule_examples;

/* Reads the examples of the rules in the compilation's site, where its file is one of the paths; else NULL. The
 * compilation must stay. */
struct rule_examples *rule_examples_open(struct compilation *, char *const *paths, size_t count);
void rule_examples_close(struct rule_examples *); /* NULL is allowed */
uint32_t rule_examples_count(const struct rule_examples *);
/* Returns the name of an example, "NAME: wrong", and its place. */
struct sim_test rule_examples_at(const struct rule_examples *, uint32_t index);
/* Compiles the example beside the site, and asks its rule alone. False, with the reason written: it is not as it must
 * be. */
bool rule_examples_play(const struct rule_examples *, uint32_t index, FILE *out);
