/* runtime/adapters/conversation/template.h - Templates: texts that a network has approved, and delivers even after
 * the time for free answers is over.
 *
 * A template is a standard response of the contact store, in the category that the setting `templates` names: the
 * network knows it by its name and language, and each field, such as {contact.name} or {1}, stands for a value. A
 * text of an agent or a strategy is a template if it equals one with all fields filled in. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "runtime/vocabulary/kv.h"

enum { TEMPLATE_VALUES = 9 };

/* Does the text equal the template `written` with all its fields filled in? `values` gets the text that stands in
 * place of each field. */
bool template_reads(struct span written, const char *text, GPtrArray *values);
