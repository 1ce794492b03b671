/* runtime/store/fill.h - A standard response with its fields filled in.
 *
 * {contact.name} is replaced by a value. Values are data: a field within a value is not filled in, and the value is
 * escaped as its place needs it. An unknown field stays as it is, and is counted, so that the agent sees it. A brace
 * that begins no field stays a brace. */
#pragma once

#include "runtime/vocabulary/kv.h"
#include "base/out.h"

enum fill_place {
    FILL_TEXT,   /* as it is */
    FILL_LINE,   /* a subject or header: line ends and other control characters become spaces */
    FILL_MARKUP, /* HTML: < > & " ' are escaped */
};

/* Finds the value of a field, which is valid until the next call. False: there is no such field. */
typedef bool fill_value(void *self, struct span name, struct span *value);

/* Writes the text with its fields filled in; returns how many fields were unknown. */
unsigned fill_fill(struct out *, struct span text, enum fill_place, fill_value *, void *self);
