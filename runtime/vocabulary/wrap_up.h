/* runtime/vocabulary/wrap_up.h - How long an agent works after a call, where the call's user data say so: adapters and
 * tests read it in the same way. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { WRAP_UP_MOST_S = 86400 };
#define WRAP_UP_MOST_US (INT64_C(1000000) * WRAP_UP_MOST_S)

/* Returns the microseconds that the key `wrap_up_time` has, a duration; 0: no after-call work; -1: the data have no
 * such key, or an impossible time. */
static inline int64_t wrap_up_wished(struct span data)
{
    struct kv_value value;
    if (!kv_get(data, "wrap_up_time", &value) || value.tag != KV_INT) return -1;
    return value.word < 0 || value.word > WRAP_UP_MOST_US ? -1 : value.word;
}
