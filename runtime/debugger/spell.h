/* runtime/debugger/spell.h - Values and names as the language of tests writes them. */
#pragma once

#include <stdio.h>

#include "runtime/sim/values.h"
#include "runtime/vocabulary/kv.h"

/* A text that is spelled to a stream; malloc'ed. */
struct spelling {
    char *text;
    size_t size;
    FILE *out;
};
FILE *spelling_begin(struct spelling *);
char *spelling_end(struct spelling *);

void spell_text(FILE *, struct span); /* in quotes */
void spell_name(FILE *, struct span); /* in quotes only where it is no word */
void spell_us(FILE *, int64_t us);    /* a duration or a moment */
/* A secret is never written: "***". Lists are maps. */
void spell_value(FILE *, const struct kv_value *);
void spell_map(FILE *, struct span list); /* ["a": 1, "b": 2] */
/* A step with as many arguments as tell it from others: ivr.menu(prompt language). */
void spell_step(FILE *, const struct step_call *);
