/* runtime/adapters/cti/json_kv.h - User data between its packed form (kv.h) and JSON, as both wires write it.
 *
 * A list is an object, or, where a key is in it twice, a list of pairs [["k",1],["k",2]]; both are read. Text, numbers,
 * booleans are themselves, none is null, a time {"$time_us":n}, bytes {"$binary":"base64"}; a secret goes out as
 * {"$secret":true}, and does not come in. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

/* A new reference. The list has passed kv_check. */
json_t *json_from_kv(struct span list);

/* Appends the pairs of an object or list of pairs. False, with the reason, where it is neither, too large, or too deep;
 * `out` then holds part of it. */
bool json_to_kv(const json_t *, struct kv *out, struct error *);
