/* runtime/adapters/conversation/template.h - Templates: texts that a network has approved, and takes also where the
 * time for free answers is over.
 *
 * A template is a standard response of the contact store, in the category that the way's setting names: its name and
 * language are the network's, and each field, such as {contact.name} or {1}, stands for a value. A text of an agent or
 * a strategy is a template where it reads as one with all its fields filled in. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "runtime/vocabulary/kv.h"

enum { TEMPLATE_VALUES = 9 };

/* Does the text read as `written`? `values` gets the values in the places of its fields, as texts of its own. */
bool template_reads(struct span written, const char *text, GPtrArray *values);
