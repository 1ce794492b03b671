/* compiler/lsp/tell.h - Describes a name, a step or an attribute in words for a reader. */
#pragma once

#include "compiler/lsp/analysis.h"

const char *tell_step_signature(struct arena *,
                                const struct step_row *); /* "ivr.digits(prompt: prompt, min: int?): str" */
const char *tell_step_param(struct arena *, const struct step_param *);
const char *tell_step(struct arena *, const struct step_row *); /* its doc, medium, exits, timeout: markdown */
const char *tell_clause(struct arena *, const char *word);      /* markdown; NULL: it is the word of no clause */
const char *tell_attribute(uint32_t row);
const char *tell_attribute_row(const char *name, uint32_t *row); /* the name, or NULL */

/* On one line, how a name is declared: "let who: target", "function f(a: int): str". */
const char *tell_declaration(const struct analysis *, const struct naming *declared);
const struct type *tell_declared_type(const struct naming *declared); /* NULL: none is known */
const char *tell_declared_doc(const struct naming *declared);         /* NULL: there is none */
