/* compiler/lsp/tell.h - Describes a name, a step or an attribute in words for a reader. */
#pragma once

#include "compiler/lsp/analysis.h"

const char *tell_step_signature(struct arena *,
                                /* Returns for example "ivr.digits(prompt: prompt, min: int?): str" */
                                const struct step_row *);
const char *tell_step_param(struct arena *, const struct step_param *);
/* Returns the step's documentation, media, exits and timeout, as markdown. */
const char *tell_step(struct arena *, const struct step_row *);
const char *tell_clause(struct arena *, const char *word); /* returns markdown; NULL: the word names no clause */
const char *tell_attribute(uint32_t row);
/* Returns the attribute's name and its row; NULL: there is none. */
const char *tell_attribute_row(const char *name, uint32_t *row);

/* Returns a name's declaration on one line: "let who: target", "function f(a: int): str". */
const char *tell_declaration(const struct analysis *, const struct naming *declared);
const struct type *tell_declared_type(const struct naming *declared); /* NULL: none is known */
const char *tell_declared_doc(const struct naming *declared);         /* NULL: there is none */
