/* runtime/adapters/cti/json_kv.h - Converts user data between its packed form (kv.h) and JSON, as the protocols of
 * the clients and of the switch write it.
 *
 * A list is an object, or, if it has a key twice, an array of pairs [["k",1],["k",2]]; both forms are read. Text,
 * numbers and booleans are themselves, none is null, a time {"$time_us":n}, bytes {"$binary":"base64"}; a secret is
 * written as {"$secret":true}, and never read. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

/* A new reference. The list must have passed kv_check(). */
json_t *json_from_kv(struct span list);

/* Appends the pairs of an object, or of an array of pairs. False, with the reason, if the JSON is neither, is too
 * large or nested too deep; `out` then holds part of it. */
bool json_to_kv(const json_t *, struct kv *out, struct error *);
