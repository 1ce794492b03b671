/* compiler/lsp/tell.h - Describes a name, a step or an attribute in words for a reader. */
#pragma once

#include "compiler/lsp/analysis.h"

const char *step_signature(struct arena *, const struct step_row *); /* "ivr.digits(prompt: prompt, min: int?): str" */
const char *step_param_text(struct arena *, const struct step_param *);
const char *step_told(struct arena *, const struct step_row *); /* its doc, medium, exits, timeout: markdown */
const char *clause_told(struct arena *, const char *word);      /* markdown; NULL: it is the word of no clause */
const char *attribute_doc(uint32_t row);
const char *attribute_row_named(const char *name, uint32_t *row); /* the name, or NULL */

/* On one line, how a name is declared: "let who: target", "function f(a: int): str". */
const char *declaration_line(const struct analysis *, const struct naming *declared);
const struct type *declaration_type(const struct naming *declared); /* NULL: none is known */
const char *declaration_doc(const struct naming *declared);         /* NULL: there is none */
