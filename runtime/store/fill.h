/* runtime/store/fill.h - A standard response with its fields filled in.
 *
 * {contact.name} stands for a value. Values are data: nothing in them is a field again, and they are written as the
 * place needs it. A field that nobody knows stays as it stands, and is counted, so that the agent sees it. A brace that
 * begins no field is itself. */
#pragma once

#include "runtime/vocabulary/kv.h"
#include "base/out.h"

enum fill_place {
    FILL_TEXT,   /* as it is */
    FILL_LINE,   /* a subject or header: line ends and other controls become spaces */
    FILL_MARKUP, /* HTML: < > & " ' are escaped */
};

/* Finds the value of a field, valid until the next call. False: there is no such field. */
typedef bool fill_value(void *self, struct span name, struct span *value);

/* Writes the text with its fields filled in; returns how many fields nobody knew. */
unsigned fill_fill(struct out *, struct span text, enum fill_place, fill_value *, void *self);
