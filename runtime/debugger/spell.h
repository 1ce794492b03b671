/* runtime/debugger/spell.h - Writes values and names in the language of tests. */
#pragma once

#include <stdio.h>

#include "runtime/sim/values.h"
#include "runtime/vocabulary/kv.h"

/* A stream to which a text is written; the text is malloc'ed. */
struct spelling {
    char *text;
    size_t size;
    FILE *out;
};
FILE *spelling_begin(struct spelling *);
char *spelling_end(struct spelling *);

void spell_text(FILE *, struct span); /* in quotes */
void spell_name(FILE *, struct span); /* writes a name; in quotes only if it is not a word */
void spell_us(FILE *, int64_t us);    /* writes a duration or a moment */
/* Writes a value; a secret is always written as "***". Lists are maps. */
void spell_value(FILE *, const struct kv_value *);
void spell_map(FILE *, struct span list); /* ["a": 1, "b": 2] */
/* Writes a step with enough arguments to distinguish it from other steps: ivr.menu(prompt language). */
void spell_step(FILE *, const struct step_call *);
