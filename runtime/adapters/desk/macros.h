/* runtime/adapters/desk/macros.h - Macros of the site: several acts of an agent in one press.
 *
 * The setting `macros` names a file with a section for each macro:
 *
 *     [Refund]
 *     response = Billing/Refund     a standard response, CATEGORY/NAME, which the page puts into the answer
 *     tags = billing                tags that are added
 *     data.stage = refund           user data
 *     wrapup = refunded
 *     queue = billing               where it goes; or `workbin`, or `finish = yes`
 *     reason = wants the money back
 *
 * Everything but the response is one request to the core: all of it is done, or nothing. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapters/desk/setting.h"

#define DATA_TAGS "tags" /* the user data that has an interaction's tags, with commas between them */

/* Reads the file: an array of macros as the page gets them (schema `macro` of openapi.json), owned by the caller. The
 * setting says which tags, keys, codes, queues and workbins there are. NULL, with the reason: what a section has is
 * wrong, or the file cannot be read. */
json_t *macros_read(const struct desk_setting *, char *why, size_t why_size);
const json_t *macro_named(const json_t *macros, const char *name); /* NULL: there is none */

/* Does the text name tags of the setting only, separated by commas? */
bool macros_tags_good(const struct desk_setting *, const char *tags);
/* Returns the tags of both lists, each once; g_free. */
char *macros_tags_joined(const char *before, const json_t *more);
