/* tests/unit/before_world.h - What the last release that kept memos in files has left (the goldens of number 10) is
 * taken over by a plugin, whose tests these files serve: its contact store, its setting `state`, and its log. */
#pragma once

#include <criterion/criterion.h>
#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"

struct event_base;

extern char before_target[128], before_state[128];
extern struct event_base *before_base;
extern GString *before_logged; /* a line each */
extern const struct gcx_services before_services;

void before_begin(void); /* with the contact store of that release */
void before_end(void);
char *before_golden(const char *name); /* g_free */
void before_file_put(const char *ending, const char *text);
bool before_file_there(const char *ending);
const char *before_memo(const char *name, const char *column); /* of post_memos; none: null */
